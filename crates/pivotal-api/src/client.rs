//! The client, whose methods are generated. They build requests; this sends them through
//! [`pivotal_runtime`] and decodes the responses.

use std::future::ready;

use futures_util::TryFutureExt;
use futures_util::future::Either;
use pivotal_runtime::{Executor, Operation};
use progenitor_client::{ByteStream, Error, ResponseValue};
use reqwest::{Request, Response, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::endpoint::Sent;
use super::generated::OPERATIONS;

/// A complete response.
pub(crate) type Complete = http::Response<bytes::Bytes>;

/// The client, with a method for every operation.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) client: reqwest::Client,
    executor: Executor,
}

impl Client {
    /// A client that sends requests through these.
    pub fn new(client: reqwest::Client, executor: Executor) -> Self {
        Self { client, executor }
    }

    /// The HTTP client.
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// The same client and connections with another executor, for the options and the record of one
    /// call.
    #[must_use]
    pub fn with_executor(&self, executor: Executor) -> Self {
        Self::new(self.client.clone(), executor)
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.executor.runtime().base_url().with_path(path)
    }

    /// Sends a request that a method has built. Not an `async fn`, whose future would contain the
    /// request once more.
    pub(crate) fn exec(
        &self,
        mut request: Request,
        operation: &'static Operation,
    ) -> impl Future<Output = Result<Complete, Error<ByteStream>>> + Send {
        match self.executor.prepare(&mut request, operation) {
            Ok(()) => {
                let sending = self.executor.send(&self.client, request, operation);
                Either::Left(sending.map_err(Error::from))
            }
            Err(refusal) => Either::Right(ready(Err(Error::InvalidRequest(refusal.to_string())))),
        }
    }
}

/// The operation with this method name in the operation table; `None` if there is none.
pub fn operation(name: &str) -> Option<&'static Operation> {
    let position = OPERATIONS
        .binary_search_by(|operation| operation.name.cmp(name))
        .ok()?;
    Some(OPERATIONS[position])
}

/// A success with a body.
#[expect(
    clippy::result_large_err,
    reason = "the errors of generated methods are progenitor's"
)]
pub(crate) fn decoded<T: DeserializeOwned>(response: Complete) -> Sent<T> {
    let (parts, body) = response.into_parts();
    match serde_json::from_slice(&body) {
        Ok(value) => Ok(ResponseValue::new(value, parts.status, parts.headers)),
        Err(error) => Err(Error::InvalidResponsePayload(body, error)),
    }
}

/// A success whose status says which member of a union its body is.
#[allow(
    dead_code,
    reason = "not every document has an operation whose successes differ"
)]
#[expect(
    clippy::result_large_err,
    reason = "the errors of generated methods are progenitor's"
)]
pub(crate) fn decoded_as<M, U, T>(
    response: Complete,
    known: fn(M) -> U,
    unknown: fn(Value) -> U,
) -> Sent<T>
where
    M: DeserializeOwned,
    T: DeserializeOwned + From<U>,
{
    let (parts, body) = response.into_parts();
    let value = serde_json::from_slice(&body).map(|member| T::from(known(member)));
    let value = value.or_else(|_| match serde_json::from_slice(&body)? {
        Value::Null => serde_json::from_value(Value::Null),
        other => Ok(T::from(unknown(other))),
    });
    match value {
        Ok(value) => Ok(ResponseValue::new(value, parts.status, parts.headers)),
        Err(error) => Err(Error::InvalidResponsePayload(body, error)),
    }
}

/// A response that is not a documented success.
pub(crate) fn refused(response: Complete) -> Error<ByteStream> {
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let response = Response::from(response);
    if is_error {
        Error::ErrorResponse(ResponseValue::stream(response))
    } else {
        Error::UnexpectedResponse(response)
    }
}
