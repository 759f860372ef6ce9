//! A transport in memory that follows a script, for time that stands still.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use pivotal_runtime::{
    ApiKey, BaseUrl, BoxFuture, CallOptions, ClientConfig, Exchange, Executor, Failure,
    FailureKind, Operation, Runtime, Transport,
};
use reqwest::Request;
use tokio::time::{Instant, sleep};

pub(crate) const BASE: &str = "https://my.pivotal.test";

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Response(u16, Vec<(&'static str, String)>, &'static str),
    Fail(FailureKind),
    /// Says nothing.
    Stall,
}

pub(crate) fn status(status: u16) -> Step {
    Step::Response(status, Vec::new(), "{}")
}

pub(crate) fn with_header(code: u16, name: &'static str, value: &str) -> Step {
    Step::Response(code, vec![(name, value.to_owned())], "{}")
}

/// What the server saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Duration,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Option<String>,
    pub(crate) timeout: Option<Duration>,
}

impl Seen {
    pub(crate) fn key(&self) -> Option<&str> {
        Some(self.headers.get("idempotency-key")?.to_str().unwrap())
    }
}

/// Follows its script; when that is at an end, the last step again and again.
#[derive(Clone)]
pub(crate) struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    begun: Instant,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: Arc::new(Mutex::new(steps.into_iter().collect())),
            seen: Arc::default(),
            begun: Instant::now(),
        }
    }

    /// A client of this server, with reproducible retry delays.
    pub(crate) fn executor_with(&self, configure: impl FnOnce(&mut ClientConfig)) -> Executor {
        let mut config = ClientConfig::new(BaseUrl::parse(BASE).unwrap());
        config.api_key = Some(ApiKey::new("pivotal_K8s9aB3dE5fG7hJ9kL1m").unwrap());
        config.jitter_seed = Some(1);
        config.transport = Some(Arc::new(self.clone()));
        configure(&mut config);
        Executor::new(Arc::new(Runtime::new(config)))
    }

    pub(crate) fn executor(&self) -> Executor {
        self.executor_with(|_| {})
    }

    /// The requests since this was last asked.
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl Transport for Script {
    fn send(
        &self,
        request: Request,
        _body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        let body = request.body().and_then(reqwest::Body::as_bytes);
        self.seen.lock().unwrap().push(Seen {
            at: self.begun.elapsed(),
            headers: request.headers().clone(),
            body: body.map(|body| String::from_utf8(body.to_vec()).unwrap()),
            timeout: request.timeout().copied(),
        });
        let mut steps = self.steps.lock().unwrap();
        let step = steps.pop_front().unwrap();
        if steps.is_empty() {
            steps.push_back(step.clone());
        }
        Box::pin(async move {
            match step {
                Step::Response(status, headers, body) => {
                    let mut response = http::Response::builder().status(status);
                    for (name, value) in headers {
                        response = response.header(name, value);
                    }
                    Ok(response.body(Bytes::from_static(body.as_bytes())).unwrap())
                }
                Step::Fail(kind) => Err(Failure::new(kind)),
                Step::Stall => {
                    sleep(Duration::from_secs(1_000_000)).await;
                    Err(Failure::new(FailureKind::ConnectionLost))
                }
            }
        })
    }
}

/// Makes one call with a body where the method has one.
pub(crate) async fn call_with(
    executor: &Executor,
    operation: &'static Operation,
    options: CallOptions,
) -> Exchange {
    let (executor, record) = executor.for_call(options);
    let client = http();
    let path = operation.path.replace("{id}", "245");
    let mut request = client.request(operation.method.clone(), format!("{BASE}{path}"));
    if operation.method == http::Method::POST || operation.method == http::Method::PATCH {
        request = request.body(r#"{"name":"Aurora"}"#);
    }
    let mut request = request.build().unwrap();
    executor.prepare(&mut request, operation).unwrap();
    let _ = executor.send(&client, request, operation).await;
    record.take().unwrap()
}

pub(crate) async fn call(executor: &Executor, operation: &'static Operation) -> Exchange {
    call_with(executor, operation, CallOptions::default()).await
}

/// What requests are built with; nothing leaves through it.
pub(crate) fn http() -> reqwest::Client {
    use std::sync::LazyLock;
    static CLIENT: LazyLock<reqwest::Client> =
        LazyLock::new(|| pivotal_runtime::http_client(&BaseUrl::parse(BASE).unwrap()).unwrap());
    CLIENT.clone()
}
