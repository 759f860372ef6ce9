//! The one place where requests of the generated client leave.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Request, Response};

use crate::exchange::{Answered, Exchange, Outcome, Record, RequestLine};
use crate::failure::{Failure, FailureKind, Refusal};
use crate::operation::{Operation, RetryClass};
use crate::options::CallOptions;
use crate::runtime::Runtime;
use crate::transport::send_http;

/// The generator adds this header to every request; the API does not know it.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What the generated client carries and sends through: the shared [`Runtime`], the options of one
/// call and the place where that call leaves its record.
///
/// The hooks of the generated client call [`prepare`](Self::prepare) and then [`send`](Self::send).
#[derive(Clone, Debug)]
pub struct Seam {
    runtime: Arc<Runtime>,
    options: CallOptions,
    record: Option<Record>,
}

impl Seam {
    /// The status of the stand-in for an answer that could not be read; see [`send`](Self::send).
    pub const NO_ANSWER: u16 = 599;

    /// The error type in the envelope of that stand-in.
    pub const NO_ANSWER_TYPE: &'static str = "client_error";

    /// A seam for any number of calls, which leave no record.
    pub fn new(runtime: Arc<Runtime>) -> Self {
        Self {
            runtime,
            options: CallOptions::default(),
            record: None,
        }
    }

    /// A seam for one call with these options, and the record that the call will leave.
    pub fn for_call(&self, options: CallOptions) -> (Self, Record) {
        let record = Record::default();
        let seam = Self {
            runtime: Arc::clone(&self.runtime),
            options,
            record: Some(record.clone()),
        };
        (seam, record)
    }

    /// What all calls share.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Completes a request that the generated client has built: `Authorization` (to the base URL
    /// only), `User-Agent`, `Accept`, the time limit, and for an operation of the class `ByKey` the
    /// caller's `Idempotency-Key`.
    ///
    /// # Errors
    /// [`Refusal`] when the request must not be sent; it is recorded as well.
    pub fn prepare(
        &self,
        request: &mut Request,
        operation: &'static Operation,
    ) -> Result<(), Refusal> {
        let runtime = &*self.runtime;
        let ours = runtime.base_url.same_origin(request.url());
        if ours && !self.leads_to(request, operation) {
            let refusal = Refusal::Path {
                operation: operation.name,
                path: operation.path,
            };
            let exchange = Exchange {
                operation,
                attempts: 0,
                elapsed: Duration::ZERO,
                outcome: Outcome::Refused(refusal.clone()),
            };
            self.finish(self.observed(request), exchange);
            return Err(refusal);
        }

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
        if let (true, Some(key)) = (ours, &runtime.api_key) {
            headers.insert(AUTHORIZATION, key.header());
        }
        if let (RetryClass::ByKey, Some(key)) = (operation.class, &self.options.idempotency_key) {
            headers.insert(IDEMPOTENCY_KEY, key.header());
        }
        Ok(())
    }

    /// Sends a prepared request and reads the whole answer, within the limit on its size.
    ///
    /// What happened is left in the record. The generated client can be given only an answer or an
    /// error of the HTTP stack. A failure that is neither, such as a body over the limit, becomes a
    /// stand-in with the status [`NO_ANSWER`](Self::NO_ANSWER) and an error envelope that names the
    /// failure, which every generated method turns into an error.
    ///
    /// # Errors
    /// The HTTP stack's own error, without the URL.
    pub async fn send(
        &self,
        client: &reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> reqwest::Result<Response> {
        // Key generation, pacing and the loop over attempts have their place here, in this order.
        let line = self.observed(&request);
        let started = Instant::now();
        let result = self.attempt(client, request).await;
        let elapsed = started.elapsed();

        let (outcome, handed_on) = match result {
            Ok(response) => {
                let answered = Answered {
                    status: response.status(),
                    headers: response.headers().clone(),
                    body: response.body().clone(),
                };
                (Outcome::Answered(answered), Ok(Response::from(response)))
            }
            Err(failure) => {
                let (failure, error) = failure.split();
                let handed_on = error.map_or_else(|| Ok(stand_in(&failure)), Err);
                (Outcome::Failed(failure), handed_on)
            }
        };
        let exchange = Exchange {
            operation,
            attempts: 1,
            elapsed,
            outcome,
        };
        tracing::debug!(
            operation = operation.name,
            method = %operation.method,
            status = exchange.status().map(|status| status.as_u16()),
            delivery = %exchange.delivery(),
            elapsed_ms = elapsed.as_millis() as u64,
            "call finished"
        );
        self.finish(line, exchange);
        handed_on
    }

    async fn attempt(
        &self,
        client: &reqwest::Client,
        request: Request,
    ) -> Result<http::Response<Bytes>, Failure> {
        let limit = self.runtime.body_limit;
        let response = match &self.runtime.transport {
            Some(transport) => transport.send(request, limit).await?,
            None => send_http(client, request, limit).await?,
        };
        if response.body().len() > limit {
            let failure = Failure::new(FailureKind::BodyTooLarge { limit });
            return Err(failure.after_status(response.status()));
        }
        Ok(response)
    }

    /// Whether the request's path is the operation's, so that no parameter can lead elsewhere.
    fn leads_to(&self, request: &Request, operation: &Operation) -> bool {
        self.runtime
            .base_url
            .relative_path(request.url())
            .is_some_and(|path| operation.matches_path(path))
    }

    /// What an observer will be shown of the request; nothing is copied when there is none.
    fn observed(&self, request: &Request) -> Option<RequestLine> {
        self.runtime.observer.is_some().then(|| RequestLine {
            method: request.method().clone(),
            url: request.url().clone(),
            body: request
                .body()
                .and_then(reqwest::Body::as_bytes)
                .map(Bytes::copy_from_slice),
        })
    }

    fn finish(&self, request: Option<RequestLine>, exchange: Exchange) {
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
            "type": Seam::NO_ANSWER_TYPE,
            "code": failure.kind().code(),
            "message": failure.to_string(),
        }
    });
    let mut response = http::Response::new(Bytes::from(envelope.to_string()));
    *response.status_mut() = http::StatusCode::from_u16(Seam::NO_ANSWER).expect("599 is a status");
    response.into()
}
