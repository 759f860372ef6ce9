//! Every documented error of every operation, by status and code, as a program sees it. A group of
//! operations is a snapshot.

use std::collections::{BTreeMap, BTreeSet};

use pivotal_contract::operation_cases::{Inputs, operation_case};
use pivotal_openapi::Document;
use pivotal_openapi::schema::known_values;
use pivotal_sdk::{
    Client, Error, ErrorCode,
    transport::{OPERATIONS, Operation},
};
use pivotal_test_support::ScriptedServer;
use serde_json::json;

use crate::fixes::on_failure;
use crate::serving::serving;

/// An error that the documentation describes.
struct Refusal {
    status: u16,
    r#type: &'static str,
    code: &'static str,
    field: Option<&'static str>,
}

/// A code that the contract does not list: it may add one at any time.
const NEWER: &str = "newer_than_the_document";

/// The values that a property of an error may have, as the contract lists them.
fn listed(property: &str) -> impl Iterator<Item = &'static str> {
    let detail = Document::contract().schema("ErrorDetail").unwrap();
    known_values(&detail["properties"][property]).map(|value| value.as_str().unwrap())
}

/// The status of a code. One that is newer than this test counts as a bad request.
fn status_of(code: &str) -> u16 {
    match code {
        "method_not_allowed" => 405,
        "payload_too_large" => 413,
        "unsupported_media_type" => 415,
        "rate_limited" => 429,
        "internal_error" => 500,
        code if code.contains("api_key") => 401,
        code if code.ends_with("not_found") => 404,
        code if code.ends_with("_taken") || code.starts_with("idempotency_") => 409,
        _ => 400,
    }
}

/// A field that an error may name.
fn field_of(status: u16, code: &'static str) -> Option<&'static str> {
    match code {
        "missing_field" => Some("name"),
        "invalid_string" => Some("email"),
        "invalid_type" => Some("labels.0"),
        "too_small" => Some("limit"),
        "too_big" => Some("plan"),
        "invalid_enum_value" => Some("status"),
        NEWER if status == 400 => Some("cursor"),
        code => code.strip_suffix("_taken"),
    }
}

fn type_of(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found",
        409 => "conflict",
        429 => "rate_limit_error",
        500.. => "internal_error",
        _ => "invalid_request_error",
    }
}

/// Every code of the contract under its status, and one that it does not list for every documented
/// status. `4XX` counts as 499: a status that the contract does not name.
fn refusals() -> Vec<Refusal> {
    let statuses = OPERATIONS.iter().flat_map(|operation| operation.statuses);
    let statuses: BTreeSet<u16> = statuses
        .filter_map(|status| status.replace("XX", "99").parse().ok())
        .filter(|status| *status >= 400)
        // No operation names it, but the contract has a type of error for it.
        .chain([403])
        .collect();
    let known = listed("code").map(|code| (status_of(code), code));
    let newer = statuses.into_iter().map(|status| (status, NEWER));
    let mut refusals: Vec<Refusal> = known
        .chain(newer)
        .map(|(status, code)| Refusal {
            status,
            r#type: type_of(status),
            code,
            field: field_of(status, code),
        })
        .collect();
    refusals.sort_by_key(|refusal| refusal.status);
    refusals
}

/// What an operation documents a status by: itself; or its class, where the documentation names it
/// for no operation; or `default`.
fn documented(operation: &Operation, status: u16) -> Option<String> {
    let exact = status.to_string();
    let class = format!("{}XX", status / 100);
    let has = |operation: &Operation, wanted: &str| operation.statuses.contains(&wanted);
    if has(operation, &exact) {
        return Some(exact);
    }
    let is_named = OPERATIONS.iter().any(|operation| has(operation, &exact));
    if !is_named && has(operation, &class) {
        return Some(class);
    }
    has(operation, "default").then(|| "default".to_owned())
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

/// A server that refuses everything alike, and a client of it.
fn refusing(refusal: &Refusal) -> (ScriptedServer, Client) {
    let mut detail = json!({
        "type": refusal.r#type,
        "code": refusal.code,
        "message": "As the server says.",
    });
    if let Some(field) = refusal.field {
        detail["field"] = json!(field);
    }
    serving(&refusal.status.to_string(), &json!({ "error": detail }))
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
        error.code().map_or("-", ErrorCode::as_str),
        format!("{:?}", error.kind()),
        error.field().unwrap_or("-"),
        is.join(" ")
    )
}

/// What each operation makes of its documented errors, by status.
async fn lines() -> BTreeMap<(&'static str, String), Vec<String>> {
    let mut lines: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for refusal in refusals() {
        let (_server, client) = refusing(&refusal);
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

/// A new type of error needs a kind in the SDK.
#[test]
fn every_type_of_the_contract_is_tried() {
    let tried: BTreeSet<&str> = refusals().iter().map(|refusal| refusal.r#type).collect();
    let listed: BTreeSet<&str> = listed("type").collect();
    assert_eq!(
        tried, listed,
        "correct `type_of` in tests/contract/documented_errors.rs"
    );
}
