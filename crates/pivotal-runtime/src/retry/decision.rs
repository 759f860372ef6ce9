//! The retry decision: one pure function.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use super::RetryPolicy;
use crate::failure::FailureKind;
use crate::operation::RetryClass;

/// Why a call was not retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// A retry would give the same result: a success, a final error or an invalid request.
    NotRetryable,
    /// A retry might help, but the server might then process the request twice.
    UnsafeToRetry,
    /// The policy's maximum number of attempts was reached.
    AttemptsExhausted,
    /// The client's [`RetryBudget`](crate::RetryBudget) has no token left.
    BudgetExhausted,
    /// The call's deadline has passed, or would pass during the delay.
    DeadlineExceeded,
    /// The server asks for a longer delay than the policy allows.
    RetryAfterTooLong,
}

impl StopReason {
    /// Whether the same call may succeed later and is safe to repeat.
    pub fn is_retryable(self) -> bool {
        !matches!(self, Self::NotRetryable | Self::UnsafeToRetry)
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotRetryable => "a retry would give the same result",
            Self::UnsafeToRetry => "the server might process the request twice",
            Self::AttemptsExhausted => "the maximum number of attempts was reached",
            Self::BudgetExhausted => "the retry budget is exhausted",
            Self::DeadlineExceeded => "the deadline leaves no time for a retry",
            Self::RetryAfterTooLong => "the server asks for a longer delay than the policy allows",
        })
    }
}

/// The result of an attempt, as far as the decision depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AttemptOutcome<'a> {
    /// A complete response, with the error code if it is a 409.
    Response(StatusCode, Option<&'a str>),
    /// No complete response. The status is set if the response began.
    Failed(FailureKind, Option<StatusCode>),
}

/// Everything that the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryContext<'a> {
    pub(crate) policy: &'a RetryPolicy,
    pub(crate) class: RetryClass,
    /// Whether the caller has set the idempotency key. Another process may then use it as well.
    pub(crate) caller_key: bool,
    /// The number of this attempt, from 1.
    pub(crate) attempt: u32,
    pub(crate) outcome: AttemptOutcome<'a>,
    /// The delay that the response asks for.
    pub(crate) retry_after: Option<Duration>,
    /// A random number from 0 to 1.
    pub(crate) jitter: f64,
    /// Time until the call's deadline.
    pub(crate) time_left: Option<Duration>,
    /// Whether the retry budget has a token for a retry.
    pub(crate) within_budget: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Retry { after: Duration },
    Stop(StopReason),
}

pub(crate) fn decide(context: &RetryContext<'_>) -> Decision {
    let RetryContext { policy, class, .. } = *context;
    match retryability(context) {
        Retryability::Never => return Decision::Stop(StopReason::NotRetryable),
        Retryability::IfIdempotent if class == RetryClass::Never => {
            return Decision::Stop(StopReason::UnsafeToRetry);
        }
        Retryability::IfIdempotent | Retryability::Always => {}
    }
    if context.attempt >= policy.max_attempts {
        return Decision::Stop(StopReason::AttemptsExhausted);
    }
    let after = match context.retry_after {
        Some(delay) if delay > policy.max_retry_after => {
            return Decision::Stop(StopReason::RetryAfterTooLong);
        }
        // A delay of zero would hit a struggling server at once: use the backoff instead.
        Some(delay) if !delay.is_zero() => delay,
        _ => policy.delay(context.attempt, context.jitter),
    };
    if context.time_left.is_some_and(|left| left <= after) {
        return Decision::Stop(StopReason::DeadlineExceeded);
    }
    if !context.within_budget {
        return Decision::Stop(StopReason::BudgetExhausted);
    }
    Decision::Retry { after }
}

enum Retryability {
    /// A retry would give the same result.
    Never,
    /// A retry may succeed, but the server may have processed the request.
    IfIdempotent,
    /// A retry may succeed, and the server has not processed the request.
    Always,
}

fn retryability(context: &RetryContext<'_>) -> Retryability {
    match context.outcome {
        AttemptOutcome::Response(status, code) => match status.as_u16() {
            429 => Retryability::Always,
            408 | 500 | 502..=504 => Retryability::IfIdempotent,
            409 if is_in_progress(context, code) => Retryability::IfIdempotent,
            _ => Retryability::Never,
        },
        AttemptOutcome::Failed(kind, status) => match kind {
            FailureKind::Connect => Retryability::Always,
            _ if status == Some(StatusCode::TOO_MANY_REQUESTS) => Retryability::Always,
            FailureKind::Timeout | FailureKind::IncompleteBody | FailureKind::ConnectionLost => {
                Retryability::IfIdempotent
            }
            FailureKind::BodyTooLarge { .. } | FailureKind::Deadline | FailureKind::Request => {
                Retryability::Never
            }
        },
    }
}

/// Whether a 409 means that the first request with this idempotency key is still being processed.
///
/// The vendor does not document the codes for that. If a request with this key may have been sent
/// before, every code that is not known to be final is therefore taken as "in progress".
fn is_in_progress(context: &RetryContext<'_>, code: Option<&str>) -> bool {
    const FINAL: [&str; 3] = ["slug_taken", "email_taken", "idempotency_key_reused"];
    const IN_PROGRESS: &str = "idempotency_in_progress";
    context.class == RetryClass::ByKey
        && match code {
            Some(IN_PROGRESS) => true,
            Some(code) if FINAL.contains(&code) => false,
            _ => context.attempt > 1 || context.caller_key,
        }
}

/// The error code of an error envelope; `None` for any other body.
pub(crate) fn conflict_code(body: &[u8]) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        error: Detail<'a>,
    }
    #[derive(Deserialize)]
    struct Detail<'a> {
        #[serde(borrow)]
        code: Cow<'a, str>,
    }
    let envelope: Envelope<'_> = serde_json::from_slice(body).ok()?;
    Some(envelope.error.code)
}
