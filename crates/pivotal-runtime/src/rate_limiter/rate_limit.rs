//! What the rate-limit headers of a response say.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use http::header::{DATE, HeaderMap, HeaderValue};

const LIMIT: &str = "x-ratelimit-limit";
const REMAINING: &str = "x-ratelimit-remaining";
const RESET: &str = "x-ratelimit-reset";

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
    /// Reads `X-RateLimit-Limit`, `-Remaining` and `-Reset` (Unix seconds, counted from the
    /// response's `Date`). `None` unless the first two are there.
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
        // Every response comes by here: all headers are looked at once, which is less than three
        // searches.
        let (mut limit, mut remaining, mut reset) = (None, None, None);
        for (name, value) in headers {
            let told = match name.as_str() {
                LIMIT => &mut limit,
                REMAINING => &mut remaining,
                RESET => &mut reset,
                _ => continue,
            };
            told.get_or_insert(value);
        }
        let number = |value: Option<&HeaderValue>| number(value?.as_bytes().trim_ascii());
        let limit = u32::try_from(number(limit)?).ok()?;
        let remaining = u32::try_from(number(remaining)?).ok()?;
        let resets_in = || {
            let reset = Duration::from_secs(number(reset)?);
            let date = headers.get(DATE)?.as_bytes().trim_ascii();
            let now = fixed_date(date).or_else(|| other_date(date))?;
            Some(reset.saturating_sub(now))
        };
        Some(Self {
            limit,
            remaining,
            resets_in: resets_in(),
        })
    }
}

/// The Unix time of a date such as `Tue, 26 May 2026 17:21:00 GMT`, the form that servers have to
/// write. Every response comes by here, and this is a fraction of what a reader of all forms takes.
fn fixed_date(text: &[u8]) -> Option<Duration> {
    const MONTHS: [&[u8; 3]; 12] = [
        b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec", b"Jan",
        b"Feb",
    ];
    let text: &[u8; 29] = text.try_into().ok()?;
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'a' => byte.is_ascii_alphabetic(),
        _ => byte == form,
    };
    if !text.iter().zip(b"aaa, 00 aaa 0000 00:00:00 GMT").all(fits) {
        return None;
    }
    let number = |from: usize, to: usize| number(&text[from..to]);
    let day = number(5, 7)?;
    // The year begins in March here, so that the day that comes and goes is its last.
    let month = MONTHS.iter().position(|month| text[8..11] == month[..])? as u64;
    let year = number(12, 16)?.checked_sub(u64::from(month >= 10))?;
    let leap_days = year / 4 - year / 100 + year / 400;
    let (hour, minute, second) = (number(17, 19)?, number(20, 22)?, number(23, 25)?);
    if !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = (365 * year + leap_days + (153 * month + 2) / 5 + day).checked_sub(719_469)?;
    Some(Duration::from_secs(
        ((days * 24 + hour) * 60 + minute) * 60 + second,
    ))
}

fn other_date(text: &[u8]) -> Option<Duration> {
    let date = httpdate::parse_http_date(str::from_utf8(text).ok()?).ok()?;
    date.duration_since(UNIX_EPOCH).ok()
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            limit, remaining, ..
        } = self;
        write!(f, "{remaining} of {limit} left")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_date_is_read_as_it_was_written(seconds in 0u64..253_402_300_800) {
            let time = Duration::from_secs(seconds);
            let text = httpdate::fmt_http_date(UNIX_EPOCH + time);
            prop_assert_eq!(fixed_date(text.as_bytes()), Some(time), "{}", text);
        }
    }

    #[test]
    fn what_is_no_such_date_is_not_read_as_one() {
        for text in [
            "",
            "Tue, 26 May 2026 17:21:00",
            "Tue, 26 May 2026 17:21:00 UTC",
            "Tue, 26 Mai 2026 17:21:00 GMT",
            "Tue, 00 May 2026 17:21:00 GMT",
            "Tue, 32 May 2026 17:21:00 GMT",
            "Tue, 26 May 2026 24:21:00 GMT",
            "Tue, 26 May 1926 17:21:00 GMT",
            "Sun, 01 Jan 0000 00:00:00 GMT",
            "Tuesday, 26-May-26 17:21:00 GMT",
        ] {
            assert_eq!(fixed_date(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_time_to_the_reset_counts_from_any_form_of_date() {
        for date in [
            "Tue, 26 May 2026 17:21:00 GMT",
            "Tuesday, 26-May-26 17:21:00 GMT",
            "Tue May 26 17:21:00 2026",
        ] {
            let answer = http::Response::builder()
                .header("x-ratelimit-limit", "60")
                .header("x-ratelimit-remaining", " 12 ")
                .header("x-ratelimit-reset", "1779816085")
                .header("date", date)
                .body(())
                .unwrap();
            let rate = RateLimit::from_headers(answer.headers()).unwrap();
            assert_eq!((rate.limit, rate.remaining), (60, 12));
            assert_eq!(rate.resets_in, Some(Duration::from_secs(25)), "{date}");
        }
    }

    #[test]
    fn what_is_no_number_says_nothing() {
        for limit in ["", "sixty", "-1", "4294967296", "99999999999999999999"] {
            let answer = http::Response::builder()
                .header("x-ratelimit-limit", limit)
                .header("x-ratelimit-remaining", "12")
                .body(())
                .unwrap();
            assert_eq!(RateLimit::from_headers(answer.headers()), None, "{limit}");
        }
    }
}
