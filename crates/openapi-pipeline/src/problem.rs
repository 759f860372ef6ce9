//! Problems that stop a stage: place, finding, reason and remedy.

use std::fmt;

use serde_json::Value;

use crate::Pointer;
use crate::pointer::is_escaped_in_yaml;

/// What a remedy has where only a person knows the value. YAML refuses it, so an action that was copied
/// does not apply before it is filled in.
pub const FILL_IN: &str = "@FILL_IN";

/// One place in a document that a stage cannot process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The place. In the problems of an overlay: the place in the overlay.
    pub pointer: Pointer,
    /// What is there.
    pub found: String,
    /// Why it is a problem.
    pub why: String,
    /// What would resolve it.
    pub remedy: Option<Box<Remedy>>,
}

/// An overlay action that would resolve a problem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remedy {
    /// The place that it changes.
    pub place: Pointer,
    /// What it merges into the value there, in YAML on one line; without it the value is removed.
    pub update: Option<String>,
    /// The JSONPath of the place.
    target: String,
    /// Why it is needed.
    description: String,
}

impl Remedy {
    /// The same at a place that this JSONPath selects: an index in a list shifts when other entries go.
    #[must_use]
    pub fn selecting(mut self, target: String) -> Self {
        self.target = target;
        self
    }
}

impl fmt::Display for Remedy {
    /// The action, in YAML.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "- target: {}", yaml_scalar(&self.target))?;
        writeln!(f, "  description: {}", yaml_scalar(&self.description))?;
        match &self.update {
            Some(update) => write!(f, "  update: {update}"),
            None => f.write_str("  remove: true"),
        }
    }
}

impl Problem {
    /// A problem without a remedy.
    pub fn new(pointer: &Pointer, found: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            pointer: pointer.clone(),
            found: found.into(),
            why: why.into(),
            remedy: None,
        }
    }

    /// The same problem with the overlay action that would resolve it.
    #[must_use]
    pub fn with_remedy(mut self, remedy: Remedy) -> Self {
        self.remedy = Some(Box::new(Remedy {
            description: self.why.clone(),
            ..remedy
        }));
        self
    }

    /// The same problem; the remedy is to remove the value at its place.
    #[must_use]
    pub fn with_removal(self) -> Self {
        let remedy = removal(&self.pointer);
        self.with_remedy(remedy)
    }
}

impl fmt::Display for Problem {
    /// The problem without its remedy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", printable(&self.pointer.to_string()))?;
        writeln!(f, "  found: {}", printable(&self.found))?;
        write!(f, "  why: {}", printable(&self.why))
    }
}

/// Every problem of one run, each once, in order of place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// No problem so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a problem, unless it is known already.
    pub fn push(&mut self, problem: Problem) {
        if let Err(position) = self.0.binary_search(&problem) {
            self.0.insert(position, problem);
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The problems in order of place.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Problem> {
        self.0.iter_mut()
    }

    /// The overlay actions that would resolve these, in an order in which all can be applied: none
    /// twice, and none at a place that another one removes.
    pub fn remedies(&self) -> Vec<&Remedy> {
        let mut remedies: Vec<&Remedy> = Vec::new();
        let all = || self.iter().filter_map(|problem| problem.remedy.as_deref());
        for remedy in all() {
            let is_known = |known: &&Remedy| {
                (&known.target, &known.update) == (&remedy.target, &remedy.update)
            };
            let is_gone = |other: &Remedy| {
                other.update.is_none()
                    && other.place != remedy.place
                    && remedy.place.is_within(&other.place)
            };
            if !remedies.iter().any(is_known) && !all().any(is_gone) {
                remedies.push(remedy);
            }
        }
        // What stands later in a list goes first, so that the others keep their places.
        remedies.sort_by(|left, right| right.place.cmp(&left.place));
        remedies
    }

    /// [`remedies`](Self::remedies) as part of a message; empty without any.
    pub fn shown_remedies(&self) -> String {
        let remedies = self.remedies();
        if remedies.is_empty() {
            return String::new();
        }
        let remedies = remedies.iter().map(|remedy| {
            let lines: Vec<String> = remedy
                .to_string()
                .lines()
                .map(|line| format!("    {line}\n"))
                .collect();
            lines.concat()
        });
        format!(
            "remedies, as overlay actions:\n{}\n",
            remedies.collect::<String>()
        )
    }

    /// `value` when there is no problem, else the problems.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self {
            writeln!(f, "{problem}\n")?;
        }
        f.write_str(&self.shown_remedies())?;
        match self.len() {
            1 => f.write_str("1 problem"),
            count => write!(f, "{count} problems"),
        }
    }
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        for problem in problems {
            self.push(problem);
        }
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The overlay action that merges `update` (YAML, on one line, with texts of a document in quotes) into the
/// value at `place`.
pub fn update(place: &Pointer, update: &str) -> Remedy {
    Remedy {
        update: Some(escape_controls(update)),
        ..removal(place)
    }
}

/// The overlay action that removes the value at `place`.
pub fn removal(place: &Pointer) -> Remedy {
    Remedy {
        place: place.clone(),
        update: None,
        target: place.to_json_path(),
        description: String::new(),
    }
}

/// A text as a YAML scalar: quoted only when YAML would read it otherwise.
fn yaml_scalar(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && !text.chars().any(is_escaped_in_yaml);
    if plain {
        text.to_owned()
    } else {
        escape_controls(&Value::from(text).to_string())
    }
}

/// Escapes, in texts between quotes, what YAML does not take as it is. JSON leaves some of it so.
fn escape_controls(quoted: &str) -> String {
    let escaped = quoted.chars().map(|character| match character {
        other if is_escaped_in_yaml(other) => format!("\\u{:04x}", u32::from(other)),
        other => other.to_string(),
    });
    escaped.collect()
}

/// A text of a document as part of a message: with its control characters escaped, so that a line
/// break begins no line of the message, and nothing else controls the terminal.
///
/// ```
/// let text = openapi_pipeline::problem::printable("one\ntwo\u{1b}[1m");
/// assert_eq!(text, "one\\ntwo\\u{1b}[1m");
/// ```
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
    }
    printable
}

/// What kind of value this is, for messages.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
