//! The admin API: what a test runner in any language controls the sandbox by. It is no part of
//! Pivotal.
//!
//! It stands beside the API, under `/_sandbox`, and only when [asked
//! for](crate::SandboxBuilder::admin). It takes no key, is not in the journal, costs nothing and is
//! never faulted. Refusals come in the envelope of the API.

mod clock;
mod faults;
mod requests;
mod reset;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{Method, StatusCode, header, request::Parts};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{APPLICATION_JSON, ApiError, json},
    service::collect,
    state::Shared,
};

/// What every admin path begins with.
const PREFIX: &str = "/_sandbox/";

/// Whether a request is for the admin API; when that is off, its paths are unknown ones.
pub(crate) fn serves(shared: &Shared, head: &Parts) -> bool {
    shared.admin && head.uri.path().starts_with(PREFIX)
}

/// An admin request.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) method: &'a Method,
    /// What follows the name of the resource: `freeze` of `/_sandbox/clock/freeze`.
    pub(crate) rest: &'a str,
    body: Bytes,
}

impl Request<'_> {
    /// The body, which must be JSON of this form; none at all counts as `{}`.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let text: &[u8] = if self.body.is_empty() {
            b"{}"
        } else {
            &self.body
        };
        serde_json::from_slice(text).map_err(|error| {
            let code = if error.is_data() {
                "invalid_body"
            } else {
                "invalid_json"
            };
            ApiError::invalid_request(code, format!("The body cannot be used: {error}."))
        })
    }

    /// The refusal of a path that the resource does not have.
    pub(crate) fn unknown(&self) -> ApiError {
        ApiError::unknown_path(self.rest)
    }

    /// Whether the method is the one wanted, or the refusal that names it.
    pub(crate) fn expect(&self, wanted: &[Method]) -> Result<(), ApiError> {
        if wanted.contains(self.method) {
            Ok(())
        } else {
            Err(ApiError::method_not_allowed(self.method, wanted))
        }
    }
}

/// A response of the admin API.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 200 with JSON.
    Json(Bytes),
    /// 204.
    Nothing,
}

impl Answer {
    pub(crate) fn json(value: &impl Serialize) -> Self {
        Self::Json(json(value))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Json(body) => ([(header::CONTENT_TYPE, APPLICATION_JSON)], body).into_response(),
            Self::Nothing => StatusCode::NO_CONTENT.into_response(),
        }
    }
}

/// Answers an admin request.
pub(crate) async fn answer(shared: &Shared, head: &Parts, body: Body) -> Response {
    let result = collect(body).await.and_then(|body| {
        let path = head.uri.path().strip_prefix(PREFIX).unwrap_or_default();
        let (resource, rest) = path.split_once('/').unwrap_or((path, ""));
        let request = Request {
            shared,
            method: &head.method,
            rest,
            body,
        };
        match resource {
            "clock" => clock::answer(&request),
            "faults" => faults::answer(&request),
            "requests" => requests::answer(&request),
            "reset" => reset::answer(&request),
            _ => Err(ApiError::unknown_path(head.uri.path())),
        }
    });
    match result {
        Ok(answer) => answer.into_response(),
        Err(refusal) => http::Response::from(refusal).map(Body::from),
    }
}
