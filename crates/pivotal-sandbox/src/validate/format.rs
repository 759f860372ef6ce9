//! The string formats that the contract uses.

use jiff::Timestamp;

use crate::error::ApiError;

/// A date and time with seconds and an offset (RFC 3339), as a point in time.
///
/// Stricter than a general ISO 8601 reader: dates alone, spaces, week dates and named zones are
/// refused. Evidence: stated (full date-time), decided (offsets other than `Z` are taken).
pub(crate) fn date_time(text: &str) -> Option<Timestamp> {
    let rest = strip_pattern(text, "0000-00-00T00:00:00")?;
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            // The limit of jiff; the API itself writes fewer digits.
            if !(1..=9).contains(&(fraction.len() - offset.len())) {
                return None;
            }
            offset
        }
        None => rest,
    };
    let offset = rest
        .strip_prefix(['+', '-'])
        .and_then(|offset| strip_pattern(offset, "00:00"));
    if rest != "Z" && offset != Some("") {
        return None;
    }
    let time: Timestamp = text.parse().ok()?;
    // Other years cannot be written in this format.
    let year = time.to_zoned(jiff::tz::TimeZone::UTC).year();
    (0..=9999).contains(&year).then_some(time)
}

/// The same for the value of a field, with the error that the API gives.
pub(crate) fn read_date_time(text: &str, field: &str) -> Result<Timestamp, ApiError> {
    date_time(text)
        .ok_or_else(|| ApiError::invalid_request("invalid_string", "Invalid datetime").field(field))
}

/// Strips a prefix of the form of `pattern`, where `0` stands for any digit.
fn strip_pattern<'a>(text: &'a str, pattern: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(pattern.len())?;
    let fits = start
        .bytes()
        .zip(pattern.bytes())
        .all(|(found, wanted)| match wanted {
            b'0' => found.is_ascii_digit(),
            _ => found == wanted,
        });
    fits.then_some(rest)
}

/// Whether a string looks like an e-mail address: a local part, one `@`, a dotted domain, no white
/// space. What Pivotal refuses beyond that is not documented. Evidence: decided.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let labels: Vec<&str> = domain.split('.').collect();
    !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local.contains('@')
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && labels.len() >= 2
        && labels.iter().all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
}
