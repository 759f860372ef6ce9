//! Converts failures of the generated client and the executor into [`Error`].

use bytes::Bytes;
use futures_util::{FutureExt, TryStreamExt};
use http::StatusCode;
use pivotal_api::{ByteStream, WireError};
use pivotal_runtime::{Delivery, Exchange, Executor, Failure, FailureKind, Outcome, Violation};
use serde::de::DeserializeOwned;

use super::{Error, ErrorKind};

type Raw = WireError<ByteStream>;

/// The error of a request that violates the contract, so that it was not sent.
impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        let error = Self::new(ErrorKind::InvalidRequest, violation.message())
            .code_and_field(violation.code(), violation.field());
        match pivotal_api::operation(violation.operation()) {
            Some(operation) => error.of(operation),
            None => error,
        }
    }
}

impl Error {
    /// The error of a recorded call. The record knows the response, the error of the generated
    /// client contains the error of reqwest.
    pub(crate) fn from_exchange<T: DeserializeOwned>(raw: Raw, exchange: Exchange) -> Self {
        let delivery = exchange.delivery();
        let mut error = match (exchange.outcome, raw) {
            (Outcome::Response(response), Raw::InvalidResponsePayload(..))
                if response.status.is_success() =>
            {
                let mut error = decode_again::<T>(&response.body);
                error.0.status = Some(response.status);
                error
            }
            (Outcome::Response(response), _) => {
                Self::from_response(response.status, &response.body)
            }
            (Outcome::Failed(failure), Raw::CommunicationError(source)) => {
                Self::from_failure(failure).caused_by(source)
            }
            (Outcome::Failed(failure), _) => Self::from_failure(failure),
            (Outcome::Rejected(invalid), _) => Self::rejected(&invalid),
            (_, raw) => Self::from(raw),
        };
        error.0.delivery = delivery;
        error.0.attempts = exchange.attempts;
        error.0.history = exchange.history;
        error.0.stop_reason = Some(exchange.stop_reason);
        error.0.rate_limit = exchange.rate_limit;
        error.0.retry_after = exchange.retry_after;
        error.0.idempotency_key = exchange.idempotency_key;
        error.of(exchange.operation)
    }

    fn from_failure(failure: Failure) -> Self {
        let kind = match failure.kind() {
            FailureKind::Timeout | FailureKind::Deadline => ErrorKind::Timeout,
            FailureKind::Request => ErrorKind::InvalidRequest,
            _ => ErrorKind::Transport,
        };
        let hint = match failure.kind() {
            FailureKind::Connect => "; check the base URL and the network",
            FailureKind::Timeout => "; `timeout` sets it",
            FailureKind::BodyTooLarge { .. } => "; `body_limit` sets it",
            _ => "",
        };
        let mut error = Self::new(kind, format!("{failure}{hint}"));
        error.0.code = Some(failure.kind().code().to_owned());
        error.0.status = failure.status();
        error.0.delivery = failure.delivery();
        error.0.source = failure.into_source();
        error
    }

    /// The error of a response to a raw call, which may be the executor's replacement for a
    /// failure.
    fn from_raw_response(status: StatusCode, body: &Bytes) -> Self {
        let mut error = Self::from_response(status, body);
        let is_replacement = status.as_u16() == Executor::NO_RESPONSE_STATUS
            && error
                .error_type()
                .is_some_and(|t| t.as_str() == Executor::NO_RESPONSE_TYPE);
        if is_replacement {
            error.0.kind = match error.code() {
                Some("timeout" | "deadline") => ErrorKind::Timeout,
                _ => ErrorKind::Transport,
            };
            error.0.error_type = None;
            error.0.delivery = Delivery::Unknown;
            error.0.status = None;
            error.0.body = Bytes::new();
        }
        error
    }

    /// A success whose body does not match the contract at this path.
    fn decode(body: &Bytes, path: Option<String>, problem: String) -> Self {
        let message = match &path {
            Some(path) => format!("at {path}: {problem}"),
            None => problem,
        };
        let mut error = Self::of_response(ErrorKind::Decode, None, message);
        error.0.field = path;
        error.keep(body);
        error
    }
}

/// Converts an error of the generated client ([`Client::raw`](crate::Client::raw)).
///
/// The operation is unknown, and so is the status of a success that cannot be decoded.
impl From<Raw> for Error {
    fn from(raw: Raw) -> Self {
        match raw {
            Raw::InvalidRequest(message) | Raw::Custom(message) => {
                Self::new(ErrorKind::InvalidRequest, message)
            }
            Raw::CommunicationError(error)
            | Raw::ResponseBodyError(error)
            | Raw::InvalidUpgrade(error) => {
                let mut error = Self::from_failure(Failure::from(error));
                error.0.attempts = u32::from(error.kind() != ErrorKind::InvalidRequest);
                error
            }
            Raw::ErrorResponse(response) => {
                let status = response.status();
                // The executor has read the body, so it is available at once.
                let body = response
                    .into_inner()
                    .into_inner()
                    .try_fold(Vec::new(), |mut all, chunk| async move {
                        all.extend_from_slice(&chunk);
                        Ok(all)
                    })
                    .now_or_never()
                    .and_then(Result::ok);
                Self::from_raw_response(status, &body.unwrap_or_default().into())
            }
            Raw::UnexpectedResponse(response) => {
                let status = response.status();
                let body = response.bytes().now_or_never().and_then(Result::ok);
                Self::from_raw_response(status, &body.unwrap_or_default())
            }
            Raw::InvalidResponsePayload(body, error) => {
                Self::decode(&body, None, without_values(&error))
            }
        }
    }
}

/// Decodes a body again to find the path that does not match.
fn decode_again<T: DeserializeOwned>(body: &Bytes) -> Error {
    if body.is_empty() {
        return Error::decode(body, None, "the body is empty".to_owned());
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(error) => {
            // `?` is a step that is unknown because the body is not JSON, `.` is the root.
            let path = error.path().to_string();
            let path = path.trim_end_matches(['.', '?']);
            let path = (!path.is_empty()).then(|| path.to_owned());
            Error::decode(body, path, without_values(error.inner()))
        }
        Ok(_) => {
            let problem = match json.end() {
                Err(trailing) => without_values(&trailing),
                Ok(()) => "the body cannot be decoded".to_owned(),
            };
            Error::decode(body, None, problem)
        }
    }
}

/// The message of serde without the value that it found, which is customer data:
/// ``invalid type: string "Mira", expected i64`` becomes `invalid type: string, expected i64`.
fn without_values(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let Some((what, rest)) = message
        .split_once(": ")
        .filter(|(what, _)| matches!(*what, "invalid type" | "invalid value"))
    else {
        return message;
    };
    let found = rest.split(['"', '`', ',']).next().unwrap_or_default();
    let expected = rest
        .rsplit_once(", expected ")
        .map_or("", |(_, expected)| expected);
    format!("{what}: {}, expected {expected}", found.trim_end())
}
