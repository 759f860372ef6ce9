//! The wire form of every request, with the least and with the most that it can say.
//!
//! Each is sent to a sandbox, and what the sandbox received is the snapshot.

mod extent;

use pivotal_openapi::Document;
use pivotal_sandbox::ReceivedRequest;
use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, CreateOnboarding, OPERATIONS, UpdateCustomer,
};
use pivotal_tests::{Watched, watched};

use crate::calls::{Send, Shown, case};
use crate::mending::mending;
use extent::{Extent, complaints};

/// A sandbox with one customer, contact and onboarding, each number 1.
async fn furnished() -> (Watched, Client) {
    let (sandbox, pivotal) = watched(Client::builder()).await;
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

/// Sends one call and gives what the server received of it.
async fn received(send: Send) -> ReceivedRequest {
    let (sandbox, pivotal) = furnished().await;
    let before = sandbox.requests().len();
    send(pivotal).await.unwrap();
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
    let _mending = mending("requests");
    for operation in OPERATIONS {
        let text = match case(operation.name) {
            None => continue,
            Some(Shown::Only(send)) => wire_form(&received(send).await),
            Some(Shown::Both { least, most }) => {
                format!(
                    "least\n-----\n{}\nmost\n----\n{}",
                    wire_form(&received(least).await),
                    wire_form(&received(most).await)
                )
            }
        };
        insta::assert_snapshot!(operation.name, text);
    }
}

#[tokio::test]
async fn the_least_is_what_is_required_and_the_most_is_everything() {
    let mut found = Vec::new();
    for operation in OPERATIONS {
        let Some(shown) = case(operation.name) else {
            continue;
        };
        let least = received(shown.least()).await;
        let most = received(shown.most()).await;
        found.extend(complaints(
            Document::contract(),
            operation,
            &least,
            Extent::Least,
        ));
        found.extend(complaints(
            Document::contract(),
            operation,
            &most,
            Extent::Most,
        ));
    }
    assert!(
        found.is_empty(),
        "\n{}\nMend the cases in tests/contract/calls.rs.\n",
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
