//! The delay that a response asks for.

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// Reads `retry-after-ms` (milliseconds) or `Retry-After` (seconds, or an HTTP date).
///
/// A date counts from the response's own `Date`, so that it does not matter how wrong this
/// machine's clock is. What cannot be read asks for nothing.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(milliseconds) = text(RETRY_AFTER_MS).and_then(number) {
        return duration(milliseconds / 1000.0);
    }
    let given = text(RETRY_AFTER)?;
    if let Some(seconds) = number(given) {
        return duration(seconds);
    }
    let until = httpdate::parse_http_date(given).ok()?;
    let now = text(DATE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}

fn number(text: &str) -> Option<f64> {
    // `parse` would also take "inf" and "NaN".
    let numeric = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if numeric { text.parse().ok() } else { None }
}

/// Beyond what a `Duration` holds is still a delay, only a very long one.
fn duration(seconds: f64) -> Option<Duration> {
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn asked(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        retry_after(&headers)
    }

    #[test]
    fn seconds_milliseconds_and_dates_are_understood() {
        let date = ("date", "Tue, 26 May 2026 17:21:09 GMT");
        for (headers, milliseconds) in [
            (&[("retry-after", "2")][..], Some(2_000)),
            (&[("retry-after", " 2 ")], Some(2_000)),
            (&[("retry-after", "0.5")], Some(500)),
            (&[("retry-after", "0")], Some(0)),
            (
                &[("retry-after", "9"), ("retry-after-ms", "250")],
                Some(250),
            ),
            (
                &[("retry-after", "9"), ("retry-after-ms", "soon")],
                Some(9_000),
            ),
            (
                &[("retry-after", "Tue, 26 May 2026 17:21:39 GMT"), date],
                Some(30_000),
            ),
            (
                &[("retry-after", "Tue, 26 May 2026 17:20:00 GMT"), date],
                Some(0),
            ),
            (&[("retry-after", "-1")], None),
            (&[("retry-after", "NaN")], None),
            (&[("retry-after", "inf")], None),
            (&[("retry-after", "")], None),
            (&[("retry-after", "later")], None),
            (&[], None),
        ] {
            assert_eq!(
                asked(headers),
                milliseconds.map(Duration::from_millis),
                "{headers:?}"
            );
        }
        let centuries = asked(&[("retry-after", "99999999999999999999999999")]);
        assert_eq!(centuries, Some(Duration::MAX));
    }

    #[test]
    fn a_date_without_the_servers_own_counts_from_now() {
        let in_an_hour = SystemTime::now() + Duration::from_secs(3600);
        let value = HeaderValue::from_str(&httpdate::fmt_http_date(in_an_hour)).unwrap();
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value)]);
        let asked = retry_after(&headers).unwrap().as_secs();
        assert!((3590..=3600).contains(&asked), "{asked}");
    }
}
