//! Changes that are known and accepted for a while.

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use crate::finding::{Finding, Report};
use crate::promises::{line_of, matches};
use crate::rules::RULES;

/// Changes that are known and accepted until a day.
///
/// ```
/// use openapi_diff::Waivers;
///
/// let waivers = Waivers::parse(r#"
///     [[waiver]]
///     finding = "response-property-became-nullable"
///     place = "GET /teas response 200 `data[].origin`"
///     reason = "It was null all along; the SDK has always accepted it."
///     expires = "2027-01-31"
/// "#)?;
/// # Ok::<(), openapi_diff::WaiversError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waivers(Vec<(usize, Waiver)>);

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiver {
    finding: String,
    place: String,
    reason: String,
    expires: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "waiver")]
    waivers: Vec<Spanned<Waiver>>,
}

/// Waivers that are malformed, expired or unused: one message for each, which begins with its line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct WaiversError(Vec<String>);

impl WaiversError {
    /// One message for each waiver.
    pub fn messages(&self) -> &[String] {
        &self.0
    }
}

/// A report after waivers were applied.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Waived {
    /// The findings that no waiver covers.
    pub kept: Report,
    /// The waived findings, each with the reason.
    pub waived: Vec<(Finding, String)>,
}

impl Waivers {
    /// Reads waivers from TOML. A `*` in a place, as [`Finding::place`] words it, stands for any
    /// text.
    ///
    /// # Errors
    /// Malformed TOML, unknown keys, unknown rules, an empty reason, an invalid date.
    pub fn parse(text: &str) -> Result<Self, WaiversError> {
        let file: File = toml::from_str(text)
            .map_err(|error| WaiversError(vec![error.to_string().trim_end().to_owned()]))?;
        let mut waivers = Vec::new();
        let mut errors = Vec::new();
        for spanned in file.waivers {
            let line = line_of(text, spanned.span().start);
            let waiver = spanned.into_inner();
            match waiver.check() {
                Ok(()) => waivers.push((line, waiver)),
                Err(error) => errors.push(format!("line {line}: {error}")),
            }
        }
        if errors.is_empty() {
            Ok(Self(waivers))
        } else {
            Err(WaiversError(errors))
        }
    }

    /// Removes from a report what is waived on the day `today`.
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
            for ((_, waiver), used) in self.0.iter().zip(&mut used) {
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
        let errors = self
            .0
            .iter()
            .zip(used)
            .filter_map(|((line, waiver), used)| {
                let Waiver {
                    finding,
                    place,
                    expires,
                    ..
                } = waiver;
                let problem = match day(expires) {
                    Some(day) if day < today => {
                        format!("expired on {expires}; renew it or fix what it waives")
                    }
                    _ if !used => "waives nothing; remove it".to_owned(),
                    _ => return None,
                };
                Some(format!(
                    "line {line}: the waiver of {finding} at {place} {problem}"
                ))
            });
        let errors: Vec<String> = errors.collect();
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

impl Waiver {
    fn check(&self) -> Result<(), String> {
        if !RULES.iter().any(|rule| rule.id == self.finding) {
            return Err(format!("no rule is called `{}`", self.finding));
        }
        if self.reason.trim().is_empty() {
            return Err("a waiver needs a reason".to_owned());
        }
        match day(&self.expires) {
            Some(_) => Ok(()),
            None => Err(format!(
                "`{}` is not a date; write it like 2027-01-31",
                self.expires
            )),
        }
    }
}

/// A date written `2027-01-31`; jiff reads other forms too.
fn day(text: &str) -> Option<Date> {
    let day: Date = text.parse().ok()?;
    (day.to_string() == text).then_some(day)
}
