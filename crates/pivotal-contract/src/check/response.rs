//! Checks of the response.

use std::borrow::Cow;

use pivotal_openapi::{Content, Header, Response};
use pivotal_sdk::HttpResponse;
use serde_json::Value;

use super::request::typed;
use super::{Findings, additions};
use crate::finding::ViolationKind;
use crate::shown;

pub(super) fn check(findings: &mut Findings<'_>, received: &HttpResponse, body_limit: usize) {
    let operation = findings.operation;
    let Some(documented) = operation.response(findings.status) else {
        let statuses: Vec<_> = operation.responses().map(|known| known.status).collect();
        let rule = format!("{}/responses", operation.pointer);
        let message = format!("only {} are documented", statuses.join(", "));
        findings.violation(ViolationKind::Status, "/response/status", &rule, message);
        return;
    };
    for header in documented.headers() {
        check_header(findings, &header, received);
    }
    let Some(content) = documented.content() else {
        return;
    };
    let given = media_type(received);
    if given.is_some_and(|given| given.eq_ignore_ascii_case(content.media_type)) {
        check_body(findings, &documented, &content, received, body_limit);
    } else {
        let place = "/response/headers/content-type";
        let rule = format!("{}/content", documented.pointer);
        let given = shown_media_type(given);
        let message = format!("the response is {given}, not {}", content.media_type);
        findings.violation(ViolationKind::ContentType, place, &rule, message);
    }
}

fn check_header(findings: &mut Findings<'_>, header: &Header<'_>, received: &HttpResponse) {
    let place = format!("/response/headers/{}", header.name.to_ascii_lowercase());
    match received.headers.get(header.name) {
        None if header.required => {
            let message = format!("the header {} is missing", header.name);
            findings.violation(ViolationKind::Header, &place, &header.pointer, message);
        }
        None => {}
        Some(value) => {
            let text = String::from_utf8_lossy(value.as_bytes());
            let value = typed(&header.schema, Cow::Borrowed(text.trim()));
            let schema = findings.contract.schema(&header.schema.pointer);
            findings.faults(ViolationKind::Header, &place, schema.faults(&value));
        }
    }
}

/// The media type without its parameters.
fn media_type(received: &HttpResponse) -> Option<&str> {
    let given = received.headers.get("content-type")?;
    given.to_str().ok()?.split(';').next().map(str::trim)
}

/// The media type as a finding may show it.
fn shown_media_type(given: Option<&str>) -> String {
    match given.and_then(|given| given.split_once('/')) {
        Some((kind, form)) => format!("{}/{}", shown::name(kind), shown::name(form)),
        None => "without a media type".to_owned(),
    }
}

fn check_body(
    findings: &mut Findings<'_>,
    documented: &Response<'_>,
    content: &Content<'_>,
    received: &HttpResponse,
    limit: usize,
) {
    if received.body.len() > limit {
        tracing::debug!(
            operation = findings.operation.id,
            bytes = received.body.len(),
            "a body is too large to be checked"
        );
        return;
    }
    match serde_json::from_slice::<Value>(&received.body) {
        Ok(body) => {
            let schema = findings.contract.schema(&content.schema.pointer);
            findings.faults(ViolationKind::Body, "/response/body", schema.faults(&body));
            for found in additions::find(findings.contract, &schema, &body) {
                findings.addition(found, "/response/body");
            }
        }
        Err(error) => {
            let rule = format!("{}/content", documented.pointer);
            let message = format!(
                "the body of {} bytes is no JSON, at line {} column {}",
                received.body.len(),
                error.line(),
                error.column()
            );
            findings.violation(ViolationKind::Body, "/response/body", &rule, message);
        }
    }
}
