//! Reading schemas: following references, listing properties, and the emptiest value a schema
//! takes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ContractError;

/// References to references that are followed before the chain is called a cycle.
const LONGEST_CHAIN: usize = 32;

/// Follows `$ref` to what it names. `check_references` has shown that this ends.
pub(crate) fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    follow(document, schema).unwrap_or(schema)
}

/// What a chain of `$ref` leads to, or nothing when it leads nowhere.
fn follow<'a>(document: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let mut current = schema;
    for _ in 0..LONGEST_CHAIN {
        let Some(reference) = current.get("$ref").and_then(Value::as_str) else {
            return Some(current);
        };
        current = document.pointer(reference.strip_prefix('#')?)?;
    }
    None
}

/// Refuses a document in which a `$ref` cannot be followed, or a schema is made of itself: reading
/// it would not end.
pub(super) fn check_references(document: &Value) -> Result<(), ContractError> {
    let Some(mut place) = dangling(document, document) else {
        return Ok(());
    };
    place.reverse();
    let pointer: String = place
        .iter()
        .map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")))
        .collect();
    let reference = document.pointer(&format!("{pointer}/$ref"));
    Err(ContractError::Reference {
        reference: reference
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        pointer,
    })
}

/// The steps, last first, to a `$ref` below `value` that does not end. They are put together on the
/// way back only, for most documents have none and every sandbox of a process of its own reads one.
fn dangling(document: &Value, value: &Value) -> Option<Vec<String>> {
    let below = |step: String, mut place: Vec<String>| {
        place.push(step);
        Some(place)
    };
    match value {
        Value::Object(members) => {
            if members.get("$ref").is_some_and(Value::is_string)
                && !ends(document, value, LONGEST_CHAIN)
            {
                return Some(Vec::new());
            }
            let mut members = members.iter();
            members.find_map(|(key, value)| below(key.clone(), dangling(document, value)?))
        }
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, value)| below(index.to_string(), dangling(document, value)?))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Whether a schema is made of others in at most `steps` steps: by reference or by composition.
fn ends(document: &Value, schema: &Value, steps: usize) -> bool {
    let Some(steps) = steps.checked_sub(1) else {
        return false;
    };
    let target = match schema.get("$ref") {
        Some(_) => follow(document, schema).is_some_and(|target| ends(document, target, steps)),
        None => true,
    };
    target
        && ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .filter_map(|keyword| schema.get(keyword)?.as_array())
            .flatten()
            .all(|member| ends(document, member, steps))
}

/// The properties of an object schema, those of its `allOf` members included, by name.
pub(crate) fn properties<'a>(
    document: &'a Value,
    schema: &'a Value,
) -> BTreeMap<&'a str, &'a Value> {
    let schema = resolve(document, schema);
    let mut found = BTreeMap::new();
    for member in schema
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        found.extend(properties(document, member));
    }
    let own = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    found.extend(own.map(|(name, schema)| (name.as_str(), schema)));
    found
}

/// The emptiest value of a schema: its default, its only value, null where it may be, else zero,
/// false or nothing. It is what a row holds for a key that no request has set.
pub(crate) fn blank(document: &Value, schema: &Value) -> Value {
    blank_within(document, schema, LONGEST_CHAIN)
}

/// Null for an object that must have itself as a property: no value fits it.
fn blank_within(document: &Value, schema: &Value, steps: usize) -> Value {
    let schema = resolve(document, schema);
    let Some(steps) = steps.checked_sub(1) else {
        return Value::Null;
    };
    if let Some(value) = schema.get("default").or_else(|| schema.get("const")) {
        return value.clone();
    }
    if let Some([value]) = schema
        .get("enum")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        return value.clone();
    }
    let types = types(schema);
    if types.contains(&"null") {
        return Value::Null;
    }
    if let Some(value) = schema
        .get("enum")
        .and_then(Value::as_array)
        .and_then(|values| values.first())
    {
        return value.clone();
    }
    match types.first().copied() {
        Some("string") => Value::String(String::new()),
        Some("integer" | "number") => Value::from(0),
        Some("boolean") => Value::Bool(false),
        Some("array") => Value::Array(Vec::new()),
        // Only what it must have: an optional property may lead back to this very schema.
        Some("object") => Value::Object(
            properties(document, schema)
                .into_iter()
                .filter(|(name, _)| required(schema).any(|required| required == *name))
                .map(|(name, schema)| (name.to_owned(), blank_within(document, schema, steps)))
                .collect::<Map<_, _>>(),
        ),
        _ => Value::Null,
    }
}

/// The names under `required`, in the order listed.
pub(crate) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// The types that a schema lists; none means any.
pub(crate) fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
