//! The wire form of every request of the case table.
//!
//! Each is sent to a sandbox, and what the sandbox received is the snapshot.

mod extent;

use pivotal_contract::operation_cases::{Inputs, OPERATION_CASES, SendRequest};
use pivotal_openapi::Document;
use pivotal_sandbox::ReceivedRequest;
use pivotal_sandbox::Sandbox;
use pivotal_sdk::{Client, CreateContact, CreateCustomer, CreateOnboarding, UpdateCustomer};
use pivotal_tests::{Watched, watched};

use crate::fixes::on_failure;
use extent::{Extent, complaints};

/// A sandbox with one customer, contact and onboarding, each number 1.
async fn furnished() -> (Watched, Client) {
    let (sandbox, pivotal) = watched(Sandbox::builder(), Client::builder()).await;
    let aurora = CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
    pivotal.customers().create(aurora).await.unwrap();
    let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com");
    pivotal.customer(1).contacts().create(mira).await.unwrap();
    pivotal
        .onboardings()
        .create(CreateOnboarding::new("1"))
        .await
        .unwrap();
    (sandbox, pivotal)
}

/// Sends one request; returns what the server received of it.
async fn received(name: &str, send: SendRequest) -> ReceivedRequest {
    let (sandbox, pivotal) = furnished().await;
    let before = sandbox.requests().len();
    let mut inputs = Inputs::new("beacon-books", "1");
    if name == "maximal" {
        inputs.idempotency_key = Some("key-1".to_owned());
    }
    send(&pivotal, &inputs).await.unwrap();
    let mut requests = sandbox.requests();
    assert_eq!(requests.len(), before + 1, "one call is one request");
    requests.swap_remove(before)
}

fn wire_form(request: &ReceivedRequest) -> String {
    let query = request.query.as_ref().map(|query| format!("?{query}"));
    let mut out = format!(
        "{} {}{}\n",
        request.method,
        request.path,
        query.unwrap_or_default()
    );
    let mut headers: Vec<_> = request.headers.iter().collect();
    headers.sort();
    for (name, value) in headers {
        let value = match name.as_str() {
            // The port differs from run to run.
            "host" => "127.0.0.1:[port]",
            // One of the SDK's own, new for each call: 36 characters of UUID.
            "idempotency-key" if value.len() == 36 => "[generated]",
            "user-agent" => value.split('/').next().unwrap_or_default(),
            _ => value,
        };
        out.push_str(&format!("{name}: {value}\n"));
    }
    if !request.body.is_empty() {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        out.push_str(&format!("\n{body:#}\n"));
    }
    out
}

#[tokio::test]
async fn every_request_on_the_wire() {
    let _fix = on_failure("requests");
    for case in OPERATION_CASES {
        let mut forms = Vec::new();
        for (name, send) in case.requests() {
            forms.push((name, wire_form(&received(name, send).await)));
        }
        let text = match &forms[..] {
            [(_, only)] => only.clone(),
            several => {
                let section = |(name, form): &(&str, String)| {
                    format!("{name}\n{}\n{form}", "-".repeat(name.len()))
                };
                several.iter().map(section).collect::<Vec<_>>().join("\n")
            }
        };
        insta::assert_snapshot!(case.operation, text);
    }
}

#[tokio::test]
async fn minimal_is_what_is_required_and_maximal_is_everything() {
    let contract = Document::contract();
    let mut found = Vec::new();
    for case in OPERATION_CASES {
        let minimal = received("minimal", case.minimal).await;
        found.extend(complaints(
            contract,
            case.operation,
            &minimal,
            Extent::Minimal,
        ));
        let maximal = received("maximal", case.maximal.unwrap_or(case.minimal)).await;
        found.extend(complaints(
            contract,
            case.operation,
            &maximal,
            Extent::Maximal,
        ));
    }
    assert!(
        found.is_empty(),
        "\n{}\nCorrect the rows in crates/pivotal-contract/src/operation_cases.rs.\n",
        found.join("\n")
    );
}

#[tokio::test]
async fn leaving_alone_puts_nothing_on_the_wire_and_clearing_puts_null() {
    let (sandbox, pivotal) = furnished().await;
    pivotal
        .customer(1)
        .update(UpdateCustomer::new().clear_plan())
        .await
        .unwrap();
    let last = sandbox.requests().pop().unwrap();
    assert_eq!(last.body, r#"{"plan":null}"#);
    assert_eq!(last.header("idempotency-key"), None, "a PATCH needs none");
}
