//! A server in memory with the sliding window that the API documents, for time that stands still.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use pivotal_runtime::{BoxFuture, Failure, Transport};
use reqwest::Request;
use tokio::time::{Instant, sleep};

pub(crate) const WINDOW: Duration = Duration::from_secs(60);

/// Counts the requests of the last minute and refuses what is beyond the limit, as the sheet says:
/// every response tells of the limit, a 429 says after how many seconds to come again.
#[derive(Clone)]
pub(crate) struct Model {
    state: Arc<Mutex<State>>,
    begun: Instant,
    /// From the client to the server, and back; drawn evenly from zero to twice this.
    one_way: Duration,
    /// How wrong the client's clock is: the server's dates are this far ahead.
    skew: Duration,
    free_path: &'static str,
}

struct State {
    limit: usize,
    arrivals: VecDeque<Instant>,
    served: usize,
    refused: usize,
    order: Vec<String>,
    seed: u64,
}

impl Model {
    pub(crate) fn new(limit: usize, one_way: Duration) -> Self {
        Self {
            state: Arc::new(Mutex::new(State {
                limit,
                arrivals: VecDeque::new(),
                served: 0,
                refused: 0,
                order: Vec::new(),
                seed: 42,
            })),
            begun: Instant::now(),
            one_way,
            skew: Duration::ZERO,
            free_path: "/api/v1/health",
        }
    }

    pub(crate) fn skewed(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// Requests that another process makes now, of which as many count as there is room for.
    pub(crate) fn others(&self, requests: usize) {
        let mut state = self.state.lock().unwrap();
        state.forget();
        let room = state.limit - state.arrivals.len();
        let now = Instant::now();
        state
            .arrivals
            .extend(std::iter::repeat_n(now, requests.min(room)));
    }

    pub(crate) fn set_limit(&self, limit: usize) {
        self.state.lock().unwrap().limit = limit;
    }

    pub(crate) fn served(&self) -> usize {
        self.state.lock().unwrap().served
    }

    pub(crate) fn refused(&self) -> usize {
        self.state.lock().unwrap().refused
    }

    /// The last path segments of the requests, in the order in which they came.
    pub(crate) fn order(&self) -> Vec<String> {
        self.state.lock().unwrap().order.clone()
    }

    fn respond(&self, request: &Request) -> http::Response<Bytes> {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap();
        state.forget();
        let path = request.url().path();
        let counts = path != self.free_path;
        let last = path.rsplit('/').next().unwrap_or_default();
        state.order.push(last.to_owned());

        let full = state.arrivals.len() >= state.limit;
        let mut response = http::Response::builder();
        if counts && full {
            state.refused += 1;
            let free = state
                .arrivals
                .front()
                .map_or(now, |oldest| *oldest + WINDOW);
            let seconds = (free - now).as_secs_f64().ceil();
            response = response
                .status(429)
                .header("retry-after", seconds.to_string());
        } else {
            state.served += 1;
            if counts {
                state.arrivals.push_back(now);
            }
        }
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_779_816_060) + self.skew;
        let at = |instant: Instant| date + (instant - self.begun);
        let reset = at(state.arrivals.back().map_or(now, |newest| *newest + WINDOW));
        let reset = reset.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        response
            .header("date", httpdate::fmt_http_date(at(now)))
            .header("x-ratelimit-limit", state.limit)
            .header(
                "x-ratelimit-remaining",
                state.limit.saturating_sub(state.arrivals.len()),
            )
            .header("x-ratelimit-reset", reset.as_secs_f64().ceil().to_string())
            .body(Bytes::from_static(b"{}"))
            .unwrap()
    }

    fn way(&self) -> Duration {
        let mut state = self.state.lock().unwrap();
        state.seed = state
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let share = (state.seed >> 33) as f64 / (1u64 << 31) as f64;
        self.one_way.mul_f64(2.0 * share)
    }
}

impl State {
    fn forget(&mut self) {
        let now = Instant::now();
        while self
            .arrivals
            .front()
            .is_some_and(|arrived| *arrived + WINDOW <= now)
        {
            self.arrivals.pop_front();
        }
    }
}

impl Transport for Model {
    fn send(
        &self,
        request: Request,
        _body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        Box::pin(async move {
            if !self.one_way.is_zero() {
                sleep(self.way()).await;
            }
            let response = self.respond(&request);
            if !self.one_way.is_zero() {
                sleep(self.way()).await;
            }
            Ok(response)
        })
    }
}
