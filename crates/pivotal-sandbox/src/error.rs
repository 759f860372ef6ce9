//! Error responses, in the documented envelope.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use serde::Serialize;

use crate::response::{APPLICATION_JSON, json, with_body};

/// The codes that the documentation names. Evidence: stated.
const DOCUMENTED_CODES: [&str; 11] = [
    "api_key_revoked",
    "email_taken",
    "invalid_enum_value",
    "invalid_string",
    "invalid_type",
    "missing_field",
    "onboarding_not_found",
    "rate_limited",
    "slug_taken",
    "too_big",
    "too_small",
];

/// A refused request: `{"error": {"type", "code", "message", "field"?}}` under a status.
///
/// Evidence: stated (the envelope, and one type for each status). The evidence for a code stands
/// where the code is used.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    field: Option<String>,
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            field: None,
            header: None,
        }
    }

    /// The message and the field, for errors that are not sent.
    pub(crate) fn into_message(self) -> (String, Option<String>) {
        (self.message, self.field)
    }

    /// 400: the request is malformed, or a value is not acceptable.
    pub(crate) fn invalid_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 401, with the challenge that RFC 9110, section 15.5.2, requires.
    pub(crate) fn authentication(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message)
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403 of the admin API.
    pub(crate) fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// 404: the row does not exist, or no longer does.
    pub(crate) fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// 409: the request conflicts with stored state.
    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 429, with the seconds after which the next request is admitted. Evidence: stated.
    pub(crate) fn rate_limited(limit: u32, retry_after: i64) -> Self {
        let message =
            format!("The limit of {limit} requests a minute is reached. Retry in {retry_after} s.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message)
            .header(header::RETRY_AFTER, HeaderValue::from(retry_after))
    }

    /// 404 for a path that the API does not have. Evidence: decided.
    pub(crate) fn unknown_path(path: &str) -> Self {
        Self::not_found("not_found", format!("There is nothing at {path}."))
    }

    /// 405 with `Allow`. Evidence: decided.
    pub(crate) fn method_not_allowed(method: &Method, allowed: &[Method]) -> Self {
        let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
        let allowed = names.join(", ");
        let allow = HeaderValue::from_str(&allowed).expect("method names are header-safe tokens");
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            format!("This path does not support {method}, only {allowed}."),
        )
        .header(header::ALLOW, allow)
    }

    /// 415. Evidence: decided.
    pub(crate) fn unsupported_media_type(message: impl Into<String>) -> Self {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Self::new(status, "unsupported_media_type", message)
    }

    /// 500: a bug of the sandbox. Evidence: stated (the type), decided (the code).
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "The sandbox failed. Its standard error shows where; please report it.",
        )
    }

    /// Names the offending field as a dotted path. The empty path, the body itself, is left out.
    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into()).filter(|field| !field.is_empty());
        self
    }

    /// Replaces a code that the documentation does not name by the type of the error.
    pub(crate) fn with_documented_code(mut self) -> Self {
        if !DOCUMENTED_CODES.contains(&self.code) {
            self.code = self.kind();
        }
        self
    }

    fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    /// The type that belongs to the status. Pivotal reserves `permission_error` (403) and does not
    /// use it; here it is the admin API's.
    fn kind(&self) -> &'static str {
        match self.status {
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::FORBIDDEN => "permission_error",
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::CONFLICT => "conflict",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_server_error() => "internal_error",
            _ => "invalid_request_error",
        }
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
            r#type: &'static str,
            code: &'static str,
            message: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            field: Option<&'a str>,
        }
        let detail = Detail {
            r#type: error.kind(),
            code: error.code,
            message: &error.message,
            field: error.field.as_deref(),
        };
        let body = json(&Envelope { error: detail });
        let mut response = with_body(error.status, APPLICATION_JSON, body);
        let header = error.header.map(|header| *header);
        response.headers_mut().extend(header);
        response
    }
}
