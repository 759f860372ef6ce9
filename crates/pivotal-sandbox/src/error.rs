//! Refusals: every response that is not a success, in the documented envelope.

use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use serde::Serialize;

/// Class of an error. Each status has one, and status and type always match.
///
/// Evidence: stated. `permission_error` (403) is reserved by Pivotal and not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorType {
    InvalidRequestError,
    AuthenticationError,
    NotFound,
    Conflict,
    RateLimitError,
    InternalError,
}

/// A refused request: `{"error": {"type", "code", "message", "field"?}}` under a status.
///
/// Evidence: stated (the envelope); the marks of the codes stand at the rules that use them.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    kind: ErrorType,
    code: &'static str,
    message: String,
    field: Option<String>,
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

impl ApiError {
    fn new(
        status: StatusCode,
        kind: ErrorType,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            code,
            message: message.into(),
            field: None,
            header: None,
        }
    }

    /// 400: the request is malformed or a value is not acceptable.
    pub(crate) fn invalid_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            ErrorType::InvalidRequestError,
            code,
            message,
        )
    }

    /// 401. The challenge header is what HTTP asks of every 401 (RFC 9110, section 15.5.2).
    pub(crate) fn authentication(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            ErrorType::AuthenticationError,
            code,
            message,
        )
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 404: the row is not there, or no longer.
    pub(crate) fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorType::NotFound, code, message)
    }

    /// 409: the request clashes with what is there.
    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, ErrorType::Conflict, code, message)
    }

    /// 429, with the seconds after which the next call is admitted. Evidence: stated.
    pub(crate) fn rate_limited(limit: u32, retry_after: i64) -> Self {
        let message =
            format!("The limit of {limit} requests a minute is reached. Retry in {retry_after} s.");
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            ErrorType::RateLimitError,
            "rate_limited",
            message,
        )
        .header(header::RETRY_AFTER, HeaderValue::from(retry_after))
    }

    /// A 5xx that was asked for. Evidence: stated (500 and its type), decided (the code, and the
    /// envelope for others).
    pub(crate) fn failure(status: StatusCode) -> Self {
        let message = "This failure was asked for by a fault of the sandbox.";
        Self::new(status, ErrorType::InternalError, "internal_error", message)
    }

    /// 404 for a path that the API does not have. Evidence: decided.
    pub(crate) fn unknown_path(path: &str) -> Self {
        Self::not_found("not_found", format!("There is nothing at {path}."))
    }

    /// 405 with `Allow`. Evidence: decided.
    pub(crate) fn method_not_allowed(method: &Method, allowed: &[Method]) -> Self {
        let allowed = allowed
            .iter()
            .map(Method::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!("{method} is not served here; {allowed} is.");
        let allow = HeaderValue::from_str(&allowed).expect("method names are header-safe tokens");
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            ErrorType::InvalidRequestError,
            "method_not_allowed",
            message,
        )
        .header(header::ALLOW, allow)
    }

    /// 413. Evidence: decided.
    pub(crate) fn payload_too_large(limit: usize) -> Self {
        let message = format!("The body is larger than {limit} bytes.");
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            ErrorType::InvalidRequestError,
            "payload_too_large",
            message,
        )
    }

    /// 415. Evidence: decided.
    pub(crate) fn unsupported_media_type(found: Option<&str>) -> Self {
        let found = found.map_or_else(
            || "has no content-type".to_owned(),
            |found| format!("is {found}"),
        );
        let message = format!("The body {found}; send content-type: application/json.");
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorType::InvalidRequestError,
            "unsupported_media_type",
            message,
        )
    }

    /// 415 for a body with a content coding. Evidence: decided.
    pub(crate) fn compressed_body() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorType::InvalidRequestError,
            "unsupported_media_type",
            "The body is compressed; send it as it is, without content-encoding.",
        )
    }

    /// 500: a fault of the sandbox, which a test should hear of. Evidence: stated (the type),
    /// decided (the code).
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ErrorType::InternalError,
            "internal_error",
            "The sandbox failed. Its error output says where; please report it.",
        )
    }

    /// Names the offending field, as a dotted path. The empty path, the body itself, is left out.
    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into()).filter(|field| !field.is_empty());
        self
    }

    fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: {}",
            self.status.as_u16(),
            self.code,
            self.message
        )
    }
}

impl From<ApiError> for Response<Bytes> {
    fn from(error: ApiError) -> Self {
        #[derive(Serialize)]
        struct Envelope<'a> {
            error: Detail<'a>,
        }
        #[derive(Serialize)]
        struct Detail<'a> {
            r#type: ErrorType,
            code: &'a str,
            message: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            field: Option<&'a str>,
        }
        let detail = Detail {
            r#type: error.kind,
            code: error.code,
            message: &error.message,
            field: error.field.as_deref(),
        };
        let mut response = Self::new(json(&Envelope { error: detail }));
        *response.status_mut() = error.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, APPLICATION_JSON);
        if let Some((name, value)) = error.header.map(|header| *header) {
            headers.insert(name, value);
        }
        response
    }
}

/// The one media type that the API speaks.
pub(crate) const APPLICATION_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// JSON text of a value of ours.
pub(crate) fn json(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value)
        .expect("answers have string keys and finite numbers")
        .into()
}
