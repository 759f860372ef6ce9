use pivotal_sandbox::Sandbox;
use serde_json::json;

use crate::client::{Client, DOCUMENT, send};

/// Every operation that needs a key, with a path to try it on.
fn guarded() -> Vec<(reqwest::Method, String)> {
    let mut found = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["operationId"] != "get-health" {
                let segments = path.split('/').map(|segment| {
                    if segment.starts_with('{') {
                        "1"
                    } else {
                        segment
                    }
                });
                found.push((
                    method.to_uppercase().parse().unwrap(),
                    segments.collect::<Vec<_>>().join("/"),
                ));
            }
        }
    }
    assert!(found.len() >= 17);
    found
}

#[tokio::test]
async fn every_operation_but_health_refuses_a_request_without_a_key() {
    let pivotal = Client::start().await;
    for (method, path) in guarded() {
        let response = send(
            pivotal
                .http
                .request(method, format!("{}{path}", pivotal.sandbox.base_url())),
        )
        .await;
        assert_eq!(response.refused(401, "missing_api_key"), None);
        assert_eq!(response.headers["www-authenticate"], "Bearer");
    }
}

#[tokio::test]
async fn every_operation_but_health_refuses_a_wrong_key() {
    let pivotal = Client::start().await;
    let key = pivotal.sandbox.api_key();
    for (method, path) in guarded() {
        let url = format!("{}{path}", pivotal.sandbox.base_url());
        for value in [
            "Bearer pivotal_test_wrong".to_owned(),
            format!("Bearer {key}x"),
            format!("Bearer {}", &key[..key.len() - 1]),
            format!("Basic {key}"),
            key.to_owned(),
            "Bearer".to_owned(),
            String::new(),
        ] {
            let response = send(
                pivotal
                    .http
                    .request(method.clone(), &url)
                    .header("authorization", value),
            )
            .await;
            response.refused(401, "invalid_api_key");
            assert!(!response.body.to_string().contains(key));
        }
    }
}

#[tokio::test]
async fn a_key_in_the_query_is_none() {
    let pivotal = Client::start().await;
    let url = pivotal.url(&format!("/me?api_key={}", pivotal.sandbox.api_key()));
    send(pivotal.http.get(url))
        .await
        .refused(401, "missing_api_key");
}

#[tokio::test]
async fn health_needs_no_key_and_tells_the_time() {
    let pivotal = Client::start().await;
    let health = send(pivotal.http.get(pivotal.url("/health"))).await.ok();
    assert_eq!(health["status"], "ok");
    assert_eq!(
        health["timestamp"].as_str().unwrap().len(),
        "2026-05-26T17:21:09.412Z".len()
    );
    send(
        pivotal
            .http
            .get(pivotal.url("/health"))
            .bearer_auth("pivotal_wrong"),
    )
    .await
    .ok();
}

#[tokio::test]
async fn me_tells_the_key_by_its_safe_part() {
    let pivotal = Client::of(Sandbox::builder().api_key("pivotal_test_K8s9secretsecret")).await;
    let me = pivotal.get("/me").await;
    assert!(!me.body.to_string().contains("secret"));
    let me = me.ok();
    assert_eq!(me["object"], "me");
    assert_eq!(me["api_key"]["prefix"], "pivotal_test_K8s9");
    assert_eq!(me["api_key"]["rate_limit_tier"], "test");
    assert_eq!(me["organization"]["slug"], "sandbox");
    let short = Client::of(Sandbox::builder().api_key("pivotal_test_ab")).await;
    let prefix = short.get("/me").await.ok()["api_key"]["prefix"].take();
    assert_eq!(prefix, "pivotal_test_a");
    let live = Client::of(Sandbox::builder().api_key("pivotal_K8s9secretsecret"))
        .await
        .get("/me")
        .await
        .ok();
    assert_eq!(
        (
            &live["api_key"]["prefix"],
            &live["api_key"]["rate_limit_tier"]
        ),
        (&json!("pivotal_K8s9"), &json!("live"))
    );
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let pivotal = Client::start().await;
    let value = format!("bearer {}", pivotal.sandbox.api_key());
    send(
        pivotal
            .http
            .get(pivotal.url("/me"))
            .header("authorization", value),
    )
    .await
    .ok();
}

#[tokio::test]
async fn two_keys_are_none() {
    let pivotal = Client::start().await;
    let me = pivotal.request(reqwest::Method::GET, "/me");
    let response = send(me.header("authorization", "Bearer pivotal_test_other")).await;
    response.refused(401, "invalid_api_key");
}
