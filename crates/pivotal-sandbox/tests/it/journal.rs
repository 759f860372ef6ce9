use std::sync::{Arc, Mutex};

use pivotal_sandbox::{BODY_LIMIT, JOURNAL_REQUESTS, Sandbox};
use serde_json::json;

use crate::client::{Client, send};

#[tokio::test]
async fn requests_are_kept_as_they_came() {
    let pivotal = Client::start().await;
    let post = pivotal
        .request(reqwest::Method::POST, "/customers?a=%20b")
        .header("x-second", "2")
        .header("x-first", "1")
        .json(&json!({ "name": "Aurora" }));
    send(post).await.created();
    let requests = pivotal.sandbox.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!(
        (&*request.method, &*request.path, request.query.as_deref()),
        ("POST", "/api/v1/customers", Some("a=%20b"))
    );
    assert_eq!(request.body, r#"{"name":"Aurora"}"#);
    let order: Vec<_> = request
        .headers
        .iter()
        .map(|(name, _)| &**name)
        .filter(|name| name.starts_with("x-"))
        .collect();
    assert_eq!(order, ["x-second", "x-first"]);
    assert_eq!(request.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn the_key_is_not_in_the_journal() {
    let pivotal = Client::start().await;
    pivotal.get("/me").await.ok();
    let requests = pivotal.sandbox.requests();
    assert_eq!(
        requests[0].header("authorization"),
        Some("Bearer [redacted]")
    );
    let key = pivotal.sandbox.api_key();
    assert!(!format!("{requests:?} {:?}", pivotal.sandbox).contains(key));
}

#[tokio::test]
async fn a_key_where_none_belongs_is_not_in_journal_or_log() {
    let lines = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&lines);
    let builder = Sandbox::builder()
        .api_key("pivotal_test_ab.cdefsecret")
        .access_log(move |line| sink.lock().unwrap().push_str(line));
    let pivotal = Client::of(builder).await;
    for key in [
        "pivotal_test_ab.cdefsecret",
        "pivotal%5Ftest_ab.cdefsecret",
        "pivotal_live9secretsecret",
    ] {
        let path = format!("/customers?api_key={key}&limit=1");
        let request = pivotal.request(reqwest::Method::GET, &path);
        send(request.header("x-api-key", key)).await.ok();
    }
    let requests = pivotal.sandbox.requests();
    let log = lines.lock().unwrap();
    assert!(!format!("{requests:?}").contains("secret"), "{requests:?}");
    assert!(!log.contains("secret"), "{log}");
    assert_eq!(log.matches("&limit=1 ").count(), 3, "{log}");
}

#[tokio::test]
async fn refused_requests_are_in_the_journal() {
    let pivotal = Client::start().await;
    send(pivotal.http.post(pivotal.url("/customers")).body("unread"))
        .await
        .refused(401, "missing_api_key");
    pivotal.get("/nothing").await.refused(404, "not_found");
    pivotal
        .post("/customers", json!("x".repeat(BODY_LIMIT)))
        .await
        .refused(413, "payload_too_large");
    let requests = pivotal.sandbox.requests();
    let seen: Vec<_> = requests
        .iter()
        .map(|request| (&*request.path, request.body.len()))
        .collect();
    assert_eq!(
        seen,
        [
            ("/api/v1/customers", 6),
            ("/api/v1/nothing", 0),
            ("/api/v1/customers", 0)
        ]
    );
}

#[tokio::test]
async fn the_journal_is_bounded() {
    let pivotal = Client::start().await;
    for number in 0..JOURNAL_REQUESTS + 5 {
        let url = pivotal.url(&format!("/health?{number}"));
        assert_eq!(pivotal.http.get(url).send().await.unwrap().status(), 200);
    }
    let requests = pivotal.sandbox.requests();
    assert_eq!(
        (requests.len(), requests[0].query.as_deref()),
        (JOURNAL_REQUESTS, Some("5"))
    );
}

#[tokio::test]
async fn the_bodies_in_the_journal_are_bounded() {
    let pivotal = Client::start().await;
    let body = json!({ "name": "Aurora", "domain": "x".repeat(BODY_LIMIT - 10_000) });
    let size = body.to_string().len();
    let kept = pivotal_sandbox::JOURNAL_BYTES / size;
    for _ in 0..kept + 2 {
        pivotal.post("/customers", body.clone()).await;
    }
    assert_eq!(pivotal.sandbox.requests().len(), kept);
}

#[tokio::test]
async fn only_the_scheme_of_a_secret_header_is_kept() {
    let pivotal = Client::start().await;
    for (sent, kept) in [
        ("Bearer pivotal_secret", "Bearer [redacted]"),
        ("pivotal_secret", "[redacted]"),
        ("pivotal_secret twice", "[redacted]"),
    ] {
        let request = pivotal.http.get(pivotal.url("/me"));
        send(request.header("authorization", sent)).await;
        let request = pivotal.sandbox.requests().pop().unwrap();
        assert_eq!(request.header("authorization"), Some(kept));
        assert!(!format!("{request:?}").contains("secret"));
    }
}

#[tokio::test]
async fn the_response_is_kept_with_what_met_the_request() {
    let builder = Sandbox::builder()
        .fault("get-me:latency=20ms".parse().unwrap())
        .fault("get-me:status=500:count=1".parse().unwrap());
    let pivotal = Client::of(builder).await;
    let create = || pivotal.post_with_key("/customers", "k", json!({ "name": "Aurora" }));
    create().await.created();
    create().await.created();
    let other = pivotal.post_with_key("/customers", "k", json!({ "name": "Borealis" }));
    other.await.refused(409, "idempotency_key_reused");
    pivotal.get("/me").await.refused(500, "internal_error");
    let requests = pivotal.sandbox.requests();
    let responses: Vec<_> = requests
        .iter()
        .map(|request| request.response.as_ref().unwrap())
        .collect();
    let shown = responses.iter().map(|response| {
        (
            response.status,
            response.replayed,
            response.fault.as_deref(),
        )
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            (201, false, None),
            (201, true, None),
            (409, false, None),
            (500, false, Some("latency=20ms,status=500"))
        ]
    );
    assert!(responses[3].took >= std::time::Duration::from_millis(20));
}

#[tokio::test]
async fn a_request_without_a_response_has_none() {
    let builder = Sandbox::builder().fault("get-me:latency=1h".parse().unwrap());
    let pivotal = Client::of(builder).await;
    let waiting = tokio::spawn(pivotal.request(reqwest::Method::GET, "/me").send());
    while pivotal.sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(pivotal.sandbox.requests()[0].response, None);
    waiting.abort();
}
