//! Every kind of error, as a user reads it.

use std::time::Duration;

use pivotal_sandbox::{Fault, FaultKind, Sandbox};
use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, Error, ErrorCode, ErrorKind, RateLimiting, RetryPolicy,
    UpdateCustomer,
};
use pivotal_test_support::ScriptedServer;
use pivotal_tests::{Watched, watched};
use tokio::net::TcpListener;

use crate::fixes::on_failure;

const PORT: (&str, &str) = (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]");

/// What differs from one run or operating system to another.
const VARYING: [(&str, &str); 2] = [(r"os error \d+", "os error [n]"), PORT];

/// What differs from one response of the sandbox to another.
const VARYING_RESPONSE: [(&str, &str); 2] = [(r"column \d\d+", "column [n]"), PORT];

const KEY: &str = "pivotal_test_N0tTobeSeenAnywhere";

/// One attempt a call: how often and when it is repeated is shown elsewhere, and takes its time.
fn client(base_url: &str, key: &str) -> Client {
    Client::builder()
        .base_url(base_url)
        .api_key(key)
        .retry(RetryPolicy::off())
        .build()
        .unwrap()
}

/// Two attempts a call, with little between them.
fn patient(base_url: &str, key: &str) -> Client {
    let millisecond = Duration::from_millis(1);
    Client::builder()
        .base_url(base_url)
        .api_key(key)
        .adjust_http(|http| http.no_proxy())
        .retry(
            RetryPolicy::default()
                .max_attempts(2)
                .backoff(millisecond, millisecond),
        )
        .rate_limiting(RateLimiting::off())
        .body_limit(4096)
        .build()
        .unwrap()
}

async fn sandbox() -> (Watched, Client) {
    watched(
        Sandbox::builder(),
        Client::builder().retry(RetryPolicy::off()),
    )
    .await
}

async fn envelope(status: &str, r#type: &str, code: &str) -> Error {
    let body = format!(
        r#"{{"error":{{"type":"{type}","code":"{code}","message":"As the server says."}}}}"#
    );
    let server = ScriptedServer::responding(status, "content-type: application/json\r\n", &body);
    client(server.base_url(), KEY).me().await.unwrap_err()
}

/// Everything that a program can ask of an error, and the line that a person reads.
fn shown(error: &Error) -> String {
    let source = std::iter::successors(std::error::Error::source(error), |cause| cause.source())
        .map(|cause| format!("\n  caused by: {cause}"))
        .collect::<String>();
    format!(
        "{error}\nkind {:?}, code {:?}, field {:?}, status {:?}, operation {:?}, delivery {:?}, body {:?}{source}",
        error.kind(),
        error.code().map(ErrorCode::as_str),
        error.field(),
        error.status().map(|status| status.as_u16()),
        error.operation(),
        error.delivery(),
        String::from_utf8_lossy(error.raw_body())
            .chars()
            .take(60)
            .collect::<String>(),
    )
}

macro_rules! assert_shown {
    ($error:expr, $kind:ident) => {{
        let error: Error = $error;
        let _fix = on_failure("errors");
        assert_eq!(error.kind(), ErrorKind::$kind);
        let debug = format!("{error:?}");
        assert!(!debug.contains("N0tTobeSeen") && !error.to_string().contains("N0tTobeSeen"), "{debug}");
        insta::with_settings!({ omit_expression => true, filters => VARYING }, {
            insta::assert_snapshot!(stringify!($kind), shown(&error));
        });
    }};
}

#[tokio::test]
async fn invalid_request_before_anything_is_sent() {
    let (sandbox, pivotal) = sandbox().await;
    let error = pivotal
        .customers()
        .create(CreateCustomer::new(""))
        .await
        .unwrap_err();
    assert!(sandbox.requests().is_empty(), "nothing is sent");
    assert_shown!(error, InvalidRequest);
}

#[tokio::test]
async fn invalid_request_that_only_the_server_can_see() {
    let (_sandbox, pivotal) = sandbox().await;
    let customer = pivotal
        .customers()
        .create(CreateCustomer::new("Aurora"))
        .await
        .unwrap();
    let error = pivotal
        .customer(&customer)
        .contacts()
        .create(CreateContact::new(
            "Mira Chen",
            "mira..chen@aurora-demo.com",
        ))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    insta::assert_snapshot!("InvalidRequest_from_the_server", shown(&error));
}

#[tokio::test]
async fn authentication() {
    let sandbox = Sandbox::start().await;
    assert_shown!(
        client(sandbox.base_url(), KEY).me().await.unwrap_err(),
        Authentication
    );
}

#[tokio::test]
async fn permission() {
    assert_shown!(
        envelope("403 Forbidden", "permission_error", "scope_missing").await,
        Permission
    );
}

#[tokio::test]
async fn not_found() {
    let (_sandbox, pivotal) = sandbox().await;
    assert_shown!(pivotal.customer(245).get().await.unwrap_err(), NotFound);
}

#[tokio::test]
async fn conflict() {
    let (_sandbox, pivotal) = sandbox().await;
    let aurora = || CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
    pivotal.customers().create(aurora()).await.unwrap();
    assert_shown!(
        pivotal.customers().create(aurora()).await.unwrap_err(),
        Conflict
    );
}

#[tokio::test]
async fn rate_limit() {
    assert_shown!(
        envelope("429 Too Many Requests", "rate_limit_error", "rate_limited").await,
        RateLimit
    );
}

#[tokio::test]
async fn internal() {
    assert_shown!(
        envelope(
            "500 Internal Server Error",
            "internal_error",
            "internal_error"
        )
        .await,
        Internal
    );
}

#[tokio::test]
async fn transport() {
    // Bound and closed again: nobody listens there.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = client(&format!("http://{address}"), KEY)
        .me()
        .await
        .unwrap_err();
    assert!(shown(&error).contains(&address.to_string()));
    assert_shown!(error, Transport);
}

#[tokio::test]
async fn timeout() {
    // Accepts connections into its backlog and never responds.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let error = client(&base_url, KEY)
        .me()
        .timeout(Duration::from_millis(30))
        .await
        .unwrap_err();
    assert_shown!(error, Timeout);
}

#[tokio::test]
async fn decode() {
    let body = r#"{"object":"me","api_key":{"id":"key_01","name":7}}"#;
    let server = ScriptedServer::responding("200 OK", "content-type: application/json\r\n", body);
    assert_shown!(
        client(server.base_url(), KEY).me().await.unwrap_err(),
        Decode
    );
}

#[tokio::test]
async fn unexpected() {
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let server = ScriptedServer::responding("502 Bad Gateway", "content-type: text/html\r\n", page);
    assert_shown!(
        client(server.base_url(), KEY).me().await.unwrap_err(),
        Unexpected
    );
}

#[tokio::test]
async fn config() {
    let error = Client::builder()
        .base_url("http://my.pivotal.app")
        .api_key(KEY)
        .build()
        .unwrap_err();
    assert_shown!(error, Config);
}

/// Each way in which a server or a network can fail a create, and the line that a person reads of
/// it.
#[tokio::test]
async fn every_fault() {
    let create = |client: Client| {
        let aurora = CreateCustomer::new("Aurora Outfitters").slug("aurora-demo");
        client.customers().create(aurora)
    };
    let mut shown = String::new();
    for fault in FAULTS_OF_THE_SANDBOX {
        let kind = fault.parse::<FaultKind>().unwrap();
        let sandbox = Sandbox::builder().fault(Fault::new(kind)).start();
        let sandbox = sandbox.await.unwrap();
        let mut call = create(patient(sandbox.base_url(), sandbox.api_key()));
        if fault.starts_with("stall") || fault.starts_with("slow") {
            call = call.timeout(Duration::from_millis(300));
        }
        let error = call.await.unwrap_err();
        shown.push_str(&format!("{fault}\n    {error}\n"));
    }
    for (fault, response) in FAULTS_OF_A_SOCKET {
        let server = ScriptedServer::raw(*response);
        let error = create(patient(server.base_url(), KEY)).await.unwrap_err();
        shown.push_str(&format!("{fault}\n    {error}\n"));
    }
    let plain = ScriptedServer::raw(*b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let secure = plain.base_url().replace("http:", "https:");
    for (fault, base_url) in [
        ("no TLS", secure.as_str()),
        ("no such host", "https://pivotal.invalid"),
    ] {
        let error = create(patient(base_url, KEY)).await.unwrap_err();
        shown.push_str(&format!("{fault}\n    {error}\n"));
    }
    insta::with_settings!({ omit_expression => true, filters => VARYING_RESPONSE }, {
        insta::assert_snapshot!(shown);
    });
}

const FAULTS_OF_THE_SANDBOX: &[&str] = &[
    "reset-before-processing",
    "reset-after-processing",
    "reset-inside-body",
    "stall-before-processing",
    "stall-after-processing",
    "slow-drip=200ms",
    "status=503",
    "status-after-processing=504",
    "html-502",
    "rate-limited",
    "rate-limited=90",
    "malformed-json",
    "content-length-too-long",
    "content-length-too-short",
    "missing-key=name",
    "key-revoked",
];

const FAULTS_OF_A_SOCKET: &[(&str, &[u8])] = &[
    ("not HTTP", b"SSH-2.0-OpenSSH_9.6\r\n"),
    (
        "a body over the limit",
        b"HTTP/1.1 201 Created\r\ncontent-length: 99999\r\nconnection: close\r\n\r\n",
    ),
    (
        "an empty body",
        b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    ),
    (
        "invalid UTF-8",
        b"HTTP/1.1 201 Created\r\ncontent-length: 12\r\nconnection: close\r\n\r\n{\"name\":\"\xff\"}",
    ),
    (
        "JSON of another shape",
        b"HTTP/1.1 201 Created\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"ok\":true}",
    ),
    (
        "a page in place of a response",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>",
    ),
    (
        "a foreign error",
        b"HTTP/1.1 403 Forbidden\r\ncontent-length: 14\r\nconnection: close\r\n\r\n{\"error\":\"no\"}",
    ),
    (
        "an empty error",
        b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    ),
    (
        "a redirect elsewhere",
        b"HTTP/1.1 302 Found\r\nlocation: https://elsewhere.test/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    ),
    (
        "a redirect loop",
        b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /api/v1/customers\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    ),
    (
        "a status of another time",
        b"HTTP/1.1 418 I'm a teapot\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    ),
];

/// An id that is no path segment would reach another endpoint; it is refused before anything is
/// sent.
#[tokio::test]
async fn an_id_that_is_no_path_segment() {
    let (sandbox, pivotal) = sandbox().await;
    for id in ["", ".", "..", "1/contacts", "a b", "%2e%2e"] {
        let error = pivotal
            .customer(id)
            .update(UpdateCustomer::new())
            .await
            .unwrap_err();
        assert!(error.is_invalid_request(), "{id:?}: {error}");
    }
    assert!(sandbox.requests().is_empty(), "nothing is sent");
}
