//! What the headers of a response say about the rate limit: `X-RateLimit-*` and `Retry-After`.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

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
        // `parse` would also accept a leading "+".
        let number = |name: HeaderName| {
            let digits = text(headers, name)?;
            let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
            if only_digits {
                digits.parse::<u64>().ok()
            } else {
                None
            }
        };
        let resets_in = || {
            let now = date(headers)?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
            Some(Duration::from_secs(number(RESET)?).saturating_sub(now))
        };
        Some(Self {
            limit: number(LIMIT)?.try_into().ok()?,
            remaining: number(REMAINING)?.try_into().ok()?,
            resets_in: resets_in(),
        })
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} left", self.remaining, self.limit)
    }
}

/// Reads `retry-after-ms` (milliseconds) or `Retry-After` (seconds or an HTTP date).
///
/// A date is compared with the `Date` header of the same response, so that a wrong local clock does
/// not matter. A value that cannot be parsed is ignored.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    if let Some(milliseconds) = text(headers, RETRY_AFTER_MS).and_then(decimal) {
        return Some(seconds(milliseconds / 1000.0));
    }
    let value = text(headers, RETRY_AFTER)?;
    if let Some(number) = decimal(value) {
        return Some(seconds(number));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = date(headers).unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(text(headers, DATE)?).ok()
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
