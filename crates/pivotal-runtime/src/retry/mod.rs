//! When a call is sent again, and after how long.
//!
//! [`decide`](decide::decide) is the whole decision, a pure function. Around it: the
//! [`RetryPolicy`] of a client or a call, the [`RetryBudget`] that keeps an outage from being
//! multiplied, and what a response asks for in `Retry-After`.

mod after;
mod budget;
mod decide;
mod jitter;

use std::time::Duration;

pub(crate) use after::retry_after;
pub use budget::RetryBudget;
pub(crate) use budget::Tokens;
pub use decide::StopReason;
pub(crate) use decide::{AttemptOutcome, Decision, RetryContext, conflict_code, decide};
pub(crate) use jitter::Jitter;

/// No wait is longer than 30 days, whatever is asked for: what is added to a clock must not
/// overflow.
const UTMOST: Duration = Duration::from_secs(30 * 86_400);

/// How often a call is repeated and how long it waits in between.
///
/// What is repeated depends on the operation's [`RetryClass`](crate::RetryClass) and cannot be
/// loosened: a create without an idempotency key is not sent twice.
///
/// The wait before attempt *n* + 1 is drawn evenly from zero to `first` × 2ⁿ⁻¹, at most `longest`
/// (exponential backoff with full jitter). A delay that the server asks for is kept to the letter,
/// unless it is longer than `max_retry_after`: then the call ends at once, and its error carries
/// the delay.
///
/// ```
/// use std::time::Duration;
/// use pivotal_runtime::RetryPolicy;
///
/// let patient = RetryPolicy::default().max_attempts(8);
/// assert_eq!(RetryPolicy::off().attempts(), 1);
/// assert_ne!(patient, RetryPolicy::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    pub(crate) max_attempts: u32,
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
    pub(crate) max_retry_after: Duration,
}

impl Default for RetryPolicy {
    /// Four attempts; waits of up to half a second, one second, two; up to a minute when the server
    /// says so, which is its window.
    fn default() -> Self {
        Self {
            max_attempts: 4,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(8),
            max_retry_after: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// One attempt, whatever happens.
    pub fn off() -> Self {
        Self::default().max_attempts(1)
    }

    /// How often a call is sent at most, the first time included. Zero counts as one.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The longest wait before the first repetition, and before any.
    #[must_use]
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest.min(UTMOST);
        self
    }

    /// The longest delay that is kept when the server asks for one. Default: 60 seconds.
    #[must_use]
    pub fn max_retry_after(mut self, delay: Duration) -> Self {
        self.max_retry_after = delay.min(UTMOST);
        self
    }

    /// How often a call is sent at most.
    pub fn attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The wait after attempt number `attempt`, for a `jitter` from 0 to 1.
    fn wait(&self, attempt: u32, jitter: f64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let ceiling = self.first.saturating_mul(1 << doublings).min(self.longest);
        ceiling.mul_f64(jitter.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_longest_wait() {
        let policy =
            RetryPolicy::default().backoff(Duration::from_millis(500), Duration::from_secs(3));
        let ceilings: Vec<_> = (1..=5)
            .map(|attempt| policy.wait(attempt, 1.0).as_millis())
            .collect();
        assert_eq!(ceilings, [500, 1000, 2000, 3000, 3000]);
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_longest(attempt: u32, jitter in 0.0..=1.0, first: u32, longest: u32) {
            let (first, longest) = (Duration::from_millis(first.into()), Duration::from_millis(longest.into()));
            let policy = RetryPolicy::default().backoff(first, longest);
            prop_assert!(policy.wait(attempt, jitter) <= longest);
        }
    }
}
