//! Keeping below the rate limit, all calls of a client together.

mod places;
mod rate_limit;
mod window;

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep_until};

use crate::failure::{Failure, FailureKind};
pub use rate_limit::RateLimit;
use window::{Ticket, Use, Window};

/// How a client keeps below the rate limit of its key.
///
/// The rate limiter learns the limit from the headers of the responses. While more than a quarter
/// of the allowance is left, calls go as they come; then they are spread, and when nothing is left
/// they wait. Waiting calls go in the order in which they came. One process alone meets no 429;
/// when others use the same key, the headers show it, and a 429 makes all calls of the client wait.
///
/// Only the first call of a client goes alone: until the limit is known, others follow when it is
/// answered, or a quarter of a second later. A server that sends no such headers is not paced.
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
    /// Calls wait for their turn.
    pub fn on() -> Self {
        Self {
            on: true,
            window: Duration::from_secs(60),
        }
    }

    /// Calls go as they come. The state is still followed.
    pub fn off() -> Self {
        Self {
            on: false,
            ..Self::on()
        }
    }

    /// The length of the server's sliding window, at most a day. Default: 60 seconds, as
    /// documented.
    #[must_use]
    pub fn window(mut self, length: Duration) -> Self {
        const DAY: Duration = Duration::from_secs(86_400);
        self.window = length.min(DAY);
        self
    }
}

/// The state that all calls of a client share.
pub(crate) struct RateLimiter {
    on: bool,
    window: Mutex<Window>,
    /// The queue: who holds its one permit is the next to go. It is fair, and a waiter that is
    /// dropped leaves it.
    turn: Semaphore,
    waiting: AtomicUsize,
    changed: Notify,
}

impl RateLimiter {
    pub(crate) fn new(pacing: RateLimiting, longest_pause: Duration) -> Self {
        Self {
            on: pacing.on,
            window: Mutex::new(Window::new(pacing.window, longest_pause)),
            turn: Semaphore::new(1),
            waiting: AtomicUsize::new(0),
            changed: Notify::new(),
        }
    }

    /// Waits for a turn to send a request, until the deadline at the latest.
    ///
    /// Dropping the future frees the place in the queue; dropping the [`Permit`] without ending it
    /// counts the request, since it may have arrived.
    pub(crate) async fn admit(
        &self,
        now: Instant,
        deadline: Option<Instant>,
    ) -> Result<Permit<'_>, Elapsed> {
        if !self.on {
            return Ok(self.send(&mut self.window(), now));
        }
        // Nobody may overtake those who wait.
        if self.waiting.load(Ordering::Acquire) == 0 {
            let mut window = self.window();
            if window.opens(now).is_some_and(|open| open <= now) {
                return Ok(self.send(&mut window, now));
            }
        }
        match deadline {
            // Boxed, so that calls which need not wait do not carry the room for it.
            None => Ok(Box::pin(self.wait()).await),
            Some(deadline) => Box::pin(tokio::time::timeout_at(deadline, self.wait()))
                .await
                .map_err(|_| Elapsed),
        }
    }

    /// Leave without a turn, for what goes without the key: the allowance is the key's, and the
    /// response tells of another.
    pub(crate) fn pass(&self, now: Instant) -> Permit<'_> {
        Permit {
            rate_limiter: self,
            given: now,
            ticket: None,
        }
    }

    async fn wait(&self) -> Permit<'_> {
        let _waiting = Waiting::begin(&self.waiting);
        let _turn = self
            .turn
            .acquire()
            .await
            .expect("the semaphore is never closed");
        loop {
            let changed = pin!(self.changed.notified());
            let opens = {
                let now = Instant::now();
                let mut window = self.window();
                match window.opens(now) {
                    Some(open) if open <= now => return self.send(&mut window, now),
                    opens => opens,
                }
            };
            match opens {
                Some(opens) => either(changed, sleep_until(opens)).await,
                None => changed.await,
            }
        }
    }

    /// What is left of the allowance, as far as is known.
    pub(crate) fn state(&self) -> Option<RateLimit> {
        self.window().state(Instant::now())
    }

    /// How many calls wait for their turn.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    fn send(&self, window: &mut Window, now: Instant) -> Permit<'_> {
        Permit {
            rate_limiter: self,
            given: now,
            ticket: Some(window.send(now)),
        }
    }

    fn end(&self, ticket: Ticket, used: Use, now: Instant) {
        self.window().end(ticket, used, now);
        if self.waiting.load(Ordering::Acquire) > 0 {
            self.changed.notify_one();
        }
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        // The window is whole again whenever its lock is released; nothing in it panics half-way.
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

/// The deadline came before the turn.
#[derive(Debug)]
pub(crate) struct Elapsed;

/// Leave to send one request.
#[must_use]
pub(crate) struct Permit<'a> {
    rate_limiter: &'a RateLimiter,
    given: Instant,
    ticket: Option<Ticket>,
}

impl Permit<'_> {
    /// When it was given.
    pub(crate) fn given(&self) -> Instant {
        self.given
    }

    /// The request was answered.
    pub(crate) fn answered(
        self,
        status: http::StatusCode,
        rate: Option<RateLimit>,
        retry_after: Option<Duration>,
        now: Instant,
    ) {
        let used = match rate {
            told if status == http::StatusCode::TOO_MANY_REQUESTS => {
                Use::Refused { told, retry_after }
            }
            Some(rate) => Use::Told(rate),
            None => Use::Untold {
                server_error: status.is_server_error(),
            },
        };
        self.end(used, now);
    }

    /// The request was not answered, or not to the end.
    pub(crate) fn failed(self, failure: &Failure, now: Instant) {
        let used = match failure.kind() {
            FailureKind::Connect | FailureKind::Request => Use::None,
            _ => Use::Unknown,
        };
        self.end(used, now);
    }

    fn end(mut self, used: Use, now: Instant) {
        if let Some(ticket) = self.ticket.take() {
            self.rate_limiter.end(ticket, used, now);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.rate_limiter.end(ticket, Use::Unknown, Instant::now());
        }
    }
}

/// Counts a waiting call for as long as it waits.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Waits for the first of two.
async fn either(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| {
        if one.as_mut().poll(context).is_ready() || other.as_mut().poll(context).is_ready() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
