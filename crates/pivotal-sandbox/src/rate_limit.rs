//! The sliding window of a key, and the headers that tell of it.
//!
//! Pivotal admits 60 requests a minute with a live key, 30 with a test key and 600 on paid plans,
//! in a sliding window. Evidence: stated. The sandbox counts as documented, but unless a limit is
//! asked for it advertises [`DEFAULT_PER_MINUTE`] and refuses nothing, so that test suites run at
//! full speed. Evidence: decided.

use std::collections::VecDeque;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use crate::setup::Tier;

/// Requests a minute that are advertised when no limit is asked for.
pub const DEFAULT_PER_MINUTE: u32 = 1_000_000;

const WINDOW: SignedDuration = SignedDuration::from_secs(60);

/// Which limits are enforced on keys that do not say themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RateLimits {
    None,
    /// The same for each key.
    Each(u32),
    /// Those of the documentation, by tier.
    Documented,
}

impl RateLimits {
    /// The limit of a key in a tier.
    pub(crate) fn of(self, tier: Tier) -> Option<u32> {
        match self {
            Self::None => None,
            Self::Each(limit) => Some(limit),
            Self::Documented => Some(tier.per_minute()),
        }
    }

    /// The limit that answers to those without a key tell. Evidence: decided.
    pub(crate) fn of_nobody(self) -> Option<u32> {
        self.of(Tier::Live)
    }
}

/// What the rate-limit headers of a response say. Evidence: stated (names, on every response, Unix
/// seconds), decided (reset is when the whole allowance is back).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    limit: u32,
    remaining: u32,
    reset: i64,
}

impl Allowance {
    pub(crate) fn limit(self) -> u32 {
        self.limit
    }

    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let [limit, remaining, reset] = [
            "x-ratelimit-limit",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
        ]
        .map(HeaderName::from_static);
        headers.insert(limit, HeaderValue::from(self.limit));
        headers.insert(remaining, HeaderValue::from(self.remaining));
        headers.insert(reset, HeaderValue::from(self.reset));
    }
}

/// The requests of the last minute.
#[derive(Debug)]
pub(crate) struct Window {
    limit: u32,
    enforced: bool,
    /// Arrival times, each with how many requests came in that millisecond.
    arrivals: VecDeque<(Timestamp, u32)>,
    count: u32,
}

impl Window {
    /// A window that refuses what is beyond `limit`, or one that only counts.
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self {
            limit: limit.unwrap_or(DEFAULT_PER_MINUTE),
            enforced: limit.is_some(),
            arrivals: VecDeque::new(),
            count: 0,
        }
    }

    pub(crate) fn limit(&self) -> u32 {
        self.limit
    }

    /// Counts a request, or tells after how many seconds the next is admitted. A refused one does
    /// not count, so waiting as long as told is always enough. Evidence: stated (Retry-After in
    /// seconds), decided (not counted).
    pub(crate) fn admit(&mut self, now: Timestamp) -> Result<(), i64> {
        self.forget_before(now);
        if self.enforced && self.count >= self.limit {
            let free = self
                .arrivals
                .front()
                .map_or(now, |(oldest, _)| leaves(*oldest));
            return Err(seconds_up(free.duration_since(now)));
        }
        self.count = self.count.saturating_add(1);
        match self.arrivals.back_mut() {
            Some((newest, count)) if *newest >= now => *count += 1,
            _ => self.arrivals.push_back((now, 1)),
        }
        Ok(())
    }

    /// What is left of the allowance.
    pub(crate) fn allowance(&mut self, now: Timestamp) -> Allowance {
        self.forget_before(now);
        let full_again = self
            .arrivals
            .back()
            .map_or(now, |(newest, _)| leaves(*newest));
        Allowance {
            limit: self.limit,
            remaining: self.limit.saturating_sub(self.count),
            reset: seconds_up(full_again.duration_since(Timestamp::UNIX_EPOCH)),
        }
    }

    fn forget_before(&mut self, now: Timestamp) {
        let set_back = |newest: &(Timestamp, u32)| newest.0.duration_since(now) > WINDOW;
        if self.arrivals.back().is_some_and(set_back) {
            self.arrivals.clear();
            self.count = 0;
        }
        while let Some((_, count)) = self
            .arrivals
            .front()
            .filter(|(oldest, _)| leaves(*oldest) <= now)
        {
            self.count -= count;
            self.arrivals.pop_front();
        }
    }
}

/// When a request no longer counts.
fn leaves(arrival: Timestamp) -> Timestamp {
    arrival.saturating_add(WINDOW).unwrap_or(Timestamp::MAX)
}

fn seconds_up(duration: SignedDuration) -> i64 {
    duration.as_secs() + i64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Allowance, Window};

    fn at(milliseconds: i64) -> Timestamp {
        let start: Timestamp = "2026-05-26T17:21:00Z".parse().unwrap();
        start + SignedDuration::from_millis(milliseconds)
    }

    #[test]
    fn a_request_leaves_the_window_a_minute_after_it_came() {
        let mut window = Window::new(Some(2));
        assert_eq!(window.admit(at(0)), Ok(()));
        assert_eq!(window.admit(at(30_500)), Ok(()));
        let allowance = window.allowance(at(30_500));
        assert_eq!(
            allowance,
            Allowance {
                limit: 2,
                remaining: 0,
                reset: at(91_000).as_second()
            }
        );
        assert_eq!(window.admit(at(31_500)), Err(29));
        assert_eq!(window.admit(at(59_999)), Err(1));
        assert_eq!(window.admit(at(60_000)), Ok(()));
        assert_eq!(window.admit(at(60_001)), Err(31));
    }

    #[test]
    fn no_minute_holds_more_than_the_limit_and_waiting_as_told_is_enough() {
        let mut window = Window::new(Some(30));
        let (mut now, mut admitted) = (0, Vec::new());
        while now < 600_000 {
            match window.admit(at(now)) {
                Ok(()) => {
                    admitted.push(now);
                    now += 700;
                }
                Err(seconds) => {
                    now += seconds * 1_000;
                    assert_eq!(window.admit(at(now)), Ok(()));
                    admitted.push(now);
                }
            }
        }
        assert!(
            admitted
                .windows(31)
                .all(|times| times[30] - times[0] >= 60_000)
        );
        assert!(admitted.len() > 290, "{}", admitted.len());
    }

    #[test]
    fn a_window_that_only_counts_refuses_nothing() {
        let mut window = Window {
            limit: 2,
            ..Window::new(None)
        };
        for remaining in [1, 0, 0] {
            assert_eq!(window.admit(at(0)), Ok(()));
            assert_eq!(window.allowance(at(0)).remaining, remaining);
        }
        assert_eq!(window.allowance(at(60_000)).remaining, 2);
    }
}
