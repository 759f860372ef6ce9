//! Requests that are refused, and servers that fail.

use pivotal_openapi::Operation;
use serde_json::json;

use crate::operation_cases::OperationCase;
use crate::suite::fixture::{Fixture, Flow};

pub(super) async fn wrong_key(
    fixture: &Fixture,
    operation: &Operation<'_>,
    row: &OperationCase,
) -> Flow {
    let client = &fixture.invalid_key_client;
    let sent = (row.minimal)(client, &fixture.inputs("refused")).await;
    fixture.refused(operation, 401, sent)
}

pub(super) async fn no_record(
    fixture: &Fixture,
    operation: &Operation<'_>,
    row: &OperationCase,
) -> Flow {
    let sent = (row.minimal)(&fixture.client, &fixture.inputs("refused")).await;
    fixture.refused(operation, 404, sent)
}

pub(super) async fn not_json(fixture: &Fixture, operation: &Operation<'_>) -> Flow {
    let request = fixture.request(operation, &fixture.inputs("refused"));
    let request = request.json(&json!({}));
    let sent = request.header("content-type", "text/plain").await;
    fixture.refused(operation, 415, sent)
}

pub(super) async fn fails(
    fixture: &Fixture,
    operation: &Operation<'_>,
    row: &OperationCase,
    status: u16,
    fault: &str,
) -> Flow {
    fixture.fault(&format!("{}:{fault}:count=1", operation.id))?;
    let client = &fixture.unlimited_client;
    let sent = (row.minimal)(client, &fixture.inputs("refused")).await;
    fixture.refused(operation, status, sent)
}
