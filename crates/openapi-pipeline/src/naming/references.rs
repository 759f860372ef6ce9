//! References to components, and what they are to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::Pointer;

/// How every reference to a schema component begins.
const COMPONENTS: &str = "#/components/schemas/";

pub(super) fn component_pointer(name: &str) -> Pointer {
    Pointer::root()
        .child("components")
        .child("schemas")
        .child(name)
}

pub(super) fn schema_reference_to(name: &str) -> String {
    component_pointer(name).to_string()
}

pub(super) fn reference(value: &Value) -> Option<String> {
    value.get("$ref").and_then(Value::as_str).map(str::to_owned)
}

pub(super) fn schema_reference(value: &Value) -> Option<String> {
    let mut target = Pointer::from_reference(&reference(value)?)?;
    let name = target.pop()?;
    (target.as_str() == "/components/schemas").then_some(name)
}

/// Collects the names of the schema components that `value` points at, directly.
pub(super) fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            found.extend(schema_reference(value));
            entries.values().for_each(|entry| references(entry, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

pub(super) fn every_reference(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            found.extend(reference(value));
            entries
                .values()
                .for_each(|entry| every_reference(entry, found));
        }
        Value::Array(items) => items.iter().for_each(|item| every_reference(item, found)),
        _ => {}
    }
}

/// Where a document points at each schema component, under `$ref` and in the mappings of
/// discriminators.
///
/// With it a component that gets another name costs what points at it, not the whole document once
/// more.
#[derive(Default)]
pub(super) struct Mentions(HashMap<String, Vec<Pointer>>);

impl Mentions {
    pub(super) fn of(document: &Value) -> Self {
        let mut mentions = Self::default();
        mentions.add(document, &mut Pointer::root());
        mentions
    }

    /// Notes what a value points at that stands `at` some place now.
    pub(super) fn add(&mut self, value: &Value, at: &mut Pointer) {
        match value {
            Value::Object(entries) => {
                for (key, entry) in entries {
                    at.push(key);
                    match entry {
                        Value::String(text) if text.starts_with(COMPONENTS) => {
                            let places = self.0.entry(text.clone()).or_default();
                            places.push(at.clone());
                        }
                        entry => self.add(entry, at),
                    }
                    at.pop();
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    at.push(&index.to_string());
                    self.add(item, at);
                    at.pop();
                }
            }
            _ => {}
        }
    }

    /// Points whatever points at the component `own` at `name`.
    pub(super) fn rename(&mut self, document: &mut Value, own: &str, name: &str) {
        let (own, name) = (schema_reference_to(own), schema_reference_to(name));
        for at in self.0.remove(&own).unwrap_or_default() {
            // What stood there may have moved on, and was noted again where it stands now.
            let mention = document.pointer_mut(at.as_str());
            if let Some(mention) = mention.filter(|mention| **mention == own) {
                *mention = name.clone().into();
                self.0.entry(name.clone()).or_default().push(at);
            }
        }
    }
}

pub(super) fn rewritten(value: Value, own: &str, name: &str) -> Value {
    match value {
        Value::Object(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(key, entry)| match &entry {
                    // Under `$ref`, and in the mapping of a discriminator.
                    Value::String(_) if is_reference_to(&entry, own) => {
                        (key, schema_reference_to(name).into())
                    }
                    _ => (key, rewritten(entry, own, name)),
                })
                .collect(),
        ),
        Value::Array(items) => items
            .into_iter()
            .map(|item| rewritten(item, own, name))
            .collect(),
        scalar => scalar,
    }
}

fn is_reference_to(reference: &Value, own: &str) -> bool {
    reference.as_str() == Some(schema_reference_to(own).as_str())
}

/// A schema without what only people read: two that differ in wording alone are the same type.
pub(super) fn essence(schema: &Value) -> Value {
    match schema {
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .filter(|(key, value)| {
                    let wording = matches!(
                        key.as_str(),
                        "description" | "title" | "examples" | "example" | "default" | "deprecated"
                    );
                    // A property may bear one of these names: its schema is an object or boolean.
                    let is_schema = value.is_object();
                    (!wording || is_schema) && !key.starts_with("x-")
                })
                .map(|(key, value)| (key.clone(), essence(value)))
                .collect::<BTreeMap<_, _>>()
                .into_iter()
                .collect(),
        ),
        Value::Array(items) => items.iter().map(essence).collect(),
        scalar => scalar.clone(),
    }
}
