//! Changes to the text of a value.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::error::shortened;

/// The maximum length of a slug.
const MAX_SLUG: usize = 120;

/// A change to the text of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Transform {
    /// Removes white space at both ends.
    Trim,
    /// Lower case.
    Lower,
    /// The domain of a URL or an e-mail address, in lower case, without `www.`.
    Domain,
    /// Lower-case ASCII letters, digits and dashes.
    Slug,
    /// An amount such as `99.5` in cents, `9950`, without rounding.
    Cents,
    /// A date or time of ISO 8601, or a Unix time in seconds or milliseconds, as RFC 3339 in UTC.
    Date,
}

impl Transform {
    /// The changed text, or why there is none.
    pub(super) fn apply(self, text: String) -> Result<String, String> {
        let shown = || shortened(&text);
        match self {
            Self::Trim if text.trim().len() == text.len() => Ok(text),
            Self::Trim => Ok(text.trim().to_owned()),
            Self::Lower => Ok(text.to_lowercase()),
            Self::Domain => domain(&text).ok_or_else(|| format!("{:?} has no domain", shown())),
            Self::Slug => {
                slug(&text).ok_or_else(|| format!("{:?} has no letter for a slug", shown()))
            }
            Self::Cents => cents(&text).ok_or_else(|| {
                format!(
                    "{:?} is not an amount such as 1200 or 99.50, with at most two decimals",
                    shown()
                )
            }),
            Self::Date => timestamp(&text).map(|time| time.to_string()),
        }
    }
}

/// The time that a text means. A date is its midnight in UTC, and a time without an offset is UTC.
pub(super) fn timestamp(text: &str) -> Result<Timestamp, String> {
    /// Smaller numbers, such as a year, are no Unix time. In seconds it is in 1973.
    const SECONDS: u64 = 100_000_000;
    /// A smaller number is in seconds, until the year 5138. In milliseconds it is in 1973.
    const MILLISECONDS: u64 = 100_000_000_000;
    let text = text.trim();
    let time = match text.parse::<i64>() {
        Ok(number) if number.unsigned_abs() >= MILLISECONDS => {
            Timestamp::from_millisecond(number).ok()
        }
        Ok(number) if number.unsigned_abs() >= SECONDS => Timestamp::from_second(number).ok(),
        _ => text.parse::<Timestamp>().ok().or_else(|| {
            let time = text.parse::<DateTime>().ok()?;
            Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
        }),
    };
    time.ok_or_else(|| {
        let shown = shortened(text);
        format!("{shown:?} is not a date such as 2026-07-15 or 2026-07-15T09:30:00Z")
    })
}

fn domain(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = text.split(['/', '?', '#']).next()?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next()?.trim_end_matches('.');
    let host = host.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    (host.contains('.') && host.split('.').all(is_label)).then(|| host.to_owned())
}

fn slug(text: &str) -> Option<String> {
    let mut slug = String::new();
    for character in text.to_lowercase().chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(MAX_SLUG);
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

fn cents(text: &str) -> Option<String> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 2 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let cents: i64 = format!("{whole}{fraction:0<2}").parse().ok()?;
    Some(cents.to_string())
}
