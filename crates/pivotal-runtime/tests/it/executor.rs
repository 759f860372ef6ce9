//! What the executor does to each request, seen by an in-memory transport.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use pivotal_runtime::{
    ApiKey, BaseUrl, BoxFuture, CallOptions, ClientConfig, Delivery, Exchange, Executor, Failure,
    FailureKind, InvalidRequest, Observer, Operation, Outcome, RequestLine, RetryPolicy, Runtime,
    Transport,
};
use reqwest::Request;

use crate::operations::{CREATE_ROW, GET_ROW, GET_STATUS, OPERATIONS};

const KEY: &str = "pivotal_K8s9aB3dE5fG7hJ9kL1m";
const BASE: &str = "https://my.pivotal.test/prefix";

/// Records each request and returns a prepared result.
#[derive(Clone)]
struct Memory {
    seen: Arc<Mutex<Vec<Request>>>,
    response: Arc<dyn Fn() -> Result<http::Response<Bytes>, Failure> + Send + Sync>,
}

impl Memory {
    fn responding(
        response: impl Fn() -> Result<http::Response<Bytes>, Failure> + Send + Sync + 'static,
    ) -> Self {
        Self {
            seen: Arc::default(),
            response: Arc::new(response),
        }
    }

    fn ok(body: &'static str) -> Self {
        Self::responding(move || Ok(http::Response::new(Bytes::from_static(body.as_bytes()))))
    }

    fn only_request(&self) -> Request {
        let mut seen = self.seen.lock().unwrap();
        assert_eq!(seen.len(), 1);
        seen.remove(0)
    }
}

impl Transport for Memory {
    fn send(
        &self,
        request: Request,
        _body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        self.seen.lock().unwrap().push(request);
        Box::pin(std::future::ready((self.response)()))
    }
}

fn config() -> ClientConfig {
    let mut config = ClientConfig::new(BaseUrl::parse(BASE).unwrap());
    config.api_key = Some(ApiKey::new(KEY).unwrap());
    config
}

fn executor(config: ClientConfig) -> Executor {
    Executor::new(Arc::new(Runtime::new(config)))
}

/// An executor that sends through this transport.
fn through(memory: &Memory) -> Executor {
    let mut config = config();
    config.transport = Some(Arc::new(memory.clone()));
    executor(config)
}

fn client() -> reqwest::Client {
    pivotal_runtime::http_client(&BaseUrl::parse(BASE).unwrap()).unwrap()
}

fn request(operation: &'static Operation, url: &str) -> Request {
    client()
        .request(operation.method.clone(), url)
        .build()
        .unwrap()
}

/// Prepares and sends one request; gives what the generated client would see, and the record.
async fn call(
    executor: &Executor,
    operation: &'static Operation,
    options: CallOptions,
) -> (reqwest::Result<http::Response<Bytes>>, Exchange) {
    let (executor, record) = executor.for_call(options);
    let path = operation.path.replace("{id}", "245");
    let mut request = request(operation, &format!("{BASE}{path}"));
    executor.prepare(&mut request, operation).unwrap();
    let result = executor.send(&client(), request, operation).await;
    (result, record.take().unwrap())
}

#[tokio::test]
async fn a_request_leaves_complete() {
    let memory = Memory::ok("{}");
    let mut config = config();
    config.transport = Some(Arc::new(memory.clone()));
    config.user_agent_suffix = Some("sync/2.1\r\n".to_owned());
    let executor = executor(config);
    call(&executor, &GET_ROW, CallOptions::default())
        .await
        .0
        .unwrap();

    let request = memory.only_request();
    let header = |name| request.headers().get(name).map(|v| v.to_str().unwrap());
    assert_eq!(request.url().as_str(), format!("{BASE}/api/v1/rows/245"));
    assert_eq!(
        header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(header("accept"), Some("application/json"));
    let agent = concat!("pivotal-sdk-rust/", env!("CARGO_PKG_VERSION"), " sync/2.1");
    assert_eq!(header("user-agent"), Some(agent));
    assert_eq!(header("idempotency-key"), None);
    assert_eq!(request.timeout(), Some(&ClientConfig::DEFAULT_TIMEOUT));
}

#[tokio::test]
async fn a_retry_is_the_same_request() {
    let memory = Memory::responding(|| {
        let response = http::Response::builder().status(503);
        Ok(response.body(Bytes::new()).unwrap())
    });
    let mut config = config();
    config.transport = Some(Arc::new(memory.clone()));
    config.retry = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    let executor = executor(config);
    let mut options = CallOptions::default();
    options.header("x-trace", "7");
    let (_, exchange) = call(&executor, &CREATE_ROW, options).await;
    let seen = memory.seen.lock().unwrap();
    assert_eq!(seen.len(), exchange.attempts as usize);
    let [first, others @ ..] = seen.as_slice() else {
        panic!("nothing was sent");
    };
    let names = ["authorization", "idempotency-key", "user-agent", "x-trace"];
    assert!(names.iter().all(|name| first.headers().contains_key(*name)));
    assert!(!others.is_empty());
    for retry in others {
        assert_eq!(retry.headers(), first.headers());
        assert_eq!((retry.method(), retry.url()), (first.method(), first.url()));
    }
}

#[tokio::test]
async fn nothing_that_is_printed_holds_the_key() {
    let memory = Memory::ok("{}");
    let executor = through(&memory);
    let (response, exchange) = call(&executor, &GET_ROW, CallOptions::default()).await;
    let printed = format!(
        "{executor:?} {response:?} {exchange:?} {:?}",
        memory.only_request()
    );
    assert!(!printed.contains(&KEY[12..]), "{printed}");
}

#[tokio::test]
async fn the_key_is_not_sent_to_another_origin() {
    for (url, is_sent) in [
        ("https://evil.test/prefix/api/v1/rows/245", false),
        ("http://my.pivotal.test/prefix/api/v1/rows/245", false),
        ("https://my.pivotal.test:8443/prefix/api/v1/rows/245", false),
        ("https://my.pivotal.test:443/prefix/api/v1/rows/245", true),
    ] {
        let memory = Memory::ok("{}");
        let executor = through(&memory);
        let mut request = request(&GET_ROW, url);
        executor.prepare(&mut request, &GET_ROW).unwrap();
        executor.send(&client(), request, &GET_ROW).await.unwrap();
        let headers = memory.only_request().headers().clone();
        assert_eq!(headers.contains_key("authorization"), is_sent, "{url}");
    }
}

#[tokio::test]
async fn the_key_goes_with_every_operation_but_those_that_need_none() {
    for operation in OPERATIONS {
        let memory = Memory::ok("{}");
        let executor = through(&memory);
        call(&executor, operation, CallOptions::default())
            .await
            .0
            .unwrap();
        let request = memory.only_request();
        let sent = request.headers().contains_key("authorization");
        assert_eq!(sent, operation.name != GET_STATUS.name, "{operation:?}");
    }
}

#[tokio::test]
async fn the_callers_idempotency_key_goes_with_keyed_creates_only_and_only_once() {
    let memory = Memory::ok("{}");
    let executor = through(&memory);
    let mut options = CallOptions::default();
    options.idempotency_key("aurora-1");

    let sent = |memory: &Memory| {
        let request = memory.only_request();
        request.headers().get("idempotency-key").cloned()
    };
    call(&executor, &CREATE_ROW, options.clone())
        .await
        .0
        .unwrap();
    assert_eq!(sent(&memory).unwrap(), "aurora-1");
    call(&executor, &CREATE_ROW, CallOptions::default())
        .await
        .0
        .unwrap();
    assert_ne!(
        sent(&memory).unwrap(),
        "aurora-1",
        "carried over to the next call"
    );
    call(&executor, &GET_ROW, options).await.0.unwrap();
    assert_eq!(sent(&memory), None, "a GET takes no key");
}

#[test]
fn a_parameter_that_leads_to_another_path_is_refused() {
    for path in [
        "/api/v1/rows/..",
        "/api/v1/rows/.",
        "/api/v1/rows/",
        "/api/v1/rows/1/../..",
    ] {
        let (executor, record) = executor(config()).for_call(CallOptions::default());
        let mut request = request(&GET_ROW, &format!("{BASE}{path}"));
        let invalid = executor.prepare(&mut request, &GET_ROW).unwrap_err();
        let template = GET_ROW.path;
        assert_eq!(invalid, InvalidRequest::Path { path: template }, "{path}");
        assert!(!request.headers().contains_key("authorization"));

        let exchange = record.take().unwrap();
        assert_eq!(exchange.delivery(), Delivery::NotSent);
        assert_eq!(exchange.attempts, 0);
        assert!(record.take().is_none());
    }
}

#[tokio::test]
async fn the_calls_own_time_limit_wins() {
    let memory = Memory::ok("{}");
    let mut config = config();
    config.transport = Some(Arc::new(memory.clone()));
    config.timeout = None;
    let executor = executor(config);
    call(&executor, &GET_ROW, CallOptions::default())
        .await
        .0
        .unwrap();
    assert_eq!(memory.only_request().timeout(), None);

    let mut options = CallOptions::default();
    options.timeout(Duration::from_millis(7));
    call(&executor, &GET_ROW, options).await.0.unwrap();
    assert_eq!(
        memory.only_request().timeout(),
        Some(&Duration::from_millis(7))
    );
}

#[tokio::test]
async fn the_exchange_keeps_the_response_that_is_returned() {
    let memory = Memory::responding(|| {
        let response = http::Response::builder()
            .status(404)
            .header("x-trace", "t1");
        Ok(response.body(Bytes::from_static(b"gone")).unwrap())
    });
    let executor = through(&memory);
    let (response, exchange) = call(&executor, &GET_ROW, CallOptions::default()).await;

    let response = response.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(response.headers()["x-trace"], "t1");
    assert_eq!(response.body(), "gone");

    assert_eq!(exchange.delivery(), Delivery::Received);
    assert_eq!(exchange.attempts, 1);
    let Outcome::Response(response) = exchange.outcome else {
        panic!("{:?}", exchange.outcome)
    };
    assert_eq!(response.status, StatusCode::NOT_FOUND);
    assert_eq!(response.headers["x-trace"], "t1");
    assert_eq!(response.body, "gone");
}

#[tokio::test]
async fn stripped_headers_are_only_in_the_record() {
    let memory = Memory::responding(|| {
        let response = http::Response::builder().header("x-trace", "t1");
        Ok(response.body(Bytes::from_static(b"{}")).unwrap())
    });
    let (executor, slot) = through(&memory).for_call(CallOptions::default());
    let executor = executor.strip_response_headers();
    let mut request = request(&GET_ROW, &format!("{BASE}/api/v1/rows/245"));
    executor.prepare(&mut request, &GET_ROW).unwrap();
    let client = client();
    let response = executor.send(&client, request, &GET_ROW).await.unwrap();
    assert!(response.headers().is_empty());
    let Outcome::Response(response) = slot.take().unwrap().outcome else {
        panic!("there is a response")
    };
    assert_eq!(response.headers["x-trace"], "t1");
}

#[tokio::test]
async fn a_failure_that_is_no_http_error_becomes_a_stand_in_and_stays_in_the_record() {
    let memory = Memory::ok("five!");
    let mut config = config();
    config.transport = Some(Arc::new(memory));
    config.body_limit = 4;
    let executor = executor(config);
    let (response, exchange) = call(&executor, &GET_ROW, CallOptions::default()).await;

    let response = response.unwrap();
    assert_eq!(response.status().as_u16(), Executor::NO_RESPONSE_STATUS);
    let envelope: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(envelope["error"]["code"], "body_too_large");

    assert_eq!(exchange.status(), Some(StatusCode::OK));
    assert_eq!(exchange.delivery(), Delivery::Received);
    let Outcome::Failed(failure) = exchange.outcome else {
        panic!("{:?}", exchange.outcome)
    };
    assert_eq!(failure.kind(), FailureKind::BodyTooLarge { limit: 4 });
}

/// Notes what it is shown, then panics.
#[derive(Default)]
struct Rude(Mutex<Vec<String>>);

impl Observer for Rude {
    fn observe(&self, request: &RequestLine, exchange: &Exchange) {
        self.0.lock().unwrap().push(format!(
            "{} {} {:?} -> {:?}",
            request.method,
            request.url,
            request.body,
            exchange.status().map(|status| status.as_u16())
        ));
        panic!("observers must not disturb a call");
    }
}

#[tokio::test]
async fn an_observer_sees_each_exchange_and_cannot_disturb_it() {
    let rude = Arc::new(Rude::default());
    let mut config = config();
    config.transport = Some(Arc::new(Memory::ok("{}")));
    config.observer = Some(rude.clone());
    let executor = executor(config);
    let (response, _) = call(&executor, &CREATE_ROW, CallOptions::default()).await;
    assert!(response.unwrap().status().is_success());

    let refused = executor.prepare(
        &mut request(&GET_ROW, &format!("{BASE}/api/v1/rows/..")),
        &GET_ROW,
    );
    assert!(refused.is_err());

    let seen = rude
        .0
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    assert_eq!(
        *seen,
        [
            format!("POST {BASE}/api/v1/rows None -> Some(200)"),
            format!("GET {BASE}/api/v1/ None -> None"),
        ]
    );
}

#[test]
fn futures_can_move_between_threads() {
    fn send<T: Send>(_: T) {}
    let executor = executor(config());
    let client = client();
    send(executor.send(&client, request(&GET_ROW, BASE), &GET_ROW));
}

#[test]
fn a_runtime_without_a_key_sends_none() {
    let config = ClientConfig::new(BaseUrl::parse(BASE).unwrap());
    let mut request = request(&GET_ROW, &format!("{BASE}/api/v1/rows/1"));
    executor(config).prepare(&mut request, &GET_ROW).unwrap();
    assert!(!request.headers().contains_key("authorization"));
}

#[tokio::test]
async fn a_calls_own_headers_are_sent_and_replace_ours() {
    let memory = Memory::ok("{}");
    let executor = through(&memory);
    let mut options = CallOptions::default();
    options.header("x-trace", "one");
    options.header("x-trace", "two");
    options.header("user-agent", "mine/1");
    call(&executor, &GET_ROW, options.clone()).await.0.unwrap();

    let request = memory.only_request();
    let all = |name| -> Vec<_> { request.headers().get_all(name).iter().collect() };
    assert_eq!(all("x-trace"), ["two"]);
    assert_eq!(all("user-agent"), ["mine/1"]);
    assert!(
        !format!("{options:?}").contains("two"),
        "a value may be a secret"
    );
}

#[test]
fn headers_that_the_executor_controls_cannot_be_set() {
    for name in [
        "authorization",
        "idempotency-key",
        "host",
        "content-length",
        "transfer-encoding",
    ] {
        let mut options = CallOptions::default();
        options.header(name, "hunter2");
        assert_eq!(options.validate().unwrap_err().code(), "reserved_header");
        let (executor, record) = executor(config()).for_call(options.clone());
        let mut request = request(&GET_ROW, &format!("{BASE}/api/v1/rows/1"));
        let invalid = executor.prepare(&mut request, &GET_ROW).unwrap_err();
        assert_eq!(invalid.field(), name);
        assert!(!format!("{invalid} {invalid:?}").contains("hunter2"));
        assert_eq!(record.take().unwrap().delivery(), Delivery::NotSent);
    }
}

#[test]
fn an_undeclared_request_stays_below_the_base_url() {
    let executor = executor(config());
    for inside in ["/api/v2/reports?year=2026", "/", "//evil.test", "/a/../b"] {
        let (request, _) = executor.undeclared(&http::Method::GET, inside).unwrap();
        assert!(request.url().as_str().starts_with(BASE), "{inside}");
    }
    for outside in [
        "",
        "api/v2",
        "@evil.test/",
        ".evil.test/",
        "https://evil.test/",
        "/../elsewhere",
        "/../prefixed",
    ] {
        let invalid = executor
            .undeclared(&http::Method::GET, outside)
            .unwrap_err();
        assert_eq!(invalid, InvalidRequest::OutsideBaseUrl, "{outside}");
    }
    let purge = http::Method::from_bytes(b"PURGE").unwrap();
    let refused = executor.undeclared(&purge, "/api/v2").unwrap_err();
    assert!(refused.to_string().contains("PURGE"), "{refused}");
}
