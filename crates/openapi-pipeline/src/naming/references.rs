//! References to components, and what they are to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Pointer;

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
