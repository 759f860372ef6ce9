//! Every documented error of every operation, by status and code, as a program sees it. A group of
//! operations is a snapshot.

use std::collections::{BTreeMap, BTreeSet};

use pivotal_contract::operation_cases::{Inputs, operation_case};
use pivotal_openapi::Document;
use pivotal_sdk::{Client, Error, OPERATIONS, Operation, RateLimiting, RetryPolicy};
use pivotal_test_support::ScriptedServer;
use serde_json::{Value, json};

use crate::fixes::on_failure;

/// An error that the documentation describes.
struct Refusal {
    status: u16,
    r#type: &'static str,
    code: &'static str,
    field: Option<&'static str>,
}

/// A code that the contract does not list: it may add one at any time.
const NEWER: &str = "newer_than_the_document";

/// Every code of the contract under its status, and one that it does not list for every status.
fn refusals() -> Vec<Refusal> {
    let field = |r#type, status, code, field| Refusal {
        status,
        r#type,
        code,
        field,
    };
    let plain = |r#type, status, code| field(r#type, status, code, None);
    vec![
        plain("invalid_request_error", 400, "invalid_json"),
        plain("invalid_request_error", 400, "invalid_body"),
        field("invalid_request_error", 400, "missing_field", Some("name")),
        field(
            "invalid_request_error",
            400,
            "invalid_string",
            Some("email"),
        ),
        field(
            "invalid_request_error",
            400,
            "invalid_type",
            Some("labels.0"),
        ),
        field("invalid_request_error", 400, "too_small", Some("limit")),
        field("invalid_request_error", 400, "too_big", Some("plan")),
        field(
            "invalid_request_error",
            400,
            "invalid_enum_value",
            Some("status"),
        ),
        field("invalid_request_error", 400, NEWER, Some("cursor")),
        plain("authentication_error", 401, "missing_api_key"),
        plain("authentication_error", 401, "invalid_api_key"),
        plain("authentication_error", 401, "api_key_revoked"),
        plain("authentication_error", 401, NEWER),
        plain("permission_error", 403, NEWER),
        plain("not_found", 404, "not_found"),
        plain("not_found", 404, "customer_not_found"),
        plain("not_found", 404, "contact_not_found"),
        plain("not_found", 404, "onboarding_not_found"),
        plain("not_found", 404, NEWER),
        plain("invalid_request_error", 405, "method_not_allowed"),
        field("conflict", 409, "slug_taken", Some("slug")),
        field("conflict", 409, "email_taken", Some("email")),
        plain("conflict", 409, "idempotency_key_reused"),
        plain("conflict", 409, "idempotency_in_progress"),
        plain("conflict", 409, NEWER),
        plain("invalid_request_error", 413, "payload_too_large"),
        plain("invalid_request_error", 415, "unsupported_media_type"),
        plain("rate_limit_error", 429, "rate_limited"),
        plain("rate_limit_error", 429, NEWER),
        plain("internal_error", 500, "internal_error"),
        plain("internal_error", 500, NEWER),
    ]
}

/// What an operation documents a status by: itself; or its class, where the documentation names it
/// for no operation.
fn documented(operation: &Operation, status: u16) -> Option<String> {
    let exact = status.to_string();
    let class = format!("{}XX", status / 100);
    let has = |operation: &Operation, wanted: &str| operation.statuses.contains(&wanted);
    if has(operation, &exact) {
        return Some(exact);
    }
    let is_named = OPERATIONS.iter().any(|operation| has(operation, &exact));
    (!is_named && has(operation, &class)).then_some(class)
}

/// The operations of each group: those of one tag.
fn by_group() -> BTreeMap<String, Vec<&'static Operation>> {
    let mut groups: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
    for operation in OPERATIONS {
        let documented = Document::contract().operation(operation.name);
        let tag = documented.and_then(|operation| operation.tag());
        let group = tag.unwrap_or("untagged").replace(' ', "_");
        groups.entry(group).or_default().push(operation);
    }
    groups
}

/// The names of the groups.
pub(crate) fn groups() -> impl Iterator<Item = String> {
    by_group().into_keys()
}

/// A server that refuses everything alike, and a client that asks once.
async fn refusing(refusal: &Refusal) -> (ScriptedServer, Client) {
    let mut detail = json!({
        "type": refusal.r#type,
        "code": refusal.code,
        "message": "As the server says.",
    });
    if let Some(field) = refusal.field {
        detail["field"] = json!(field);
    }
    let body = json!({ "error": detail }).to_string();
    let server = ScriptedServer::responding(
        &refusal.status.to_string(),
        "content-type: application/json\r\n",
        &body,
    );
    let client = Client::builder()
        .base_url(server.base_url())
        .api_key("pivotal_test_contract")
        .retry(RetryPolicy::off())
        .rate_limiting(RateLimiting::off())
        .build()
        .unwrap();
    (server, client)
}

/// What a program can ask of an error, in a line.
fn line(error: &Error) -> String {
    let is: [(&str, bool); 13] = [
        ("is_invalid_request", error.is_invalid_request()),
        ("is_authentication", error.is_authentication()),
        ("is_permission", error.is_permission()),
        ("is_not_found", error.is_not_found()),
        ("is_conflict", error.is_conflict()),
        ("is_rate_limit", error.is_rate_limit()),
        ("is_internal", error.is_internal()),
        ("is_transport", error.is_transport()),
        ("is_timeout", error.is_timeout()),
        ("is_decode", error.is_decode()),
        ("is_unexpected", error.is_unexpected()),
        ("is_config", error.is_config()),
        ("is_retryable", error.is_retryable()),
    ];
    let is: Vec<&str> = is
        .into_iter()
        .filter_map(|(name, holds)| holds.then_some(name))
        .collect();
    format!(
        "{} {:24} {:15} {:10} {}",
        error.status().unwrap().as_u16(),
        error.code().unwrap_or("-"),
        format!("{:?}", error.kind()),
        error.field().unwrap_or("-"),
        is.join(" ")
    )
}

/// What each operation makes of its documented errors, by status.
async fn lines() -> BTreeMap<(&'static str, String), Vec<String>> {
    let mut lines: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for refusal in refusals() {
        let (_server, client) = refusing(&refusal).await;
        for operation in OPERATIONS {
            let Some(case) = operation_case(operation.name) else {
                continue;
            };
            let Some(documented) = documented(operation, refusal.status) else {
                continue;
            };
            let inputs = Inputs::new("beacon-books", "1");
            let Err(error) = (case.minimal)(&client, &inputs).await else {
                panic!("{}: {} is an error", operation.name, refusal.status)
            };
            assert_eq!(error.operation(), Some(operation.name));
            let said = error.error_type().map(|found| found.as_str());
            assert_eq!(said, Some(refusal.r#type), "{error}");
            let key = (operation.name, documented);
            lines.entry(key).or_default().push(line(&error));
        }
    }
    lines
}

/// By status, so that one documented or dropped for an operation is a line of the diff. Operations
/// that respond alike stand together.
fn text(operations: &[&str], lines: &BTreeMap<(&str, String), Vec<String>>) -> String {
    let mut alike: BTreeMap<(&String, &Vec<String>), Vec<&str>> = BTreeMap::new();
    for ((operation, status), lines) in lines {
        if operations.contains(operation) {
            alike.entry((status, lines)).or_default().push(operation);
        }
    }
    let blocks = alike.into_iter().map(|((status, lines), operations)| {
        format!(
            "{status}: {}\n  {}\n",
            operations.join(", "),
            lines.join("\n  ")
        )
    });
    blocks.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn every_documented_error() {
    let _fix = on_failure("documented_errors");
    let lines = lines().await;
    for (group, operations) in by_group() {
        let names: Vec<&str> = operations.iter().map(|operation| operation.name).collect();
        let text = text(&names, &lines);
        if text.is_empty() {
            // None of them has a case yet.
            continue;
        }
        insta::assert_snapshot!(group.as_str(), text);
    }
}

#[test]
fn every_code_and_every_type_of_the_contract_is_tried() {
    let listed = |pointer: &str| -> BTreeSet<String> {
        let values = Document::contract().get(pointer).and_then(Value::as_array);
        let values = values.unwrap().iter();
        values
            .map(|value| value.as_str().unwrap().to_owned())
            .collect()
    };
    let detail = "/components/schemas/ErrorDetail/properties";
    let refusals = refusals();
    let tried = |pick: fn(&Refusal) -> &'static str| -> BTreeSet<String> {
        let values = refusals.iter().map(pick).filter(|value| *value != NEWER);
        values.map(str::to_owned).collect()
    };
    assert_eq!(
        tried(|refusal| refusal.code),
        listed(&format!("{detail}/code/x-extensible-enum")),
        "correct the list in tests/contract/documented_errors.rs"
    );
    assert_eq!(
        tried(|refusal| refusal.r#type),
        listed(&format!("{detail}/type/enum")),
        "correct the list in tests/contract/documented_errors.rs"
    );
}

#[test]
fn every_documented_status_is_tried() {
    let refusals = refusals();
    for operation in OPERATIONS {
        let tried: BTreeSet<String> = refusals
            .iter()
            .filter_map(|refusal| documented(operation, refusal.status))
            .collect();
        for status in operation.statuses {
            assert!(
                status.starts_with('2') || tried.contains(*status),
                "{} documents {status}: add it to the list in tests/contract/documented_errors.rs",
                operation.name
            );
        }
    }
}
