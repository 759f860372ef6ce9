//! From what the generated client and the executor know to our error.

use bytes::Bytes;
use futures_util::{FutureExt, TryStreamExt};
use http::StatusCode;
use pivotal_api::{ByteStream, WireError};
use pivotal_runtime::{Delivery, Exchange, Executor, Failure, FailureKind, HttpResponse, Outcome};
use serde::de::DeserializeOwned;

use super::{Error, ErrorKind};

type Raw = WireError<ByteStream>;

impl Error {
    /// The error of a call that left a record: the record knows status, body and fate, the
    /// generated client knows the HTTP stack's own error.
    pub(crate) fn from_exchange<T: DeserializeOwned>(raw: Raw, exchange: Exchange) -> Self {
        let delivery = exchange.delivery();
        let mut error = match exchange.outcome {
            Outcome::Response(answered) => Self::from_answered::<T>(&raw, &answered),
            Outcome::Failed(failure) => {
                let mut error = Self::from_failure(failure);
                if let Raw::CommunicationError(source) = raw {
                    error = error.caused_by(source);
                }
                error
            }
            _ => Self::from(raw),
        };
        error.0.delivery = delivery;
        error.0.attempts = exchange.attempts;
        error.0.history = exchange.earlier;
        error.0.stop_reason = Some(exchange.stop_reason);
        error.0.rate_limit = exchange.rate_limit;
        error.0.retry_after = exchange.retry_after;
        error.0.idempotency_key = exchange.idempotency_key;
        error.of(exchange.operation)
    }

    fn from_answered<T: DeserializeOwned>(raw: &Raw, answered: &HttpResponse) -> Self {
        let HttpResponse { status, body, .. } = answered;
        match raw {
            Raw::InvalidResponsePayload(..) if status.is_success() => {
                let mut error = undecodable::<T>(body);
                error.0.status = Some(*status);
                error
            }
            _ => Self::from_answer(*status, body),
        }
    }

    fn from_failure(failure: Failure) -> Self {
        let kind = match failure.kind() {
            FailureKind::Timeout | FailureKind::Deadline => ErrorKind::Timeout,
            FailureKind::Request => ErrorKind::InvalidRequest,
            _ => ErrorKind::Transport,
        };
        let mut message = failure.to_string();
        message.push_str(match failure.kind() {
            FailureKind::Connect => "; check the address and the network",
            FailureKind::Timeout => "; `timeout` sets how long it is waited for",
            FailureKind::BodyTooLarge { .. } => "; `body_limit` sets another",
            _ => "",
        });
        let mut error = Self::new(kind, message);
        error.0.code = Some(failure.kind().code().to_owned());
        error.0.status = failure.status();
        error.0.delivery = failure.delivery();
        error.0.source = failure.into_source();
        error
    }
}

/// Lifts an error of the generated client, as [`Client::raw`](crate::Client::raw) gives it.
///
/// It keeps what such an error still knows: not the operation, and of a success that does not
/// decode not the status.
impl From<Raw> for Error {
    fn from(raw: Raw) -> Self {
        match raw {
            Raw::InvalidRequest(message) | Raw::Custom(message) => {
                Self::new(ErrorKind::InvalidRequest, message)
            }
            Raw::CommunicationError(error)
            | Raw::ResponseBodyError(error)
            | Raw::InvalidUpgrade(error) => {
                let mut lifted = Self::from_failure(Failure::from(error));
                lifted.0.attempts = u32::from(lifted.kind() != ErrorKind::InvalidRequest);
                lifted
            }
            Raw::ErrorResponse(answer) => {
                let status = answer.status();
                // The executor has read the body to its end: it is ready at once.
                let body = answer
                    .into_inner()
                    .into_inner()
                    .try_fold(Vec::new(), |mut all, chunk| async move {
                        all.extend_from_slice(&chunk);
                        Ok(all)
                    })
                    .now_or_never()
                    .and_then(Result::ok);
                Self::from_raw_answer(status, &body.unwrap_or_default().into())
            }
            Raw::UnexpectedResponse(answer) => {
                let status = answer.status();
                let body = answer.bytes().now_or_never().and_then(Result::ok);
                Self::from_raw_answer(status, &body.unwrap_or_default())
            }
            Raw::InvalidResponsePayload(body, error) => decode_error(&body, None, &error),
        }
    }
}

impl Error {
    /// A response, or the executor's stand-in for one that it could not read.
    fn from_raw_answer(status: StatusCode, body: &Bytes) -> Self {
        let mut error = Self::from_answer(status, body);
        let stand_in = status.as_u16() == Executor::NO_ANSWER
            && error
                .error_type()
                .is_some_and(|t| t.as_str() == Executor::NO_ANSWER_TYPE);
        if stand_in {
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
}

/// Decodes a second time to learn the place that does not fit. Only failures pay for it.
fn undecodable<T: DeserializeOwned>(body: &Bytes) -> Error {
    if body.is_empty() {
        return Error::undecodable(body, None, "the body is empty".to_owned());
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(error) => {
            let path = known_part(&error.path().to_string());
            decode_error(body, path, error.inner())
        }
        // It decodes, so what failed is what follows it.
        Ok(_) => match json.end() {
            Err(error) => decode_error(body, None, &error),
            Ok(()) => Error::new(ErrorKind::Decode, "the body does not decode"),
        },
    }
}

fn decode_error(body: &Bytes, path: Option<String>, error: &serde_json::Error) -> Error {
    Error::undecodable(body, path, without_values(&error.to_string()))
}

/// A path without its last step where that is not known, as in what is no JSON: `data[0].?` becomes
/// `data[0]`, and the root is no path.
fn known_part(path: &str) -> Option<String> {
    let path = path.trim_end_matches(['.', '?']);
    (!path.is_empty()).then(|| path.to_owned())
}

impl Error {
    fn undecodable(body: &Bytes, path: Option<String>, what: String) -> Self {
        let message = match &path {
            Some(path) => format!("at {path}: {what}"),
            None => what,
        };
        let mut error = Self::new(ErrorKind::Decode, message);
        error.0.field = path;
        error.0.attempts = 1;
        error.0.delivery = Delivery::Received;
        error.keep(body);
        error
    }
}

/// serde's message without the value that it found, which is customer data:
/// ``invalid type: string "Mira", expected i64`` becomes `invalid type: string, expected i64`.
fn without_values(message: &str) -> String {
    let Some((what, rest)) = message
        .split_once(": ")
        .filter(|(what, _)| matches!(*what, "invalid type" | "invalid value"))
    else {
        return message.to_owned();
    };
    let found = rest.split(['"', '`', ',']).next().unwrap_or_default();
    let expected = rest
        .rsplit_once(", expected ")
        .map_or("", |(_, expected)| expected);
    format!("{what}: {}, expected {expected}", found.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_as_far_as_it_is_known() {
        for (path, known) in [
            (".", None),
            ("?", None),
            ("name", Some("name")),
            ("data[0].?", Some("data[0]")),
            ("data[0].name", Some("data[0].name")),
        ] {
            assert_eq!(known_part(path).as_deref(), known, "{path}");
        }
    }

    #[test]
    fn a_decode_message_names_types_and_not_values() {
        for (message, expected) in [
            (
                r#"invalid type: string "Mira, expected x", expected i64 at line 1 column 9"#,
                "invalid type: string, expected i64 at line 1 column 9",
            ),
            (
                "invalid type: integer `5`, expected a string",
                "invalid type: integer, expected a string",
            ),
            (
                "invalid type: null, expected a string",
                "invalid type: null, expected a string",
            ),
            (
                "missing field `name` at line 1 column 2",
                "missing field `name` at line 1 column 2",
            ),
        ] {
            assert_eq!(without_values(message), expected);
        }
    }
}
