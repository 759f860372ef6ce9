//! Changes that are known and accepted for a while.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use toml::Spanned;

use super::pattern::matches;
use super::{Finding, RULES, Report, line_of};

/// Changes that are known and accepted until a day.
///
/// ```
/// use openapi_diff::Waivers;
///
/// let waivers = Waivers::parse(r#"
///     [[waiver]]
///     finding = "response-property-became-nullable"
///     place = "GET /teas response 200 `data[].origin`"
///     reason = "It was null all along; the SDK has always taken it."
///     expires = "2027-01-31"
/// "#)?;
/// # Ok::<(), openapi_diff::WaiversError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waivers(Vec<Waiver>);

#[derive(Clone, Debug, PartialEq)]
struct Waiver {
    line: usize,
    finding: String,
    place: String,
    reason: String,
    expires: Date,
}

/// What is wrong with waivers: malformed, expired or unused ones. One line for each, which begins
/// with its line in the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct WaiversError(Vec<String>);

impl WaiversError {
    /// One message for each waiver.
    pub fn messages(&self) -> &[String] {
        &self.0
    }
}

/// What becomes of a report under waivers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Waived {
    /// What no waiver covers.
    pub kept: Report,
    /// What is waived, with the reason.
    pub waived: Vec<(Finding, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "waiver")]
    waivers: Vec<Spanned<Raw>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    finding: String,
    place: String,
    reason: String,
    expires: String,
}

impl Waivers {
    /// Nothing is waived.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Reads waivers from TOML. In a place, as [`Finding::place`] words it, a `*` stands for any
    /// text.
    ///
    /// # Errors
    /// Malformed TOML, unknown keys, rules that do not exist, a reason that is empty, a day that is
    /// none.
    pub fn parse(text: &str) -> Result<Self, WaiversError> {
        let file: File = toml::from_str(text)
            .map_err(|error| WaiversError(vec![error.to_string().trim_end().to_owned()]))?;
        let mut waivers = Vec::new();
        let mut errors = Vec::new();
        for raw in file.waivers {
            let line = line_of(text, raw.span().start);
            match raw.into_inner().checked(line) {
                Ok(waiver) => waivers.push(waiver),
                Err(error) => errors.push(format!("line {line}: {error}")),
            }
        }
        if errors.is_empty() {
            Ok(Self(waivers))
        } else {
            Err(WaiversError(errors))
        }
    }

    /// Takes from a report what is waived on the day `today`.
    ///
    /// # Errors
    /// Waivers that cover nothing, and waivers that have expired, whether they cover something or
    /// not.
    pub fn apply(&self, report: Report, today: Date) -> Result<Waived, WaiversError> {
        let mut used = vec![false; self.0.len()];
        let mut waived = Vec::new();
        let mut kept = Vec::new();
        for finding in report.into_findings() {
            let place = finding.place();
            let mut reason = None;
            for (waiver, used) in self.0.iter().zip(&mut used) {
                if waiver.finding == finding.id && matches(&waiver.place, &place) {
                    *used = true;
                    reason.get_or_insert(&waiver.reason);
                }
            }
            match reason {
                Some(reason) => waived.push((finding, reason.clone())),
                None => kept.push(finding),
            }
        }
        let errors: Vec<String> = self
            .0
            .iter()
            .zip(used)
            .filter_map(|(waiver, used)| waiver.complaint(used, today))
            .collect();
        if errors.is_empty() {
            Ok(Waived {
                kept: Report::new(kept),
                waived,
            })
        } else {
            Err(WaiversError(errors))
        }
    }
}

impl Raw {
    fn checked(self, line: usize) -> Result<Waiver, String> {
        if !RULES.iter().any(|rule| rule.id == self.finding) {
            return Err(format!("no rule is called `{}`", self.finding));
        }
        if self.reason.trim().is_empty() {
            return Err("a waiver needs a reason".to_owned());
        }
        let expires = self
            .expires
            .parse()
            .map_err(|error: DateError| error.to_string())?;
        Ok(Waiver {
            line,
            finding: self.finding,
            place: self.place,
            reason: self.reason,
            expires,
        })
    }
}

impl Waiver {
    fn complaint(&self, used: bool, today: Date) -> Option<String> {
        let Self {
            line,
            finding,
            place,
            expires,
            ..
        } = self;
        if *expires < today {
            Some(format!(
                "line {line}: the waiver of {finding} at {place} expired on {expires}; renew it or mend what it waives"
            ))
        } else if !used {
            Some(format!(
                "line {line}: the waiver of {finding} at {place} waives nothing; remove it"
            ))
        } else {
            None
        }
    }
}

/// A day of the Gregorian calendar, written `2027-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Why a text is no day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day; write it like 2027-01-31")]
pub struct DateError(String);

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let read = || {
            let bytes = text.as_bytes();
            if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
                return None;
            }
            let number = |range: std::ops::Range<usize>| {
                let digits = text.get(range)?;
                digits
                    .bytes()
                    .all(|byte| byte.is_ascii_digit())
                    .then(|| digits.parse::<u16>().ok())?
            };
            let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let days = match month {
                1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
                4 | 6 | 9 | 11 => 30,
                2 if leap => 29,
                2 => 28,
                _ => return None,
            };
            let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
            (1..=days)
                .contains(&day)
                .then_some(Self { year, month, day })
        };
        read().ok_or_else(|| DateError(text.to_owned()))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}
