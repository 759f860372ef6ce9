//! A response with everything that came with it.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use pivotal_api::endpoint::Sent;
use pivotal_api::{ByteStream, ResponseValue, WireError};
use pivotal_runtime::{
    Attempt, Exchange, IdempotencyKey, Operation, Outcome, RateLimit, ResponseObject,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// A response and what came with it; reads like the response itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response<T> {
    /// The response.
    pub value: T,
    /// Status, headers, body and timing.
    pub meta: Meta,
}

/// What came with a response.
#[derive(Clone)]
pub struct Meta {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    elapsed: Duration,
    attempts: u32,
    history: Vec<Attempt>,
    rate_limit: Option<RateLimit>,
    idempotency_key: Option<IdempotencyKey>,
}

impl<T: ResponseObject> Response<T> {
    /// The keys of the response that this version of the SDK does not know, with their values.
    ///
    /// The vendor may add keys at any time. They are read from the kept body when asked for, so
    /// answers cost nothing more to decode. Keys deeper inside are reached by
    /// [`pointer`](Meta::pointer).
    pub fn extra(&self) -> Map<String, Value> {
        pivotal_runtime::unknown_keys::<T>(&self.meta.body)
    }
}

impl<T> Response<T> {
    /// What stands at a JSON pointer in the kept body, known to this version or not:
    /// `/data/0/metadata`.
    pub fn pointer(&self, pointer: &str) -> Option<Value> {
        self.meta.pointer(pointer)
    }
}

impl<T: DeserializeOwned> Response<T> {
    /// Puts together what the generated client gave and what the executor recorded.
    pub(crate) fn from_exchange(
        operation: &'static Operation,
        sent: Sent<T>,
        exchange: Option<Exchange>,
    ) -> Result<Self> {
        match (sent, exchange) {
            (Ok(sent), Some(exchange)) => Ok(Self {
                value: sent.into_inner(),
                meta: Meta::from_exchange(exchange),
            }),
            (Ok(sent), None) => Ok(Self {
                meta: Meta::without_record(&sent),
                value: sent.into_inner(),
            }),
            (Err(error), exchange) => Err(failed::<T>(operation, error, exchange)),
        }
    }
}

/// The response alone, for those who did not ask what came with it.
pub(crate) fn answer<T: DeserializeOwned>(
    operation: &'static Operation,
    sent: Sent<T>,
    exchange: impl FnOnce() -> Option<Exchange>,
) -> Result<T> {
    match sent {
        Ok(sent) => Ok(sent.into_inner()),
        Err(error) => Err(failed::<T>(operation, error, exchange())),
    }
}

fn failed<T: DeserializeOwned>(
    operation: &'static Operation,
    error: WireError<ByteStream>,
    exchange: Option<Exchange>,
) -> Error {
    match exchange {
        Some(exchange) => Error::from_exchange::<T>(error, exchange),
        None => Error::from(error).of(operation),
    }
}

impl Meta {
    pub(crate) fn from_exchange(exchange: Exchange) -> Self {
        let mut meta = Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            elapsed: exchange.elapsed,
            attempts: exchange.attempts,
            history: exchange.earlier,
            rate_limit: exchange.rate_limit,
            idempotency_key: exchange.idempotency_key,
        };
        if let Outcome::Response(answered) = exchange.outcome {
            meta.status = answered.status;
            meta.headers = answered.headers;
            meta.body = answered.body;
        }
        meta
    }

    /// For a response that came past the executor, which none does.
    fn without_record<T>(sent: &ResponseValue<T>) -> Self {
        Self {
            status: sent.status(),
            headers: sent.headers().clone(),
            body: Bytes::new(),
            elapsed: Duration::ZERO,
            attempts: 1,
            history: Vec::new(),
            rate_limit: None,
            idempotency_key: None,
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it came, byte for byte.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// From the call to the last byte of the response: all attempts and waits.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The attempts before the one that was answered so, oldest first. Empty for most calls.
    pub fn history(&self) -> &[Attempt] {
        &self.history
    }

    /// What this response said of the key's allowance.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.rate_limit
    }

    /// The key that a create went under, yours or the SDK's own.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_ref().map(IdempotencyKey::as_str)
    }

    /// What stands at a JSON pointer in the body.
    pub fn pointer(&self, pointer: &str) -> Option<Value> {
        let mut body: Value = serde_json::from_slice(&self.body).ok()?;
        body.pointer_mut(pointer).map(Value::take)
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Shows the length of the body only: it is customer data.
impl fmt::Debug for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("elapsed", &self.elapsed)
            .field("attempts", &self.attempts)
            .field("rate_limit", &self.rate_limit)
            .finish_non_exhaustive()
    }
}
