//! Reads the error envelope of a response.

use bytes::Bytes;
use http::StatusCode;
use pivotal_api::{ErrorCode, ErrorType};
use pivotal_runtime::printable;
use serde::Deserialize;
use serde_json::Value;

use super::{Error, ErrorKind};

/// The maximum length of a text from the server in an error, in characters.
const MAX_TEXT: usize = 256;

/// The server's error envelope. Only `type` is required; of the others, whatever can be read is.
#[derive(Deserialize)]
struct Envelope {
    error: Details,
}

#[derive(Deserialize)]
struct Details {
    #[serde(rename = "type")]
    error_type: ErrorType,
    #[serde(default)]
    code: Value,
    #[serde(default)]
    message: Value,
    #[serde(default)]
    field: Value,
}

/// A string, a number or a boolean as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(one_line(text)),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl Error {
    /// The error that a response reports. Without an error envelope it is `Unexpected`.
    pub(super) fn from_response(status: StatusCode, body: &Bytes) -> Self {
        let is_error = status.is_client_error() || status.is_server_error();
        let envelope = serde_json::from_slice::<Envelope>(body).ok();
        let mut error = match envelope.filter(|_| is_error) {
            Some(Envelope { error: details }) => {
                let kind = kind(&details.error_type, status);
                let message = text(&details.message);
                let message = message.unwrap_or_else(|| "the server sent no message".to_owned());
                let mut error = Self::of_response(kind, Some(status), message);
                let error_type = one_line(details.error_type.as_str());
                error.0.error_type = Some(error_type.into());
                error.0.code = text(&details.code).map(ErrorCode::from);
                error.0.field = text(&details.field);
                error
            }
            None => {
                let message = describe(status, body);
                Self::of_response(ErrorKind::Unexpected, Some(status), message)
            }
        };
        error.keep(body);
        error
    }

    /// Keeps the first bytes of a body. Copies them from a large body, so that the rest is freed.
    pub(super) fn keep(&mut self, body: &Bytes) {
        self.0.body = if body.len() > Self::MAX_RAW_BODY {
            Bytes::copy_from_slice(&body[..Self::MAX_RAW_BODY])
        } else {
            body.clone()
        };
    }
}

/// The kind for an error type, or for the status if the type is unknown.
fn kind(error_type: &ErrorType, status: StatusCode) -> ErrorKind {
    match error_type.as_str() {
        "invalid_request_error" => ErrorKind::InvalidRequest,
        "authentication_error" => ErrorKind::Authentication,
        "permission_error" => ErrorKind::Permission,
        "not_found" => ErrorKind::NotFound,
        "conflict" => ErrorKind::Conflict,
        "rate_limit_error" => ErrorKind::RateLimit,
        "internal_error" => ErrorKind::Internal,
        _ => match status.as_u16() {
            401 => ErrorKind::Authentication,
            403 => ErrorKind::Permission,
            404 => ErrorKind::NotFound,
            409 => ErrorKind::Conflict,
            429 => ErrorKind::RateLimit,
            400..=499 => ErrorKind::InvalidRequest,
            _ => ErrorKind::Internal,
        },
    }
}

/// Describes a response without an error envelope, without printing it.
fn describe(status: StatusCode, body: &Bytes) -> String {
    let what = if body.is_empty() {
        "an empty body".to_owned()
    } else if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        "unknown JSON".to_owned()
    } else {
        format!("{} bytes that are not JSON", body.len())
    };
    if status.is_redirection() {
        "redirect not followed; check the base URL".to_owned()
    } else if status.is_success() {
        format!("undocumented success with {what}")
    } else {
        format!("{what} instead of an error envelope; the response may come from a proxy")
    }
}

/// A text from the server, limited in length and with control characters escaped.
pub(super) fn one_line(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", printable(&text[..end])),
        None => printable(text).into_owned(),
    }
}
