//! One schema; the schemas inside it are normal already.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value, json};

use super::nullability;
use crate::keywords::{Kind, Slot};

type Object = Map<String, Value>;

/// The steps that bring a schema into its normal form, in order.
const STEPS: [fn(&mut Object); 9] = [
    counts,
    boolean_keywords,
    constant,
    enumeration,
    types,
    exclusive_bounds,
    examples,
    content,
    required,
];

/// Brings a schema into its normal form.
pub(crate) fn normalise(schema: &mut Value) {
    match schema {
        Value::Bool(true) => *schema = json!({}),
        Value::Bool(false) => *schema = json!({"not": {}}),
        Value::Object(object) => {
            for step in STEPS {
                step(object);
            }
            *schema = Value::Object(nullability::settled(std::mem::take(object)));
        }
        _ => {}
    }
}

/// `maxLength: 5`, not `5.0`.
fn counts(schema: &mut Object) {
    let grammar = Kind::Schema.grammar();
    let counts = (schema.iter_mut()).filter(|(key, _)| grammar.slot(key) == Some(Slot::Count));
    for (_, value) in counts {
        let whole = value.as_f64().filter(|count| count.fract() == 0.0);
        let whole = whole.and_then(|count| format!("{count:.0}").parse::<u64>().ok());
        if let Some(whole) = whole.filter(|_| value.is_f64()) {
            *value = json!(whole);
        }
    }
}

/// `additionalProperties: false`, not `{not: {}}`: here everybody writes the boolean.
fn boolean_keywords(schema: &mut Object) {
    for keyword in [
        "additionalProperties",
        "unevaluatedProperties",
        "unevaluatedItems",
    ] {
        if let Some(value) = schema.get_mut(keyword) {
            if *value == json!({}) {
                *value = json!(true);
            } else if *value == json!({"not": {}}) {
                *value = json!(false);
            }
        }
    }
}

/// `const: a` is `enum: [a]`. One that its `enum` rules out stays, for a reader to see.
fn constant(schema: &mut Object) {
    let Some(constant) = schema.get("const") else {
        return;
    };
    let possible = match schema.get("enum") {
        None => true,
        Some(values) => values
            .as_array()
            .is_some_and(|values| values.contains(constant)),
    };
    if possible && let Some(constant) = schema.remove("const") {
        schema.insert("enum".to_owned(), json!([constant]));
    }
}

/// Removes repeated values, and adds the types of the values.
fn enumeration(schema: &mut Object) {
    let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) else {
        return;
    };
    let mut known = HashSet::new();
    values.retain(|value| known.insert(value.clone()));
    let types: BTreeSet<&str> = values.iter().map(type_of).collect();
    let types = json!(types);
    if !schema.contains_key("type") && types != json!([]) {
        schema.insert("type".to_owned(), types);
    }
}

/// The type of a value, in the words of a schema.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A set of types in alphabetical order, null last, none that no value of the enum has; one type
/// alone is no array.
fn types(schema: &mut Object) {
    let Some(Value::Array(names)) = schema.get("type") else {
        return;
    };
    let Some(mut names) = names.iter().map(Value::as_str).collect::<Option<Vec<_>>>() else {
        return;
    };
    names.sort_unstable_by_key(|name| (*name == "null", *name));
    names.dedup();
    if let Some(Value::Array(values)) = schema.get("enum") {
        let has_value =
            |name: &&str| *name == "null" || values.iter().any(|value| is_of_type(value, name));
        if names.iter().any(|name| *name != "null" && has_value(name)) {
            names.retain(has_value);
        }
    }
    let types = match names[..] {
        [] => return,
        [only] => json!(only),
        _ => json!(names),
    };
    schema.insert("type".to_owned(), types);
}

/// Whether a value is of a type, in the words of a schema.
pub(crate) fn is_of_type(value: &Value, name: &str) -> bool {
    let own = type_of(value);
    own == name || own == "integer" && name == "number"
}

/// OpenAPI 3.0 writes `minimum: 0` and `exclusiveMinimum: true` for `exclusiveMinimum: 0`.
fn exclusive_bounds(schema: &mut Object) {
    for (exclusive, inclusive) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        match (schema.get(exclusive), schema.get(inclusive)) {
            (Some(Value::Bool(true)), Some(Value::Number(bound))) => {
                let bound = Value::Number(bound.clone());
                schema.remove(inclusive);
                schema.insert(exclusive.to_owned(), bound);
            }
            (Some(Value::Bool(true)), None) | (Some(Value::Bool(false)), _) => {
                schema.remove(exclusive);
            }
            _ => {}
        }
    }
}

fn examples(schema: &mut Object) {
    let Some(mut examples) = schema
        .get("examples")
        .map_or(Some(Vec::new()), |examples| examples.as_array().cloned())
    else {
        return;
    };
    if let Some(example) = schema.remove("example")
        && !examples.contains(&example)
    {
        examples.insert(0, example);
    }
    if examples.is_empty() {
        schema.remove("examples");
    } else {
        schema.insert("examples".to_owned(), Value::Array(examples));
    }
}

/// OpenAPI 3.0 has in `format` what 3.1 has in the keywords for the content of a string.
fn content(schema: &mut Object) {
    let (keyword, content) = match schema.get("format").and_then(Value::as_str) {
        Some("byte") => ("contentEncoding", "base64"),
        Some("binary") if !schema.contains_key("contentEncoding") => {
            ("contentMediaType", "application/octet-stream")
        }
        _ => return,
    };
    if schema
        .get(keyword)
        .is_none_or(|stated| *stated == json!(content))
    {
        schema.remove("format");
        schema.insert(keyword.to_owned(), json!(content));
    }
}

fn required(schema: &mut Object) {
    let Some(Value::Array(names)) = schema.get("required") else {
        return;
    };
    let Some(mut names) = names.iter().map(Value::as_str).collect::<Option<Vec<_>>>() else {
        return;
    };
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        schema.remove("required");
    } else {
        let names = json!(names);
        schema.insert("required".to_owned(), names);
    }
}
