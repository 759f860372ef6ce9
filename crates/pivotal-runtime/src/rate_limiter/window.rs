//! What a client can know of the server's sliding window, and when the next request may go.
//!
//! The server counts the requests that arrived in the last minute. The client sees neither the
//! arrivals nor the server's clock, but every arrival lies between sending and answer. So a place
//! that a request takes is free again, at the latest, one window after its *answer* came; a request
//! that is sent after that cannot be one too many. No clock but this machine's monotonic one is
//! needed.
//!
//! The headers correct the picture. They may show more use than ours (another process has the same
//! key), or less (a call that costs nothing, a place that was free before we could be sure).

use std::time::Duration;

use tokio::time::Instant;

use super::RateLimit;
use super::places::Places;

/// Beyond the window, for a server that rounds times.
const MARGIN: Duration = Duration::from_millis(50);
/// How far the spread may lag behind its plan and catch up, so that coarse timers do not slow it.
const SLACK: Duration = Duration::from_millis(20);
/// While nothing is known, one request is under way at a time; the next goes this long after it
/// even without a response, so that one that stalls does not stop all.
const PROBE: Duration = Duration::from_millis(250);
/// How long a 429 that does not say so closes the window.
const UNTOLD: Duration = Duration::from_secs(1);

/// A request under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    /// How many had been answered when it was sent: the server's count surely includes these.
    answered_before: u64,
}

/// What became of a request, as far as the window is concerned.
#[derive(Clone, Copy, Debug)]
pub(super) enum Use {
    /// It surely did not arrive.
    None,
    /// Nobody knows; it may have been counted.
    Unknown,
    /// It was answered without rate-limit headers.
    Untold {
        /// As by something between us and the server, which may have counted the request.
        server_error: bool,
    },
    /// The headers say how much is used.
    Told(RateLimit),
    /// It was refused: too many.
    Refused {
        told: Option<RateLimit>,
        retry_after: Option<Duration>,
    },
}

#[derive(Debug)]
pub(super) struct Window {
    length: Duration,
    /// The longest that a 429 may close the window.
    longest_pause: Duration,
    limit: Limit,
    /// When each place that is taken is surely free again.
    taken: Places,
    under_way: usize,
    sent: u64,
    answered: u64,
    /// When the spread lets the next one go.
    next: Option<Instant>,
    last_sent: Option<Instant>,
    closed_until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    /// Nothing has been answered yet.
    Unasked,
    /// The server does not tell.
    Untold,
    Of(u32),
}

impl Limit {
    /// A limit of nothing would hold every call for ever: such a header tells nothing.
    fn told(rate: RateLimit) -> Self {
        match rate.limit {
            0 => Self::Untold,
            limit => Self::Of(limit),
        }
    }
}

impl Window {
    pub(super) fn new(length: Duration, longest_pause: Duration) -> Self {
        Self {
            length: length + MARGIN,
            longest_pause,
            limit: Limit::Unasked,
            taken: Places::new(length),
            under_way: 0,
            sent: 0,
            answered: 0,
            next: None,
            last_sent: None,
            closed_until: None,
        }
    }

    /// When the next request may go, as far as is known now: `now` or before means at once, `None`
    /// when a response has to come first.
    pub(super) fn opens(&mut self, now: Instant) -> Option<Instant> {
        self.forget(now);
        let open = match self.limit {
            Limit::Untold => now,
            Limit::Unasked => match self.last_sent {
                Some(sent) if self.under_way > 0 => sent + PROBE,
                _ => now,
            },
            Limit::Of(limit) => match self.left(limit) {
                0 => self.taken.next_free()?,
                left if plenty(left, limit) => now,
                _ => self.next.unwrap_or(now),
            },
        };
        Some(self.closed_until.map_or(open, |until| open.max(until)))
    }

    /// Takes a place for a request that is sent now.
    pub(super) fn send(&mut self, now: Instant) -> Ticket {
        self.under_way += 1;
        self.sent += 1;
        self.last_sent = Some(now);
        if let Limit::Of(limit) = self.limit {
            self.plan_next(now, limit);
        }
        Ticket {
            answered_before: self.answered,
        }
    }

    /// A request has ended.
    pub(super) fn end(&mut self, ticket: Ticket, used: Use, now: Instant) {
        self.under_way -= 1;
        self.answered += 1;
        self.forget(now);
        match used {
            Use::None => {}
            Use::Untold {
                server_error: false,
            } => {
                if self.limit == Limit::Unasked {
                    self.limit = Limit::Untold;
                }
            }
            Use::Untold { server_error: true } | Use::Unknown => self.take(now),
            Use::Told(rate) => {
                self.take(now);
                self.learn(ticket, rate, now);
            }
            Use::Refused { told, retry_after } => self.refused(told, retry_after, now),
        }
    }

    /// What is left, as far as is known.
    pub(super) fn state(&mut self, now: Instant) -> Option<RateLimit> {
        self.forget(now);
        let Limit::Of(limit) = self.limit else {
            return None;
        };
        let closed = self.closed_until.filter(|until| *until > now);
        Some(RateLimit {
            limit,
            remaining: if closed.is_some() {
                0
            } else {
                self.left(limit)
            },
            resets_in: closed
                .or(self.taken.next_free())
                .map(|free| free.saturating_duration_since(now)),
        })
    }

    fn left(&self, limit: u32) -> u32 {
        let used = self.taken.len() + self.under_way;
        limit.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
    }

    fn forget(&mut self, now: Instant) {
        self.taken.free_until(now);
    }

    /// A place is taken for a whole window. Without a known limit there is nothing to count.
    fn take(&mut self, now: Instant) {
        if self.limit != Limit::Untold {
            self.taken.take(1, now + self.length);
        }
    }

    /// Corrects the picture by the server's count, which includes the request that was answered.
    fn learn(&mut self, ticket: Ticket, rate: RateLimit, now: Instant) {
        self.limit = Limit::told(rate);
        let counted = rate.limit.saturating_sub(rate.remaining) as usize;

        // More than all of ours together: someone else has the key too.
        let ours = self.taken.len() + self.under_way;
        if counted > ours {
            self.take_for_others(counted - ours, rate, now);
            return;
        }
        // What was answered before this one was sent is in the server's count if it cost anything;
        // only what came after may be missing. The places that are given up are those that would be
        // free first, so that what stays is never free before the server's own.
        let uncounted = (self.sent - ticket.answered_before - 1) as usize;
        let at_most = counted + uncounted;
        self.taken.free_first(ours.saturating_sub(at_most));
    }

    /// Others' places were taken at times that we do not know: at the latest now. When nothing is
    /// left, the server's word for when that changes lets one request go and look.
    fn take_for_others(&mut self, places: usize, rate: RateLimit, now: Instant) {
        let told = rate.resets_in.filter(|_| rate.remaining == 0);
        let first_free = told.map(|after| after.saturating_add(Duration::from_secs(1)));
        self.take_places(places, first_free, now);
    }

    fn take_places(&mut self, places: usize, first_free: Option<Duration>, now: Instant) {
        let early = first_free.filter(|after| places > 0 && *after < self.length);
        self.taken
            .take(places - usize::from(early.is_some()), now + self.length);
        if let Some(after) = early {
            self.taken.take_one_until(now + after);
        }
    }

    /// A 429: the window is full, whatever we thought, and closed for as long as the server says.
    /// A delay that no call would wait for closes nothing: each call shall meet its own refusal.
    fn refused(&mut self, told: Option<RateLimit>, retry_after: Option<Duration>, now: Instant) {
        let pause = retry_after.unwrap_or(UNTOLD);
        if let Some(rate) = told {
            self.limit = Limit::told(rate);
        } else if self.limit == Limit::Unasked {
            self.limit = Limit::Untold;
        }
        if pause > self.longest_pause {
            return;
        }
        let until = now + pause;
        self.closed_until = Some(self.closed_until.map_or(until, |closed| closed.max(until)));
        if let Limit::Of(limit) = self.limit {
            let unknown = self.left(limit) as usize;
            self.take_places(unknown, Some(pause), now);
        }
    }

    /// While plenty is left, requests go as they come. Then they are spread over the time until
    /// more is free, and never closer than the limit allows on average.
    fn plan_next(&mut self, now: Instant, limit: u32) {
        let left = self.left(limit);
        if plenty(left, limit) {
            self.next = None;
            return;
        }
        let even = self.length / limit.max(1);
        let until_more = self
            .taken
            .next_free()
            .map_or(Duration::ZERO, |free| free.saturating_duration_since(now));
        let gap = even.max(until_more / (left + 1));
        let planned = self.next.unwrap_or(now);
        self.next = Some(planned.max(now.checked_sub(SLACK).unwrap_or(now)) + gap);
    }
}

/// Whether more than a quarter is left.
fn plenty(left: u32, limit: u32) -> bool {
    left > limit / 4
}
