//! Responses with their metadata.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use pivotal_api::endpoint::Sent;
use pivotal_api::{ByteStream, WireError};
use pivotal_runtime::{Attempt, Exchange, IdempotencyKey, Operation, Outcome, RateLimit};
use serde_json::Value;

use crate::error::{Error, Result};

/// A response with its metadata. It dereferences to the response itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response<T> {
    /// The response.
    pub value: T,
    /// Status, headers, body and timing.
    pub meta: Meta,
}

/// The metadata of a response.
#[derive(Clone)]
pub struct Meta {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    elapsed: Duration,
    attempts: u32,
    history: Vec<Attempt>,
    /// Whether the request had a key: the rate limit in the headers is that of the key.
    authenticated: bool,
    idempotency_key: Option<IdempotencyKey>,
}

impl<T> Response<T> {
    /// The value at a JSON pointer in the [body](Meta::body), such as `/next_cursor`. For the unknown
    /// keys of an object use its field `extra`, which costs nothing.
    pub fn pointer(&self, pointer: &str) -> Option<Value> {
        self.meta.pointer(pointer)
    }

    /// Combines the result of the generated client and the record of the executor.
    pub(crate) fn from_exchange(
        operation: &'static Operation,
        sent: Sent<T>,
        exchange: Option<Exchange>,
    ) -> Result<Self> {
        match sent {
            Ok(sent) => Ok(Self {
                value: sent.into_inner(),
                meta: Meta::from_exchange(exchange.expect("the executor records every response")),
            }),
            Err(error) => Err(failed(operation, error, exchange)),
        }
    }
}

/// The response without metadata.
pub(crate) fn value<T>(
    operation: &'static Operation,
    sent: Sent<T>,
    exchange: impl FnOnce() -> Option<Exchange>,
) -> Result<T> {
    match sent {
        Ok(sent) => Ok(sent.into_inner()),
        Err(error) => Err(failed(operation, error, exchange())),
    }
}

fn failed(
    operation: &'static Operation,
    error: WireError<ByteStream>,
    exchange: Option<Exchange>,
) -> Error {
    match exchange {
        Some(exchange) => Error::from_exchange(error, exchange),
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
            history: exchange.history,
            authenticated: exchange.operation.authenticated,
            idempotency_key: exchange.idempotency_key,
        };
        if let Outcome::Response(response) = exchange.outcome {
            meta.status = response.status;
            meta.headers = response.headers;
            meta.body = response.body;
        }
        meta
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body, unchanged. That of a page of a stream also contains the rows which the stream has
    /// dropped because they were returned already, so its rows have other indices.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The duration of the call, including all attempts and waits.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The attempts before the last, oldest first. Empty for most calls.
    pub fn history(&self) -> &[Attempt] {
        &self.history
    }

    /// The rate limit that the response reports.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        if !self.authenticated {
            return None;
        }
        RateLimit::from_headers(&self.headers)
    }

    /// The idempotency key of a create, yours or a generated one.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_ref().map(IdempotencyKey::as_str)
    }

    /// The value at a JSON pointer in the [body](Self::body).
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

/// Prints only the length of the body, which is customer data.
impl fmt::Debug for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("elapsed", &self.elapsed)
            .field("attempts", &self.attempts)
            .field("rate_limit", &self.rate_limit())
            .finish_non_exhaustive()
    }
}
