//! The fault of one request, and how it is carried out.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::sleep;

use super::{FaultKind, alter, raw};
use crate::{
    connection::Socket,
    contract::{Contract, Operation},
    error::ApiError,
    rate_limit::Allowance,
    response::{json, with_body},
};

/// The error page of a proxy.
const HTML_PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/// The seconds in the message of a 429 without `Retry-After`.
const DEFAULT_WAIT: u32 = 60;

/// The fault of a request; by default none.
#[derive(Debug, Default)]
pub(crate) struct InjectedFault {
    pub(super) latency: Duration,
    pub(crate) kind: Option<FaultKind>,
    /// A random number for what the fault leaves open.
    pub(super) random: u64,
}

impl InjectedFault {
    /// Whether the key of the request is to be revoked before it is checked.
    pub(crate) fn revokes_key(&self) -> bool {
        self.kind == Some(FaultKind::KeyRevoked)
    }

    /// The fault as it is written, such as `latency=200ms,status=503`; `None` if there is none.
    pub(crate) fn text(&self) -> Option<String> {
        let latency = (!self.latency.is_zero()).then_some(FaultKind::Latency(self.latency));
        let kinds: Vec<_> = latency
            .iter()
            .chain(&self.kind)
            .map(FaultKind::to_string)
            .collect();
        (!kinds.is_empty()).then(|| kinds.join(","))
    }

    /// Waits, once the request is complete and admitted.
    pub(crate) async fn delay(&self) {
        if !self.latency.is_zero() {
            sleep(self.latency).await;
        }
    }

    /// The response to a request that is not to be processed.
    pub(crate) fn replacement(&self, allowance: &Allowance) -> Option<Response<Bytes>> {
        Some(match self.kind.as_ref()? {
            FaultKind::RateLimited(retry_after) => {
                let wait = retry_after.unwrap_or(DEFAULT_WAIT).into();
                let mut response = Response::from(ApiError::rate_limited(allowance.limit, wait));
                if retry_after.is_none() {
                    response.headers_mut().remove(header::RETRY_AFTER);
                }
                response
            }
            FaultKind::Status(status) => server_error(*status),
            FaultKind::Html502 => {
                let html = HeaderValue::from_static("text/html");
                with_body(StatusCode::BAD_GATEWAY, html, HTML_PAGE)
            }
            FaultKind::ResetBeforeProcessing | FaultKind::StallBeforeProcessing => {
                Response::default()
            }
            _ => return None,
        })
    }

    /// Changes the body or the status of the response.
    pub(crate) fn alter_body(
        &self,
        contract: &Contract,
        operation: Option<&Operation>,
        response: Response<Bytes>,
    ) -> Response<Bytes> {
        let success = response.status().is_success();
        let content = operation.and_then(|operation| operation.success.content.as_ref());
        // Without content there is no JSON to change.
        let schema = content.map_or(&Value::Null, |content| &content.schema);
        match &self.kind {
            Some(FaultKind::TruncatedJson) => response.map(|body| alter::truncated(&body)),
            Some(FaultKind::MalformedJson) => response.map(|body| alter::malformed(&body)),
            Some(FaultKind::StatusAfterProcessing(status)) => server_error(*status),
            Some(FaultKind::UnknownEnumValue) if success => map_json(response, |body| {
                alter::set_unknown_values(contract, schema, body);
            }),
            Some(FaultKind::UnknownKey) if success => map_json(response, |body| {
                alter::add_unknown_keys(contract, schema, body);
            }),
            Some(FaultKind::MissingKey(key)) if success => map_json(response, |body| {
                alter::remove_key(body, key.as_deref(), self.random);
            }),
            _ => response,
        }
    }

    /// Changes the headers of the response.
    pub(crate) fn alter_headers(&self, now: Timestamp, response: &mut Response<Bytes>) {
        let headers = response.headers_mut();
        match &self.kind {
            // `Date` follows the system's clock, which runs while the sandbox's is frozen.
            Some(FaultKind::ClockSkew(skew)) => {
                alter::skew_clock(headers, Timestamp::now(), *skew);
            }
            Some(FaultKind::RateLimited(retry_after)) => {
                alter::exhaust_rate_limit(headers, now, *retry_after);
            }
            Some(FaultKind::Html502) => alter::remove_api_headers(headers),
            _ => {}
        }
    }

    /// Returns the response for the HTTP server to send, or writes it to the socket itself. What is
    /// returned then is never sent and ends the connection.
    pub(crate) async fn send(
        &self,
        socket: &Socket,
        method: &Method,
        response: Response<Bytes>,
    ) -> Response<Bytes> {
        let Some(kind) = &self.kind else {
            return response;
        };
        let (head, body) = response.into_parts();
        let sent = if *method == Method::HEAD {
            &[][..]
        } else {
            &body
        };
        if raw::write(socket, kind, &head, sent).await {
            return Response::default();
        }
        Response::from_parts(head, body)
    }
}

/// Evidence: stated (500 and its type), decided (the code, and the envelope for other statuses).
fn server_error(status: u16) -> Response<Bytes> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let message = "This failure was injected by a fault of the sandbox.";
    ApiError::new(status, "internal_error", message).into()
}

/// Changes a JSON body; any other stays as it is.
fn map_json(response: Response<Bytes>, change: impl FnOnce(&mut Value)) -> Response<Bytes> {
    response.map(|body| match serde_json::from_slice(&body) {
        Ok(mut value) => {
            change(&mut value);
            json(&value)
        }
        Err(_) => body,
    })
}
