//! What was asked, when the server took it.

use std::borrow::Cow;

use pivotal_sdk::RequestLine;
use serde_json::Value;

use super::Findings;
use super::additions::{self, Found};
use crate::contract::Schema;
use crate::finding::{AdditionKind, ViolationKind};
use crate::shown;

pub(super) fn check(findings: &mut Findings<'_>, request: &RequestLine, body_limit: usize) {
    query(findings, request);
    body(findings, request, body_limit);
}

fn query(findings: &mut Findings<'_>, request: &RequestLine) {
    let operation = findings.operation;
    for (name, text) in request.url.query_pairs() {
        let Some(parameter) = operation.parameter("query", &name) else {
            let found = Found {
                kind: AdditionKind::Parameter,
                name: shown::name(&name),
                place: String::new(),
                schema: format!("{}/parameters", operation.pointer),
            };
            findings.addition(found, "/request/query");
            continue;
        };
        let place = format!("/request/query/{}", parameter.name);
        let value = typed(&parameter.schema, text, findings);
        let faults = parameter.schema.faults(&value);
        findings.faults(ViolationKind::Parameter, &place, faults);
    }
}

/// A parameter's or header's text as the JSON that its schema speaks of.
pub(super) fn typed(schema: &Schema, text: Cow<'_, str>, findings: &Findings<'_>) -> Value {
    let schema = findings.contract.document.at(&schema.pointer);
    let parsed = match schema.and_then(|schema| schema["type"].as_str()) {
        Some("integer" | "number" | "boolean") => serde_json::from_str(&text).ok(),
        _ => None,
    };
    let scalar = parsed.filter(|value: &Value| value.is_number() || value.is_boolean());
    scalar.unwrap_or_else(|| Value::String(text.into_owned()))
}

fn body(findings: &mut Findings<'_>, request: &RequestLine, limit: usize) {
    let (Some(schema), Some(body)) = (&findings.operation.body, &request.body) else {
        return;
    };
    // A body of ours that is no JSON was the caller's wish, and the server took it.
    let Some(value) = (body.len() <= limit)
        .then(|| serde_json::from_slice::<Value>(body).ok())
        .flatten()
    else {
        return;
    };
    let faults = schema.faults(&value);
    findings.faults(ViolationKind::RequestBody, "/request/body", faults);
    for found in additions::find(&findings.contract.document, &schema.pointer, &value) {
        findings.addition(found, "/request/body");
    }
}
