//! The files that accompany the documents: the promises of the vendor, and the waivers.

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::finding::{Finding, Report};
use crate::rules::RULES;

/// The promises of the vendor, each with the rules that detect a breach.
///
/// ```
/// use openapi_diff::Promises;
///
/// let promises = Promises::parse(r#"
///     [[promise]]
///     id = "no-removal"
///     text = "No operation is ever removed."
///     evidence = "stated"
///     findings = ["api-removed-*"]
/// "#)?;
/// assert_eq!(promises.iter().next().map(|promise| promise.id.as_str()), Some("no-removal"));
/// # Ok::<(), openapi_diff::PolicyError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Promises(Vec<Promise>);

/// One promise.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Promise {
    /// A short name, which findings carry.
    pub id: String,
    /// The promise in one sentence.
    pub text: String,
    /// How it is known.
    pub evidence: String,
    /// The rules that detect a breach; a `*` stands for any text.
    findings: Vec<Spanned<String>>,
    /// The properties that it is about, with `*` as above; all when there are none.
    #[serde(default)]
    properties: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PromisesFile {
    #[serde(default, rename = "promise")]
    promises: Vec<Promise>,
}

impl Promises {
    /// No promise at all.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Reads promises from TOML.
    ///
    /// # Errors
    /// Malformed TOML, unknown keys, and unknown rules, with the line.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: PromisesFile = read(text)?;
        for pattern in file.promises.iter().flat_map(|promise| &promise.findings) {
            let name = pattern.get_ref();
            if !RULES.iter().any(|rule| matches(name, &rule.id)) {
                let line = line_of(text, pattern.span().start);
                let message = format!("line {line}: no rule is called `{name}`");
                return Err(PolicyError(vec![message]));
            }
        }
        Ok(Self(file.promises))
    }

    /// The promises in the order of their text.
    pub fn iter(&self) -> std::slice::Iter<'_, Promise> {
        self.0.iter()
    }

    /// The promise that a change breaks: the first that covers it.
    pub fn broken_by(&self, finding: &Finding) -> Option<&Promise> {
        self.0.iter().find(|promise| promise.covers(finding))
    }
}

impl Promise {
    fn covers(&self, finding: &Finding) -> bool {
        let property = finding.property.as_deref().unwrap_or_default();
        self.findings
            .iter()
            .any(|pattern| matches(pattern.get_ref(), finding.id))
            && (self.properties.is_empty() || self.properties.iter().any(|p| matches(p, property)))
    }
}

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
/// # Ok::<(), openapi_diff::PolicyError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waivers(Vec<(usize, Date, Waiver)>);

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
struct WaiversFile {
    #[serde(default, rename = "waiver")]
    waivers: Vec<Spanned<Waiver>>,
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
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: WaiversFile = read(text)?;
        let mut waivers = Vec::new();
        let mut errors = Vec::new();
        for spanned in file.waivers {
            let line = line_of(text, spanned.span().start);
            let waiver = spanned.into_inner();
            match waiver.last_day() {
                Ok(day) => waivers.push((line, day, waiver)),
                Err(error) => errors.push(format!("line {line}: {error}")),
            }
        }
        PolicyError::check(errors)?;
        Ok(Self(waivers))
    }

    /// Removes from a report what is waived on the day `today`.
    ///
    /// # Errors
    /// Waivers that cover nothing, and waivers that have expired, whether they cover something or
    /// not.
    pub fn apply(&self, report: Report, today: Date) -> Result<Waived, PolicyError> {
        let mut used = vec![false; self.0.len()];
        let mut waived = Vec::new();
        let mut kept = Vec::new();
        for finding in report.findings {
            let place = finding.place();
            let mut reason = None;
            for ((.., waiver), used) in self.0.iter().zip(&mut used) {
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
        let mut errors = Vec::new();
        for ((line, last_day, waiver), used) in self.0.iter().zip(used) {
            let problem = if *last_day < today {
                format!("expired on {last_day}; renew it or fix what it waives")
            } else if !used {
                "waives nothing; remove it".to_owned()
            } else {
                continue;
            };
            let Waiver { finding, place, .. } = waiver;
            errors.push(format!(
                "line {line}: the waiver of {finding} at {place} {problem}"
            ));
        }
        PolicyError::check(errors)?;
        let kept = Report::new(kept);
        Ok(Waived { kept, waived })
    }
}

impl Waiver {
    /// The last day on which it holds.
    fn last_day(&self) -> Result<Date, String> {
        if !RULES.iter().any(|rule| rule.id == self.finding) {
            return Err(format!("no rule is called `{}`", self.finding));
        }
        if self.reason.trim().is_empty() {
            return Err("a waiver needs a reason".to_owned());
        }
        // jiff reads other forms of dates too.
        let text = &self.expires;
        let day = text.parse().ok();
        day.filter(|day: &Date| day.to_string() == *text)
            .ok_or_else(|| format!("`{text}` is not a date; write it like 2027-01-31"))
    }
}

/// Promises or waivers that are malformed, expired or unused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct PolicyError(Vec<String>);

impl PolicyError {
    fn check(messages: Vec<String>) -> Result<(), Self> {
        if messages.is_empty() {
            Ok(())
        } else {
            Err(Self(messages))
        }
    }

    /// One message for each problem, with its line.
    pub fn messages(&self) -> &[String] {
        &self.0
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, PolicyError> {
    toml::from_str(text).map_err(|error| PolicyError(vec![error.to_string().trim_end().to_owned()]))
}

/// Whether `text` matches `pattern`, in which each `*` stands for any text.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| text.strip_prefix(start)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(end) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(end)
}

/// The line of a byte of a text, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}
