//! What a caller sees of faults on the wire, over a socket of its own, and what has become of the
//! state.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    client::Client,
    faults::{customers, faulty, get},
};

/// What came over the wire, and how it ended.
struct Exchange {
    text: String,
    end: Result<(), ErrorKind>,
}

/// Sends a request over a socket of its own and reads until the server closes it.
async fn exchange(pivotal: &Client, method: &str, path: &str, body: &str, more: &str) -> Exchange {
    let mut stream = TcpStream::connect(pivotal.sandbox.address()).await.unwrap();
    let request = format!(
        "{method} /api/v1{path} HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {}\r\n{more}\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        pivotal.sandbox.api_key(),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await;
    Exchange {
        text: String::from_utf8(bytes).unwrap(),
        end: end.map(drop).map_err(|error| error.kind()),
    }
}

impl Exchange {
    fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").unwrap().1
    }

    fn content_length(&self) -> usize {
        let (_, rest) = self.text.split_once("content-length: ").unwrap();
        rest.split_once('\r').unwrap().0.parse().unwrap()
    }
}

const NEW: &str = r#"{"name":"Borealis"}"#;

/// Creates a customer with the idempotency key `k`, to which no response comes.
async fn create_and_lose(pivotal: &Client) {
    let key = "idempotency-key: k\r\n";
    let seen = exchange(pivotal, "POST", "/customers", NEW, key).await;
    assert_eq!(
        (&*seen.text, seen.end),
        ("", Err(ErrorKind::ConnectionReset))
    );
}

#[tokio::test]
async fn a_reset_after_processing_leaves_the_row_and_tells_nobody() {
    let pivotal = faulty(&["create-customer:reset-after-processing:count=1"]).await;
    create_and_lose(&pivotal).await;
    // The caller retries with the same key and gets the one row.
    let again = pivotal
        .post_with_key("/customers", "k", json!({ "name": "Borealis" }))
        .await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.created()["display_id"], 2);
    assert_eq!(customers(&pivotal).await, 2);
}

#[tokio::test]
async fn a_reset_before_processing_leaves_nothing() {
    let pivotal = faulty(&["create-customer:reset-before-processing:count=1"]).await;
    create_and_lose(&pivotal).await;
    assert_eq!(pivotal.sandbox.requests().last().unwrap().body, NEW);
    // The key is free: nothing was done with it.
    let again = pivotal
        .post_with_key("/customers", "k", json!({ "name": "Borealis" }))
        .await;
    assert_eq!(again.headers.get("idempotent-replayed"), None);
    assert_eq!(again.created()["display_id"], 2);
    assert_eq!(customers(&pivotal).await, 2);
}

#[tokio::test]
async fn a_reset_inside_the_body_shows_half_of_the_row() {
    let pivotal = faulty(&["create-customer:reset-inside-body"]).await;
    let seen = exchange(&pivotal, "POST", "/customers", NEW, "").await;
    assert!(seen.text.starts_with("HTTP/1.1 201 Created\r\n"));
    assert_eq!(seen.body().len(), seen.content_length() / 2);
    assert!(seen.body().starts_with("{\"object\":\"customer\""));
    assert_eq!(seen.end, Err(ErrorKind::ConnectionReset));
    assert_eq!(customers(&pivotal).await, 2);
}

#[tokio::test]
async fn a_stalled_request_is_never_gets_a_response() {
    for (fault, rows) in [
        ("stall-before-processing", 1),
        ("stall-after-processing", 2),
    ] {
        let pivotal = faulty(&[&format!("create-customer:{fault}")]).await;
        let seen = exchange(&pivotal, "POST", "/customers", NEW, "");
        tokio::pin!(seen);
        assert!(
            timeout(Duration::from_millis(150), &mut seen)
                .await
                .is_err()
        );
        assert_eq!(customers(&pivotal).await, rows, "{fault}");
    }
}

#[tokio::test]
async fn stopping_ends_a_stalled_request() {
    let pivotal = faulty(&["*:stall-after-processing"]).await;
    let (address, http) = (pivotal.url("/health"), pivotal.http.clone());
    let stalled = tokio::spawn(async move { http.get(address).send().await });
    while pivotal.sandbox.faults().armed()[0].applied == 0 {
        tokio::task::yield_now().await;
    }
    pivotal.sandbox.stop().await;
    assert!(stalled.await.unwrap().is_err());
}

#[tokio::test]
async fn a_slow_drip_arrives_whole_and_late() {
    let pivotal = faulty(&["get-customer:slow-drip=5ms"]).await;
    let began = Instant::now();
    let seen = exchange(&pivotal, "GET", "/customers/1", "", "").await;
    let pieces = seen.text.len().div_ceil(pivotal_sandbox::DRIP_BYTES) as u64;
    // The least only: a busy machine may take any time.
    assert!(began.elapsed() >= Duration::from_millis(5 * (pieces - 1)));
    assert_eq!(seen.end, Ok(()));
    assert_eq!(seen.body().len(), seen.content_length());
    let row: Value = serde_json::from_str(seen.body()).unwrap();
    assert_eq!(row["name"], "Aurora Outfitters");
}

#[tokio::test]
async fn a_wrong_content_length_is_too_long_or_too_short() {
    let pivotal = faulty(&["get-customer:content-length-too-long"]).await;
    let seen = exchange(&pivotal, "GET", "/customers/1", "", "").await;
    assert_eq!(
        (seen.content_length(), seen.end),
        (seen.body().len() + 16, Ok(()))
    );
    assert!(get(&pivotal, "/customers/1").await.bytes().await.is_err());

    let pivotal = faulty(&["get-customer:content-length-too-short"]).await;
    let seen = exchange(&pivotal, "GET", "/customers/1", "", "").await;
    assert_eq!(
        (seen.content_length(), seen.end),
        (seen.body().len() - 16, Ok(()))
    );
    let short = get(&pivotal, "/customers/1").await.bytes().await.unwrap();
    assert!(serde_json::from_slice::<Value>(&short).is_err());
}

#[tokio::test]
async fn faults_of_one_connection_leave_others_alone() {
    let pivotal = faulty(&[
        "create-customer:reset-after-processing",
        "list-customers:stall-after-processing",
        "delete-customer:slow-drip=20ms",
    ])
    .await;
    let mut broken = tokio::task::JoinSet::new();
    for (method, path) in [
        (Method::POST, "/customers"),
        (Method::GET, "/customers"),
        (Method::DELETE, "/customers/9"),
    ] {
        for _ in 0..10 {
            let body = json!({ "name": "Borealis" });
            broken.spawn(pivotal.request(method.clone(), path).json(&body).send());
        }
    }
    for _ in 0..100 {
        pivotal.get("/customers/1").await.ok();
    }
    drop(broken);
}

#[tokio::test]
async fn a_connection_survives_what_is_no_fault_of_the_wire() {
    let pivotal = faulty(&["get-health:status=503,truncated-json,html-502,pass"]).await;
    let mut stream = TcpStream::connect(pivotal.sandbox.address()).await.unwrap();
    for status in ["503", "200", "502", "200"] {
        let request = b"GET /api/v1/health HTTP/1.1\r\nhost: sandbox\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut response = vec![0; 4_096];
        let read = stream.read(&mut response).await.unwrap();
        let start = format!("HTTP/1.1 {status}");
        assert!(response[..read].starts_with(start.as_bytes()), "{status}");
    }
}
