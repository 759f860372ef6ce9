//! What the headers of a response say about the rate limit: `X-RateLimit-*` and `Retry-After`.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::header::{HeaderMap, HeaderValue};

/// The rate limit of an API key and how much of it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Number of requests allowed within the window.
    pub limit: u32,
    /// Number of requests left in the current window.
    pub remaining: u32,
    /// Time until more requests are allowed, if known. It is computed from the server's clock only,
    /// because the local clock may be wrong.
    pub resets_in: Option<Duration>,
}

impl RateLimit {
    /// Reads `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset`.
    ///
    /// The reset is in Unix seconds and is compared with the `Date` header of the same response.
    /// Returns `None` if the limit or the remaining count is missing or not a number.
    ///
    /// ```
    /// use pivotal_runtime::RateLimit;
    ///
    /// let response = http::Response::builder()
    ///     .header("date", "Tue, 26 May 2026 17:21:00 GMT")
    ///     .header("x-ratelimit-limit", "60")
    ///     .header("x-ratelimit-remaining", "12")
    ///     .header("x-ratelimit-reset", "1779816085")
    ///     .body(())?;
    /// let rate_limit = RateLimit::from_headers(response.headers()).unwrap();
    /// assert_eq!((rate_limit.limit, rate_limit.remaining), (60, 12));
    /// assert_eq!(rate_limit.resets_in.unwrap().as_secs(), 25);
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        LimitHeaders::of(headers).rate_limit()
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} left", self.remaining, self.limit)
    }
}

/// The headers of a response that say how many requests are allowed, and when.
///
/// They are found in one pass: most responses have few headers, and looking up one costs as much.
#[derive(Default)]
pub(crate) struct LimitHeaders<'a> {
    limit: Option<&'a HeaderValue>,
    remaining: Option<&'a HeaderValue>,
    reset: Option<&'a HeaderValue>,
    retry_after_ms: Option<&'a HeaderValue>,
    retry_after: Option<&'a HeaderValue>,
    date: Option<&'a HeaderValue>,
}

impl<'a> LimitHeaders<'a> {
    /// Of several headers of one name the first.
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            let place = match name.as_str() {
                "x-ratelimit-limit" => &mut found.limit,
                "x-ratelimit-remaining" => &mut found.remaining,
                "x-ratelimit-reset" => &mut found.reset,
                "retry-after-ms" => &mut found.retry_after_ms,
                "retry-after" => &mut found.retry_after,
                "date" => &mut found.date,
                _ => continue,
            };
            place.get_or_insert(value);
        }
        found
    }

    fn rate_limit(&self) -> Option<RateLimit> {
        Some(RateLimit {
            resets_in: self.resets_in(),
            ..self.counts()?
        })
    }

    /// The rate limit for the limiter, which asks when the limit resets only if nothing is left. To
    /// parse a date takes as long as all else that the limiter does.
    pub(crate) fn for_limiter(&self) -> Option<RateLimit> {
        match self.counts()? {
            RateLimit { remaining: 0, .. } => self.rate_limit(),
            counts => Some(counts),
        }
    }

    fn counts(&self) -> Option<RateLimit> {
        Some(RateLimit {
            limit: number(self.limit?)?.try_into().ok()?,
            remaining: number(self.remaining?)?.try_into().ok()?,
            resets_in: None,
        })
    }

    fn resets_in(&self) -> Option<Duration> {
        let now = self.date()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(Duration::from_secs(number(self.reset?)?).saturating_sub(now))
    }

    /// `retry-after-ms` (milliseconds) or `Retry-After` (seconds or an HTTP date).
    ///
    /// A date is compared with the `Date` header of the same response, so that a wrong local clock
    /// does not matter. A value that cannot be parsed is ignored.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        if let Some(milliseconds) = self.retry_after_ms.and_then(text).and_then(decimal) {
            return Some(seconds(milliseconds / 1000.0));
        }
        let value = text(self.retry_after?)?;
        if let Some(number) = decimal(value) {
            return Some(seconds(number));
        }
        let until = httpdate::parse_http_date(value).ok()?;
        let now = self.date().unwrap_or_else(SystemTime::now);
        Some(until.duration_since(now).unwrap_or_default())
    }

    fn date(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(text(self.date?)?).ok()
    }
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok().map(str::trim)
}

/// Digits alone: `parse` would also accept a leading "+".
fn number(value: &HeaderValue) -> Option<u64> {
    let (first, rest) = value.as_bytes().trim_ascii().split_first()?;
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    rest.iter().try_fold(digit(first)?, |number, byte| {
        number.checked_mul(10)?.checked_add(digit(byte)?)
    })
}

fn decimal(text: &str) -> Option<f64> {
    // `parse` would also accept "inf" and "NaN".
    let numeric = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if numeric { text.parse().ok() } else { None }
}

/// A delay that does not fit into a `Duration` becomes the longest one.
fn seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number).unwrap_or(Duration::MAX)
}
