//! What a client is built with reaches its calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pivotal_sandbox::Sandbox;
use pivotal_sdk::{
    Bytes, Client, ClientBuilder, KeyMode,
    transport::{BoxFuture, Exchange, Failure, RequestLine, Transport},
};
use serde_json::json;

use crate::memory::{KEY, Memory};
use crate::server::Server;

/// The one request that a client with these settings sends for `me()`.
async fn sent(settings: impl FnOnce(ClientBuilder) -> ClientBuilder) -> reqwest::Request {
    let memory = Memory::default();
    let builder = Client::builder()
        .api_key(KEY)
        .transport(Arc::new(memory.clone()));
    let _ = settings(builder).build().unwrap().me().await;
    memory.requests().remove(0)
}

#[tokio::test]
async fn the_address_is_pivotals_unless_another_is_given() {
    let request = sent(|builder| builder).await;
    assert_eq!(request.url().as_str(), "https://my.pivotal.app/api/v1/me");
    let request = sent(|builder| builder.base_url("https://proxy.test/pivotal/")).await;
    assert_eq!(
        request.url().as_str(),
        "https://proxy.test/pivotal/api/v1/me"
    );
}

#[tokio::test]
async fn the_program_names_itself_after_the_sdk() {
    let request = sent(|builder| builder.user_agent_suffix("nightly-sync/2.1")).await;
    let agent = request.headers()["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("pivotal-sdk-rust/"), "{agent}");
    assert!(agent.ends_with(" nightly-sync/2.1"), "{agent}");
}

#[tokio::test]
async fn the_time_limit_is_the_clients_or_none() {
    let limit = Duration::from_secs(3);
    assert_eq!(
        sent(|builder| builder.timeout(limit)).await.timeout(),
        Some(&limit)
    );
    assert_eq!(sent(ClientBuilder::no_timeout).await.timeout(), None);
}

#[tokio::test]
async fn the_default_body_limit_is_sixteen_mebibytes() {
    /// Keeps the limit that it is given.
    #[derive(Clone, Default)]
    struct Limit(Arc<Mutex<Option<usize>>>);

    impl Transport for Limit {
        fn send(
            &self,
            _request: reqwest::Request,
            body_limit: usize,
        ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
            *self.0.lock().unwrap() = Some(body_limit);
            Box::pin(async { Ok(http::Response::new(Bytes::new())) })
        }
    }

    let limit = Limit::default();
    let builder = || {
        Client::builder()
            .api_key(KEY)
            .transport(Arc::new(limit.clone()))
    };
    let _ = builder().build().unwrap().me().await;
    assert_eq!(*limit.0.lock().unwrap(), Some(16 * 1024 * 1024));
    let _ = builder().body_limit(7).build().unwrap().me().await;
    assert_eq!(*limit.0.lock().unwrap(), Some(7));
}

#[tokio::test]
async fn without_a_key_none_is_sent() {
    let request = sent(ClientBuilder::anonymous).await;
    assert!(!request.headers().contains_key("authorization"));
}

#[tokio::test]
async fn health_needs_no_key_and_is_sent_none() {
    let sandbox = Sandbox::start().await;
    let builder = || Client::builder().base_url(sandbox.base_url());
    let anonymous = builder().anonymous().build().unwrap();
    anonymous.health().await.unwrap();
    let error = anonymous.me().await.unwrap_err();
    assert!(error.is_authentication(), "{error}");

    // Not even a key that is good.
    let pivotal = builder().api_key(sandbox.api_key()).build().unwrap();
    pivotal.health().await.unwrap();
    let sent = sandbox.requests().pop().unwrap();
    assert_eq!(sent.header("authorization"), None);
    assert_eq!(pivotal.rate_limit(), None, "it says nothing of the key's");
}

#[tokio::test]
async fn an_observer_sees_every_call() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let journal = Arc::clone(&seen);
    let observer = move |request: &RequestLine, exchange: &Exchange| {
        let line = format!(
            "{} {} {}",
            exchange.operation.name,
            request.method,
            request.url.path()
        );
        journal.lock().unwrap().push(line);
    };
    sent(|builder| builder.observer(Arc::new(observer))).await;
    assert_eq!(*seen.lock().unwrap(), ["get_me GET /api/v1/me"]);
}

#[tokio::test]
async fn the_http_client_can_be_adjusted_or_replaced() {
    let health = json!({ "status": "ok", "timestamp": "2026-05-26T17:21:09Z" });
    let named = |name| {
        let headers = [(name, http::HeaderValue::from_static("yes"))];
        move |http: reqwest::ClientBuilder| http.default_headers(headers.into_iter().collect())
    };
    let (adjusted, own) = (
        http::HeaderName::from_static("x-adjusted"),
        http::HeaderName::from_static("x-own"),
    );

    let server = Server::json(200, &health).await;
    let base_url = server.client().base_url().clone();
    let own = named(own)(pivotal_runtime::http_client_builder(&base_url).unwrap())
        .build()
        .unwrap();
    let builder = || Client::builder().base_url(base_url.as_str()).api_key(KEY);
    builder()
        .adjust_http(named(adjusted))
        .build()
        .unwrap()
        .health()
        .await
        .unwrap();
    builder()
        .http_client(own)
        .build()
        .unwrap()
        .health()
        .await
        .unwrap();

    let requests = server.requests();
    assert!(requests[0].contains("x-adjusted: yes"), "{requests:?}");
    assert!(requests[1].contains("x-own: yes"), "{requests:?}");
}

#[test]
fn a_program_that_asks_for_a_test_key_gets_no_other() {
    let build = |key: &str| Client::builder().api_key(key).require_test_mode().build();
    assert!(build("pivotal_test_aB3dE5fG7hJ9kL1m").is_ok());
    let error = build(KEY).unwrap_err();
    assert!(error.is_config(), "{error}");
    assert_eq!(error.field(), Some("api_key"));
    assert!(error.to_string().contains("live key"), "{error}");
    assert!(!error.to_string().contains(&KEY[12..]), "{error}");
}

#[tokio::test]
async fn a_proxy_is_asked_in_place_of_the_server() {
    let health = json!({ "status": "ok", "timestamp": "2026-05-26T17:21:09Z" });
    let proxy = Server::json(200, &health).await;
    let pivotal = Client::builder()
        .base_url("http://pivotal.invalid")
        .allow_unencrypted()
        .api_key(KEY)
        .proxy(reqwest::Proxy::all(proxy.client().base_url().as_str()).unwrap())
        .build()
        .unwrap();
    pivotal.health().await.unwrap();
    let request = &proxy.requests()[0];
    assert!(
        request.starts_with("GET http://pivotal.invalid/api/v1/health "),
        "{request}"
    );
}

#[tokio::test]
async fn retries_are_the_clients_the_calls_or_none() {
    use pivotal_sdk::RetryPolicy;

    let quick = |attempts| {
        let policy = RetryPolicy::default().max_attempts(attempts);
        policy.backoff(Duration::from_millis(1), Duration::from_millis(1))
    };
    let script = crate::script::Script::new(|_, _| crate::script::Reply::Json(503, json!({})));
    let pivotal = script.builder().retry(quick(2)).build().unwrap();
    assert_eq!(pivotal.me().await.unwrap_err().attempts(), 2);
    assert_eq!(
        pivotal.me().retry(quick(3)).await.unwrap_err().attempts(),
        3
    );
    let once = pivotal.me().retry(RetryPolicy::off());
    assert_eq!(once.await.unwrap_err().attempts(), 1);
    assert_eq!(
        pivotal.me().await.unwrap_err().attempts(),
        2,
        "options are not carried over"
    );
    assert_eq!(script.count(), 2 + 3 + 1 + 2);
}

fn rejected(builder: ClientBuilder, field: &str) -> String {
    let error = builder.build().unwrap_err();
    assert!(error.is_config(), "{error}");
    assert_eq!(error.field(), Some(field));
    error.to_string()
}

#[test]
fn a_builder_names_the_setting_that_is_missing_or_invalid() {
    let message = rejected(Client::builder(), "api_key");
    assert!(message.contains("anonymous()"), "{message}");
    let with_path = Client::builder()
        .api_key(KEY)
        .base_url("https://my.pivotal.app/api/v1/");
    assert!(rejected(with_path, "base_url").contains("remove /api/v1"));
}

#[test]
fn an_unencrypted_base_url_must_be_allowed_in_code() {
    let builder = || {
        Client::builder()
            .api_key(KEY)
            .base_url("http://pivotal.test")
    };
    rejected(builder(), "base_url");
    assert!(builder().allow_unencrypted().build().is_ok());
}

#[test]
fn a_key_of_another_service_is_refused_and_never_called_a_live_key() {
    let with = |key: &str| Client::builder().api_key(key);
    for key in ["sk_live_aB3dE5fG7h", "PIVOTAL_TEST_x", "pat-eu1-aB3d"] {
        for builder in [with(key), with(key).require_test_mode()] {
            let message = rejected(builder, "api_key");
            assert!(message.contains("begins with pivotal_"), "{message}");
            assert!(
                !message.contains("live key") && !message.contains(&key[2..]),
                "{message}"
            );
        }
        let local = with(key).base_url("http://127.0.0.1:4010").build().unwrap();
        assert_eq!(local.key_mode(), Some(KeyMode::Unknown));
        let insisting = with(key).allow_any_key_prefix().build().unwrap();
        assert_eq!(insisting.key_mode(), Some(KeyMode::Unknown));
        let test_only = with(key).allow_any_key_prefix().require_test_mode();
        rejected(test_only, "api_key");
    }
    let live = with("pivotal_aB3dE5fG7h").require_test_mode();
    assert!(rejected(live, "api_key").contains("this is a live key"));
}

#[test]
fn neither_a_builder_nor_a_client_nor_a_call_prints_the_key() {
    let builder = Client::builder().api_key(KEY);
    assert!(!format!("{builder:?}").contains("K8s9"));
    let client = builder.build().unwrap();
    let printed = format!("{client:?} {:?}", client.customers().list());
    assert!(printed.contains("pivotal_K8s9…"), "{printed}");
    assert!(!printed.contains("aB3d"), "{printed}");
}
