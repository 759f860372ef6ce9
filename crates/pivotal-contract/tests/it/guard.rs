//! The guard fails a test, and only for a reason.

use pivotal_contract::ContractGuard;
use pivotal_sdk::{Client, RetryPolicy};

use crate::scripted::{HEADERS, KEY, serve};

async fn call(guard: &ContractGuard, body: &str) {
    let base_url = serve(200, HEADERS, body).await;
    let pivotal = Client::builder()
        .base_url(base_url)
        .api_key(KEY)
        .retry(RetryPolicy::off())
        .observer(guard.observer())
        .build()
        .unwrap();
    let _ = pivotal.health().await;
}

#[tokio::test]
#[should_panic(
    expected = "the contract was broken:\n  get-health returned 200: body at /response/body"
)]
async fn it_panics_with_what_was_found() {
    let guard = ContractGuard::default();
    call(&guard, r#"{"status":"ok"}"#).await;
}

#[tokio::test]
async fn it_does_not_when_nothing_was_found_or_what_was_is_taken() {
    let guard = ContractGuard::default();
    call(&guard, r#"{"status":"ok","timestamp":"now"}"#).await;
    call(&guard, r#"{"status":"fine","timestamp":"now"}"#).await;
    assert_eq!(guard.take().len(), 1);
}
