//! What happened in one call, for those who asked to know.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::failure::{Failure, FailureKind, Refusal};
use crate::idempotency::IdempotencyKey;
use crate::operation::Operation;
use crate::rate_limiter::RateLimit;
use crate::retry::StopReason;

/// What is known of a request's fate. After `Unknown` a row may exist that nobody was told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It surely did not reach the server.
    NotSent,
    /// It may have reached the server and may have been carried out.
    Unknown,
    /// The server answered.
    Received,
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotSent => "not sent",
            Self::Unknown => "unknown",
            Self::Received => "received",
        })
    }
}

/// A whole response, whatever its status.
#[derive(Clone)]
pub struct HttpResponse {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body as it came.
    pub body: Bytes,
}

/// Shows the body's length only: it is customer data.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// How a call ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// With a response.
    Response(HttpResponse),
    /// Before anything was sent.
    Refused(Refusal),
    /// Without a whole response.
    Failed(Failure),
}

/// One finished call.
#[derive(Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// What was called.
    pub operation: &'static Operation,
    /// How often it was sent.
    pub attempts: u32,
    /// How long it took, with all attempts and waits.
    pub elapsed: Duration,
    /// How much of that it waited for its turns under the rate limit.
    pub waited_for_turn: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was not sent again.
    pub stop_reason: StopReason,
    /// The attempts before the last, oldest first. Empty for most calls.
    pub earlier: Vec<Attempt>,
    /// What the last response said of the key's allowance.
    pub rate_limit: Option<RateLimit>,
    /// The delay that the last response asked for.
    pub retry_after: Option<Duration>,
    /// The key that every attempt carried, the caller's or ours.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// An attempt that was followed by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The status, when a response got that far.
    pub status: Option<StatusCode>,
    /// How it failed; `None` for a whole response.
    pub failure: Option<FailureKind>,
    /// What is known of this attempt's fate.
    pub delivery: Delivery,
    /// How long it took, without waits.
    pub elapsed: Duration,
    /// How long the call then waited before it asked for its next turn.
    pub waited: Duration,
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

impl Exchange {
    /// What is known of the request's fate. When the last attempt surely did not arrive but an
    /// earlier one may have, it is unknown.
    pub fn delivery(&self) -> Delivery {
        let last = match &self.outcome {
            Outcome::Response(_) => Delivery::Received,
            Outcome::Refused(_) => Delivery::NotSent,
            Outcome::Failed(failure) => failure.delivery(),
        };
        let sent_before = || {
            let mut earlier = self.earlier.iter();
            earlier.any(|attempt| attempt.delivery != Delivery::NotSent)
        };
        if last == Delivery::NotSent && sent_before() {
            Delivery::Unknown
        } else {
            last
        }
    }

    /// The status, when there was one.
    pub fn status(&self) -> Option<StatusCode> {
        match &self.outcome {
            Outcome::Response(answered) => Some(answered.status),
            Outcome::Refused(_) => None,
            Outcome::Failed(failure) => failure.status(),
        }
    }
}

/// The place where one call leaves its [`Exchange`], which the generated client cannot pass on.
///
/// Clones share the place.
#[derive(Clone, Debug, Default)]
pub struct ExchangeSlot(Arc<Mutex<Option<Exchange>>>);

impl ExchangeSlot {
    /// Takes the exchange out; `None` when the call has not ended, or never reached the executor.
    pub fn take(&self) -> Option<Exchange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn put(&self, exchange: Exchange) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(exchange);
    }
}

/// Someone who looks at every exchange: a contract check, a metric, a test.
///
/// It is called on the task that made the call, after the response was read, so it should be quick.
/// It cannot change the call; a panic in it is caught and logged. It never sees the API key, but it
/// does see bodies. A closure will do:
///
/// ```
/// use std::sync::Arc;
/// use pivotal_runtime::{BaseUrl, Exchange, RequestLine, Runtime};
///
/// let slow = |request: &RequestLine, exchange: &Exchange| {
///     if exchange.elapsed.as_secs() > 5 {
///         eprintln!("{} took {:?}", exchange.operation.name, exchange.elapsed);
///     }
/// };
/// let runtime = Runtime::builder(BaseUrl::parse("https://my.pivotal.app")?)
///     .observer(Arc::new(slow))
///     .build();
/// # Ok::<(), pivotal_runtime::InvalidBaseUrl>(())
/// ```
pub trait Observer: Send + Sync {
    /// Called once per call that left or was refused.
    fn observe(&self, request: &RequestLine, exchange: &Exchange);
}

impl<F: Fn(&RequestLine, &Exchange) + Send + Sync> Observer for F {
    fn observe(&self, request: &RequestLine, exchange: &Exchange) {
        self(request, exchange);
    }
}

/// What was asked, as far as an [`Observer`] may see it.
#[derive(Clone, Debug)]
pub struct RequestLine {
    /// The method.
    pub method: http::Method,
    /// The whole URL.
    pub url: reqwest::Url,
    /// The body, when there is one.
    pub body: Option<Bytes>,
}
