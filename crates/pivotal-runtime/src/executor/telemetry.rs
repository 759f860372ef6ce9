//! Tracing: one span per call and one event per attempt.
//!
//! The names are those of OpenTelemetry's HTTP client conventions. Of a path only the template is
//! written. Keys, bodies and IDs are never written.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
#[cfg(feature = "opentelemetry")]
use http::{HeaderName, HeaderValue};
#[cfg(feature = "opentelemetry")]
use opentelemetry::{Context, TraceFlags, trace::TraceContextExt};
#[cfg(feature = "opentelemetry")]
use reqwest::Request;
use reqwest::Url;
use tracing::Span;
use tracing::field::{Empty, display};
#[cfg(feature = "opentelemetry")]
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::exchange::{Exchange, Outcome};
use crate::failure::FailureKind;
use crate::operation::Operation;
use crate::retry::Decision;

/// The span of one call, with all of its attempts.
pub(super) fn span(operation: &'static Operation, url: &Url) -> Span {
    tracing::info_span!(
        "pivotal.call",
        "otel.name" = %SpanName(operation),
        "otel.kind" = "client",
        "pivotal.operation" = operation.name,
        "http.request.method" = operation.method.as_str(),
        "url.template" = operation.is_declared().then_some(operation.path),
        "url.scheme" = url.scheme(),
        "server.address" = url.host_str(),
        "server.port" = url.port_or_known_default(),
        "http.response.status_code" = Empty,
        "http.request.resend_count" = Empty,
        "error.type" = Empty,
    )
}

/// The request with the header `traceparent` (W3C Trace Context), if there is a trace and the caller
/// has not set the header. The parent is the span of the call, or the current OpenTelemetry context
/// if that span is in no trace. `tracestate` and `baggage` are not sent: they may tell the server what
/// is not its business.
#[cfg(feature = "opentelemetry")]
pub(super) fn with_traceparent(mut request: Request, span: &Span) -> Request {
    const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
    let of_call = span.context().span().span_context().clone();
    let context = if of_call.is_valid() {
        of_call
    } else {
        Context::current().span().span_context().clone()
    };
    if context.is_valid() {
        let (trace, parent) = (context.trace_id(), context.span_id());
        let flags = context.trace_flags() & TraceFlags::SAMPLED;
        let value = format!("00-{trace}-{parent}-{flags:02x}");
        if let Ok(value) = HeaderValue::try_from(value) {
            request.headers_mut().entry(TRACEPARENT).or_insert(value);
        }
    }
    request
}

/// Records the result of the call in its span.
pub(super) fn finish(span: &Span, exchange: &Exchange) {
    if span.is_disabled() {
        return;
    }
    if let Some(status) = exchange.status() {
        span.record("http.response.status_code", status.as_u16());
    }
    if exchange.attempts > 1 {
        span.record("http.request.resend_count", exchange.attempts - 1);
    }
    match &exchange.outcome {
        Outcome::Failed(failure) => {
            span.record("error.type", failure.kind().code());
        }
        Outcome::Response(response) if !response.status.is_success() => {
            span.record("error.type", display(response.status.as_u16()));
        }
        Outcome::Response(_) | Outcome::Rejected(_) => {}
    }
}

/// Writes the event of one attempt.
pub(super) fn attempt(
    number: u32,
    status: Option<StatusCode>,
    failure: Option<FailureKind>,
    elapsed: Duration,
    decision: Decision,
) {
    let (retry_in_ms, stop_reason) = match decision {
        Decision::Retry { after } => (Some(after.as_millis() as u64), None),
        Decision::Stop(stop_reason) => (None, Some(stop_reason)),
    };
    tracing::debug!(
        attempt = number,
        "http.response.status_code" = status.map(|status| status.as_u16()),
        "error.type" = failure.map(FailureKind::code),
        elapsed_ms = elapsed.as_millis() as u64,
        retry_in_ms,
        stop_reason = stop_reason.map(display),
        "attempt ended"
    );
}

/// `GET /api/v1/customers/{id}`, or the method alone if there is no template.
struct SpanName(&'static Operation);

impl fmt::Display for SpanName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operation { method, path, .. } = self.0;
        let space = if self.0.is_declared() { " " } else { "" };
        write!(f, "{method}{space}{path}")
    }
}
