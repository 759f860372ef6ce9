//! What the faults have in store for one request, and how that is carried out on its way.

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header, request::Parts};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::sleep;

use super::{FaultKind, alter, plan::Chosen, raw};
use crate::{
    contract::{Contract, Operation},
    error::{ApiError, json},
    rate_limit::Allowance,
    state::Shared,
    wire::Wire,
};

/// The page that a proxy puts in the place of a response.
const HTML_PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/// Seconds that the message of a 429 without `Retry-After` names.
const WINDOW: u32 = 60;

/// What is to happen to a request; nothing, as a rule.
#[derive(Debug, Default)]
pub(crate) struct Fate(Option<Box<Chosen>>);

impl Fate {
    pub(super) fn new(chosen: Chosen) -> Self {
        Self(Some(Box::new(chosen)))
    }

    fn kind(&self) -> Option<&FaultKind> {
        self.0.as_ref()?.kind.as_ref()
    }

    /// Before the key is looked at: revokes it.
    pub(crate) fn revoke_key(&self, shared: &Shared, head: &Parts) {
        if self.kind() == Some(&FaultKind::KeyRevoked) {
            shared.lock().keys.revoke_sent(&head.headers);
        }
    }

    /// When the request is all there and admitted: lets it wait.
    pub(crate) async fn wait(&self) {
        if let Some(chosen) = self.0.as_ref().filter(|chosen| !chosen.delay.is_zero()) {
            sleep(chosen.delay).await;
        }
    }

    /// The response in the place of processing, for a request that is not to be processed.
    pub(crate) fn instead(&self, allowance: &Allowance) -> Option<Response<Bytes>> {
        Some(match self.kind()? {
            FaultKind::RateLimited(retry_after) => {
                let limit = allowance.limit();
                let wait = retry_after.unwrap_or(WINDOW).into();
                let mut response = Response::from(ApiError::rate_limited(limit, wait));
                if retry_after.is_none() {
                    response.headers_mut().remove(header::RETRY_AFTER);
                }
                response
            }
            FaultKind::Status(status) => ApiError::failure(server_error(*status)).into(),
            FaultKind::Html502 => {
                let mut response = Response::new(Bytes::from_static(HTML_PAGE.as_bytes()));
                *response.status_mut() = StatusCode::BAD_GATEWAY;
                let html = HeaderValue::from_static("text/html");
                response.headers_mut().insert(header::CONTENT_TYPE, html);
                response
            }
            FaultKind::ResetBeforeProcessing | FaultKind::StallBeforeProcessing => {
                Response::default()
            }
            _ => return None,
        })
    }

    /// The response with what is to be wrong in its body or status.
    pub(crate) fn body(
        &self,
        contract: &Contract,
        operation: Option<&Operation>,
        response: Response<Bytes>,
    ) -> Response<Bytes> {
        let (Some(chosen), Some(kind)) = (&self.0, self.kind()) else {
            return response;
        };
        let success = response.status().is_success();
        match kind {
            FaultKind::TruncatedJson => response.map(|body| alter::truncated(&body)),
            FaultKind::MalformedJson => response.map(|body| alter::malformed(&body)),
            FaultKind::StatusAfterProcessing(status) => {
                ApiError::failure(server_error(*status)).into()
            }
            FaultKind::UnknownEnumValue if success => rewritten(response, |answer| {
                let content = operation.and_then(|operation| operation.success.content.as_ref());
                if let Some(content) = content {
                    alter::with_unknown_values(contract, &content.schema, answer);
                }
            }),
            FaultKind::UnknownKey if success => rewritten(response, alter::with_unknown_keys),
            FaultKind::MissingKey(key) if success => rewritten(response, |answer| {
                alter::without_key(answer, key.as_deref(), chosen.draw);
            }),
            _ => response,
        }
    }

    /// The response with what is to be wrong in its headers.
    pub(crate) fn headers(&self, now: Timestamp, response: &mut Response<Bytes>) {
        let headers = response.headers_mut();
        match self.kind() {
            // `Date` is the server's own clock, which runs while the sandbox's stands still.
            Some(FaultKind::ClockSkew(skew)) => {
                alter::skew_clock(headers, Timestamp::now(), *skew);
            }
            Some(FaultKind::RateLimited(retry_after)) => {
                alter::exhaust(headers, now, *retry_after);
            }
            Some(FaultKind::Html502) => alter::strip(headers),
            _ => {}
        }
    }

    /// Lets the response go the way of the server, or writes it to the wire past it. What is
    /// returned then goes nowhere and ends the connection.
    pub(crate) async fn deliver(
        &self,
        wire: &Wire,
        method: &Method,
        response: Response<Bytes>,
    ) -> Response<Bytes> {
        let Some(kind) = self.kind() else {
            return response;
        };
        let (head, body) = response.into_parts();
        let shown = if *method == Method::HEAD {
            &[][..]
        } else {
            &body
        };
        if raw::write(wire, kind, &head, shown).await {
            return Response::default();
        }
        Response::from_parts(head, body)
    }
}

fn server_error(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A JSON response after a change; one that is no JSON stays as it is.
fn rewritten(response: Response<Bytes>, change: impl FnOnce(&mut Value)) -> Response<Bytes> {
    response.map(|body| match serde_json::from_slice(&body) {
        Ok(mut answer) => {
            change(&mut answer);
            json(&answer)
        }
        Err(_) => body,
    })
}
