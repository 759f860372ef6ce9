//! Checks of a request that the server accepted.

use std::borrow::Cow;

use pivotal_openapi::{Schema, schema};
use pivotal_sdk::RequestLine;
use serde_json::Value;

use super::Findings;
use super::additions::{self, Found};
use crate::finding::{AdditionKind, ViolationKind};
use crate::shown;

pub(super) fn check(findings: &mut Findings<'_>, request: &RequestLine, body_limit: usize) {
    query(findings, request);
    body(findings, request, body_limit);
}

fn query(findings: &mut Findings<'_>, request: &RequestLine) {
    let operation = findings.operation;
    let parameters = operation.parameters();
    for (name, text) in request.url.query_pairs() {
        let known = parameters
            .iter()
            .find(|known| known.location == "query" && known.name == name);
        let Some(parameter) = known else {
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
        let value = typed(&parameter.schema, text);
        let schema = findings.contract.schema(&parameter.schema.pointer);
        findings.faults(ViolationKind::Parameter, &place, schema.faults(&value));
    }
}

/// The text of a parameter or header as the JSON value that its schema describes.
pub(super) fn typed(schema: &Schema<'_>, text: Cow<'_, str>) -> Value {
    let scalar = ["integer", "number", "boolean"];
    let parsed = match schema::types(schema.value)[..] {
        [name] if scalar.contains(&name) => serde_json::from_str(&text).ok(),
        _ => None,
    };
    let scalar = parsed.filter(|value: &Value| value.is_number() || value.is_boolean());
    scalar.unwrap_or_else(|| Value::String(text.into_owned()))
}

fn body(findings: &mut Findings<'_>, request: &RequestLine, limit: usize) {
    let (Some(known), Some(body)) = (findings.operation.body(), &request.body) else {
        return;
    };
    // If a body that is no JSON was accepted, the caller sent it on purpose.
    let Some(value) = (body.len() <= limit)
        .then(|| serde_json::from_slice::<Value>(body).ok())
        .flatten()
    else {
        return;
    };
    let schema = findings.contract.schema(&known.content.schema.pointer);
    let faults = schema.faults(&value);
    findings.faults(ViolationKind::RequestBody, "/request/body", faults);
    for found in additions::find(findings.contract, &schema, &value) {
        findings.addition(found, "/request/body");
    }
}
