//! Requests by method and path.

use std::time::Duration;

use http::HeaderMap;
use pivotal_sdk::{Delivery, ErrorKind, Method, RetryPolicy, Value};
use serde_json::json;

use crate::memory::{KEY, Memory};
use crate::script::{Reply, Script};

fn quick() -> RetryPolicy {
    RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(1))
}

#[tokio::test]
async fn a_request_carries_what_it_is_given_and_what_every_call_has() {
    let memory = Memory::json(200, &json!({}));
    let pivotal = memory.client();
    pivotal
        .request(Method::POST, "/api/v2/reports")
        .query("year", 2026)
        .query("of", "a b&c")
        .json(&json!({ "deep": [1] }))
        .header("x-trace", "t1")
        .idempotency_key("report-1")
        .timeout(Duration::from_secs(3))
        .await
        .unwrap();
    let request = memory.requests().remove(0);
    assert_eq!(request.method(), Method::POST);
    assert_eq!(
        request.url().as_str(),
        "https://my.pivotal.app/api/v2/reports?year=2026&of=a+b%26c"
    );
    assert_eq!(
        request.body().unwrap().as_bytes().unwrap(),
        br#"{"deep":[1]}"#
    );
    assert_eq!(request.timeout(), Some(&Duration::from_secs(3)));
    let expected = [
        ("authorization", format!("Bearer {KEY}")),
        ("content-type", "application/json".to_owned()),
        ("accept", "application/json".to_owned()),
        ("x-trace", "t1".to_owned()),
        ("idempotency-key", "report-1".to_owned()),
    ];
    for (name, value) in expected {
        assert_eq!(request.headers()[name], *value, "{name}");
    }
}

#[tokio::test]
async fn a_path_that_leads_elsewhere_is_refused() {
    let memory = Memory::default();
    let pivotal = memory.client();
    for path in [
        "",
        "api/v1/me",
        "https://elsewhere.test/",
        "@elsewhere.test/",
        ".test/",
    ] {
        let error = pivotal.request(Method::GET, path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{path}");
        assert_eq!(error.field(), Some("path"));
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
    let error = pivotal
        .request(Method::TRACE, "/api/v1/me")
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("method"));
    assert!(memory.requests().is_empty());
}

#[tokio::test]
async fn an_unknown_post_is_sent_again_only_under_a_key_of_the_callers() {
    for (method, key, sent) in [
        (Method::POST, None, 1),
        (Method::POST, Some("report-1"), 2),
        (Method::GET, None, 2),
        (Method::PUT, None, 2),
        (Method::PATCH, None, 2),
        (Method::DELETE, None, 2),
    ] {
        let script = Script::new(|_, earlier| match earlier {
            0 => Reply::Json(503, json!({})),
            _ => Reply::Json(200, json!({ "fine": true })),
        });
        let pivotal = script.builder().retry(quick()).build().unwrap();
        let mut request = pivotal.request(method.clone(), "/api/v2/reports");
        if let Some(key) = key {
            request = request.idempotency_key(key);
        }
        let response = request.send::<Value>().await;
        assert_eq!(script.count(), sent, "{method} {key:?}");
        match response {
            Ok(response) => {
                assert_eq!(response.meta.attempts(), 2);
                assert_eq!(response.meta.history()[0].status.unwrap(), 503);
                assert_eq!(response["fine"], true);
            }
            Err(error) => {
                assert_eq!(sent, 1);
                assert_eq!(error.status().unwrap(), 503);
                assert!(!error.is_retryable(), "it may have been carried out");
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_post_that_met_the_rate_limit_is_sent_again() {
    let script = Script::new(|_, earlier| match earlier {
        0 => Reply::Json(429, json!({})),
        _ => Reply::Json(200, json!({})),
    });
    let pivotal = script.builder().retry(quick()).build().unwrap();
    pivotal
        .request(Method::POST, "/api/v2/reports")
        .await
        .unwrap();
    assert_eq!(script.count(), 2);
}

#[tokio::test]
async fn errors_are_those_of_every_call() {
    let script = Script::new(|_, earlier| match earlier {
        0 => Reply::Json(
            404,
            json!({ "error": { "type": "not_found", "code": "x_not_found", "message": "No." } }),
        ),
        _ => Reply::Json(200, json!({ "name": 5 })),
    });
    let pivotal = script.client();
    let error = pivotal.request(Method::GET, "/api/v2/x").await.unwrap_err();
    assert!(error.is_not_found() && error.is_code("x_not_found"));
    assert_eq!(error.operation(), Some("request"));

    #[derive(Debug, serde::Deserialize)]
    struct Named {
        #[allow(dead_code, reason = "it never decodes")]
        name: String,
    }
    let call = pivotal.request(Method::GET, "/api/v2/x").send::<Named>();
    let error = call.await.unwrap_err();
    assert!(error.is_decode());
    assert_eq!(error.field(), Some("/name"));
    assert_eq!(error.status().unwrap(), 200);
}

#[tokio::test]
async fn an_empty_response_decodes_as_null() {
    let memory = Memory::default();
    let pivotal = memory.client();
    let gone = pivotal.request(Method::DELETE, "/api/v2/x");
    assert_eq!(gone.await.unwrap(), Value::Null);
    pivotal
        .request(Method::DELETE, "/api/v2/x")
        .send::<()>()
        .await
        .unwrap();
}

#[tokio::test]
async fn options_reach_each_kind_of_call_and_no_other() {
    let memory = Memory::json(200, &json!({}));
    let pivotal = memory.client();
    let seen = |memory: &Memory| -> (Option<Duration>, HeaderMap) {
        let request = memory.requests().remove(0);
        (request.timeout().copied(), request.headers().clone())
    };
    let _ = pivotal
        .customer(1)
        .get()
        .header("x-trace", "t1")
        .header("accept", "application/vnd.pivotal+json")
        .timeout(Duration::from_secs(3))
        .await;
    let (timeout, headers) = seen(&memory);
    assert_eq!(timeout, Some(Duration::from_secs(3)));
    assert_eq!(headers["x-trace"], "t1");
    assert_eq!(headers["accept"], "application/vnd.pivotal+json");
    let _ = pivotal.customer(1).get().await;
    let (timeout, headers) = seen(&memory);
    assert_eq!(timeout, Some(Duration::from_secs(30)));
    assert!(!headers.contains_key("x-trace"));

    // A deadline shortens what an attempt may take.
    let _ = pivotal.me().deadline(Duration::from_secs(1)).await;
    assert!(seen(&memory).0.unwrap() <= Duration::from_secs(1));
}

#[tokio::test]
async fn a_header_that_is_the_sdks_own_or_none_at_all_is_refused() {
    let memory = Memory::default();
    let pivotal = memory.client();
    for (name, value, code) in [
        ("Authorization", "Bearer stolen", "reserved_header"),
        ("idempotency-key", "k", "reserved_header"),
        ("host", "elsewhere.test", "reserved_header"),
        ("x trace", "v", "invalid_string"),
        ("x-trace", "a\r\nx-evil: 1", "invalid_string"),
    ] {
        let error = pivotal.me().header(name, value).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(
            (error.field(), error.code()),
            (Some(name), Some(&code.into()))
        );
        let error = pivotal.request(Method::GET, "/x").header(name, value).await;
        assert!(error.unwrap_err().is_code(code));
    }
    assert!(memory.requests().is_empty());
}
