//! Reading a response that is not a success.

use bytes::Bytes;
use http::StatusCode;
use pivotal_api::ErrorType;
use pivotal_runtime::Delivery;
use serde::Deserialize;

use super::{Error, ErrorKind};

/// The longest text of the server's that is passed on in a message, in characters.
const MAX_TEXT: usize = 500;

/// The server's error envelope. `type` alone makes it one.
#[derive(Deserialize)]
struct Envelope {
    error: Body,
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type")]
    error_type: ErrorType,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    field: Option<String>,
}

impl Error {
    /// The error that a response stands for: the envelope's, or `Unexpected` when it has none.
    pub(super) fn from_answer(status: StatusCode, body: &Bytes) -> Self {
        let envelope = match status.is_client_error() || status.is_server_error() {
            true => serde_json::from_slice::<Envelope>(body).ok(),
            false => None,
        };
        let mut error = match envelope {
            Some(Envelope { error: envelope }) => {
                let kind = kind_of(&envelope.error_type, status);
                let message = envelope
                    .message
                    .as_deref()
                    .map_or_else(|| "the server gave no message".to_owned(), one_line);
                let mut error = Self::new(kind, message);
                error.0.error_type = Some(envelope.error_type);
                error.0.code = envelope.code.as_deref().map(one_line);
                error.0.field = envelope.field.as_deref().map(one_line);
                error
            }
            None => Self::new(ErrorKind::Unexpected, describe(status, body)),
        };
        error.0.status = Some(status);
        error.0.attempts = 1;
        error.0.delivery = Delivery::Received;
        error.keep(body);
        error
    }

    /// Keeps the first bytes of a body; a copy, so that a large answer is not held.
    pub(super) fn keep(&mut self, body: &Bytes) {
        self.0.body = if body.len() > Self::MAX_RAW_BODY {
            Bytes::copy_from_slice(&body[..Self::MAX_RAW_BODY])
        } else {
            body.clone()
        };
    }
}

/// By the envelope's type; one that is newer than this program goes by the status.
fn kind_of(error_type: &ErrorType, status: StatusCode) -> ErrorKind {
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

/// What can be said of a foreign answer without repeating it.
fn describe(status: StatusCode, body: &Bytes) -> String {
    let what = if body.is_empty() {
        "an empty body".to_owned()
    } else if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        "JSON of another shape".to_owned()
    } else {
        format!("{} bytes that are not JSON", body.len())
    };
    if status.is_redirection() {
        "a redirect that was not followed; check the base URL".to_owned()
    } else if status.is_success() {
        format!("a success that the contract does not document, with {what}")
    } else {
        format!("{what} in place of Pivotal's error envelope; a proxy may have answered")
    }
}

/// The server's text without line breaks and not longer than a line should be.
fn one_line(text: &str) -> String {
    let mut line: String = text
        .chars()
        .take(MAX_TEXT)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(MAX_TEXT).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> Error {
        let status = StatusCode::from_u16(status).unwrap();
        Error::from_answer(status, &Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn the_envelopes_type_decides() {
        for (name, kind) in [
            ("invalid_request_error", ErrorKind::InvalidRequest),
            ("authentication_error", ErrorKind::Authentication),
            ("permission_error", ErrorKind::Permission),
            ("not_found", ErrorKind::NotFound),
            ("conflict", ErrorKind::Conflict),
            ("rate_limit_error", ErrorKind::RateLimit),
            ("internal_error", ErrorKind::Internal),
        ] {
            let body = format!(r#"{{"error":{{"type":"{name}","code":"c","message":"m"}}}}"#);
            assert_eq!(error(400, &body).kind(), kind, "{name}");
        }
    }

    #[test]
    fn a_type_newer_than_this_program_goes_by_the_status() {
        for (status, kind) in [
            (400, ErrorKind::InvalidRequest),
            (401, ErrorKind::Authentication),
            (403, ErrorKind::Permission),
            (404, ErrorKind::NotFound),
            (409, ErrorKind::Conflict),
            (418, ErrorKind::InvalidRequest),
            (429, ErrorKind::RateLimit),
            (503, ErrorKind::Internal),
        ] {
            let error = error(
                status,
                r#"{"error":{"type":"brand_new","code":"x","message":"m"}}"#,
            );
            assert_eq!(error.kind(), kind, "{status}");
            assert_eq!(error.error_type().unwrap().as_str(), "brand_new");
            assert!(error.is_code("x"));
        }
    }

    #[test]
    fn what_is_not_the_envelope_is_unexpected_and_is_not_repeated() {
        for body in [
            "<html><body>Bad Gateway hunter2</body></html>",
            "",
            r#"{"message":"hunter2"}"#,
            r#"{"error":"hunter2"}"#,
            r#"{"error":{"type":5,"message":"hunter2"}}"#,
            "[]",
        ] {
            let error = error(502, body);
            assert_eq!(error.kind(), ErrorKind::Unexpected, "{body}");
            assert_eq!(error.status().unwrap(), 502);
            assert_eq!(error.raw_body(), body.as_bytes());
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn a_message_of_the_servers_stays_one_bounded_line() {
        let message = "a\\nb\\u0007".to_owned() + &"x".repeat(1000);
        let body = format!(r#"{{"error":{{"type":"conflict","code":"c","message":"{message}"}}}}"#);
        let error = error(409, &body);
        assert!(error.message().starts_with("a b x"), "{}", error.message());
        assert_eq!(error.message().chars().count(), MAX_TEXT + 1);
    }

    #[test]
    fn a_large_body_is_kept_in_part() {
        let error = error(500, &"x".repeat(Error::MAX_RAW_BODY + 1));
        assert_eq!(error.raw_body().len(), Error::MAX_RAW_BODY);
    }
}
