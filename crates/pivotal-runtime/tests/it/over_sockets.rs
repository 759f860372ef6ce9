//! The default transport against a server that misbehaves in ways only a socket can.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use pivotal_runtime::{
    ApiKey, BaseUrl, CallOptions, ClientConfig, Delivery, Exchange, Executor, FailureKind,
    Operation, Outcome, RetryPolicy, Runtime, http_client,
};
use pivotal_test_support::{Reply, ScriptedServer, response};

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket};

use crate::operations::{CREATE_ROW, GET_ROW};

const KEY: &str = "pivotal_K8s9aB3dE5fG7hJ9kL1m";

async fn call(
    base_url: &str,
    operation: &'static Operation,
) -> (reqwest::Result<http::Response<bytes::Bytes>>, Exchange) {
    call_within(ClientConfig::DEFAULT_TIMEOUT, base_url, operation).await
}

async fn call_within(
    timeout: Duration,
    base_url: &str,
    operation: &'static Operation,
) -> (reqwest::Result<http::Response<bytes::Bytes>>, Exchange) {
    let base_url = BaseUrl::parse(base_url).unwrap();
    let client = http_client(&base_url).unwrap();
    let url = format!("{base_url}{}", operation.path.replace("{id}", "1"));
    let mut config = ClientConfig::new(base_url);
    config.api_key = Some(ApiKey::new(KEY).unwrap());
    config.timeout = Some(timeout);
    config.body_limit = 1000;
    config.retry = RetryPolicy::off();
    let (executor, record) =
        Executor::new(Arc::new(Runtime::new(config))).for_call(CallOptions::default());
    let mut request = client.request(operation.method.clone(), url);
    if operation.method == http::Method::POST {
        request = request.body(r#"{"name":"Aurora"}"#);
    }
    let mut request = request.build().unwrap();
    executor.prepare(&mut request, operation).unwrap();
    let result = executor.send(&client, request, operation).await;
    (result, record.take().unwrap())
}

fn failure(exchange: Exchange) -> (FailureKind, Delivery) {
    let delivery = exchange.delivery();
    match exchange.outcome {
        Outcome::Failed(failure) => (failure.kind(), delivery),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn redirects_are_handed_back_and_never_followed() {
    let other = ScriptedServer::start(|_| response("200 OK", "", "{}"));
    let elsewhere = format!("{}/api/v1/rows/1", other.base_url());
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        for location in [&elsewhere, "/moved", "/api/v1/rows/1"] {
            let location = format!("location: {location}\r\n");
            let server = ScriptedServer::start(move |_| response(status, &location, ""));
            for operation in [&GET_ROW, &CREATE_ROW] {
                let (response, exchange) = call(server.base_url(), operation).await;
                assert_eq!(response.unwrap().status().as_str(), &status[..3]);
                assert_eq!(exchange.delivery(), Delivery::Received);
            }
            let requests = server.requests();
            assert_eq!(requests.len(), 2, "{status}");
            assert!(requests[0].text().contains(KEY));
        }
    }
    assert!(other.requests().is_empty(), "{:?}", other.requests());
}

#[tokio::test]
async fn a_body_over_the_limit_is_given_up_whether_or_not_it_was_announced() {
    let long = "x".repeat(1001);
    let chunk = format!("{:x}\r\n{}\r\n", 600, "x".repeat(600));
    let chunked =
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n");
    let endless = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_owned();
    for reply in [
        response("200 OK", "", long),
        Reply::Bytes(chunked.into()),
        Reply::Bytes(endless.into()),
    ] {
        let server = ScriptedServer::start(move |_| reply.clone());
        let (response, exchange) = call(server.base_url(), &GET_ROW).await;
        assert_eq!(
            response.unwrap().status().as_u16(),
            Executor::NO_RESPONSE_STATUS
        );
        assert_eq!(exchange.status().unwrap(), 200);
        let expected = FailureKind::BodyTooLarge { limit: 1000 };
        assert_eq!(failure(exchange), (expected, Delivery::Received));
    }
}

#[tokio::test]
async fn a_body_without_end_is_given_up_at_the_limit() {
    let server = ScriptedServer::start(|_| {
        Reply::Endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    });
    let enough = Duration::from_secs(5);
    let (_, exchange) = call_within(enough, server.base_url(), &GET_ROW).await;
    let expected = FailureKind::BodyTooLarge { limit: 1000 };
    assert_eq!(failure(exchange), (expected, Delivery::Received));
}

#[tokio::test]
async fn a_body_in_many_pieces_arrives_whole_up_to_the_limit() {
    let chunk = format!("{:x}\r\n{}\r\n", 250, "x".repeat(250));
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}0\r\n\r\n",
        chunk.repeat(4)
    );
    let server = ScriptedServer::raw(chunked);
    let (response, _) = call(server.base_url(), &GET_ROW).await;
    assert_eq!(response.unwrap().into_body(), "x".repeat(1000));
}

#[tokio::test]
async fn a_incomplete_body_is_a_failure_that_knows_its_status() {
    let cut = "HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":".to_owned();
    let server = ScriptedServer::raw(cut);
    let (response, exchange) = call(server.base_url(), &CREATE_ROW).await;
    assert!(response.is_err());
    assert_eq!(exchange.status().unwrap(), 201);
    assert_eq!(
        failure(exchange),
        (FailureKind::IncompleteBody, Delivery::Received)
    );
}

#[tokio::test]
async fn a_refused_connection_was_surely_not_sent() {
    // Bound, so that nobody else gets the port, but not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base_url = format!("http://{}", socket.local_addr().unwrap());
    let (response, exchange) = call(&base_url, &CREATE_ROW).await;
    assert!(
        response.unwrap_err().url().is_none(),
        "the URL is the caller's data"
    );
    assert_eq!(failure(exchange), (FailureKind::Connect, Delivery::NotSent));
}

#[tokio::test]
async fn after_a_reset_or_a_stall_nobody_knows() {
    let server = ScriptedServer::start(|_| Reply::Close);
    let (_, exchange) = call(server.base_url(), &CREATE_ROW).await;
    assert_eq!(
        failure(exchange),
        (FailureKind::ConnectionLost, Delivery::Unknown)
    );

    let server = ScriptedServer::start(|_| Reply::Stall);
    let soon = Duration::from_millis(100);
    let (response, exchange) = call_within(soon, server.base_url(), &CREATE_ROW).await;
    assert!(response.unwrap_err().is_timeout());
    assert_eq!(failure(exchange), (FailureKind::Timeout, Delivery::Unknown));
}

#[tokio::test]
async fn a_response_that_is_not_http_is_a_failure() {
    let server = ScriptedServer::raw(*b"SSH-2.0-OpenSSH_9.6\r\n");
    let (_, exchange) = call(server.base_url(), &GET_ROW).await;
    assert_eq!(
        failure(exchange),
        (FailureKind::ConnectionLost, Delivery::Unknown)
    );
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn https_begins_with_a_handshake_and_sends_nothing_without_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.read_u8().await.unwrap()
    });
    let (_, exchange) = call(&base_url, &CREATE_ROW).await;
    assert_eq!(failure(exchange), (FailureKind::Connect, Delivery::NotSent));
    let handshake = 0x16;
    assert_eq!(server.await.unwrap(), handshake);
}

#[tokio::test]
async fn a_compressed_response_is_read_up_to_the_body_limit() {
    let small = gzip(br#"{"id":1}"#);
    let server = ScriptedServer::start(move |_| gzip_response(&small));
    let (response, _) = call(server.base_url(), &GET_ROW).await;
    assert_eq!(response.unwrap().into_body(), r#"{"id":1}"#);
    assert!(
        server.requests()[0]
            .text()
            .contains("accept-encoding: gzip")
    );

    let bomb = gzip(&[b'0'; 200_000]);
    assert!(bomb.len() < 1000, "smaller than the limit: {}", bomb.len());
    let server = ScriptedServer::start(move |_| gzip_response(&bomb));
    let (_, exchange) = call(server.base_url(), &GET_ROW).await;
    let expected = FailureKind::BodyTooLarge { limit: 1000 };
    assert_eq!(failure(exchange), (expected, Delivery::Received));
}

#[tokio::test]
async fn compression_can_be_off() {
    let server = ScriptedServer::start(|_| response("200 OK", "", "{}"));
    let base_url = BaseUrl::parse(server.base_url()).unwrap();
    let client = http_client(&base_url).unwrap();
    let mut request = client
        .get(format!("{base_url}/api/v1/rows/1"))
        .build()
        .unwrap();
    let mut config = ClientConfig::new(base_url);
    config.gzip = false;
    let executor = Executor::new(Arc::new(Runtime::new(config)));
    executor.prepare(&mut request, &GET_ROW).unwrap();
    executor.send(&client, request, &GET_ROW).await.unwrap();
    let requests = server.requests();
    let seen = requests[0].text();
    assert!(seen.contains("accept-encoding: identity"), "{seen}");
}

#[tokio::test]
async fn any_bytes_are_handed_on_as_they_came() {
    let server =
        ScriptedServer::raw(*b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\xff\xfe{surplus");
    let (response, exchange) = call(server.base_url(), &GET_ROW).await;
    assert_eq!(response.unwrap().into_body(), &b"\xff\xfe{"[..]);
    assert_eq!(exchange.delivery(), Delivery::Received);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn gzip_response(body: &[u8]) -> Reply {
    response("200 OK", "content-encoding: gzip\r\n", body)
}
