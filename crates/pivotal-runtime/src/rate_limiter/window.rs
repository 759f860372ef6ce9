//! The server's sliding window as the client knows it, and when the next request may be sent.
//!
//! The server counts the requests that arrived in the last minute. The client sees neither the
//! arrivals nor the server's clock, but each arrival lies between sending the request and receiving
//! the response. The slot that a request occupies is therefore free again at the latest one window
//! after its *response* arrived, and a request sent after that cannot exceed the limit. The local
//! monotonic clock is enough for this.
//!
//! The rate-limit headers correct the estimate. They may report more use than this client's own
//! (another process has the same key), or less (a call that costs nothing, a slot that became free
//! before the client could be sure).

use std::time::Duration;

use tokio::time::Instant;

use super::slots::Slots;
use crate::rate_limit::RateLimit;

/// Added to the window, for a server that rounds times.
const MARGIN: Duration = Duration::from_millis(50);
/// How far the spread may fall behind its plan and catch up, so that coarse timers do not slow it.
const SLACK: Duration = Duration::from_millis(20);
/// While the limit is unknown, one request is in flight at a time. The next one is sent after this
/// time even without a response, so that a stalled request does not block all others.
const PROBE_INTERVAL: Duration = Duration::from_millis(250);
/// How long a 429 without `Retry-After` closes the window.
const DEFAULT_PAUSE: Duration = Duration::from_secs(1);

/// A request in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight {
    /// How many requests had ended when it was sent. The server's count surely includes these.
    ended_before: u64,
}

/// What is known about a request's use of the limit after it has ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Usage {
    /// The request did not reach the server.
    NotCounted,
    /// The server may have counted the request.
    Unknown,
    /// The response has no rate-limit headers.
    NotReported,
    /// The response has rate-limit headers.
    Reported(RateLimit),
    /// The response is a 429.
    LimitExceeded {
        reported: Option<RateLimit>,
        retry_after: Option<Duration>,
    },
}

#[derive(Debug)]
pub(super) struct SlidingWindow {
    length: Duration,
    /// The longest time for which a 429 may close the window.
    max_pause: Duration,
    limit: Limit,
    slots: Slots,
    in_flight: usize,
    sent: u64,
    ended: u64,
    /// When the spread lets the next request go.
    next_planned: Option<Instant>,
    last_sent: Option<Instant>,
    closed_until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    /// No response has arrived yet.
    Unknown,
    /// The server does not report one.
    NotReported,
    Known(u32),
}

impl Limit {
    /// A limit of zero would block every call for ever, so it is taken as not reported.
    fn reported(rate_limit: RateLimit) -> Self {
        match rate_limit.limit {
            0 => Self::NotReported,
            limit => Self::Known(limit),
        }
    }
}

impl SlidingWindow {
    pub(super) fn new(length: Duration, max_pause: Duration) -> Self {
        Self {
            length: length + MARGIN,
            max_pause,
            limit: Limit::Unknown,
            slots: Slots::new(length),
            in_flight: 0,
            sent: 0,
            ended: 0,
            next_planned: None,
            last_sent: None,
            closed_until: None,
        }
    }

    /// When the next request may be sent. `now` or earlier means at once, `None` means after the
    /// next response.
    pub(super) fn opens_at(&mut self, now: Instant) -> Option<Instant> {
        self.slots.expire(now);
        let opens = match self.limit {
            Limit::NotReported => now,
            Limit::Unknown => match self.last_sent {
                Some(sent) if self.in_flight > 0 => sent + PROBE_INTERVAL,
                _ => now,
            },
            Limit::Known(limit) => match self.remaining(limit) {
                0 => self.slots.next_free()?,
                remaining if is_plenty(remaining, limit) => now,
                _ => self.next_planned.unwrap_or(now),
            },
        };
        Some(self.closed_until.map_or(opens, |until| opens.max(until)))
    }

    /// A request is sent now.
    pub(super) fn begin(&mut self, now: Instant) -> InFlight {
        self.in_flight += 1;
        self.sent += 1;
        self.last_sent = Some(now);
        if let Limit::Known(limit) = self.limit {
            self.plan_next(now, limit);
        }
        InFlight {
            ended_before: self.ended,
        }
    }

    /// A request has ended.
    pub(super) fn end(&mut self, request: InFlight, usage: Usage, now: Instant) {
        self.in_flight -= 1;
        self.ended += 1;
        self.slots.expire(now);
        match usage {
            Usage::NotCounted => {}
            Usage::NotReported => {
                if self.limit == Limit::Unknown {
                    self.limit = Limit::NotReported;
                }
            }
            Usage::Unknown => self.occupy(now),
            Usage::Reported(rate_limit) => {
                self.occupy(now);
                self.correct(request, rate_limit, now);
            }
            Usage::LimitExceeded {
                reported,
                retry_after,
            } => self.close(reported, retry_after, now),
        }
    }

    /// The limit and what remains of it, as far as known.
    pub(super) fn state(&mut self, now: Instant) -> Option<RateLimit> {
        self.slots.expire(now);
        let Limit::Known(limit) = self.limit else {
            return None;
        };
        let closed_until = self.closed_until.filter(|until| *until > now);
        Some(RateLimit {
            limit,
            remaining: match closed_until {
                Some(_) => 0,
                None => self.remaining(limit),
            },
            resets_in: closed_until
                .or(self.slots.next_free())
                .map(|free| free.saturating_duration_since(now)),
        })
    }

    fn remaining(&self, limit: u32) -> u32 {
        let used = self.slots.occupied() + self.in_flight;
        limit.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
    }

    /// Occupies a slot for a whole window. Without a limit there is nothing to count.
    fn occupy(&mut self, now: Instant) {
        if self.limit != Limit::NotReported {
            self.slots.occupy(1, now + self.length);
        }
    }

    /// Corrects the estimate by the server's count, which includes the request that has ended.
    fn correct(&mut self, request: InFlight, rate_limit: RateLimit, now: Instant) {
        self.limit = Limit::reported(rate_limit);
        let counted = rate_limit.limit.saturating_sub(rate_limit.remaining) as usize;

        // More than all requests of this client: another client uses the same key. Its requests
        // arrived at unknown times, at the latest now. If nothing is left, one request may be sent
        // when the server says that the window resets.
        let own = self.slots.occupied() + self.in_flight;
        if counted > own {
            let reset = rate_limit.resets_in.filter(|_| rate_limit.remaining == 0);
            let first_free = reset.map(|after| after.saturating_add(Duration::from_secs(1)));
            self.occupy_for_others(counted - own, first_free, now);
            return;
        }
        // The server's count includes every request that had ended before this one was sent, if
        // that request cost anything. Only later ones may be missing. The slots that are released
        // are those that would become free first, so that no slot becomes free before the
        // server's own.
        let not_counted = (self.sent - request.ended_before - 1) as usize;
        let at_most = counted + not_counted;
        self.slots.release_first(own.saturating_sub(at_most));
    }

    /// Occupies slots until the end of the window, except that the first may become free earlier.
    fn occupy_for_others(&mut self, count: usize, first_free: Option<Duration>, now: Instant) {
        let early = first_free.filter(|after| count > 0 && *after < self.length);
        self.slots
            .occupy(count - usize::from(early.is_some()), now + self.length);
        if let Some(after) = early {
            self.slots.occupy_one(now + after);
        }
    }

    /// After a 429 the window is full, whatever the estimate, and closed for as long as the server
    /// says. A pause that no call would wait for is ignored: each call then gets its own 429.
    fn close(&mut self, reported: Option<RateLimit>, retry_after: Option<Duration>, now: Instant) {
        let pause = retry_after.unwrap_or(DEFAULT_PAUSE);
        if let Some(rate_limit) = reported {
            self.limit = Limit::reported(rate_limit);
        } else if self.limit == Limit::Unknown {
            self.limit = Limit::NotReported;
        }
        if pause > self.max_pause {
            return;
        }
        let until = now + pause;
        self.closed_until = Some(self.closed_until.map_or(until, |closed| closed.max(until)));
        if let Limit::Known(limit) = self.limit {
            let remaining = self.remaining(limit) as usize;
            self.occupy_for_others(remaining, Some(pause), now);
        }
    }

    /// While plenty remains, requests are sent at once. After that they are spread over the time
    /// until more slots are free, and never closer than the limit allows on average.
    fn plan_next(&mut self, now: Instant, limit: u32) {
        let remaining = self.remaining(limit);
        if is_plenty(remaining, limit) {
            self.next_planned = None;
            return;
        }
        let average = self.length / limit.max(1);
        let until_free = self
            .slots
            .next_free()
            .map_or(Duration::ZERO, |free| free.saturating_duration_since(now));
        let gap = average.max(until_free / (remaining + 1));
        let planned = self.next_planned.unwrap_or(now);
        let earliest = now.checked_sub(SLACK).unwrap_or(now);
        self.next_planned = Some(planned.max(earliest) + gap);
    }
}

/// Whether more than a quarter of the limit remains.
fn is_plenty(remaining: u32, limit: u32) -> bool {
    remaining > limit / 4
}
