//! Problems that stop a stage: place, finding, reason and remedy.

use std::fmt;

use serde_json::Value;

use crate::Pointer;

/// One place in a document that a stage cannot process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The place. In the problems of an overlay: the place in the overlay.
    pub pointer: Pointer,
    /// What is there.
    pub found: String,
    /// Why it is a problem.
    pub why: String,
    /// An overlay action, in YAML, that would resolve it.
    pub remedy: Option<String>,
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
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A line break in a text of the document does not begin a line of the message.
        let one_line = |text: &str| text.replace('\n', "\\n");
        writeln!(f, "{}", one_line(&self.pointer.to_string()))?;
        writeln!(f, "  found: {}", one_line(&self.found))?;
        write!(f, "  why: {}", one_line(&self.why))?;
        if let Some(remedy) = &self.remedy {
            write!(f, "\n  remedy, as an overlay action:")?;
            for line in remedy.lines() {
                write!(f, "\n    {line}")?;
            }
        }
        Ok(())
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

/// The overlay action, in YAML, that merges `update` (YAML, on one line) into the value at
/// `target`.
pub fn update(target: &Pointer, update: &str) -> String {
    format!(
        "- target: {}\n  description: why this holds\n  update: {update}",
        yaml_scalar(&target.to_json_path())
    )
}

/// The overlay action, in YAML, that removes the value at `target`.
pub fn removal(target: &Pointer) -> String {
    format!(
        "- target: {}\n  description: why it can go\n  remove: true",
        yaml_scalar(&target.to_json_path())
    )
}

/// A JSONPath as a YAML scalar: quoted only when YAML would read it otherwise.
fn yaml_scalar(path: &str) -> String {
    let plain = !path.contains(": ")
        && !path.contains(" #")
        && !path.ends_with(':')
        && !path.chars().any(char::is_control);
    if plain {
        path.to_owned()
    } else {
        Value::from(path).to_string()
    }
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
