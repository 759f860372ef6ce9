//! What a caller sees of faults that are whole responses, and what has become of the state. Responses
//! here break the contract on purpose.

use std::time::{Duration, Instant};

use pivotal_openapi::Document;
use pivotal_sandbox::{Fault, FaultKind, Sandbox};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::client::{Client, display_ids};

/// A sandbox with one customer, on which things go wrong.
pub(crate) async fn faulty(faults: &[&str]) -> Client {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora Outfitters").await;
    for fault in faults {
        pivotal
            .sandbox
            .faults()
            .add(fault.parse().unwrap())
            .unwrap();
    }
    pivotal
}

/// Sends a request whose response nobody holds against the contract.
async fn plain(pivotal: &Client, method: Method, path: &str, body: Value) -> Response {
    let request = pivotal.request(method, path).json(&body);
    request.send().await.unwrap()
}

pub(crate) async fn get(pivotal: &Client, path: &str) -> Response {
    pivotal.request(Method::GET, path).send().await.unwrap()
}

/// How many customers there are, asked without faults.
pub(crate) async fn customers(pivotal: &Client) -> usize {
    pivotal.sandbox.faults().clear();
    display_ids(&pivotal.get("/customers").await.ok()).len()
}

#[tokio::test]
async fn truncated_and_malformed_json_is_complete_http() {
    for (fault, rows) in [("truncated-json", 2), ("malformed-json", 2)] {
        let pivotal = faulty(&[&format!("create-customer:{fault}")]).await;
        let response = plain(&pivotal, Method::POST, "/customers", json!({ "name": "B" })).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(response.headers()["content-type"], "application/json");
        let body = response.bytes().await.unwrap();
        assert!(body.starts_with(b"{\"object\""));
        assert!(serde_json::from_slice::<Value>(&body).is_err(), "{fault}");
        assert_eq!(customers(&pivotal).await, rows);
    }
}

#[tokio::test]
async fn a_server_error_comes_in_the_envelope_and_processes_nothing() {
    for status in [500, 502, 503, 504] {
        let pivotal = faulty(&[&format!("create-customer:status={status}:count=1")]).await;
        let response = plain(&pivotal, Method::POST, "/customers", json!({ "name": "B" })).await;
        assert_eq!(response.status(), status);
        assert!(response.headers().contains_key("x-ratelimit-remaining"));
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["type"], "internal_error");
        assert_eq!(customers(&pivotal).await, 1);
    }
}

#[tokio::test]
async fn a_server_error_after_processing_leaves_the_row() {
    let pivotal = faulty(&["create-customer:status-after-processing=504"]).await;
    let response = plain(&pivotal, Method::POST, "/customers", json!({ "name": "B" })).await;
    assert_eq!(response.status(), 504);
    assert_eq!(customers(&pivotal).await, 2);
}

#[tokio::test]
async fn a_proxy_sends_a_page_without_rate_limit_headers() {
    let pivotal = faulty(&["create-customer:html-502"]).await;
    let response = plain(&pivotal, Method::POST, "/customers", json!({ "name": "B" })).await;
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["content-type"], "text/html");
    assert!(!response.headers().contains_key("x-ratelimit-limit"));
    assert!(response.text().await.unwrap().starts_with("<html>"));
    assert_eq!(customers(&pivotal).await, 1);
}

#[tokio::test]
async fn a_storm_of_429s_tells_when_to_come_back_or_does_not() {
    let pivotal = faulty(&["*:rate-limited=7:count=2", "*:rate-limited:count=1"]).await;
    for _ in 0..2 {
        let response = pivotal.get("/customers/1").await;
        response.refused(429, "rate_limited");
        assert_eq!(response.headers["retry-after"], "7");
        assert_eq!(response.headers["x-ratelimit-remaining"], "0");
        let reset: i64 = response.headers["x-ratelimit-reset"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        let wait = reset - pivotal.sandbox.now().as_second();
        assert!((4..=7).contains(&wait), "{wait}");
    }
    let response = get(&pivotal, "/customers/1").await;
    assert_eq!(response.status(), 429);
    assert!(!response.headers().contains_key("retry-after"));
    pivotal.get("/customers/1").await.ok();
}

#[tokio::test]
async fn latency_delays_and_its_tail_delays_more() {
    let pivotal = faulty(&["get-customer:latency=30ms", "*:latency=200ms:count=1"]).await;
    for least in [230, 30] {
        let began = Instant::now();
        pivotal.get("/customers/1").await.ok();
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(least), "{took:?}");
    }
    assert_eq!(pivotal.sandbox.faults().armed()[1].applied, 1);
}

#[tokio::test]
async fn a_slow_request_holds_its_idempotency_key() {
    let pivotal = faulty(&["create-customer:latency=1s:count=1"]).await;
    let body = json!({ "name": "Borealis" });
    let post = pivotal
        .request(Method::POST, "/customers")
        .header("idempotency-key", "k")
        .json(&body);
    let slow = tokio::spawn(crate::client::send(post));
    while pivotal.sandbox.faults().armed()[0].applied == 0 {
        tokio::task::yield_now().await;
    }
    let second = pivotal.post_with_key("/customers", "k", body).await;
    second.refused(409, "idempotency_in_progress");
    slow.await.unwrap().created();
}

#[tokio::test]
async fn an_enum_says_what_nobody_knows() {
    let pivotal = faulty(&["*:unknown-enum-value"]).await;
    let response = plain(
        &pivotal,
        Method::POST,
        "/onboardings",
        json!({ "customer_id": "1" }),
    )
    .await;
    assert_eq!(response.status(), 201);
    let made: Value = response.json().await.unwrap();
    let list: Value = get(&pivotal, "/onboardings").await.json().await.unwrap();
    let customer: Value = get(&pivotal, "/customers/1").await.json().await.unwrap();
    let unknown = json!("value_of_a_later_version");
    for value in [
        &made["phase"],
        &made["state"],
        &list["data"][0]["state"],
        &customer["status"],
    ] {
        assert_eq!(*value, unknown);
    }
    assert_eq!(
        (&made["object"], &list["object"]),
        (&json!("onboarding"), &json!("list"))
    );
    pivotal.sandbox.faults().clear();
    assert_eq!(pivotal.get("/onboardings/1").await.ok()["state"], "active");
}

#[tokio::test]
async fn keys_come_that_nobody_knows_and_known_ones_stay_away() {
    let pivotal = faulty(&["*:unknown-key:count=1", "*:missing-key=plan:count=2"]).await;
    let list: Value = get(&pivotal, "/customers").await.json().await.unwrap();
    for object in [&list, &list["data"][0]] {
        assert!(object["key_of_a_later_version"].is_object(), "{object}");
    }
    let nested = faulty(&["*:unknown-key"]).await;
    let me: Value = get(&nested, "/me").await.json().await.unwrap();
    for object in [&me, &me["organization"], &me["api_key"]] {
        assert!(object["key_of_a_later_version"].is_object(), "{object}");
    }
    let body = json!({ "name": "Borealis", "metadata": { "crm": { "id": 7 } } });
    let response = plain(&nested, Method::POST, "/customers", body.clone()).await;
    let made: Value = response.json().await.unwrap();
    assert_eq!(made["metadata"], body["metadata"], "what a caller stored");
    let list: Value = get(&pivotal, "/customers").await.json().await.unwrap();
    let row: Value = get(&pivotal, "/customers/1").await.json().await.unwrap();
    for object in [&list["data"][0], &row] {
        assert_eq!(
            (object.get("plan"), &object["name"]),
            (None, &json!("Aurora Outfitters"))
        );
    }
    pivotal.get("/customers").await.ok();
}

#[tokio::test]
async fn which_key_is_missing_is_decided_by_the_seed() {
    let missing = async |seed| {
        let fault = Fault::new(FaultKind::MissingKey(None));
        let pivotal = Client::of(Sandbox::builder().fault_seed(seed).fault(fault)).await;
        plain(
            &pivotal,
            Method::POST,
            "/customers",
            json!({ "name": "Aurora" }),
        )
        .await;
        let customer = Document::contract().schema("Customer").unwrap();
        let all = Document::contract().properties(customer).len();
        let mut keys = Vec::new();
        for _ in 0..6 {
            let row: Value = get(&pivotal, "/customers/1").await.json().await.unwrap();
            assert_eq!(row.as_object().unwrap().len(), all - 1);
            keys.push(row.as_object().unwrap().keys().cloned().collect::<Vec<_>>());
        }
        keys
    };
    let first = missing(1).await;
    assert_eq!(first, missing(1).await);
    assert_ne!(first, missing(2).await);
    assert!(first.windows(2).any(|pair| pair[0] != pair[1]));
}

#[tokio::test]
async fn a_skewed_clock_is_in_the_headers() {
    let pivotal = faulty(&["get-me:clock-skew=-1h"]).await;
    let response = pivotal.get("/me").await;
    let date = jiff::fmt::rfc2822::parse(response.headers["date"].to_str().unwrap()).unwrap();
    let behind = pivotal.sandbox.now().as_second() - date.timestamp().as_second();
    assert!((3_600..3_605).contains(&behind), "{behind}");
    let reset: i64 = response.headers["x-ratelimit-reset"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let ahead = reset - pivotal.sandbox.now().as_second();
    assert!((-3_600..=-3_535).contains(&ahead), "{ahead}");
    response.ok();
}

#[tokio::test]
async fn a_key_is_revoked_midway_and_stays_so() {
    let pivotal = faulty(&["create-customer:key-revoked:after=1:count=1"]).await;
    pivotal.customer("Borealis").await;
    let refused = pivotal
        .post("/customers", json!({ "name": "Cassiopeia" }))
        .await;
    refused.refused(401, "api_key_revoked");
    pivotal.get("/me").await.refused(401, "api_key_revoked");
    pivotal.sandbox.reset();
    pivotal.get("/me").await.ok();
}

#[tokio::test]
async fn truncated_json_is_half_of_the_body_and_ends_with_a_character() {
    let pivotal = Client::start().await;
    for name in ["é", "éé", "ééé", "a", "aé"] {
        let made = pivotal.customer(name).await;
        let path = format!("/customers/{}", made["display_id"]);
        let whole = pivotal.get(&path).await.bytes;
        let fault = "get-customer:truncated-json:count=1".parse().unwrap();
        pivotal.sandbox.faults().add(fault).unwrap();
        let half = get(&pivotal, &path).await.bytes().await.unwrap();
        assert!(half.len() <= whole.len() / 2 && half.len() + 4 > whole.len() / 2);
        assert!(std::str::from_utf8(&half).is_ok());
    }
}
