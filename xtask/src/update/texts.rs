//! The texts that differ between two documents: what is written for readers and changes nothing on
//! the wire. The comparison of documents leaves them out, but generated files contain them.

use std::collections::BTreeSet;
use std::fmt;

use openapi_pipeline::Pointer;
use serde_json::{Map, Value};

/// How many places are listed.
const PLACES: usize = 5;
/// What is written for readers.
const TEXTS: [&str; 8] = [
    "$comment",
    "description",
    "example",
    "examples",
    "externalDocs",
    "summary",
    "tags",
    "title",
];
/// What has names of the document's own as keys, which may be called as a text is.
const NAMED: [&str; 17] = [
    "$defs",
    "callbacks",
    "content",
    "definitions",
    "dependentSchemas",
    "encoding",
    "headers",
    "links",
    "mapping",
    "parameters",
    "pathItems",
    "paths",
    "patternProperties",
    "properties",
    "responses",
    "schemas",
    "webhooks",
];

/// Where texts differ.
#[derive(Debug, Default)]
pub(super) struct Texts {
    places: Vec<Pointer>,
    /// Whether anything else differs.
    others: bool,
}

impl Texts {
    /// Compares two documents.
    pub(super) fn between(base: &Value, revision: &Value) -> Self {
        let mut texts = Self::default();
        texts.compare(base, revision, &Pointer::root(), false);
        texts
    }

    fn compare(&mut self, base: &Value, revision: &Value, at: &Pointer, is_named: bool) {
        match (base, revision) {
            _ if base == revision => {}
            (Value::Object(base), Value::Object(revision)) => {
                self.members(base, revision, at, is_named);
            }
            (Value::Array(base), Value::Array(revision)) if base.len() == revision.len() => {
                for (index, (base, revision)) in base.iter().zip(revision).enumerate() {
                    self.compare(base, revision, &at.child(&index.to_string()), false);
                }
            }
            _ => self.others = true,
        }
    }

    fn members(
        &mut self,
        base: &Map<String, Value>,
        revision: &Map<String, Value>,
        at: &Pointer,
        is_named: bool,
    ) {
        for key in base.keys().chain(revision.keys()).collect::<BTreeSet<_>>() {
            let (base, revision) = (base.get(key), revision.get(key));
            if base == revision {
                continue;
            }
            if !is_named && TEXTS.contains(&key.as_str()) {
                self.places.push(at.child(key));
            } else if let (Some(base), Some(revision)) = (base, revision) {
                let is_named = !is_named && NAMED.contains(&key.as_str());
                self.compare(base, revision, &at.child(key), is_named);
            } else {
                self.others = true;
            }
        }
    }
}

impl fmt::Display for Texts {
    /// What changed, and the first places; nothing if no text did.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = match self.places.len() {
            0 => return Ok(()),
            1 => "1 place".to_owned(),
            count => format!("{count} places"),
        };
        let what = if self.others { "Texts" } else { "Only texts" };
        writeln!(
            f,
            "{what} for readers changed, such as descriptions and examples, at {count}:"
        )?;
        for place in self.places.iter().take(PLACES) {
            writeln!(f, "  {place}")?;
        }
        match self.places.len().saturating_sub(PLACES) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more"),
        }
    }
}
