//! What was answered.

use std::borrow::Cow;

use pivotal_sdk::HttpResponse;
use serde_json::Value;

use super::request::typed;
use super::{Findings, additions};
use crate::contract::{Answer, Header, Schema};
use crate::finding::ViolationKind;
use crate::shown;

pub(super) fn check(findings: &mut Findings<'_>, answered: &HttpResponse, body_limit: usize) {
    let operation = findings.operation;
    let Some(answer) = operation.answer(findings.status) else {
        let documented: Vec<_> = operation
            .answers
            .iter()
            .map(|a| a.status.as_str())
            .collect();
        let rule = format!("{}/responses", operation.pointer);
        let message = format!("only {} are documented", documented.join(", "));
        findings.violation(ViolationKind::Status, "/response/status", &rule, message);
        return;
    };
    for header in &answer.headers {
        check_header(findings, header, answered);
    }
    let Some((media, schema)) = &answer.content else {
        return;
    };
    if is_of(media, answered) {
        check_body(findings, answer, schema, answered, body_limit);
    } else {
        let place = "/response/headers/content-type";
        let rule = format!("{}/content", answer.pointer);
        let message = format!("the response is {}, not {media}", given(answered));
        findings.violation(ViolationKind::ContentType, place, &rule, message);
    }
}

fn check_header(findings: &mut Findings<'_>, header: &Header, answered: &HttpResponse) {
    let place = format!("/response/headers/{}", header.name.to_ascii_lowercase());
    match answered.headers.get(&header.name) {
        None if header.required => {
            let message = format!("the header {} is missing", header.name);
            findings.violation(ViolationKind::Header, &place, &header.pointer, message);
        }
        None => {}
        Some(value) => {
            let text = String::from_utf8_lossy(value.as_bytes());
            let value = typed(&header.schema, Cow::Owned(text.trim().to_owned()), findings);
            let faults = header.schema.faults(&value);
            findings.faults(ViolationKind::Header, &place, faults);
        }
    }
}

fn is_of(media: &str, answered: &HttpResponse) -> bool {
    media_type(answered).is_some_and(|given| given.eq_ignore_ascii_case(media))
}

/// The media type without its parameters.
fn media_type(answered: &HttpResponse) -> Option<&str> {
    let given = answered.headers.get("content-type")?;
    given.to_str().ok()?.split(';').next().map(str::trim)
}

/// The media type as a finding may show it.
fn given(answered: &HttpResponse) -> String {
    match media_type(answered).and_then(|given| given.split_once('/')) {
        Some((kind, form)) => format!("{}/{}", shown::name(kind), shown::name(form)),
        None => "without a media type".to_owned(),
    }
}

fn check_body(
    findings: &mut Findings<'_>,
    answer: &Answer,
    schema: &Schema,
    answered: &HttpResponse,
    limit: usize,
) {
    if answered.body.len() > limit {
        tracing::debug!(
            operation = findings.operation.id,
            bytes = answered.body.len(),
            "a body is too large to be checked"
        );
        return;
    }
    match serde_json::from_slice::<Value>(&answered.body) {
        Ok(body) => {
            let faults = schema.faults(&body);
            findings.faults(ViolationKind::Body, "/response/body", faults);
            for found in additions::find(&findings.contract.document, &schema.pointer, &body) {
                findings.addition(found, "/response/body");
            }
        }
        Err(error) => {
            let rule = format!("{}/content", answer.pointer);
            let message = format!(
                "the body of {} bytes is no JSON, at line {} column {}",
                answered.body.len(),
                error.line(),
                error.column()
            );
            findings.violation(ViolationKind::Body, "/response/body", &rule, message);
        }
    }
}
