//! The executor: every request of the SDK goes through it.

mod call;
mod telemetry;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Request, Url};
use tracing::Instrument;

use crate::api_key::ApiKey;
use crate::exchange::{Exchange, ExchangeSlot, Outcome, RequestLine};
use crate::failure::InvalidRequest;
use crate::idempotency::IdempotencyKey;
use crate::operation::{Operation, RetryClass};
use crate::options::{CallOptions, IDEMPOTENCY_KEY};
use crate::request_format::{Credential, RequestFormat};
use crate::retry::StopReason;
use crate::runtime::Runtime;

/// Sends requests: adds headers and the idempotency key, waits for the rate limiter, retries, and
/// records what happened.
///
/// The generated client calls [`prepare`](Self::prepare) and then [`send`](Self::send).
#[derive(Clone, Debug)]
pub struct Executor {
    runtime: Arc<Runtime>,
    options: CallOptions,
    slot: Option<ExchangeSlot>,
    strip_headers: bool,
}

impl Executor {
    /// The status of the response that replaces a failure; see [`send`](Self::send).
    pub const NO_RESPONSE_STATUS: u16 = 599;

    /// A header of that response. It is removed from the responses of servers, so that they cannot be
    /// mistaken for it.
    pub const NO_RESPONSE_HEADER: HeaderName = HeaderName::from_static("pivotal-sdk-failure");

    /// An executor for any number of calls, which are not recorded.
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self {
            runtime,
            options: CallOptions::default(),
            slot: None,
            strip_headers: false,
        }
    }

    /// An executor for one call with these options, and the slot that will contain its record.
    pub fn for_call(&self, options: CallOptions) -> (Self, ExchangeSlot) {
        let slot = ExchangeSlot::default();
        let executor = Self {
            runtime: Arc::clone(&self.runtime),
            options,
            slot: Some(slot.clone()),
            strip_headers: false,
        };
        (executor, slot)
    }

    /// Returns responses without headers, which are then only in the record of the call and need not
    /// be copied.
    #[must_use]
    pub fn strip_response_headers(mut self) -> Self {
        self.strip_headers = true;
        self
    }

    /// The state that all calls share.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// A request below the base URL that is not in the contract, and an operation that stands for
    /// it. Add body and headers, then call [`prepare`](Self::prepare) and
    /// [`send`](Self::send).
    ///
    /// It is retried as its method allows. A POST without an idempotency key in the [`CallOptions`] is
    /// retried only if the server did not process it. No key is generated, because the server may not
    /// support it.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pivotal_runtime::{BaseUrl, ClientConfig, Executor, Runtime};
    ///
    /// let config = ClientConfig::new(BaseUrl::parse("https://my.pivotal.app")?);
    /// let executor = Executor::new(Arc::new(Runtime::new(config)));
    /// let (request, operation) = executor.undeclared(&http::Method::GET, "/api/v1/reports")?;
    /// assert_eq!(request.url().as_str(), "https://my.pivotal.app/api/v1/reports");
    /// assert!(!operation.is_declared());
    /// assert!(executor.undeclared(&http::Method::GET, "elsewhere.test").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidRequest`] if the method is not supported or the path is not below the base URL.
    pub fn undeclared(
        &self,
        method: &http::Method,
        path: &str,
    ) -> Result<(Request, &'static Operation), InvalidRequest> {
        let operation = Operation::undeclared(method).ok_or_else(|| InvalidRequest::Method {
            method: method.clone(),
        })?;
        let base_url = self.runtime.base_url();
        let url = Url::parse(&format!("{base_url}{path}")).ok();
        let url = url.filter(|url| {
            let below = base_url.relative_path(url);
            path.starts_with('/')
                && below.is_some_and(|path| path.starts_with('/'))
                && base_url.same_origin(url)
        });
        let url = url.ok_or(InvalidRequest::OutsideBaseUrl)?;
        Ok((Request::new(method.clone(), url), operation))
    }

    /// Prepares a request that the generated client has built.
    ///
    /// Rewrites the request as the operation's [`RequestFormat`](crate::RequestFormat) says. Sets the
    /// timeout and the query parameters of the call options. [`send`](Self::send) adds the headers.
    ///
    /// # Errors
    /// [`InvalidRequest`] if the request must not be sent. The call is then recorded as well.
    pub fn prepare(
        &self,
        request: &mut Request,
        operation: &'static Operation,
    ) -> Result<(), InvalidRequest> {
        let config = &self.runtime.config;
        let checked = self.check(request, operation);
        if let Err(invalid) = checked.and_then(|()| operation.format.apply(request)) {
            let exchange = Exchange {
                operation,
                attempts: 0,
                elapsed: Duration::ZERO,
                rate_limit_wait: Duration::ZERO,
                outcome: Outcome::Rejected(invalid.clone()),
                stop_reason: StopReason::NotRetryable,
                history: Vec::new(),
                retry_after: None,
                idempotency_key: None,
                keys: Arc::default(),
            };
            self.record(self.request_line(request), exchange);
            return Err(invalid);
        }

        let options = self.options.get();
        if !options.query.is_empty() {
            let mut query = request.url_mut().query_pairs_mut();
            query.extend_pairs(&options.query);
        }
        if request.timeout().is_none() {
            *request.timeout_mut() = options.timeout.or(config.timeout);
        }
        Ok(())
    }

    /// Sends a prepared request, retries it if necessary, and reads the whole response.
    ///
    /// Each attempt has `User-Agent`, `Accept`, the headers of the call options, and the key (for the
    /// base URL's origin and operations that need a key only). An operation of the class `ByKey` gets an
    /// `Idempotency-Key`, the caller's or a new one, which all attempts of the call share.
    ///
    /// The call is recorded. The generated client accepts only a response or an error of reqwest,
    /// so any other failure, such as a body over the limit, becomes a response with the status
    /// [`NO_RESPONSE_STATUS`](Self::NO_RESPONSE_STATUS) and an error envelope that names the
    /// failure.
    ///
    /// # Errors
    /// The error of reqwest, without the URL.
    pub fn send<'a>(
        &'a self,
        client: &'a reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> impl Future<Output = reqwest::Result<http::Response<Bytes>>> + Send + 'a {
        let line = self.request_line(&request);
        let span = telemetry::span(operation, request.url());
        #[cfg(feature = "opentelemetry")]
        let request = telemetry::with_traceparent(request, &span);
        self.call(client, Box::new(request), operation, line, span.clone())
            .instrument(span)
    }

    /// Adds the headers and the keys that an attempt has beyond those of the generated client. A retry
    /// has them added again, which costs less than to copy them for a retry that few calls need.
    fn complete(
        &self,
        request: &mut Request,
        operation: &Operation,
        idempotency_key: Option<&IdempotencyKey>,
    ) {
        let same_origin = self.runtime.base_url().same_origin(request.url());
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, self.runtime.user_agent.clone());
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("application/json"));
        if !self.runtime.config.gzip {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        for (name, value) in &self.options.get().headers {
            headers.insert(name, value.clone());
        }
        for (credential, key) in self.credentials(operation, same_origin) {
            credential.insert(headers, key, &self.runtime);
        }
        if let Some(key) = idempotency_key {
            headers.insert(IDEMPOTENCY_KEY, key.header());
        }
        if operation.format.has_key_in_query() {
            for (credential, key) in self.credentials(operation, same_origin) {
                credential.insert_in_query(request.url_mut(), key);
            }
        }
    }

    /// The keys of a request and where they go: none, unless the operation needs one, the client has all
    /// that it needs, and the server is that of the base URL.
    fn credentials<'a>(
        &'a self,
        operation: &Operation,
        same_origin: bool,
    ) -> impl Iterator<Item = (Credential, &'a ApiKey)> + use<'a> {
        let RequestFormat {
            credential,
            more_credentials,
            ..
        } = operation.format;
        let config = &self.runtime.config;
        let known = |scheme: &str| config.more_keys.get(scheme);
        let is_sent = operation.authenticated
            && same_origin
            && (more_credentials.iter()).all(|(scheme, _)| known(scheme).is_some());
        let own = config.api_key.iter().map(move |key| (credential, key));
        let more = more_credentials.iter();
        let more = more.filter_map(move |(scheme, place)| Some((*place, known(scheme)?)));
        own.chain(more).filter(move |_| is_sent)
    }

    fn check(&self, request: &Request, operation: &Operation) -> Result<(), InvalidRequest> {
        self.options.validate()?;
        // No path parameter may lead to another path.
        let (base_url, url) = (self.runtime.base_url(), request.url());
        let path = base_url.relative_path(url);
        let matches = path.is_some_and(|path| operation.matches_path(path));
        if !matches && base_url.same_origin(url) {
            return Err(InvalidRequest::Path {
                path: operation.path,
            });
        }
        Ok(())
    }

    /// The operation's class. The caller's idempotency key makes an undeclared POST retryable.
    fn retry_class(&self, operation: &Operation) -> RetryClass {
        let has_key = !operation.is_declared() && self.options.get().idempotency_key.is_some();
        match operation.class {
            RetryClass::Never if has_key => RetryClass::ByKey,
            class => class,
        }
    }

    /// What an observer will see of the request. Nothing is copied if there is no observer.
    fn request_line(&self, request: &Request) -> Option<Box<RequestLine>> {
        self.runtime.config.observer.is_some().then(|| {
            let body = request.body().and_then(reqwest::Body::as_bytes);
            Box::new(RequestLine {
                method: request.method().clone(),
                url: request.url().clone(),
                body: body.map(Bytes::copy_from_slice),
            })
        })
    }

    /// Shows the finished call to the observer and stores it.
    fn record(&self, request: Option<Box<RequestLine>>, exchange: Exchange) {
        if let (Some(observer), Some(request)) = (&self.runtime.config.observer, request) {
            let observe = AssertUnwindSafe(|| observer.observe(&request, &exchange));
            if catch_unwind(observe).is_err() {
                tracing::warn!(operation = exchange.operation.name, "an observer panicked");
            }
        }
        if let Some(slot) = &self.slot {
            slot.put(exchange);
        }
    }
}
