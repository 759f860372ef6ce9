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
pub enum Ending {
    /// No repetition would change it: an answer that says yes or no, or a request that cannot be sent.
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

impl Ending {
    /// Whether the same call may well succeed later, and is safe to make again.
    pub fn is_retryable(self) -> bool {
        !matches!(self, Self::Final | Self::NotSafe)
    }
}

impl fmt::Display for Ending {
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
pub(crate) enum Tried<'a> {
    /// A whole answer, with the error code of a conflict.
    Answered(StatusCode, Option<&'a str>),
    /// None, perhaps after a status.
    Failed(FailureKind, Option<StatusCode>),
}

/// All that the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation<'a> {
    pub(crate) policy: &'a RetryPolicy,
    pub(crate) class: RetryClass,
    /// Which attempt this was, from 1.
    pub(crate) attempt: u32,
    pub(crate) tried: Tried<'a>,
    /// What the answer asks for.
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
    End(Ending),
}

pub(crate) fn decide(situation: &Situation<'_>) -> Decision {
    let Situation { policy, class, .. } = *situation;
    match worth(situation) {
        Worth::Nothing => return Decision::End(Ending::Final),
        Worth::IfRepeatable if class == RetryClass::Never => {
            return Decision::End(Ending::NotSafe);
        }
        Worth::IfRepeatable | Worth::Always => {}
    }
    if situation.attempt >= policy.max_attempts {
        return Decision::End(Ending::AttemptsSpent);
    }
    let after = match situation.retry_after {
        Some(asked) if asked > policy.max_retry_after => {
            return Decision::End(Ending::RetryAfterTooLong);
        }
        // "At once" is no plan for a server in trouble.
        Some(asked) if !asked.is_zero() => asked,
        _ => policy.wait(situation.attempt, situation.jitter),
    };
    if situation.time_left.is_some_and(|left| left <= after) {
        return Decision::End(Ending::Deadline);
    }
    if !situation.affordable {
        return Decision::End(Ending::BudgetSpent);
    }
    Decision::Repeat { after }
}

/// What a repetition is worth.
enum Worth {
    /// It would end the same way.
    Nothing,
    /// It may end better; the first may have been carried out.
    IfRepeatable,
    /// It may end better; the first was surely not carried out.
    Always,
}

fn worth(situation: &Situation<'_>) -> Worth {
    match situation.tried {
        Tried::Answered(status, code) => match status.as_u16() {
            429 => Worth::Always,
            408 | 500 | 502..=504 => Worth::IfRepeatable,
            409 if still_running(situation, code) => Worth::IfRepeatable,
            _ => Worth::Nothing,
        },
        Tried::Failed(kind, status) => match kind {
            FailureKind::Connect => Worth::Always,
            _ if status == Some(StatusCode::TOO_MANY_REQUESTS) => Worth::Always,
            FailureKind::Timeout | FailureKind::BodyCutShort | FailureKind::Exchange => {
                Worth::IfRepeatable
            }
            FailureKind::BodyTooLarge { .. } | FailureKind::Deadline | FailureKind::Request => {
                Worth::Nothing
            }
        },
    }
}

/// Whether a conflict says that the first request with this key is not finished. The vendor's codes
/// for that are not documented, so on a repetition any that is not known to be final is taken so.
fn still_running(situation: &Situation<'_>, code: Option<&str>) -> bool {
    const FINAL: [&str; 3] = ["slug_taken", "email_taken", "idempotency_key_reused"];
    const RUNNING: &str = "idempotency_in_progress";
    situation.class == RetryClass::ByKey
        && match code {
            Some(RUNNING) => true,
            Some(code) if FINAL.contains(&code) => false,
            _ => situation.attempt > 1,
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
    const FINAL: Decision = Decision::End(Ending::Final);
    const NOT_SAFE: Decision = Decision::End(Ending::NotSafe);

    fn situation<'a>(
        policy: &'a RetryPolicy,
        class: RetryClass,
        tried: Tried<'a>,
    ) -> Situation<'a> {
        Situation {
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

    fn status(status: u16) -> Tried<'static> {
        Tried::Answered(StatusCode::from_u16(status).unwrap(), None)
    }

    fn failure(kind: FailureKind) -> Tried<'static> {
        Tried::Failed(kind, None)
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
            Tried::Failed(FailureKind::BodyCutShort, Some(StatusCode::CREATED)),
        ];
        for tried in unclear {
            for class in REPEATABLE {
                let decision = decide(&situation(policy, class, tried));
                assert_eq!(decision, BACKOFF, "{class:?} {tried:?}");
            }
            let decision = decide(&situation(policy, Never, tried));
            assert_eq!(decision, NOT_SAFE, "{tried:?}");
        }

        let surely_not_carried_out = [
            status(429),
            failure(FailureKind::Connect),
            Tried::Failed(
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
                let decision = decide(&situation(policy, class, tried));
                assert_eq!(decision, BACKOFF, "{class:?} {tried:?}");
            }
            for tried in settled.clone() {
                let decision = decide(&situation(policy, class, tried));
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
            let tried = Tried::Answered(StatusCode::CONFLICT, code);
            for (attempt, expected) in [(1, first), (2, repeated)] {
                let mut situation = situation(policy, ByKey, tried);
                situation.attempt = attempt;
                assert_eq!(decide(&situation), expected, "{code:?}, attempt {attempt}");
                for class in [Safe, Idempotent, Never] {
                    situation.class = class;
                    assert_eq!(decide(&situation), FINAL, "{class:?} {code:?}");
                }
            }
        }
    }

    #[test]
    fn limits_end_a_call_that_would_be_repeated() {
        let policy = &RetryPolicy::default();
        let base = situation(policy, Safe, status(503));
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let repeat = |milliseconds| Decision::Repeat {
            after: Duration::from_millis(milliseconds),
        };
        let end = Decision::End;
        #[rustfmt::skip]
        let table = [
            // The server's delay wins over the backoff, up to the cap.
            (Situation { retry_after: seconds(2), ..base }, repeat(2_000)),
            (Situation { retry_after: seconds(60), ..base }, repeat(60_000)),
            (Situation { retry_after: seconds(61), ..base }, end(Ending::RetryAfterTooLong)),
            (Situation { retry_after: seconds(0), ..base }, repeat(250)),
            // Full jitter.
            (Situation { jitter: 0.0, ..base }, repeat(0)),
            (Situation { jitter: 1.0, ..base }, repeat(500)),
            (Situation { jitter: 1.0, attempt: 3, ..base }, repeat(2_000)),
            // A wait that would end after the deadline is not begun.
            (Situation { time_left: seconds(1), ..base }, repeat(250)),
            (Situation { time_left: seconds(0), ..base }, end(Ending::Deadline)),
            (Situation { time_left: seconds(2), retry_after: seconds(2), ..base }, end(Ending::Deadline)),
            (Situation { attempt: 4, ..base }, end(Ending::AttemptsSpent)),
            (Situation { affordable: false, ..base }, end(Ending::BudgetSpent)),
            (Situation { policy: &RetryPolicy::off(), ..base }, end(Ending::AttemptsSpent)),
            // What is final or unsafe is said to be so, whatever else would end it.
            (Situation { tried: status(404), attempt: 4, affordable: false, ..base }, end(Ending::Final)),
            (Situation { class: Never, attempt: 4, affordable: false, ..base }, end(Ending::NotSafe)),
        ];
        for (situation, expected) in table {
            assert_eq!(decide(&situation), expected, "{situation:?}");
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
