//! The retry budget, which keeps a client from multiplying the load of a failing server.

use std::sync::atomic::{AtomicU32, Ordering};

/// The number of retries that all calls of a client may make together: a token bucket.
///
/// While most calls succeed, the bucket is full and every failure is retried as its policy says.
/// When the server is down, the tokens are soon used up. Then each call fails after its first
/// attempt, so that a struggling server does not receive four times its usual load.
///
/// A retry after a 429 response takes no token, because the server itself asks for it.
///
/// ```
/// use pivotal_runtime::RetryBudget;
///
/// // At most 50 tokens; ten successful calls earn one.
/// let budget = RetryBudget::new(50, 10);
/// assert_ne!(budget, RetryBudget::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryBudget {
    capacity: u32,
    percent_per_success: u32,
}

impl Default for RetryBudget {
    /// 20 tokens; five successful calls earn one.
    fn default() -> Self {
        Self::new(20, 20)
    }
}

impl RetryBudget {
    /// A bucket that starts full with `capacity` tokens. Each retry takes one token, each
    /// successful call earns `percent_per_success` hundredths of one.
    pub fn new(capacity: u32, percent_per_success: u32) -> Self {
        Self {
            capacity,
            percent_per_success,
        }
    }
}

/// The state of a [`RetryBudget`], shared by all calls. Counts hundredths of a token.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    available: AtomicU32,
    capacity: u32,
    per_success: u32,
}

const TOKEN: u32 = 100;

impl TokenBucket {
    pub(crate) fn new(budget: RetryBudget) -> Self {
        let capacity = budget.capacity.saturating_mul(TOKEN);
        Self {
            available: AtomicU32::new(capacity),
            capacity,
            per_success: budget.percent_per_success,
        }
    }

    /// Takes a token; returns `false` if none is available.
    pub(crate) fn try_take(&self) -> bool {
        let take = |available: u32| available.checked_sub(TOKEN);
        self.available
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
    }

    /// Returns a token that was taken and not used.
    pub(crate) fn put_back(&self) {
        self.add(TOKEN);
    }

    pub(crate) fn record_success(&self) {
        // The bucket is usually full, and only reading it leaves the cache line shared.
        if self.available.load(Ordering::Relaxed) < self.capacity {
            self.add(self.per_success);
        }
    }

    fn add(&self, amount: u32) {
        let add = |available: u32| Some(available.saturating_add(amount).min(self.capacity));
        let _ = self
            .available
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}
