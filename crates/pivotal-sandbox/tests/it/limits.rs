//! The limits of time and memory that no client can exceed.

use std::time::Duration;

use pivotal_sandbox::{IDEMPOTENCY_BYTES, JOURNAL_BYTES, Sandbox};
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

use crate::client::{Client, send};

/// Sends bytes and returns what the sandbox responds until it closes the connection, and after what
/// time it does.
async fn until_closed(sandbox: &Sandbox, bytes: &[u8]) -> (String, Duration) {
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let start = Instant::now();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    (response, start.elapsed())
}

/// A head that announces a body of 17 bytes.
fn head_of_create(sandbox: &Sandbox) -> String {
    format!(
        "POST /api/v1/customers HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 17\r\n\r\n",
        sandbox.api_key()
    )
}

// The clock is paused: it jumps to the next time limit when nothing else is left to do.

#[tokio::test(start_paused = true)]
async fn a_head_must_arrive_within_ten_seconds() {
    let sandbox = Sandbox::start().await;
    for start in ["", "GET /api/v1/health HTTP/1.1\r\nhost: san"] {
        let (response, after) = until_closed(&sandbox, start.as_bytes()).await;
        assert_eq!((response.as_str(), after.as_secs()), ("", 10));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_must_arrive_within_thirty_seconds() {
    let sandbox = Sandbox::start().await;
    let (response, after) = until_closed(&sandbox, head_of_create(&sandbox).as_bytes()).await;
    assert_eq!(after.as_secs(), 30);
    assert!(response.starts_with("HTTP/1.1 408"), "{response}");
    assert!(response.contains("request_timeout"), "{response}");
}

#[tokio::test(start_paused = true)]
async fn connections_without_a_request_do_not_delay_the_stop() {
    let sandbox = Sandbox::start().await;
    let mut silent = TcpStream::connect(sandbox.address()).await.unwrap();
    let mut slow = TcpStream::connect(sandbox.address()).await.unwrap();
    slow.write_all(b"GET /api/v1/health HTTP/1.1\r\nhost: san")
        .await
        .unwrap();
    let start = Instant::now();
    sandbox.stop().await;
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(silent.read(&mut [0]).await.unwrap_or(0), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_ends_delays_the_stop_by_five_seconds() {
    let sandbox = Sandbox::start().await;
    let mut slow = TcpStream::connect(sandbox.address()).await.unwrap();
    let head = head_of_create(&sandbox).replace("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n");
    slow.write_all(head.as_bytes()).await.unwrap();
    slow.read_exact(&mut [0; 25]).await.unwrap();
    let start = Instant::now();
    sandbox.stop().await;
    assert_eq!(start.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn a_head_of_more_than_64_kib_is_refused() {
    let sandbox = Sandbox::start().await;
    let head = format!(
        "GET /api/v1/health HTTP/1.1\r\nx-long: {}",
        "x".repeat(64 * 1024)
    );
    let (response, _) = until_closed(&sandbox, head.as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 431"), "{response}");
}

#[tokio::test]
async fn the_heads_in_the_journal_are_bounded() {
    let pivotal = Client::start().await;
    let long = "x".repeat(48 * 1024);
    for _ in 0..JOURNAL_BYTES / long.len() + 10 {
        let health = pivotal.request(Method::GET, "/health");
        send(health.header("x-long", &long)).await.ok();
    }
    let requests = pivotal.sandbox.requests();
    let bytes: usize = requests
        .iter()
        .filter_map(|request| request.header("x-long"))
        .map(str::len)
        .sum();
    assert!(bytes <= JOURNAL_BYTES, "{bytes}");
    assert!(bytes > JOURNAL_BYTES / 2, "{bytes}");
}

#[tokio::test]
async fn the_oldest_idempotency_keys_are_forgotten_when_they_take_too_much_memory() {
    let pivotal = Client::start().await;
    let body = json!({ "name": "Aurora", "metadata": "x".repeat(1_000_000) });
    // Each stores its request and its response.
    let kept = IDEMPOTENCY_BYTES / (2 * body.to_string().len());
    let create = |number: usize| {
        pivotal.post_with_key("/customers", number.to_string().leak(), body.clone())
    };
    for number in 0..kept + 2 {
        create(number).await.created();
    }
    let is_replayed = async |number| {
        create(number)
            .await
            .headers
            .contains_key("idempotent-replayed")
    };
    assert!(is_replayed(kept + 1).await);
    assert!(!is_replayed(0).await);
}
