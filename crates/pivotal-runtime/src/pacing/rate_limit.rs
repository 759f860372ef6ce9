//! What the rate-limit headers of an answer say.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use http::header::{DATE, HeaderMap, HeaderName};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// How much of a key's allowance is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests that are allowed within the window.
    pub limit: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// How long until more are left, when it is known. By the server's clock alone: this machine's
    /// may be wrong.
    pub resets_in: Option<Duration>,
}

impl RateLimit {
    /// Reads `X-RateLimit-Limit`, `-Remaining` and `-Reset` (Unix seconds, counted from the answer's
    /// `Date`). `None` unless the first two are there.
    ///
    /// ```
    /// use pivotal_runtime::RateLimit;
    ///
    /// let answer = http::Response::builder()
    ///     .header("date", "Tue, 26 May 2026 17:21:00 GMT")
    ///     .header("x-ratelimit-limit", "60")
    ///     .header("x-ratelimit-remaining", "12")
    ///     .header("x-ratelimit-reset", "1779816085")
    ///     .body(())?;
    /// let rate = RateLimit::from_headers(answer.headers()).unwrap();
    /// assert_eq!((rate.limit, rate.remaining), (60, 12));
    /// assert_eq!(rate.resets_in.unwrap().as_secs(), 25);
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
        let limit = text(LIMIT)?.parse().ok()?;
        let remaining = text(REMAINING)?.parse().ok()?;
        let resets_in = || {
            let reset = Duration::from_secs(text(RESET)?.parse().ok()?);
            let date = httpdate::parse_http_date(text(DATE)?).ok()?;
            let now = date.duration_since(UNIX_EPOCH).ok()?;
            Some(reset.saturating_sub(now))
        };
        Some(Self {
            limit,
            remaining,
            resets_in: resets_in(),
        })
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            limit, remaining, ..
        } = self;
        write!(f, "{remaining} of {limit} left")
    }
}
