//! The client-side rate limiter, shared by all calls of a client.

pub(crate) mod slots;
mod window;

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use tokio::sync::{Notify, Semaphore};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout, timeout_at};

use crate::failure::{Failure, FailureKind};
use crate::rate_limit::RateLimit;
use crate::wait::LONG_WAIT;
use window::{InFlight, SlidingWindow, Usage};

/// Whether and how a client keeps below the rate limit of its key.
///
/// The client learns the limit from the headers of the responses. While more than a quarter of it
/// remains, calls are sent at once. After that they are spread over the rest of the window, and when
/// nothing remains they wait. Waiting calls are sent in the order in which they were made. A
/// client and its clones stay below the limit. If other clients use the same key, the headers show it, and a
/// 429 makes all calls of the client wait.
///
/// Until the limit is known, only one call is in flight: the next is sent after the first response,
/// or after 250 ms. If the server sends no rate-limit headers, calls are not limited.
///
/// ```
/// use std::time::Duration;
/// use pivotal_runtime::RateLimiting;
///
/// assert_eq!(RateLimiting::default(), RateLimiting::on().window(Duration::from_secs(60)));
/// assert_ne!(RateLimiting::off(), RateLimiting::on());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimiting {
    on: bool,
    window: Duration,
}

impl Default for RateLimiting {
    fn default() -> Self {
        Self::on()
    }
}

impl RateLimiting {
    /// Calls wait so that the client stays below the rate limit.
    pub fn on() -> Self {
        Self {
            on: true,
            window: Duration::from_secs(60),
        }
    }

    /// Calls are sent at once. The state of the limit is still tracked.
    pub fn off() -> Self {
        Self {
            on: false,
            ..Self::on()
        }
    }

    /// Sets the length of the server's sliding window, at most a day. Default: 60 seconds, as the
    /// API documents.
    #[must_use]
    pub fn window(mut self, length: Duration) -> Self {
        const DAY: Duration = Duration::from_secs(86_400);
        self.window = length.min(DAY);
        self
    }
}

/// Hands out a [`Permit`] for each attempt.
pub(crate) struct RateLimiter {
    on: bool,
    window: Mutex<SlidingWindow>,
    /// Whoever holds its one permit is the next to be sent. It is fair, and a waiter that is
    /// dropped leaves the queue.
    queue: Semaphore,
    waiting: AtomicUsize,
    changed: Notify,
}

impl RateLimiter {
    pub(crate) fn new(settings: RateLimiting, max_pause: Duration) -> Self {
        Self {
            on: settings.on,
            window: Mutex::new(SlidingWindow::new(settings.window, max_pause)),
            queue: Semaphore::new(1),
            waiting: AtomicUsize::new(0),
            changed: Notify::new(),
        }
    }

    /// Waits until a request may be sent, at most until the deadline.
    ///
    /// Dropping the future leaves the queue. A [`Permit`] that is dropped without a result counts
    /// as a request, since it may have reached the server.
    ///
    /// After [`LONG_WAIT`], `on_long_wait` is called with the minimum of the time that is left, if
    /// that is known.
    pub(crate) async fn acquire(
        &self,
        now: Instant,
        deadline: Option<Instant>,
        on_long_wait: impl FnOnce(Option<Duration>),
    ) -> Result<Permit<'_>, Elapsed> {
        if !self.on {
            return Ok(self.permit(&mut self.window(), now));
        }
        // A new call must not overtake those that wait.
        if self.waiting.load(Ordering::Acquire) == 0 {
            let mut window = self.window();
            if window.opens_at(now).is_some_and(|opens| opens <= now) {
                return Ok(self.permit(&mut window, now));
            }
        }
        // Boxed, so that the futures of calls that need not wait stay small.
        let wait = Box::pin(self.wait(on_long_wait));
        match deadline {
            None => Ok(wait.await),
            Some(deadline) => Box::pin(timeout_at(deadline, wait)).await,
        }
    }

    async fn wait(&self, on_long_wait: impl FnOnce(Option<Duration>)) -> Permit<'_> {
        let mut turn = pin!(self.turn());
        if let Ok(permit) = timeout(LONG_WAIT, &mut turn).await {
            return permit;
        }
        let now = Instant::now();
        let opens_at = self.window().opens_at(now);
        on_long_wait(opens_at.map(|opens_at| opens_at.saturating_duration_since(now)));
        turn.await
    }

    /// A permit without waiting or counting, for requests without the API key: the limit belongs to
    /// the key, and their responses report another one.
    pub(crate) fn unlimited(&self, now: Instant) -> Permit<'_> {
        Permit {
            rate_limiter: self,
            acquired_at: now,
            in_flight: None,
        }
    }

    async fn turn(&self) -> Permit<'_> {
        let _waiting = CountWaiting::new(&self.waiting);
        let _first = self
            .queue
            .acquire()
            .await
            .expect("the semaphore is never closed");
        loop {
            let changed = self.changed.notified();
            let opens_at = {
                let now = Instant::now();
                let mut window = self.window();
                match window.opens_at(now) {
                    Some(opens) if opens <= now => return self.permit(&mut window, now),
                    opens_at => opens_at,
                }
            };
            match opens_at {
                // Whichever comes first.
                Some(opens) => drop(timeout_at(opens, changed).await),
                None => changed.await,
            }
        }
    }

    /// The limit and what remains of it, as far as known.
    pub(crate) fn state(&self) -> Option<RateLimit> {
        self.window().state(Instant::now())
    }

    /// The number of calls that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    fn permit(&self, window: &mut SlidingWindow, now: Instant) -> Permit<'_> {
        Permit {
            rate_limiter: self,
            acquired_at: now,
            in_flight: Some(window.begin(now)),
        }
    }

    fn end(&self, request: InFlight, usage: Usage, now: Instant) {
        self.window().end(request, usage, now);
        if self.waiting.load(Ordering::Acquire) > 0 {
            self.changed.notify_one();
        }
    }

    fn window(&self) -> MutexGuard<'_, SlidingWindow> {
        // No code panics while the window is half changed.
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter")
            .field("on", &self.on)
            .field("state", &self.state())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}

/// The permission to send one request.
#[must_use]
pub(crate) struct Permit<'a> {
    rate_limiter: &'a RateLimiter,
    acquired_at: Instant,
    in_flight: Option<InFlight>,
}

impl Permit<'_> {
    pub(crate) fn acquired_at(&self) -> Instant {
        self.acquired_at
    }

    /// A response to the request arrived.
    pub(crate) fn response(
        self,
        status: StatusCode,
        rate_limit: Option<RateLimit>,
        retry_after: Option<Duration>,
        now: Instant,
    ) {
        let usage = match rate_limit {
            reported if status == StatusCode::TOO_MANY_REQUESTS => Usage::LimitExceeded {
                reported,
                retry_after,
            },
            Some(rate_limit) => Usage::Reported(rate_limit),
            // It may come from a proxy, after the server has counted the request.
            None if status.is_server_error() => Usage::Unknown,
            None => Usage::NotReported,
        };
        self.end(usage, now);
    }

    /// No complete response arrived.
    pub(crate) fn failed(self, failure: &Failure, now: Instant) {
        let usage = match failure.kind() {
            FailureKind::Connect | FailureKind::Request => Usage::NotCounted,
            _ => Usage::Unknown,
        };
        self.end(usage, now);
    }

    fn end(mut self, usage: Usage, now: Instant) {
        if let Some(request) = self.in_flight.take() {
            self.rate_limiter.end(request, usage, now);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(request) = self.in_flight.take() {
            self.rate_limiter
                .end(request, Usage::Unknown, Instant::now());
        }
    }
}

/// Counts a waiting call for as long as it waits.
struct CountWaiting<'a>(&'a AtomicUsize);

impl<'a> CountWaiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for CountWaiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
