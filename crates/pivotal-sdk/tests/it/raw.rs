//! The generated client through the same seam, and its errors lifted into ours.

use pivotal_sdk::{Delivery, Error, ErrorKind, FailureKind};
use serde_json::json;

use crate::answers::customer;
use crate::memory::{KEY, Memory};
use crate::server::Server;

async fn lifted(server: &Server) -> Error {
    server
        .client()
        .raw()
        .get_customer("1")
        .await
        .unwrap_err()
        .into()
}

#[tokio::test]
async fn a_raw_call_goes_through_the_seam() {
    let memory = Memory::json(200, &customer());
    let answer = memory.client().raw().get_customer("245").await.unwrap();
    assert_eq!(answer.into_inner().name, "Aurora Outfitters");
    let request = memory.requests().remove(0);
    assert_eq!(request.headers()["authorization"], format!("Bearer {KEY}"));
    assert!(!request.headers().contains_key("api-version"));
}

#[tokio::test]
async fn an_envelope_survives_the_lift() {
    let body =
        json!({ "error": { "type": "not_found", "code": "customer_not_found", "message": "No." } });
    let error = lifted(&Server::json(404, &body).await).await;
    assert!(error.is_not_found());
    assert!(error.is_code("customer_not_found"));
    assert_eq!(error.status().unwrap(), 404);
    assert_eq!(error.raw_body(), body.to_string().as_bytes());
}

#[tokio::test]
async fn foreign_answers_survive_the_lift() {
    for status in [302, 502] {
        let error = lifted(&Server::start(status, "", "<html>").await).await;
        assert!(error.is_unexpected(), "{status}");
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.raw_body(), b"<html>");
    }
    let error = lifted(&Server::start(200, "", "{}").await).await;
    assert!(error.is_decode());
    assert_eq!(error.raw_body(), b"{}");
}

#[tokio::test]
async fn failures_to_get_an_answer_survive_the_lift() {
    let error = lifted(&Server::bytes(String::new()).await).await;
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Transport, Delivery::Unknown)
    );

    let client = Memory::failing(FailureKind::Exchange).client();
    let error: Error = client.raw().get_me().await.unwrap_err().into();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.is_code("exchange"));
    assert_eq!(
        error.status(),
        None,
        "the stand-in's status is nobody's answer"
    );
}

#[tokio::test]
async fn a_raw_call_that_takes_too_long_is_a_timeout() {
    let client = Memory::failing(FailureKind::Timeout).client();
    let error: Error = client.raw().get_me().await.unwrap_err().into();
    assert!(error.is_timeout() && error.is_code("timeout"), "{error}");
}

#[tokio::test]
async fn a_parameter_that_leads_elsewhere_is_refused_in_raw_calls_too() {
    let memory = Memory::default();
    let error: Error = memory
        .client()
        .raw()
        .delete_customer("..")
        .await
        .unwrap_err()
        .into();
    assert!(error.is_invalid_request());
    assert!(memory.requests().is_empty());
}
