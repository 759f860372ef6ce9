//! A client of a server that sends one prepared response and hands over the request.

use std::sync::{Arc, Mutex};

use codegen_fixtures::Client;
use pivotal_runtime::{
    ApiKey, BaseUrl, ClientConfig, Exchange, Executor, RequestLine, RetryPolicy, Runtime,
    http_client,
};
use pivotal_test_support::{Request, ScriptedServer, response};
use tokio::sync::oneshot;

/// The API key of the client.
pub(crate) const KEY: &str = "pivotal_test_K8s9aB3dE5fG";

/// The further keys of the client, by their schemes.
pub(crate) const MORE_KEYS: [(&str, &str); 2] = [
    ("header_key", "header-key-q7Rt2Lw9"),
    ("query_key", "query-key-Zx4Vb8Nm"),
];

/// A client of a server that responds with this status, media type and body, and the first request
/// that it sends.
pub(crate) async fn responding(
    status: u16,
    media_type: &str,
    body: &str,
) -> (Client, oneshot::Receiver<Request>) {
    let (client, _, request) = observed(status, media_type, body).await;
    (client, request)
}

/// The same, with what an observer is shown.
pub(crate) async fn observed(
    status: u16,
    media_type: &str,
    body: &str,
) -> (Client, Arc<Mutex<String>>, oneshot::Receiver<Request>) {
    let content_type = if media_type.is_empty() {
        String::new()
    } else {
        format!("content-type: {media_type}\r\n")
    };
    let prepared = response(&format!("{status} Prepared"), &content_type, body);
    let (sender, receiver) = oneshot::channel();
    let mut sender = Some(sender);
    let server = ScriptedServer::start(move |request| {
        if let Some(sender) = sender.take() {
            // A test may have no interest in the request.
            let _ = sender.send(request.clone());
        }
        prepared.clone()
    });
    let base_url = BaseUrl::parse(server.base_url()).unwrap();
    let http = http_client(&base_url).unwrap();
    let mut config = ClientConfig::new(base_url);
    config.api_key = Some(ApiKey::new(KEY).unwrap());
    config.more_keys = MORE_KEYS
        .map(|(scheme, key)| (scheme.to_owned(), ApiKey::new(key).unwrap()))
        .into();
    config.retry = RetryPolicy::off();
    let shown = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&shown);
    config.observer = Some(Arc::new(
        move |request: &RequestLine, exchange: &Exchange| {
            *seen.lock().unwrap() = format!("{request:?} {exchange:?} {}", request.url);
        },
    ));
    let executor = Executor::new(Arc::new(Runtime::new(config)));
    let client = Client::new(http, executor);
    (client, shown, receiver)
}

/// The body of a request as JSON.
pub(crate) fn json(request: &Request) -> serde_json::Value {
    serde_json::from_slice(&request.body).unwrap()
}
