//! Pointers, references and evidence in the document.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value, json};

use super::shape::Shape;
use crate::finding::Evidence;

/// How many references lead to one place at most; more is a circle.
const REFERENCES: usize = 32;

/// An OpenAPI document.
#[derive(Debug)]
pub(crate) struct Document {
    value: Value,
    shapes: RwLock<HashMap<String, Arc<Shape>>>,
}

impl Document {
    pub(crate) fn new(value: Value) -> Self {
        Self {
            value,
            shapes: RwLock::default(),
        }
    }

    /// What stands at a pointer.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Value> {
        self.value.pointer(pointer)
    }

    /// The parts that the schema at a pointer declares.
    pub(crate) fn shape(&self, schema: &str) -> Arc<Shape> {
        let shapes = self.shapes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(shape) = shapes.get(schema) {
            return Arc::clone(shape);
        }
        drop(shapes);
        let shape = Arc::new(Shape::of(self, schema));
        let mut shapes = self.shapes.write().unwrap_or_else(PoisonError::into_inner);
        shapes.insert(schema.to_owned(), Arc::clone(&shape));
        shape
    }

    /// The place that a pointer leads to when what stands there is a reference.
    pub(crate) fn resolved(&self, pointer: &str) -> String {
        let mut pointer = pointer.to_owned();
        for _ in 0..REFERENCES {
            match self.at(&pointer).and_then(|value| value["$ref"].as_str()) {
                Some(reference) => reference.trim_start_matches('#').clone_into(&mut pointer),
                None => break,
            }
        }
        pointer
    }

    /// What is known of the fact at a place: the mark of the nearest place around it. What carries
    /// none is stated.
    pub(crate) fn evidence(&self, pointer: &str) -> Evidence {
        let mut found = Evidence::Stated;
        let mut value = Some(&self.value);
        for segment in pointer.split('/').skip(1) {
            let segment = segment.replace("~1", "/").replace("~0", "~");
            value = value.and_then(|value| match value {
                Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
                value => value.get(&segment),
            });
            let mark = value.and_then(|value| value.get("x-evidence")?.as_str());
            if let Some(mark) = mark.and_then(Evidence::of_mark) {
                found = mark;
            }
        }
        found
    }

    /// A JSON Schema that says what the document says at a pointer, with whatever that can refer
    /// to.
    pub(crate) fn json_schema(&self, pointer: &str) -> Value {
        let mut schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": format!("#{}", fragment(pointer)),
            "components": self.value["components"],
        });
        if pointer.starts_with("/paths") {
            schema["paths"] = self.value["paths"].clone();
        }
        schema
    }
}

/// A pointer to a member of what another points to.
pub(crate) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A pointer as the fragment of a URI, where the braces of a path template cannot stand.
fn fragment(pointer: &str) -> String {
    let mut fragment = String::with_capacity(pointer.len());
    for byte in pointer.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'~' | b'-' | b'.' | b'_' => {
                fragment.push(byte.into());
            }
            other => fragment.push_str(&format!("%{other:02X}")),
        }
    }
    fragment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mark_counts_and_what_has_none_is_stated() {
        let document = Document::new(json!({ "components": { "schemas": { "Contact": {
            "x-evidence": "example",
            "properties": { "name": { "type": "string" }, "title": { "type": "string", "x-evidence": "inferred" } },
            "allOf": [{ "x-evidence": "decided", "type": "object" }],
        } } } }));
        let contact = "/components/schemas/Contact";
        for (pointer, evidence) in [
            ("/properties/title/type", Evidence::Inferred),
            ("/properties/name/type", Evidence::Example),
            ("/allOf/0/type", Evidence::Decided),
            ("/required", Evidence::Example),
        ] {
            assert_eq!(document.evidence(&format!("{contact}{pointer}")), evidence);
        }
        assert_eq!(
            document.evidence("/components/schemas/Me"),
            Evidence::Stated
        );
    }
}
