//! Whether an attempt is followed by another: one pure function.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use super::RetryPolicy;
use crate::failure::FailureKind;
use crate::operation::RetryClass;

/// Why a call was not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// No repetition would change it: a response that says yes or no, or a request that cannot be
    /// sent.
    Final,
    /// A repetition might help, but might also carry the request out twice.
    NotSafe,
    /// It was sent as often as the policy allows.
    AttemptsSpent,
    /// The client's calls have failed so often that none is repeated at the moment.
    BudgetSpent,
    /// The call's deadline would pass, or has passed.
    Deadline,
    /// The server asks for a longer delay than the policy allows.
    RetryAfterTooLong,
}

impl StopReason {
    /// Whether the same call may well succeed later, and is safe to make again.
    pub fn is_retryable(self) -> bool {
        !matches!(self, Self::Final | Self::NotSafe)
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Final => "a repetition would not change it",
            Self::NotSafe => "a repetition might carry it out twice",
            Self::AttemptsSpent => "all attempts are spent",
            Self::BudgetSpent => "the retry budget is spent",
            Self::Deadline => "the deadline leaves no time",
            Self::RetryAfterTooLong => "the server asks for a longer delay than allowed",
        })
    }
}

/// What came of an attempt, as far as the decision needs to know.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AttemptOutcome<'a> {
    /// A whole response, with the error code of a conflict.
    Response(StatusCode, Option<&'a str>),
    /// None, perhaps after a status.
    Failed(FailureKind, Option<StatusCode>),
}

/// All that the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryContext<'a> {
    pub(crate) policy: &'a RetryPolicy,
    pub(crate) class: RetryClass,
    /// Which attempt this was, from 1.
    pub(crate) attempt: u32,
    pub(crate) tried: AttemptOutcome<'a>,
    /// What the response asks for.
    pub(crate) retry_after: Option<Duration>,
    /// From 0 to 1.
    pub(crate) jitter: f64,
    /// Until the call's deadline.
    pub(crate) time_left: Option<Duration>,
    /// Whether the budget affords a repetition.
    pub(crate) affordable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Repeat { after: Duration },
    End(StopReason),
}

pub(crate) fn decide(context: &RetryContext<'_>) -> Decision {
    let RetryContext { policy, class, .. } = *context;
    match worth(context) {
        Retryability::Nothing => return Decision::End(StopReason::Final),
        Retryability::IfRepeatable if class == RetryClass::Never => {
            return Decision::End(StopReason::NotSafe);
        }
        Retryability::IfRepeatable | Retryability::Always => {}
    }
    if context.attempt >= policy.max_attempts {
        return Decision::End(StopReason::AttemptsSpent);
    }
    let after = match context.retry_after {
        Some(asked) if asked > policy.max_retry_after => {
            return Decision::End(StopReason::RetryAfterTooLong);
        }
        // "At once" is no plan for a server in trouble.
        Some(asked) if !asked.is_zero() => asked,
        _ => policy.wait(context.attempt, context.jitter),
    };
    if context.time_left.is_some_and(|left| left <= after) {
        return Decision::End(StopReason::Deadline);
    }
    if !context.affordable {
        return Decision::End(StopReason::BudgetSpent);
    }
    Decision::Repeat { after }
}

/// What a repetition is worth.
enum Retryability {
    /// It would end the same way.
    Nothing,
    /// It may end better; the first may have been carried out.
    IfRepeatable,
    /// It may end better; the first was surely not carried out.
    Always,
}

fn worth(context: &RetryContext<'_>) -> Retryability {
    match context.tried {
        AttemptOutcome::Response(status, code) => match status.as_u16() {
            429 => Retryability::Always,
            408 | 500 | 502..=504 => Retryability::IfRepeatable,
            409 if still_running(context, code) => Retryability::IfRepeatable,
            _ => Retryability::Nothing,
        },
        AttemptOutcome::Failed(kind, status) => match kind {
            FailureKind::Connect => Retryability::Always,
            _ if status == Some(StatusCode::TOO_MANY_REQUESTS) => Retryability::Always,
            FailureKind::Timeout | FailureKind::BodyCutShort | FailureKind::Exchange => {
                Retryability::IfRepeatable
            }
            FailureKind::BodyTooLarge { .. } | FailureKind::Deadline | FailureKind::Request => {
                Retryability::Nothing
            }
        },
    }
}

/// Whether a conflict says that the first request with this key is not finished. The vendor's codes
/// for that are not documented, so on a repetition any that is not known to be final is taken so.
fn still_running(context: &RetryContext<'_>, code: Option<&str>) -> bool {
    const FINAL: [&str; 3] = ["slug_taken", "email_taken", "idempotency_key_reused"];
    const RUNNING: &str = "idempotency_in_progress";
    context.class == RetryClass::ByKey
        && match code {
            Some(RUNNING) => true,
            Some(code) if FINAL.contains(&code) => false,
            _ => context.attempt > 1,
        }
}

/// The code in an error envelope; `None` for any other body.
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

#[cfg(test)]
mod tests {
    use RetryClass::{ByKey, Idempotent, Never, Safe};

    use super::*;

    const REPEATABLE: [RetryClass; 3] = [Safe, Idempotent, ByKey];
    const ALL: [RetryClass; 4] = [Safe, Idempotent, ByKey, Never];

    /// Half a second at most after the first attempt, half of it drawn.
    const BACKOFF: Decision = Decision::Repeat {
        after: Duration::from_millis(250),
    };
    const FINAL: Decision = Decision::End(StopReason::Final);
    const NOT_SAFE: Decision = Decision::End(StopReason::NotSafe);

    fn context<'a>(
        policy: &'a RetryPolicy,
        class: RetryClass,
        tried: AttemptOutcome<'a>,
    ) -> RetryContext<'a> {
        RetryContext {
            policy,
            class,
            attempt: 1,
            tried,
            retry_after: None,
            jitter: 0.5,
            time_left: None,
            affordable: true,
        }
    }

    fn status(status: u16) -> AttemptOutcome<'static> {
        AttemptOutcome::Response(StatusCode::from_u16(status).unwrap(), None)
    }

    fn failure(kind: FailureKind) -> AttemptOutcome<'static> {
        AttemptOutcome::Failed(kind, None)
    }

    #[test]
    fn what_is_repeated_follows_from_class_and_outcome() {
        let policy = &RetryPolicy::default();
        let unclear = [
            status(408),
            status(500),
            status(502),
            status(503),
            status(504),
            failure(FailureKind::Timeout),
            failure(FailureKind::BodyCutShort),
            failure(FailureKind::Exchange),
            AttemptOutcome::Failed(FailureKind::BodyCutShort, Some(StatusCode::CREATED)),
        ];
        for tried in unclear {
            for class in REPEATABLE {
                let decision = decide(&context(policy, class, tried));
                assert_eq!(decision, BACKOFF, "{class:?} {tried:?}");
            }
            let decision = decide(&context(policy, Never, tried));
            assert_eq!(decision, NOT_SAFE, "{tried:?}");
        }

        let surely_not_carried_out = [
            status(429),
            failure(FailureKind::Connect),
            AttemptOutcome::Failed(
                FailureKind::BodyCutShort,
                Some(StatusCode::TOO_MANY_REQUESTS),
            ),
        ];
        let settled = [
            200, 201, 204, 301, 307, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 501, 505,
        ]
        .map(status)
        .into_iter()
        .chain([
            failure(FailureKind::BodyTooLarge { limit: 1 }),
            failure(FailureKind::Request),
            failure(FailureKind::Deadline),
        ]);
        for class in ALL {
            for tried in surely_not_carried_out {
                let decision = decide(&context(policy, class, tried));
                assert_eq!(decision, BACKOFF, "{class:?} {tried:?}");
            }
            for tried in settled.clone() {
                let decision = decide(&context(policy, class, tried));
                assert_eq!(decision, FINAL, "{class:?} {tried:?}");
            }
        }
    }

    #[test]
    fn a_conflict_is_repeated_while_the_first_may_still_run() {
        let policy = &RetryPolicy::default();
        let second = Decision::Repeat {
            after: Duration::from_millis(500),
        };
        for (code, first, repeated) in [
            (Some("idempotency_in_progress"), BACKOFF, second),
            (Some("a_code_of_next_year"), FINAL, second),
            (None, FINAL, second),
            (Some("slug_taken"), FINAL, FINAL),
            (Some("email_taken"), FINAL, FINAL),
            (Some("idempotency_key_reused"), FINAL, FINAL),
        ] {
            let tried = AttemptOutcome::Response(StatusCode::CONFLICT, code);
            for (attempt, expected) in [(1, first), (2, repeated)] {
                let mut context = context(policy, ByKey, tried);
                context.attempt = attempt;
                assert_eq!(decide(&context), expected, "{code:?}, attempt {attempt}");
                for class in [Safe, Idempotent, Never] {
                    context.class = class;
                    assert_eq!(decide(&context), FINAL, "{class:?} {code:?}");
                }
            }
        }
    }

    #[test]
    fn limits_end_a_call_that_would_be_repeated() {
        let policy = &RetryPolicy::default();
        let base = context(policy, Safe, status(503));
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let repeat = |milliseconds| Decision::Repeat {
            after: Duration::from_millis(milliseconds),
        };
        let end = Decision::End;
        #[rustfmt::skip]
        let table = [
            // The server's delay wins over the backoff, up to the cap.
            (RetryContext { retry_after: seconds(2), ..base }, repeat(2_000)),
            (RetryContext { retry_after: seconds(60), ..base }, repeat(60_000)),
            (RetryContext { retry_after: seconds(61), ..base }, end(StopReason::RetryAfterTooLong)),
            (RetryContext { retry_after: seconds(0), ..base }, repeat(250)),
            // Full jitter.
            (RetryContext { jitter: 0.0, ..base }, repeat(0)),
            (RetryContext { jitter: 1.0, ..base }, repeat(500)),
            (RetryContext { jitter: 1.0, attempt: 3, ..base }, repeat(2_000)),
            // A wait that would end after the deadline is not begun.
            (RetryContext { time_left: seconds(1), ..base }, repeat(250)),
            (RetryContext { time_left: seconds(0), ..base }, end(StopReason::Deadline)),
            (RetryContext { time_left: seconds(2), retry_after: seconds(2), ..base }, end(StopReason::Deadline)),
            (RetryContext { attempt: 4, ..base }, end(StopReason::AttemptsSpent)),
            (RetryContext { affordable: false, ..base }, end(StopReason::BudgetSpent)),
            (RetryContext { policy: &RetryPolicy::off(), ..base }, end(StopReason::AttemptsSpent)),
            // What is final or unsafe is said to be so, whatever else would end it.
            (RetryContext { tried: status(404), attempt: 4, affordable: false, ..base }, end(StopReason::Final)),
            (RetryContext { class: Never, attempt: 4, affordable: false, ..base }, end(StopReason::NotSafe)),
        ];
        for (context, expected) in table {
            assert_eq!(decide(&context), expected, "{context:?}");
        }
    }

    #[test]
    fn the_code_of_a_conflict_is_read_from_the_envelope_alone() {
        let body = br#"{"error":{"type":"conflict","code":"slug\u005ftaken","message":"m"}}"#;
        assert_eq!(conflict_code(body).as_deref(), Some("slug_taken"));
        for other in [
            &b""[..],
            b"<html>",
            b"{}",
            b"{\"error\":\"slug_taken\"}",
            b"{\"error\":{}}",
        ] {
            assert_eq!(conflict_code(other), None);
        }
    }
}
