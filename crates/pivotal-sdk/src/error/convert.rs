//! Converts failures of the generated client and the executor into [`Error`].

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, StatusCode};
use pivotal_api::{ByteStream, ResponseValue, WireError, endpoint};
use pivotal_runtime::{Delivery, Exchange, Executor, Failure, FailureKind, Outcome, Violation};

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
    pub(crate) fn from_exchange(raw: Raw, exchange: Exchange) -> Self {
        let exchange = exchange.redact();
        let delivery = exchange.delivery();
        let rate_limit = exchange.rate_limit();
        let mut error = match (exchange.outcome, raw) {
            (Outcome::Response(response), Raw::InvalidResponsePayload(sent, error))
                if response.status.is_success() =>
            {
                let mut error = Self::decode(&error, &sent, &response.body);
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
        error.0.rate_limit = rate_limit;
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
        error.0.code = Some(failure.kind().code().into());
        error.0.status = failure.status();
        error.0.delivery = failure.delivery();
        error.0.source = failure.into_source();
        error
    }

    /// The error of a response to a raw call, which may be the executor's replacement for a
    /// failure.
    fn from_raw_response(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Self {
        let mut error = Self::from_response(status, body);
        if let Some(code) = headers.get(Executor::NO_RESPONSE_HEADER)
            && status.as_u16() == Executor::NO_RESPONSE_STATUS
        {
            error.0.kind = match code.as_bytes() {
                b"timeout" | b"deadline" => ErrorKind::Timeout,
                _ => ErrorKind::Transport,
            };
            error.0.error_type = None;
            error.0.delivery = Delivery::Unknown;
            error.0.status = None;
            error.0.body = Bytes::new();
        }
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
                let (status, headers) = (response.status(), response.headers().clone());
                // The executor has read the body, so it is available at once.
                let read = endpoint::bytes(response)
                    .now_or_never()
                    .and_then(Result::ok);
                let body = read.map(ResponseValue::into_inner).unwrap_or_default();
                Self::from_raw_response(status, &headers, &body.into())
            }
            Raw::UnexpectedResponse(response) => {
                let (status, headers) = (response.status(), response.headers().clone());
                let body = response.bytes().now_or_never().and_then(Result::ok);
                Self::from_raw_response(status, &headers, &body.unwrap_or_default())
            }
            Raw::InvalidResponsePayload(body, error) => Self::decode_untyped(&error, &body),
        }
    }
}
