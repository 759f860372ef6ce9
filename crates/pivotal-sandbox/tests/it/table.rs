//! Every operation of the contract against everything that a request can get wrong, as a table that
//! the contract itself writes: an operation or a field that regeneration adds is in it without a
//! line here.

use std::collections::{BTreeMap, BTreeSet};

use pivotal_sandbox::Sandbox;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::{
    client::{Client, send},
    conformance::DOCUMENT,
    table_rows::{Operation, Row, Wrong, operations},
};

/// The request of a row.
fn request(pivotal: &Client, row: &Row) -> RequestBuilder {
    let url = format!("{}{}", pivotal.sandbox.base_url(), row.path);
    let mut request = pivotal.http.request(row.method.clone(), url);
    match row.authorization {
        None => request = request.bearer_auth(pivotal.sandbox.api_key()),
        Some("") => {}
        Some(value) => request = request.header("authorization", value),
    }
    if let Some(key) = &row.idempotency_key {
        request = request.header("idempotency-key", key);
    }
    if let Some(body) = &row.body {
        request = request
            .header("content-type", "application/json")
            .body(body.clone());
    }
    request
}

fn expected(row: &Row) -> (u64, Value, Value) {
    (row.status.into(), json!(row.code), json!(row.field))
}

#[tokio::test]
async fn every_operation_refuses_everything_wrong_with_status_code_and_field() {
    let pivotal = Client::furnished().await;
    let mut tried: BTreeMap<Wrong, BTreeSet<String>> = BTreeMap::new();
    let mut failures = Vec::new();
    let mut count = 0;
    for row in operations(&DOCUMENT).iter().flat_map(Operation::rows) {
        let response = send(request(&pivotal, &row)).await;
        let error = &response.body["error"];
        let found = (
            u64::from(response.status.as_u16()),
            error["code"].clone(),
            error["field"].clone(),
        );
        if found != expected(&row) {
            failures.push(format!("{row:?}\n  response {}", response.body));
        }
        count += 1;
        tried.entry(row.wrong).or_default().insert(row.operation);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));

    // The table is as wide as the contract.
    let operations = operations(&DOCUMENT);
    let with_key = operations
        .iter()
        .filter(|operation| operation.needs_key)
        .count();
    let with_body = operations
        .iter()
        .filter(|operation| operation.body.is_some())
        .count();
    for (wrong, wanted) in [
        (Wrong::NoKey, with_key),
        (Wrong::UnknownKey, with_key),
        (Wrong::MalformedKey, with_key),
        (Wrong::MalformedBody, with_body),
        (Wrong::NoObject, with_body),
    ] {
        assert_eq!(tried[&wrong].len(), wanted, "{wrong:?}");
    }
    assert!((operations.len(), with_key, with_body) >= (18, 17, 6));
    assert!(count > 500, "{count}");
    // Nothing of all that has changed anything.
    for path in ["/customers", "/customers/1/contacts", "/onboardings"] {
        assert_eq!(
            pivotal.get(path).await.ok()["data"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    }
}

#[tokio::test]
async fn the_least_that_an_operation_takes_is_taken() {
    for operation in operations(&DOCUMENT) {
        let pivotal = Client::furnished().await;
        let row = operation.row(Wrong::NoKey, 0, "", None);
        let response = send(request(&pivotal, &row)).await;
        assert!(
            response.status.is_success(),
            "{}: {}",
            operation.id,
            response.body
        );
    }
}

#[tokio::test]
async fn operations_without_a_body_pay_no_heed_to_one() {
    for operation in operations(&DOCUMENT) {
        if operation.body.is_some() {
            continue;
        }
        let pivotal = Client::furnished().await;
        let row = Row {
            body: Some(b"{".to_vec()),
            ..operation.row(Wrong::MalformedBody, 0, "", None)
        };
        let response = send(request(&pivotal, &row)).await;
        assert!(
            response.status.is_success(),
            "{}: {}",
            operation.id,
            response.body
        );
    }
}

#[tokio::test]
async fn an_operation_that_the_document_adds_is_in_the_table() {
    let mut document = DOCUMENT.clone();
    document["paths"]["/api/v1/customers/{id}/notes"] = json!({ "post": {
        "operationId": "create-note",
        "parameters": [
            { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
            { "name": "depth", "in": "query", "schema": { "type": "integer", "maximum": 3 } },
        ],
        "requestBody": { "required": true, "content": { "application/json": { "schema": {
            "type": "object",
            "required": ["text"],
            "properties": {
                "text": { "type": "string", "minLength": 1, "maxLength": 10 },
                "kind": { "type": "string", "enum": ["call", "visit"] },
            },
        } } } },
        "responses": { "201": {
            "description": "Made.",
            "content": { "application/json": { "schema": { "type": "object" } } },
        } },
    } });
    let pivotal = Client::of(Sandbox::builder().contract(document.to_string())).await;
    let operations = operations(&document);
    let added = operations
        .iter()
        .find(|operation| operation.id == "create-note");
    let rows = added.unwrap().rows();
    assert!(rows.len() > 25, "{}", rows.len());
    for row in rows {
        let response = request(&pivotal, &row).send().await.unwrap();
        let status = u64::from(response.status().as_u16());
        let body: Value = response.json().await.unwrap();
        let error = &body["error"];
        let found = (status, error["code"].clone(), error["field"].clone());
        assert_eq!(found, expected(&row), "{row:?}: {body}");
    }
}
