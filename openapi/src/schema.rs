//! Schemas, as read-only views of a document.

use serde_json::Value;

use crate::document::Document;
use crate::path::child;

/// A schema of the document, after following references.
#[derive(Clone, Debug)]
pub struct Schema<'d> {
    /// Where it stands, as a JSON pointer.
    pub pointer: String,
    /// The schema itself; `true` where the document gives none.
    pub value: &'d Value,
}

impl Document {
    /// Every component schema.
    pub fn schemas(&self) -> impl Iterator<Item = Schema<'_>> {
        const SCHEMAS: &str = "/components/schemas";
        self.members(SCHEMAS)
            .map(|(name, _)| Schema::at(self, child(SCHEMAS, name)))
    }
}

impl<'d> Schema<'d> {
    /// The schema at a pointer.
    pub fn at(document: &'d Document, pointer: String) -> Self {
        const ANY: &Value = &Value::Bool(true);
        let pointer = document.resolve_pointer(pointer);
        Self {
            value: document.get(&pointer).unwrap_or(ANY),
            pointer,
        }
    }

    /// The schema in the member `schema` of a parameter, header or media type.
    pub(crate) fn of(document: &'d Document, pointer: &str) -> Self {
        Self::at(document, child(pointer, "schema"))
    }

    /// The name of the component that it is.
    pub fn name(&self) -> Option<&str> {
        let name = self.pointer.strip_prefix("/components/schemas/")?;
        (!name.contains('/')).then_some(name)
    }
}

/// The name of the component schema that `schema` refers to.
pub fn referenced(schema: &Value) -> Option<&str> {
    let reference = schema.get("$ref")?.as_str()?;
    reference.strip_prefix("#/components/schemas/")
}

/// The JSON types that a schema lists; none means any.
pub fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a schema lists the type null.
pub fn is_nullable(schema: &Value) -> bool {
    types(schema).contains(&"null")
}

/// The names under `required`, in the order listed.
pub fn required(schema: &Value) -> impl Iterator<Item = &str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// The values that an enum lists, as all there are (`enum`) or as those known so far
/// (`x-extensible-enum`).
pub fn known_values(schema: &Value) -> impl Iterator<Item = &Value> {
    ["enum", "x-extensible-enum"]
        .into_iter()
        .filter_map(|keyword| schema.get(keyword)?.as_array())
        .flatten()
}
