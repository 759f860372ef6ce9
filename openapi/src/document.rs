//! A parsed document: pointers, references and component schemas.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};

use crate::path::child;

/// The longest chain of references, and the deepest composition of schemas, that is followed.
/// Longer ones count as a cycle.
const LONGEST_CHAIN: usize = 32;

/// The members of a path item that are operations, with their HTTP methods.
pub(crate) const METHODS: [(&str, &str); 5] = [
    ("delete", "DELETE"),
    ("get", "GET"),
    ("patch", "PATCH"),
    ("post", "POST"),
    ("put", "PUT"),
];

static CONTRACT: LazyLock<Document> = LazyLock::new(|| {
    Document::parse(crate::CONTRACT).expect("the tests of this crate read the contract")
});

/// An OpenAPI 3.1 document in the dialect of `openapi/pivotal.json`.
///
/// Every reference in it can be followed. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Document(Arc<Value>);

/// Why a document cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The text is not JSON.
    #[error("the contract is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A `$ref` points at nothing, at itself, or out of the document.
    #[error(
        "{pointer}: the reference `{reference}` cannot be followed; it must name a place in the same document"
    )]
    Reference {
        /// Where the reference stands, as a JSON pointer.
        pointer: String,
        /// The reference as written.
        reference: String,
    },
    /// Something is missing or has the wrong type.
    #[error("{pointer}: {problem}")]
    Shape {
        /// The place, as a JSON pointer.
        pointer: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl DocumentError {
    /// Reports what is missing, or has the wrong type, at a JSON pointer.
    pub fn shape(pointer: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Shape {
            pointer: pointer.into(),
            problem: problem.into(),
        }
    }
}

impl Document {
    /// The contract of this version of the crate, parsed once per process.
    pub fn contract() -> &'static Self {
        &CONTRACT
    }

    /// Reads a document from JSON.
    ///
    /// # Errors
    ///
    /// If the text is not JSON, a reference in it cannot be followed, or an operation lacks what
    /// [`Operation`](crate::Operation) needs: an operationId, and a name and place for each parameter.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        Self::new(serde_json::from_str(text)?)
    }

    /// Reads a document from a JSON value.
    ///
    /// # Errors
    ///
    /// As for [`parse`](Self::parse).
    pub fn new(value: Value) -> Result<Self, DocumentError> {
        let document = Self(Arc::new(value));
        document.check_references(document.value(), "")?;
        document.check_operations()?;
        Ok(document)
    }

    /// The whole document.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The value at a JSON pointer.
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.0.pointer(pointer)
    }

    /// The members of the object at a pointer; none when there is no object.
    pub(crate) fn members<'d>(
        &'d self,
        pointer: &str,
    ) -> impl Iterator<Item = (&'d str, &'d Value)> + use<'d> {
        let members = self.get(pointer).and_then(Value::as_object);
        let members = members.into_iter().flat_map(Map::iter);
        members.map(|(name, value)| (name.as_str(), value))
    }

    /// Follows `$ref` to the value that it names. A value that is no reference is returned as it
    /// is.
    pub fn resolve<'d>(&'d self, value: &'d Value) -> &'d Value {
        self.follow(value).unwrap_or(value)
    }

    /// The JSON pointer of the value at `pointer`, after following `$ref`.
    pub fn resolve_pointer(&self, pointer: String) -> String {
        let mut pointer = pointer;
        for _ in 0..LONGEST_CHAIN {
            match self.get(&pointer).and_then(reference) {
                Some(reference) => reference.trim_start_matches('#').clone_into(&mut pointer),
                None => break,
            }
        }
        pointer
    }

    /// The component schema with this name.
    pub fn schema(&self, name: &str) -> Option<&Value> {
        let schemas = self.0.get("components")?.get("schemas")?;
        Some(self.resolve(schemas.get(name)?))
    }

    /// The properties of an object schema by name, those of its `allOf` members included.
    pub fn properties<'d>(&'d self, schema: &'d Value) -> BTreeMap<&'d str, &'d Value> {
        let schema = self.resolve(schema);
        let mut found = BTreeMap::new();
        let members = schema.get("allOf").and_then(Value::as_array);
        for member in members.into_iter().flatten() {
            found.extend(self.properties(member));
        }
        let own = schema.get("properties").and_then(Value::as_object);
        let own = own.into_iter().flatten();
        found.extend(own.map(|(name, schema)| (name.as_str(), schema)));
        found
    }

    /// A JSON Schema for what stands at a pointer, complete with everything it may refer to.
    pub fn json_schema(&self, pointer: &str) -> Value {
        let mut schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": format!("#{}", fragment(pointer)),
            "components": self.0["components"],
        });
        if pointer.starts_with("/paths") {
            schema["paths"] = self.0["paths"].clone();
        }
        schema
    }

    /// What a chain of `$ref` leads to; `None` when it leads nowhere.
    fn follow<'d>(&'d self, value: &'d Value) -> Option<&'d Value> {
        let mut current = value;
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = reference(current) else {
                return Some(current);
            };
            current = self.get(reference.strip_prefix('#')?)?;
        }
        None
    }

    /// Refuses a `$ref` that cannot be followed, and a schema that is made of itself, in the value
    /// at a pointer.
    fn check_references(&self, value: &Value, pointer: &str) -> Result<(), DocumentError> {
        if let Some(reference) = reference(value)
            && !self.ends(value, LONGEST_CHAIN)
        {
            return Err(DocumentError::Reference {
                pointer: pointer.to_owned(),
                reference: reference.to_owned(),
            });
        }
        let below = |step: &str, value| self.check_references(value, &child(pointer, step));
        match value {
            Value::Object(members) => members
                .iter()
                .try_for_each(|(key, value)| below(key, value)),
            Value::Array(items) => {
                let mut items = items.iter().enumerate();
                items.try_for_each(|(index, value)| below(&index.to_string(), value))
            }
            _ => Ok(()),
        }
    }

    /// Whether a schema is made of others, by reference or composition, in at most `steps` steps.
    fn ends(&self, schema: &Value, steps: usize) -> bool {
        let Some(steps) = steps.checked_sub(1) else {
            return false;
        };
        let target = match schema.get("$ref") {
            Some(_) => self
                .follow(schema)
                .is_some_and(|target| self.ends(target, steps)),
            None => true,
        };
        target
            && ["allOf", "anyOf", "oneOf"]
                .into_iter()
                .filter_map(|keyword| schema.get(keyword)?.as_array())
                .flatten()
                .all(|member| self.ends(member, steps))
    }

    /// Refuses a document in which an operation has no operationId, or a parameter no name or place.
    fn check_operations(&self) -> Result<(), DocumentError> {
        let object = |pointer: &str| DocumentError::shape(pointer, "an object is needed here");
        if !self.get("/paths").is_some_and(Value::is_object) {
            return Err(object("/paths"));
        }
        for (path, item) in self.members("/paths") {
            let pointer = child("/paths", path);
            let item = self.resolve(item);
            if !item.is_object() {
                return Err(object(&pointer));
            }
            self.check_parameters(item, &pointer)?;
            for (name, _) in METHODS {
                let Some(operation) = item.get(name) else {
                    continue;
                };
                let pointer = child(&pointer, name);
                if !operation["operationId"].is_string() {
                    let problem = "an operation has no operationId";
                    return Err(DocumentError::shape(pointer, problem));
                }
                self.check_parameters(operation, &pointer)?;
            }
        }
        Ok(())
    }

    fn check_parameters(&self, holder: &Value, pointer: &str) -> Result<(), DocumentError> {
        let parameters = holder.get("parameters").and_then(Value::as_array);
        let is_complete = |parameter| {
            let parameter = self.resolve(parameter);
            parameter["name"].is_string() && parameter["in"].is_string()
        };
        if parameters.into_iter().flatten().all(is_complete) {
            Ok(())
        } else {
            let problem = "a parameter has no name or place";
            Err(DocumentError::shape(pointer, problem))
        }
    }
}

/// The `$ref` of a value.
fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

/// A pointer as the fragment of a URI, in which the braces of a path template are escaped.
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
