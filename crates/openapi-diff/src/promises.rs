//! The promises of the vendor.

use serde::Deserialize;
use toml::Spanned;

use crate::finding::Finding;
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
/// # Ok::<(), openapi_diff::PromisesError>(())
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

/// Promises that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PromisesError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
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
    pub fn parse(text: &str) -> Result<Self, PromisesError> {
        let file: File = toml::from_str(text)
            .map_err(|error| PromisesError(error.to_string().trim_end().to_owned()))?;
        for pattern in file.promises.iter().flat_map(|promise| &promise.findings) {
            if !RULES
                .iter()
                .any(|rule| matches(pattern.get_ref(), &rule.id))
            {
                return Err(PromisesError(format!(
                    "line {}: no rule is called `{}`",
                    line_of(text, pattern.span().start),
                    pattern.get_ref()
                )));
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
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}
