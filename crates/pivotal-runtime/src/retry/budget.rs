//! The budget that keeps an outage from being multiplied.

use std::sync::atomic::{AtomicU32, Ordering};

/// How many repetitions a client may afford, all its calls together.
///
/// While most calls succeed, the budget is full and every failure is repeated as its policy says.
/// When the server is down, the saved repetitions are soon spent, and each call then fails after
/// its first attempt, so that a struggling server is not sent four times its load.
///
/// An answered 429 costs nothing: it is the server's own word that a repetition is welcome later.
///
/// ```
/// use pivotal_runtime::RetryBudget;
///
/// // At most 50 saved up; ten successes earn one.
/// let budget = RetryBudget::new(50, 10);
/// assert_ne!(budget, RetryBudget::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryBudget {
    saved: u32,
    percent: u32,
}

impl Default for RetryBudget {
    /// 20 saved up, and a fifth of one earned with each success.
    fn default() -> Self {
        Self::new(20, 20)
    }
}

impl RetryBudget {
    /// `saved` is how many repetitions can be saved up (the budget begins full), `percent` what
    /// share of one each successful call earns.
    pub fn new(saved: u32, percent: u32) -> Self {
        Self { saved, percent }
    }
}

/// What is left of a budget: a token bucket, shared by all calls.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// In hundredths of a repetition.
    left: AtomicU32,
    most: u32,
    earned: u32,
}

/// What one repetition costs.
const COST: u32 = 100;

impl Tokens {
    pub(crate) fn new(budget: RetryBudget) -> Self {
        let most = budget.saved.saturating_mul(COST);
        Self {
            left: AtomicU32::new(most),
            most,
            earned: budget.percent,
        }
    }

    /// Takes one repetition out; `false` when none is left.
    pub(crate) fn spend(&self) -> bool {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(COST)
            })
            .is_ok()
    }

    /// Puts back what was taken out and not used.
    pub(crate) fn give_back(&self) {
        self.add(COST);
    }

    /// A call has succeeded.
    pub(crate) fn earn(&self) {
        // A full budget is the rule; reading it leaves the cache line shared.
        if self.left.load(Ordering::Relaxed) < self.most {
            self.add(self.earned);
        }
    }

    fn add(&self, amount: u32) {
        let _ = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_add(amount).min(self.most))
            });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(tokens: &Tokens) -> usize {
        std::iter::from_fn(|| tokens.spend().then_some(())).count()
    }

    #[test]
    fn a_budget_begins_full_runs_out_and_is_earned_again() {
        let tokens = Tokens::new(RetryBudget::new(3, 20));
        assert_eq!(spent(&tokens), 3);
        (0..4).for_each(|_| tokens.earn());
        assert_eq!(spent(&tokens), 0);
        tokens.earn();
        assert_eq!(spent(&tokens), 1);
    }

    #[test]
    fn no_more_is_saved_than_the_budget_holds() {
        let tokens = Tokens::new(RetryBudget::new(2, 20));
        (0..100).for_each(|_| tokens.earn());
        assert!(tokens.spend());
        tokens.give_back();
        assert_eq!(spent(&tokens), 2);
    }
}
