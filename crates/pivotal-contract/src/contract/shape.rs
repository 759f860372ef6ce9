//! What a schema says of the parts of a value, looked up once and kept.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{Document, child};

/// Keywords whose schemas all speak of the same value.
const BESIDE: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// How deep such keywords lie within one another at most.
const DEPTH: usize = 16;

/// The parts of a value that a schema declares.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// The schema's own place, behind all references.
    pub(crate) pointer: String,
    /// Properties, declared by the schema itself or beside it, each with the pointer to its schema.
    pub(crate) properties: BTreeMap<String, String>,
    /// The pointer to the schema of items.
    pub(crate) items: Option<String>,
    /// Texts that an enum lists, as all there are or as those known so far.
    pub(crate) texts: Vec<String>,
    /// Whether it may be null.
    pub(crate) nullable: bool,
}

impl Shape {
    pub(super) fn of(document: &Document, schema: &str) -> Self {
        let mut shape = Self {
            pointer: document.resolved(schema),
            ..Self::default()
        };
        shape.collect(document, schema, 0);
        shape
    }

    fn collect(&mut self, document: &Document, schema: &str, depth: usize) {
        let pointer = document.resolved(schema);
        let Some(schema) = document.at(&pointer).filter(|_| depth < DEPTH) else {
            return;
        };
        for (name, _) in schema["properties"].as_object().into_iter().flatten() {
            let property = child(&child(&pointer, "properties"), name);
            self.properties.entry(name.clone()).or_insert(property);
        }
        if self.items.is_none() && schema.get("items").is_some() {
            self.items = Some(child(&pointer, "items"));
        }
        for keyword in ["enum", "x-extensible-enum"] {
            let listed = schema[keyword].as_array().into_iter().flatten();
            self.texts
                .extend(listed.filter_map(|value| value.as_str().map(str::to_owned)));
        }
        let types = schema["type"].as_array().into_iter().flatten();
        self.nullable |= types.into_iter().any(|name| name == "null");
        for keyword in BESIDE {
            for index in 0..schema[keyword].as_array().map_or(0, Vec::len) {
                let member = child(&child(&pointer, keyword), &index.to_string());
                self.collect(document, &member, depth + 1);
            }
        }
    }

    /// The parts of a value of this shape: each with the schema, and the name it has in an object.
    pub(crate) fn parts<'a>(
        &'a self,
        value: &'a Value,
    ) -> impl Iterator<Item = (Option<&'a str>, &'a str, &'a Value)> {
        let items = value.as_array().into_iter().flatten();
        let items = items.filter_map(|item| Some((None, self.items.as_deref()?, item)));
        let members = value.as_object().into_iter().flatten();
        let members = members.filter_map(|(name, value)| {
            let schema = self.properties.get(name)?;
            Some((Some(name.as_str()), schema.as_str(), value))
        });
        items.chain(members)
    }
}
