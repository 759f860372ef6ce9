//! The generated client through the same executor, and its errors lifted into ours.

use std::collections::BTreeMap;

use pivotal_sdk::{
    CreateContact, Delivery, Error, ErrorKind, UpdateContact, UpdateCustomer, UpdateOnboarding,
    transport::{FailureKind, OPERATIONS},
};
use serde_json::json;

use crate::memory::{KEY, Memory};
use crate::responses::customer;
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
    let response = memory.client().raw().get_customer("245").await.unwrap();
    assert_eq!(response.into_inner().name, "Aurora Outfitters");
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
async fn foreign_responses_survive_the_conversion() {
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
async fn transport_failures_survive_the_conversion() {
    let error = lifted(&Server::bytes(String::new()).await).await;
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Transport, Delivery::Unknown)
    );

    let client = Memory::failing(FailureKind::ConnectionLost).client();
    let error: Error = client.raw().get_me().await.unwrap_err().into();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.is_code("connection_lost"));
    assert_eq!(
        error.status(),
        None,
        "the status of the stand-in is not a response"
    );
}

#[tokio::test]
async fn a_raw_call_that_takes_too_long_is_a_timeout() {
    let client = Memory::failing(FailureKind::Timeout).client();
    let error: Error = client.raw().get_me().await.unwrap_err().into();
    assert!(error.is_timeout() && error.is_code("timeout"), "{error}");
}

/// Sends operations that have a parameter in their path with this one.
async fn with_parameter(memory: &Memory, id: &str) -> BTreeMap<&'static str, Option<String>> {
    let pivotal = memory.client();
    let raw = pivotal.raw();
    macro_rules! sent {
        ($( $operation:ident $(($body:expr))?; )*) => {
            BTreeMap::from([$({
                // The prepared response fits none of them; only the request counts here.
                let _ = sent!(@call raw, $operation, id $(, $body)?);
                let request = memory.requests().pop();
                (stringify!($operation), request.map(|request| request.url().path().to_owned()))
            }),*])
        };
        (@call $raw:ident, list_customer_contacts, $id:ident) => {
            $raw.list_customer_contacts($id, None, None).await
        };
        (@call $raw:ident, $operation:ident, $id:ident $(, $body:expr)?) => {
            $raw.$operation($id $(, $body)?).await
        };
    }
    sent! {
        create_customer_contact(&CreateContact::new("Mira", "mira@a.test"));
        delete_contact;
        delete_customer;
        delete_onboarding;
        get_contact;
        get_customer;
        get_onboarding;
        list_customer_contacts;
        list_customer_onboardings;
        update_contact(&UpdateContact::new());
        update_customer(&UpdateCustomer::new());
        update_onboarding(&UpdateOnboarding::new());
    }
}

#[tokio::test]
async fn a_parameter_that_leads_elsewhere_is_refused_in_raw_calls_too() {
    let memory = Memory::default();
    for id in ["", ".", "..", "%2e%2E"] {
        for (operation, path) in with_parameter(&memory, id).await {
            // Encoded once more, dots that were encoded are a text like any other.
            let expected = (id == "%2e%2E").then_some("%252e%252E");
            let path = path.as_deref();
            assert_eq!(
                path.and_then(|path| path.split('/').nth(4)),
                expected,
                "{operation}"
            );
        }
    }
    let error: Error = memory
        .client()
        .raw()
        .delete_customer("..")
        .await
        .unwrap_err()
        .into();
    assert!(error.is_invalid_request(), "{error}");
}

#[tokio::test]
async fn a_parameter_stays_one_segment_whatever_it_holds() {
    let memory = Memory::default();
    for (id, segment) in [
        (r"1\..\2", "1%5C..%5C2"),
        (r"..\me", "..%5Cme"),
        ("1/../2", "1%2F..%2F2"),
        ("1?a#b", "1%3Fa%23b"),
    ] {
        let sent = with_parameter(&memory, id).await;
        for (operation, path) in sent {
            let row = OPERATIONS.iter().find(|row| row.name == operation).unwrap();
            let (before, rest) = row.path.split_once('{').unwrap();
            let (_, after) = rest.split_once('}').unwrap();
            let expected = format!("{before}{segment}{after}");
            assert_eq!(path, Some(expected), "{operation}");
        }
    }
}
