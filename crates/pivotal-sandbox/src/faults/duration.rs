//! Durations as text: a whole number and `ms`, `s`, `m` or `h`.

use std::{fmt, time::Duration};

use jiff::SignedDuration;

use super::FaultError;

const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

pub(super) fn parse(text: &str) -> Result<Duration, FaultError> {
    let milliseconds = || {
        let (digits, factor) = UNITS
            .iter()
            .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        plain
            .then(|| digits.parse::<u64>().ok()?.checked_mul(*factor))
            .flatten()
    };
    milliseconds().map(Duration::from_millis).ok_or_else(|| {
        FaultError::new(format!(
            "`{text}` is not a duration: write a whole number and its unit, such as 200ms, 2s, 1m or 1h"
        ))
    })
}

/// The same, with a sign before it or not.
pub(super) fn parse_signed(text: &str) -> Result<SignedDuration, FaultError> {
    let (negative, size) = match text.strip_prefix('-') {
        Some(size) => (true, size),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let size = SignedDuration::try_from(parse(size)?)
        .map_err(|_| FaultError::new(format!("`{text}` is too long a time")))?;
    Ok(if negative { -size } else { size })
}

/// A duration as it is read: whole seconds in seconds, all else in milliseconds.
pub(super) struct Shown(pub(super) Duration);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            milliseconds if milliseconds > 0 && milliseconds % 1_000 == 0 => {
                write!(f, "{}s", milliseconds / 1_000)
            }
            milliseconds => write!(f, "{milliseconds}ms"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, parse_signed};

    #[test]
    fn a_number_and_a_unit_is_a_duration() {
        for (text, milliseconds) in [("0ms", 0), ("200ms", 200), ("2s", 2_000), ("3m", 180_000)] {
            assert_eq!(
                parse(text).unwrap(),
                Duration::from_millis(milliseconds),
                "{text}"
            );
        }
        for text in ["", "5", "s", "+5s", "1.5s", "5 s", "99999999999999999999h"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse_signed("-90s").unwrap().as_secs(), -90);
        assert_eq!(parse_signed("+1h").unwrap().as_secs(), 3_600);
    }
}
