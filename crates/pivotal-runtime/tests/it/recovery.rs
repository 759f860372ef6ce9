//! Calls that are repeated, over real sockets. Waits are milliseconds; the clock runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pivotal_runtime::{
    BaseUrl, CallOptions, ClientConfig, Delivery, Exchange, Executor, FailureKind, Operation,
    Outcome, RetryPolicy, Runtime, StopReason, http_client,
};
use pivotal_test_support::{Reply, ScriptedServer, response};

use crate::operations::{CREATE_ROW, GET_ROW, SEND_ROW};

/// A call that may be repeated, with waits of a few milliseconds.
async fn call(base_url: &str, operation: &'static Operation, options: CallOptions) -> Exchange {
    let base_url = BaseUrl::parse(base_url).unwrap();
    let client = http_client(&base_url).unwrap();
    let url = format!("{base_url}{}", operation.path.replace("{id}", "1"));
    let milliseconds = Duration::from_millis;
    let mut config = ClientConfig::new(base_url);
    config.timeout = Some(milliseconds(200));
    config.body_limit = 1000;
    config.retry = RetryPolicy::default().backoff(milliseconds(5), milliseconds(20));
    let (executor, record) = Executor::new(Arc::new(Runtime::new(config))).for_call(options);
    let mut request = client.request(operation.method.clone(), url);
    if operation.method == http::Method::POST {
        request = request.body(r#"{"name":"Aurora"}"#);
    }
    let mut request = request.build().unwrap();
    executor.prepare(&mut request, operation).unwrap();
    let _ = executor.send(&client, request, operation).await;
    record.take().unwrap()
}

fn failed(exchange: &Exchange) -> FailureKind {
    match &exchange.outcome {
        Outcome::Failed(failure) => failure.kind(),
        other => panic!("{other:?}"),
    }
}

type Fault = (&'static str, fn() -> Reply);

/// What a server does to a request instead of responding normally.
fn faults() -> Vec<Fault> {
    fn bytes(text: &str) -> Reply {
        Reply::Bytes(text.into())
    }
    vec![
        ("closed after the request", || Reply::Close),
        ("a stall", || Reply::Stall),
        ("a body cut short", || {
            bytes("HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":")
        }),
        ("a chunked body cut short", || {
            bytes("HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{\"id\r\n")
        }),
        ("half a head", || bytes("HTTP/1.1 201 Cre")),
        ("a slow drip", || {
            Reply::Drip("HTTP/1.1 201 Created\r\ncontent-length: 900\r\n\r\n")
        }),
        ("not HTTP", || bytes("SSH-2.0-OpenSSH_9.6\r\n")),
        ("HTML from a proxy", || {
            response("502 Bad Gateway", "content-type: text/html\r\n", "<html>")
        }),
        ("429 with Retry-After", || {
            response("429 Too Many Requests", "retry-after-ms: 10\r\n", "{}")
        }),
        ("429 without Retry-After", || {
            response("429 Too Many Requests", "", "{}")
        }),
    ]
}

#[tokio::test]
async fn a_keyed_create_recovers_from_every_fault_with_the_same_key_and_body() {
    for (name, fault) in faults() {
        let first = AtomicBool::new(true);
        let server = ScriptedServer::start(move |_| {
            if first.swap(false, Ordering::Relaxed) {
                fault()
            } else {
                response("201 Created", "", "{}")
            }
        });
        let exchange = call(server.base_url(), &CREATE_ROW, CallOptions::default()).await;
        assert_eq!(exchange.status().unwrap(), 201, "{name}: {exchange:?}");
        assert!(matches!(exchange.outcome, Outcome::Response(_)), "{name}");
        let requests = server.requests();
        assert_eq!(requests.len(), 2, "{name}");
        let key = |request: &str| {
            let mut lines = request.lines();
            let key = lines.find(|line| line.starts_with("idempotency-key"));
            key.unwrap().to_owned()
        };
        assert_eq!(key(requests[0].text()), key(requests[1].text()), "{name}");
        assert!(
            requests[1].text().ends_with(r#"{"name":"Aurora"}"#),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_post_without_a_key_is_never_sent_twice_unless_it_was_refused() {
    for (name, fault) in faults() {
        let server = ScriptedServer::start(move |_| fault());
        let exchange = call(server.base_url(), &SEND_ROW, CallOptions::default()).await;
        let refused = exchange.status().is_some_and(|status| status == 429);
        let sent = server.requests().len();
        assert_eq!(sent, if refused { 4 } else { 1 }, "{name}");
    }
}

#[tokio::test]
async fn no_call_hangs_past_its_deadline() {
    let drip = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n";
    let faults: [fn(&'static str) -> Reply; 2] = [|_| Reply::Stall, Reply::Drip];
    for fault in faults {
        let server = ScriptedServer::start(move |_| fault(drip));
        let mut options = CallOptions::default();
        options.timeout(Duration::from_secs(60));
        options.deadline(Duration::from_millis(300));
        let exchange = call(server.base_url(), &GET_ROW, options).await;
        assert_eq!(exchange.stop_reason, StopReason::DeadlineExceeded);
        assert_eq!(failed(&exchange), FailureKind::Timeout);
    }
}

#[tokio::test]
async fn an_unknown_host_was_surely_not_sent() {
    let exchange = call(
        "https://no-such-host.invalid",
        &SEND_ROW,
        CallOptions::default(),
    )
    .await;
    assert_eq!(exchange.delivery(), Delivery::NotSent);
    assert_eq!(exchange.attempts, 4);
    assert_eq!(failed(&exchange), FailureKind::Connect);
}
