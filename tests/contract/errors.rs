//! Every kind of error, as a user reads it.

use std::time::Duration;

use pivotal_sandbox::Sandbox;
use pivotal_sdk::{
    Client, CreateContact, CreateCustomer, Error, ErrorKind, RetryPolicy, UpdateCustomer,
};
use pivotal_tests::Scripted;
use tokio::net::TcpListener;

use crate::watched::{Watched, watched};

/// What differs from one operating system to another.
const OF_THE_SYSTEM: [(&str, &str); 1] = [(r"os error \d+", "os error [n]")];

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

async fn sandbox() -> (Watched, Client) {
    watched(Client::builder().retry(RetryPolicy::off())).await
}

async fn envelope(status: &str, r#type: &str, code: &str) -> Error {
    let body = format!(
        r#"{{"error":{{"type":"{type}","code":"{code}","message":"As the server says."}}}}"#
    );
    let server = Scripted::answering(status, "application/json", &body).await;
    client(&server.base_url(), KEY).me().await.unwrap_err()
}

/// Everything that a program can ask of an error, and the line that a person reads.
fn shown(error: &Error) -> String {
    let source = std::iter::successors(std::error::Error::source(error), |cause| cause.source())
        .map(|cause| format!("\n  caused by: {cause}"))
        .collect::<String>();
    format!(
        "{error}\nkind {:?}, code {:?}, field {:?}, status {:?}, operation {:?}, delivery {:?}, body {:?}{source}",
        error.kind(),
        error.code(),
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
        assert_eq!(error.kind(), ErrorKind::$kind);
        let debug = format!("{error:?}");
        assert!(!debug.contains("N0tTobeSeen") && !error.to_string().contains("N0tTobeSeen"), "{debug}");
        insta::with_settings!({ omit_expression => true, filters => OF_THE_SYSTEM }, {
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
        .create(CreateContact::new("Mira Chen", "not an address"))
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
    let port = address.port().to_string();
    assert!(
        !shown(&error).contains(&port),
        "the address moves from run to run and is no news to the caller"
    );
    assert_shown!(error, Transport);
}

#[tokio::test]
async fn timeout() {
    // Accepts into its backlog and never answers.
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
    let server = Scripted::answering("200 OK", "application/json", body).await;
    assert_shown!(
        client(&server.base_url(), KEY).me().await.unwrap_err(),
        Decode
    );
}

#[tokio::test]
async fn unexpected() {
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let server = Scripted::answering("502 Bad Gateway", "text/html", page).await;
    assert_shown!(
        client(&server.base_url(), KEY).me().await.unwrap_err(),
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

/// An id that is no path segment would reach another endpoint; it is refused before anything is sent.
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
