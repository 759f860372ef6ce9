//! The record of one call, and the observers that see it.

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::api_key::ApiKey;
use crate::failure::{Delivery, Failure, FailureKind, InvalidRequest};
use crate::idempotency::IdempotencyKey;
use crate::operation::Operation;
use crate::rate_limit::RateLimit;
use crate::redact::redact_body;
use crate::retry::StopReason;

/// A complete response of any status.
#[derive(Clone)]
pub struct HttpResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body. The API key is redacted in a body whose status is not a success.
    pub body: Bytes,
}

/// Prints only the length of the body, which is customer data.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The result of a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// A complete response.
    Response(HttpResponse),
    /// The request was rejected before it was sent.
    Rejected(InvalidRequest),
    /// No complete response.
    Failed(Failure),
}

/// The record of one finished call.
#[derive(Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// The operation that was called.
    pub operation: &'static Operation,
    /// How often the request was sent.
    pub attempts: u32,
    /// The duration of the call, including all attempts and waits.
    pub elapsed: Duration,
    /// The part of `elapsed` that was spent waiting for the rate limiter.
    pub rate_limit_wait: Duration,
    /// The result.
    pub outcome: Outcome,
    /// Why the call was not retried again.
    pub stop_reason: StopReason,
    /// The attempts before the last, oldest first. Empty for most calls.
    pub history: Vec<Attempt>,
    /// The delay that the last response asks for.
    pub retry_after: Option<Duration>,
    /// The idempotency key that every attempt carried, the caller's or a generated one.
    pub idempotency_key: Option<IdempotencyKey>,
    /// The keys of the client.
    pub(crate) keys: Arc<[ApiKey]>,
}

impl Exchange {
    /// The record with the keys redacted in the body of a success too, for an error about that
    /// body: a server may repeat the key anywhere.
    pub fn redact(mut self) -> Self {
        if let Outcome::Response(response) = &mut self.outcome {
            for key in &*self.keys {
                response.body = redact_body(mem::take(&mut response.body), key.as_str());
            }
        }
        self
    }

    /// What is known about whether the server received the request. If only an earlier attempt may
    /// have reached it, this is [`Delivery::Unknown`].
    pub fn delivery(&self) -> Delivery {
        let last = match &self.outcome {
            Outcome::Response(_) => Delivery::Received,
            Outcome::Rejected(_) => Delivery::NotSent,
            Outcome::Failed(failure) => failure.delivery(),
        };
        let mut history = self.history.iter();
        if last == Delivery::NotSent && history.any(|past| past.delivery != Delivery::NotSent) {
            return Delivery::Unknown;
        }
        last
    }

    /// The rate limit that the last response reports. `None` for an operation without a key, whose
    /// responses report a limit that is not the key's.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        match &self.outcome {
            Outcome::Response(response) if self.operation.authenticated => {
                RateLimit::from_headers(&response.headers)
            }
            _ => None,
        }
    }

    /// The status, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        match &self.outcome {
            Outcome::Response(response) => Some(response.status),
            Outcome::Rejected(_) => None,
            Outcome::Failed(failure) => failure.status(),
        }
    }
}

/// An attempt that was followed by a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The status, if the response began.
    pub status: Option<StatusCode>,
    /// How the attempt failed; `None` if there was a complete response.
    pub failure: Option<FailureKind>,
    /// What is known about whether the server received this attempt.
    pub delivery: Delivery,
    /// The duration of the attempt, without waits.
    pub elapsed: Duration,
    /// The delay between this attempt and the next, without waiting for the rate limiter.
    pub delay: Duration,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.failure, self.status) {
            (Some(failure), _) => failure.fmt(f),
            (None, Some(status)) => status.as_u16().fmt(f),
            (None, None) => f.write_str("no response"),
        }
    }
}

/// The place where a call stores its [`Exchange`], which the generated client cannot return.
///
/// Clones share the place.
#[derive(Clone, Debug, Default)]
pub struct ExchangeSlot(Arc<Mutex<Option<Exchange>>>);

impl ExchangeSlot {
    /// Takes the exchange; `None` if the call has not ended or did not reach the executor.
    pub fn take(&self) -> Option<Exchange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn put(&self, exchange: Exchange) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(exchange);
    }
}

/// Receives the record of every call: for contract checks, metrics and tests.
///
/// It runs on the task that made the call, after the response was read, so it should be fast. It
/// cannot change the call. A panic in it is caught and logged. It sees request and response bodies,
/// but never the API key. A closure is an observer:
///
/// ```
/// use std::sync::Arc;
/// use pivotal_runtime::{BaseUrl, ClientConfig, Exchange, RequestLine};
///
/// let slow = |request: &RequestLine, exchange: &Exchange| {
///     if exchange.elapsed.as_secs() > 5 {
///         eprintln!("{} took {:?}", exchange.operation.name, exchange.elapsed);
///     }
/// };
/// let mut config = ClientConfig::new(BaseUrl::parse("https://my.pivotal.app")?);
/// config.observer = Some(Arc::new(slow));
/// # Ok::<(), pivotal_runtime::InvalidBaseUrl>(())
/// ```
pub trait Observer: Send + Sync {
    /// Called once for every call that was sent or rejected.
    fn observe(&self, request: &RequestLine, exchange: &Exchange);
}

impl<F: Fn(&RequestLine, &Exchange) + Send + Sync> Observer for F {
    fn observe(&self, request: &RequestLine, exchange: &Exchange) {
        self(request, exchange);
    }
}

/// The parts of a request that an [`Observer`] sees.
#[derive(Clone, Debug)]
pub struct RequestLine {
    /// The method.
    pub method: Method,
    /// The complete URL.
    pub url: reqwest::Url,
    /// The body, if there is one.
    pub body: Option<Bytes>,
}
