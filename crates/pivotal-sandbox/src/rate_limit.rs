//! Rate limits: a sliding window for each key, and the response headers that describe it.
//!
//! Pivotal admits 60 requests a minute with a live key, 30 with a test key and 600 on paid plans,
//! in a sliding window. Evidence: stated. The sandbox always counts, but without a configured limit
//! it advertises [`DEFAULT_PER_MINUTE`] and refuses nothing, so that test suites run at full speed.
//! Evidence: decided.

use std::collections::VecDeque;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

/// Requests a minute that are advertised when no limit is configured.
pub const DEFAULT_PER_MINUTE: u32 = 1_000_000;

pub(crate) const LIMIT_HEADER: HeaderName = HeaderName::from_static("x-ratelimit-limit");
pub(crate) const REMAINING_HEADER: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
pub(crate) const RESET_HEADER: HeaderName = HeaderName::from_static("x-ratelimit-reset");

const WINDOW: SignedDuration = SignedDuration::from_secs(60);

/// The rate-limit tier of a key. Evidence: stated (the figures), decided (the names).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tier {
    /// 60 requests a minute: a live key.
    Live,
    /// 30 requests a minute: a test key.
    Test,
    /// 600 requests a minute: a live key on a paid plan.
    Paid,
}

impl Tier {
    /// Requests a minute.
    pub fn per_minute(self) -> u32 {
        match self {
            Self::Live => 60,
            Self::Test => 30,
            Self::Paid => 600,
        }
    }

    /// Its name in `GET /me`: `live`, `test` or `paid`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
            Self::Paid => "paid",
        }
    }
}

/// The limits enforced on keys without a limit of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RateLimits {
    #[default]
    None,
    /// The same for each key.
    Each(u32),
    /// Those of the documentation, by tier.
    Documented,
}

impl RateLimits {
    /// The limit of a key in a tier.
    pub(crate) fn for_tier(self, tier: Tier) -> Option<u32> {
        match self {
            Self::None => None,
            Self::Each(limit) => Some(limit),
            Self::Documented => Some(tier.per_minute()),
        }
    }
}

/// The values of the rate-limit headers. Evidence: stated (names, on every response, Unix seconds),
/// decided (reset is when the whole limit is available again).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) limit: u32,
    remaining: u32,
    reset: i64,
}

impl Allowance {
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        headers.insert(LIMIT_HEADER, HeaderValue::from(self.limit));
        headers.insert(REMAINING_HEADER, HeaderValue::from(self.remaining));
        headers.insert(RESET_HEADER, HeaderValue::from(self.reset));
    }
}

/// The requests of the last minute.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) limit: u32,
    enforced: bool,
    /// Arrival times, each with the number of requests in that millisecond.
    arrivals: VecDeque<(Timestamp, u32)>,
    count: u32,
}

impl Window {
    /// A window that refuses requests beyond `limit`; without one it only counts.
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self {
            limit: limit.unwrap_or(DEFAULT_PER_MINUTE),
            enforced: limit.is_some(),
            arrivals: VecDeque::new(),
            count: 0,
        }
    }

    /// Counts a request, or returns the seconds after which the next is admitted. Refused requests
    /// do not count, so waiting that long is always enough. Evidence: stated (Retry-After in
    /// seconds), decided (not counted).
    pub(crate) fn admit(&mut self, now: Timestamp) -> Result<(), i64> {
        self.expire(now);
        if self.enforced && self.count >= self.limit {
            let free = (self.arrivals.front()).map_or(now, |(oldest, _)| expiry(*oldest));
            return Err(whole_seconds(free.duration_since(now)));
        }
        self.count = self.count.saturating_add(1);
        match self.arrivals.back_mut() {
            Some((newest, count)) if *newest >= now => *count += 1,
            _ => self.arrivals.push_back((now, 1)),
        }
        Ok(())
    }

    pub(crate) fn allowance(&mut self, now: Timestamp) -> Allowance {
        self.expire(now);
        let reset = (self.arrivals.back()).map_or(now, |(newest, _)| expiry(*newest));
        Allowance {
            limit: self.limit,
            remaining: self.limit.saturating_sub(self.count),
            reset: whole_seconds(reset.duration_since(Timestamp::UNIX_EPOCH)),
        }
    }

    /// Drops requests that left the window, and all of them when the clock was set back.
    fn expire(&mut self, now: Timestamp) {
        let set_back = |newest: &(Timestamp, u32)| newest.0.duration_since(now) > WINDOW;
        if self.arrivals.back().is_some_and(set_back) {
            self.arrivals.clear();
            self.count = 0;
        }
        let expired = |oldest: &&(Timestamp, u32)| expiry(oldest.0) <= now;
        while let Some((_, count)) = self.arrivals.front().filter(expired) {
            self.count -= count;
            self.arrivals.pop_front();
        }
    }
}

/// When a request no longer counts.
fn expiry(arrival: Timestamp) -> Timestamp {
    arrival.saturating_add(WINDOW).unwrap_or(Timestamp::MAX)
}

/// The duration in seconds, rounded up.
fn whole_seconds(duration: SignedDuration) -> i64 {
    duration.as_secs() + i64::from(duration.subsec_nanos() > 0)
}
