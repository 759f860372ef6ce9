//! When a call is retried, and after what delay.
//!
//! [`decide`] makes the whole decision and is a pure function. Its inputs come from the
//! [`RetryPolicy`] of the client or the call, the [`RetryBudget`] of the client and the response.

mod budget;
mod decision;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use budget::RetryBudget;
pub(crate) use budget::TokenBucket;
pub use decision::StopReason;
pub(crate) use decision::{AttemptOutcome, Decision, RetryContext, conflict_code, decide};

/// No delay is longer than 30 days, so that adding it to an `Instant` cannot overflow.
const MAX_DELAY: Duration = Duration::from_secs(30 * 86_400);

/// How often a call is retried and how long it waits between attempts.
///
/// Which failures are retried depends on the operation's [`RetryClass`](crate::RetryClass) and
/// cannot be configured: a create without an idempotency key is sent again only if the server did not
/// process it.
///
/// The delay before attempt *n* + 1 is exponential backoff with full jitter: it is drawn evenly
/// from zero to `initial` × 2ⁿ⁻¹, and never exceeds `max`. A delay that the server asks for in
/// `Retry-After` is used instead, unless it exceeds `max_retry_after`. Then the call fails at once
/// and its error carries the delay.
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
    initial_backoff: Duration,
    max_backoff: Duration,
    pub(crate) max_retry_after: Duration,
}

impl Default for RetryPolicy {
    /// Four attempts, with delays of at most 0.5, 1 and 2 seconds. A `Retry-After` of up to 60
    /// seconds, the length of the rate-limit window, is obeyed.
    fn default() -> Self {
        Self {
            max_attempts: 4,
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(8),
            max_retry_after: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// No retries: every call is sent once.
    pub fn off() -> Self {
        Self::default().max_attempts(1)
    }

    /// Sets the maximum number of attempts, including the first. Zero counts as one. Default: 4.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Sets the maximum delay before the first retry, which doubles with every retry, and the
    /// maximum delay before any. Default: 0.5 and 8 seconds.
    #[must_use]
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.initial_backoff = initial;
        self.max_backoff = max.min(MAX_DELAY);
        self
    }

    /// Sets the longest `Retry-After` delay that a call waits for. Default: 60 seconds.
    #[must_use]
    pub fn max_retry_after(mut self, delay: Duration) -> Self {
        self.max_retry_after = delay.min(MAX_DELAY);
        self
    }

    /// The maximum number of attempts, including the first.
    pub fn attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The delay after attempt number `attempt`, for a `jitter` from 0 to 1.
    fn delay(&self, attempt: u32, jitter: f64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let max = self.initial_backoff.saturating_mul(1 << doublings);
        max.min(self.max_backoff).mul_f64(jitter.clamp(0.0, 1.0))
    }
}

/// The random numbers that spread retries: SplitMix64, lock-free and reproducible from a seed. Not
/// for secrets.
#[derive(Debug)]
pub(crate) struct Jitter(AtomicU64);

impl Jitter {
    /// Without a seed, the system's randomness is used, so that processes that start together do
    /// not retry together.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        Self(AtomicU64::new(seed))
    }

    /// The next number in `0.0..1.0`.
    pub(crate) fn next(&self) -> f64 {
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self
            .0
            .fetch_add(GOLDEN, Ordering::Relaxed)
            .wrapping_add(GOLDEN);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        // The upper 53 bits are what a double represents exactly.
        (z >> 11) as f64 / (1u64 << 53) as f64
    }
}
