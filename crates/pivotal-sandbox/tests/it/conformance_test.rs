//! The check of responses finds everything that is not documented.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{client::Client, conformance};

#[tokio::test]
async fn undocumented_responses_are_found() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora Outfitters").await;
    let good = pivotal.get("/customers/1").await;
    let found = |status: u16, change: &dyn Fn(&mut reqwest::header::HeaderMap, &mut Value)| {
        let (mut headers, mut body) = (good.headers.clone(), good.body.clone());
        change(&mut headers, &mut body);
        let status = StatusCode::from_u16(status).unwrap();
        let path = "/api/v1/customers/1";
        conformance::findings(&Method::GET, path, status, &headers, Some(&body)).join("; ")
    };
    assert_eq!(found(200, &|_, _| ()), "");
    for (finding, expected) in [
        (found(204, &|_, _| ()), "does not document 204"),
        (
            found(404, &|_, _| ()),
            "body: \"error\" is a required property",
        ),
        (
            found(200, &|_, body| body["mrr"] = json!("much")),
            "body/mrr",
        ),
        (
            found(200, &|_, body| body["created_at"] = json!("today")),
            "body/created_at",
        ),
        (
            found(200, &|_, body| *body = json!({ "object": "customer" })),
            "required property",
        ),
        (
            found(200, &|headers, _| drop(headers.remove("x-ratelimit-reset"))),
            "x-ratelimit-reset",
        ),
        (
            found(200, &|headers, _| drop(headers.remove("content-type"))),
            "content-type",
        ),
    ] {
        assert!(finding.contains(expected), "{expected}: {finding}");
    }
}
