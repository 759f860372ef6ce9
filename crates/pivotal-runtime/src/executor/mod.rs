//! The one place where requests of the generated client leave.

mod call;
mod telemetry;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Request, Response};
use tracing::Instrument;

use crate::exchange::{Exchange, ExchangeSlot, Outcome, RequestLine};
use crate::failure::{Failure, Refusal};
use crate::idempotency::IdempotencyKey;
use crate::operation::{Operation, RetryClass};
use crate::options::CallOptions;
use crate::retry::StopReason;
use crate::runtime::Runtime;
use crate::undeclared;

/// The generator adds this header to every request; the API does not know it.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What the generated client carries and sends through: the shared [`Runtime`], the options of one
/// call and the place where that call leaves its record.
///
/// The hooks of the generated client call [`prepare`](Self::prepare) and then [`send`](Self::send).
#[derive(Clone, Debug)]
pub struct Executor {
    runtime: Arc<Runtime>,
    options: CallOptions,
    record: Option<ExchangeSlot>,
    bare: bool,
}

impl Executor {
    /// The status of the stand-in for a response that could not be read; see [`send`](Self::send).
    pub const NO_ANSWER: u16 = 599;

    /// The error type in the envelope of that stand-in.
    pub const NO_ANSWER_TYPE: &'static str = "client_error";

    /// A executor for any number of calls, which leave no record.
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self {
            runtime,
            options: CallOptions::default(),
            record: None,
            bare: false,
        }
    }

    /// A executor for one call with these options, and the record that the call will leave.
    pub fn for_call(&self, options: CallOptions) -> (Self, ExchangeSlot) {
        let record = ExchangeSlot::default();
        let executor = Self {
            runtime: Arc::clone(&self.runtime),
            options,
            record: Some(record.clone()),
            bare: false,
        };
        (executor, record)
    }

    /// Hands on answers without their headers, which are then in the record alone: for those who
    /// read the record, and would only have the generated client copy them once more.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use bytes::Bytes;
    /// use pivotal_runtime::{BaseUrl, BoxFuture, CallOptions, Failure, Outcome, Runtime, Executor, Transport};
    ///
    /// struct Traced;
    ///
    /// impl Transport for Traced {
    ///     fn send(
    ///         &self,
    ///         _request: reqwest::Request,
    ///         _body_limit: usize,
    ///     ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
    ///         let mut answer = http::Response::new(Bytes::from_static(b"{}"));
    ///         answer.headers_mut().insert("x-trace", http::HeaderValue::from_static("t1"));
    ///         Box::pin(async { Ok(answer) })
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder(BaseUrl::parse("https://my.pivotal.app")?)
    ///     .transport(Arc::new(Traced))
    ///     .build();
    /// let (executor, record) = Executor::new(Arc::new(runtime)).for_call(CallOptions::default());
    /// let executor = executor.headers_in_record();
    /// let (mut request, operation) = executor.undeclared(&http::Method::GET, "/api/v1/reports")?;
    /// executor.prepare(&mut request, operation)?;
    /// let client = pivotal_runtime::http_client(executor.runtime().base_url())?;
    /// let handed_on = executor.send(&client, request, operation).await?;
    /// assert!(handed_on.headers().is_empty());
    ///
    /// let exchange = record.take().expect("the call has ended");
    /// let Outcome::Response(answered) = exchange.outcome else {
    ///     panic!("it was answered")
    /// };
    /// assert_eq!(answered.headers["x-trace"], "t1");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn headers_in_record(mut self) -> Self {
        self.bare = true;
        self
    }

    /// What all calls share.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// A request that the contract does not declare, below the base URL, and what is known of it by
    /// its method. Query, body and further headers are the caller's to add; then it goes through
    /// [`prepare`](Self::prepare) and [`send`](Self::send) like any other.
    ///
    /// It is repeated as its method allows. A POST is, when the [options](CallOptions) give it an
    /// idempotency key; it is not given one of ours, since nothing says that the server knows them.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pivotal_runtime::{BaseUrl, Runtime, Executor};
    ///
    /// let runtime = Runtime::builder(BaseUrl::parse("https://my.pivotal.app")?).build();
    /// let executor = Executor::new(Arc::new(runtime));
    /// let (mut request, operation) = executor.undeclared(&http::Method::GET, "/api/v1/reports")?;
    /// request.url_mut().query_pairs_mut().append_pair("year", "2026");
    /// assert_eq!(request.url().as_str(), "https://my.pivotal.app/api/v1/reports?year=2026");
    /// assert!(!operation.is_declared());
    /// assert!(executor.undeclared(&http::Method::GET, "//elsewhere.test/../..").is_ok());
    /// assert!(executor.undeclared(&http::Method::GET, "elsewhere.test").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Refusal`] when the method is not one that we know, or the path leads elsewhere.
    pub fn undeclared(
        &self,
        method: &http::Method,
        path: &str,
    ) -> Result<(Request, &'static Operation), Refusal> {
        undeclared::request(&self.runtime.base_url, method, path)
    }

    /// Completes a request that the generated client has built: `Authorization` (to the base URL
    /// only, and only for an operation that takes a key), `User-Agent`, `Accept`, the time limit,
    /// the headers of the call's options, and for an operation of the class `ByKey` an
    /// `Idempotency-Key`: the caller's, or one of ours that every attempt of this call carries and
    /// no other call.
    ///
    /// # Errors
    /// [`Refusal`] when the request must not be sent; it is recorded as well.
    pub fn prepare(
        &self,
        request: &mut Request,
        operation: &'static Operation,
    ) -> Result<(), Refusal> {
        let ours = self.runtime.base_url.same_origin(request.url());
        if let Some(refusal) = self.refusal(request, operation, ours) {
            let exchange = Exchange {
                operation,
                attempts: 0,
                elapsed: Duration::ZERO,
                waited_for_turn: Duration::ZERO,
                outcome: Outcome::Refused(refusal.clone()),
                stop_reason: StopReason::Final,
                earlier: Vec::new(),
                rate_limit: None,
                retry_after: None,
                idempotency_key: None,
            };
            self.finish(self.observed(request), exchange);
            return Err(refusal);
        }

        let runtime = &*self.runtime;
        let timeout = self.options.timeout.or(runtime.timeout);
        if request.timeout().is_none() {
            *request.timeout_mut() = timeout;
        }
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        headers.insert(USER_AGENT, runtime.user_agent.clone());
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("application/json"));
        if !runtime.gzip {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        for name in self.options.headers.keys() {
            headers.remove(name);
        }
        for (name, value) in &self.options.headers {
            headers.append(name, value.clone());
        }
        match &runtime.authorization {
            Some(authorization) if ours && operation.authenticated => {
                headers.insert(AUTHORIZATION, authorization.clone());
            }
            _ => {}
        }
        if self.class(operation) == RetryClass::ByKey {
            let key = match &self.options.idempotency_key {
                Some(key) => key.header(),
                None => IdempotencyKey::generate().header(),
            };
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        Ok(())
    }

    /// Sends a prepared request, again if need be, and reads the whole response, within the limit
    /// on its size. Each attempt waits for its turn under the rate limit.
    ///
    /// What happened is left in the record. The generated client can be given only a response or an
    /// error of the HTTP stack. A failure that is neither, such as a body over the limit, becomes a
    /// stand-in with the status [`NO_ANSWER`](Self::NO_ANSWER) and an error envelope that names the
    /// failure, which every generated method turns into an error.
    ///
    /// # Errors
    /// The HTTP stack's own error, without the URL.
    pub fn send<'a>(
        &'a self,
        client: &'a reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> impl Future<Output = reqwest::Result<Response>> + Send + 'a {
        let line = self.observed(&request);
        let span = telemetry::span(operation, request.url());
        self.call(client, request, operation, line, span.clone())
            .instrument(span)
    }

    fn refusal(&self, request: &Request, operation: &Operation, ours: bool) -> Option<Refusal> {
        if ours && !self.leads_to(request, operation) {
            return Some(Refusal::Path {
                operation: operation.name,
                path: operation.path,
            });
        }
        let mut names = self.options.headers.keys();
        let reserved = names.find(|name| CallOptions::reserved(name))?;
        Some(Refusal::Header {
            operation: operation.name,
            name: reserved.clone(),
        })
    }

    /// The operation's class; the caller's own key makes an undeclared POST repeatable.
    fn class(&self, operation: &Operation) -> RetryClass {
        let keyed = !operation.is_declared() && self.options.idempotency_key.is_some();
        match operation.class {
            RetryClass::Never if keyed => RetryClass::ByKey,
            class => class,
        }
    }

    /// Whether the request's path is the operation's, so that no parameter can lead elsewhere.
    fn leads_to(&self, request: &Request, operation: &Operation) -> bool {
        self.runtime
            .base_url
            .relative_path(request.url())
            .is_some_and(|path| operation.matches_path(path))
    }

    /// What an observer will be shown of the request; nothing is copied when there is none.
    fn observed(&self, request: &Request) -> Option<Box<RequestLine>> {
        self.runtime.observer.is_some().then(|| {
            Box::new(RequestLine {
                method: request.method().clone(),
                url: request.url().clone(),
                body: request
                    .body()
                    .and_then(reqwest::Body::as_bytes)
                    .map(Bytes::copy_from_slice),
            })
        })
    }

    fn finish(&self, request: Option<Box<RequestLine>>, exchange: Exchange) {
        if let (Some(observer), Some(request)) = (&self.runtime.observer, request) {
            let look = AssertUnwindSafe(|| observer.observe(&request, &exchange));
            if catch_unwind(look).is_err() {
                tracing::warn!(operation = exchange.operation.name, "an observer panicked");
            }
        }
        if let Some(record) = &self.record {
            record.put(exchange);
        }
    }
}

fn stand_in(failure: &Failure) -> Response {
    let envelope = serde_json::json!({
        "error": {
            "type": Executor::NO_ANSWER_TYPE,
            "code": failure.kind().code(),
            "message": failure.to_string(),
        }
    });
    let mut response = http::Response::new(Bytes::from(envelope.to_string()));
    *response.status_mut() =
        http::StatusCode::from_u16(Executor::NO_ANSWER).expect("599 is a status");
    response.into()
}
