//! The string formats that the contract uses.

use jiff::Timestamp;

/// A date and time with seconds and an offset (RFC 3339), as a point in time.
///
/// Stricter than a general ISO 8601 reader: dates alone, spaces, week dates and named zones are
/// refused. Evidence: stated (full date-time), decided (offsets other than `Z` are taken).
pub(crate) fn date_time(text: &str) -> Option<Timestamp> {
    let rest = shape(text, "0000-00-00T00:00:00")?;
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            // jiff keeps nanoseconds; more digits than that are no time that the API writes.
            if !(1..=9).contains(&(fraction.len() - offset.len())) {
                return None;
            }
            offset
        }
        None => rest,
    };
    let offset = rest
        .strip_prefix(['+', '-'])
        .and_then(|offset| shape(offset, "00:00"));
    if rest != "Z" && offset != Some("") {
        return None;
    }
    let time: Timestamp = text.parse().ok()?;
    // A year of more or fewer than four digits could not be written back in this format.
    let year = time.to_zoned(jiff::tz::TimeZone::UTC).year();
    (0..=9999).contains(&year).then_some(time)
}

/// What is left of `text` after a start of the form of `pattern`, where `0` stands for any digit.
fn shape<'a>(text: &'a str, pattern: &str) -> Option<&'a str> {
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

/// Whether a string can be an e-mail address: something before one `@`, a dotted domain after it,
/// no white space. What Pivotal refuses beyond that is not documented. Evidence: decided.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{date_time, is_email};

    #[test]
    fn a_full_date_and_time_is_taken() {
        for text in [
            "2026-05-26T17:21:09Z",
            "2026-05-26T17:21:09.412Z",
            "2026-05-26T17:21:09.412123456Z",
            "2026-05-26T19:21:09+02:00",
            "0000-01-01T00:00:00Z",
        ] {
            assert!(date_time(text).is_some(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        for text in [
            "",
            "2026-05-26",
            "2026-05-26T17:21Z",
            "2026-05-26 17:21:09Z",
            "2026-05-26T17:21:09",
            "2026-05-26T17:21:09.Z",
            "2026-05-26T17:21:09z",
            "2026-05-26T17:21:09+0200",
            "2026-05-26T17:21:09+02:00[Europe/Berlin]",
            "2026-02-30T00:00:00Z",
            "2026-05-26T25:00:00Z",
            "+002026-05-26T17:21:09Z",
            "0000-01-01T00:00:00+23:59",
            "2026-05-26T17:21:09\u{e9}",
            "1779816069",
        ] {
            assert!(date_time(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_address_needs_a_local_part_and_a_dotted_domain() {
        for text in ["mira@aurora-demo.com", "a.b+c@x.y", "Mira@Aurora-Demo.COM"] {
            assert!(is_email(text), "{text}");
        }
        for text in [
            "", "mira", "@x.y", "mira@", "mira@x", "a@b@c.d", "a b@c.d", "a@.d", "a@c..d",
            ".a@c.d", "a@-c.d",
        ] {
            assert!(!is_email(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_string_makes_them_panic(text in "\\PC{0,40}|[0-9TZ:.+-]{0,40}") {
            let _ = date_time(&text);
            let _ = is_email(&text);
        }
    }
}
