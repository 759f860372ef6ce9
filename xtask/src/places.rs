//! The places of a contract where values stand.

use std::collections::BTreeSet;

use serde_json::Value;

/// One of the two contracts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contract<'c>(pub(super) &'c Value);

/// A place in an instance of a schema.
#[derive(Clone, Debug)]
pub(crate) struct Place<'c> {
    /// `/address/city`; the first entry of a list stands for all.
    pub(crate) pointer: String,
    /// Whether the object around it must have it.
    pub(crate) required: bool,
    /// What it holds, references followed.
    pub(crate) schema: &'c Value,
}

impl Place<'_> {
    pub(crate) fn name(&self) -> &str {
        self.pointer.rsplit('/').next().unwrap_or_default()
    }

    /// Whether it is an entry of a list and no property.
    pub(crate) fn is_entry(&self) -> bool {
        self.name() == "0"
    }

    /// As a reader writes it: `data[].mrr`.
    pub(crate) fn path(&self) -> String {
        let path = self.pointer.trim_start_matches('/').replace('/', ".");
        path.replace(".0.", "[].")
    }
}

/// How deep schemas lie within one another at most: one that contains itself has no end.
const DEPTH: usize = 8;

impl<'c> Contract<'c> {
    /// What is said of an operation.
    pub(crate) fn operation(self, method: &str, path: &str) -> &'c Value {
        &self.0["paths"][path][method.to_lowercase()]
    }

    /// The component schemas by name.
    pub(crate) fn components(self) -> impl Iterator<Item = (&'c String, &'c Value)> {
        let schemas = self.0["components"]["schemas"].as_object();
        schemas.into_iter().flatten()
    }

    /// The components that requests have as their body.
    pub(crate) fn bodies(self) -> BTreeSet<&'c str> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        let operations = paths.filter_map(|(_, item)| item.as_object()).flatten();
        operations
            .filter_map(|(_, operation)| {
                referred(&operation["requestBody"]["content"]["application/json"]["schema"])
            })
            .collect()
    }

    /// What a value says itself or refers to.
    pub(crate) fn resolved(self, value: &'c Value) -> &'c Value {
        let target = value["$ref"]
            .as_str()
            .and_then(|reference| self.0.pointer(reference.strip_prefix('#')?));
        target.unwrap_or(value)
    }

    /// The properties of a schema and of everything in it; with `whole`, what it refers to belongs
    /// to it.
    pub(crate) fn places(self, schema: &'c Value, whole: bool) -> Vec<Place<'c>> {
        let mut found = Vec::new();
        self.walk(schema, "", whole, DEPTH, &mut found);
        found
    }

    fn walk(
        self,
        schema: &'c Value,
        pointer: &str,
        whole: bool,
        depth: usize,
        found: &mut Vec<Place<'c>>,
    ) {
        if depth == 0 {
            return;
        }
        let within = |schema: &'c Value| match referred(schema) {
            Some(_) if !whole => None,
            _ => Some(self.resolved(schema)),
        };
        for (name, property) in properties(schema) {
            let pointer = format!("{pointer}/{name}");
            found.push(Place {
                pointer: pointer.clone(),
                required: is_required(schema, name),
                schema: self.resolved(property),
            });
            if let Some(property) = within(property) {
                self.walk(property, &pointer, whole, depth - 1, found);
            }
        }
        if let Some(items) = schema.get("items") {
            let pointer = format!("{pointer}/0");
            found.push(Place {
                pointer: pointer.clone(),
                required: true,
                schema: self.resolved(items),
            });
            if let Some(items) = within(items) {
                self.walk(items, &pointer, whole, depth - 1, found);
            }
        }
    }
}

/// The component that a schema stands for.
pub(crate) fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"]
        .as_str()?
        .strip_prefix("#/components/schemas/")
}

pub(crate) fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

pub(crate) fn is_required(schema: &Value, property: &str) -> bool {
    let required = schema["required"].as_array();
    required.is_some_and(|names| names.iter().any(|name| name == property))
}

/// The JSON types that a schema takes, null aside.
pub(crate) fn types(schema: &Value) -> Vec<&str> {
    let all = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    all.into_iter().filter(|one| *one != "null").collect()
}

pub(crate) fn is_nullable(schema: &Value) -> bool {
    let types = schema["type"].as_array();
    types.is_some_and(|types| types.iter().any(|one| one == "null"))
}

/// The values that an enum names; empty for what is no enum.
pub(crate) fn known(schema: &Value) -> &[Value] {
    let values = schema
        .get("enum")
        .or_else(|| schema.get("x-extensible-enum"));
    values.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
