//! Schemas in the words of OpenAPI 3.0. The inner schemas of each are lowered already.

use serde_json::{Map, Value, json};

use crate::normalise::nullability::{TYPE_OF_KEYWORD, is_annotation};
use crate::normalise::schema::type_of;
use crate::{Pointer, Problem, Problems};

type Object = Map<String, Value>;

const TYPES: [&str; 7] = [
    "array", "boolean", "integer", "null", "number", "object", "string",
];

/// The formats that only numbers have.
const NUMBER_FORMATS: [&str; 9] = [
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float",
];

/// `exclusiveMinimum: 0` is `minimum: 0` and `exclusiveMinimum: true`, unless a `minimum` is the stricter one.
pub(crate) fn bounds(schema: &mut Object, at: &Pointer, problems: &mut Problems) {
    for (exclusive, inclusive, sign) in [
        ("exclusiveMinimum", "minimum", 1.0),
        ("exclusiveMaximum", "maximum", -1.0),
    ] {
        let bound = match schema.get(exclusive) {
            Some(Value::Number(bound)) => bound.clone(),
            None | Some(Value::Bool(_)) => continue,
            Some(_) => {
                schema.remove(exclusive);
                problems.push(
                    Problem::new(
                        &at.child(exclusive),
                        format!("`{exclusive}`"),
                        "a number is expected here",
                    )
                    .with_removal(),
                );
                continue;
            }
        };
        let stated = schema.get(inclusive).and_then(Value::as_f64);
        if stated
            .zip(bound.as_f64())
            .is_some_and(|(stated, bound)| (stated - bound) * sign > 0.0)
        {
            schema.remove(exclusive);
        } else {
            schema.insert(inclusive.to_owned(), Value::Number(bound));
            schema.insert(exclusive.to_owned(), json!(true));
        }
    }
}

/// The first of the examples.
pub(crate) fn examples(schema: &mut Object, _: &Pointer, _: &mut Problems) {
    if let Some(Value::Array(examples)) = schema.remove("examples") {
        schema.extend(
            examples
                .into_iter()
                .next()
                .map(|example| ("example".to_owned(), example)),
        );
    }
}

/// What is in a string, as far as `format` can say it. The rest describes the inside of what stays a string.
pub(crate) fn content(schema: &mut Object, _: &Pointer, _: &mut Problems) {
    let encoding = schema.remove("contentEncoding");
    let media_type = schema.remove("contentMediaType");
    let format = match (
        encoding.as_ref().and_then(Value::as_str),
        media_type.as_ref().and_then(Value::as_str),
    ) {
        (Some("base64"), _) => "byte",
        (None | Some("binary"), Some(media_type)) if is_bytes(media_type) => "binary",
        _ => return,
    };
    schema.entry("format").or_insert_with(|| json!(format));
}

fn is_bytes(media_type: &str) -> bool {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    ["image/", "audio/", "video/", "font/"]
        .iter()
        .any(|family| essence.starts_with(family))
        || matches!(
            essence.as_str(),
            "application/octet-stream" | "application/pdf" | "application/zip" | "application/gzip"
        )
}

/// An enum that allows null says so; one that allows nothing is refused.
pub(crate) fn enumeration(schema: &mut Object, at: &Pointer, problems: &mut Problems) {
    let Some(values) = schema.get("enum").and_then(Value::as_array) else {
        return;
    };
    if values.is_empty() {
        problems.push(
            Problem::new(&at.child("enum"), "`enum`: []", "no value can satisfy it").with_removal(),
        );
    }
}

/// A branch that is null is `nullable`; if one other branch is left, that one says the rest.
pub(crate) fn null_branch(schema: &mut Object, _: &Pointer, _: &mut Problems) {
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = schema.get_mut(keyword) else {
            continue;
        };
        let before = branches.len();
        branches.retain(|branch| !is_null(branch));
        if branches.len() == before {
            continue;
        }
        if let [only] = &branches[..] {
            let only = only.clone();
            schema.remove(keyword);
            merge_branch(schema, only);
        }
        schema.insert("nullable".to_owned(), json!(true));
    }
}

/// Says of the value what `branch` says: in one schema with the rest where that cannot be confused, else in `allOf`.
fn merge_branch(schema: &mut Object, branch: Value) {
    let described_only = schema
        .keys()
        .all(|key| is_annotation(key) || key == "example");
    match branch {
        Value::Object(branch)
            if described_only
                && !branch.contains_key("$ref")
                && !branch.keys().any(|key| schema.contains_key(key)) =>
        {
            schema.extend(branch);
        }
        branch => match schema.entry("allOf").or_insert_with(|| json!([])) {
            Value::Array(all) => all.push(branch),
            misshapen => *misshapen = json!([branch]),
        },
    }
}

/// Whether a lowered schema allows null alone.
fn is_null(schema: &Value) -> bool {
    schema.get("nullable") == Some(&json!(true)) && schema.get("enum") == Some(&json!([null]))
}

/// One type, `nullable` for null beside it, and a branch of `oneOf` for each of several types.
pub(crate) fn types(schema: &mut Object, at: &Pointer, problems: &mut Problems) {
    let names = match schema.remove("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names
            .into_iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    if names.is_empty() || names.iter().any(|name| !TYPES.contains(&name.as_str())) {
        let found = if names.is_empty() {
            "no type by name".to_owned()
        } else {
            format!("the type {}", names.join(", "))
        };
        let why = format!("the types are {}", TYPES.join(", "));
        problems.push(Problem::new(&at.child("type"), found, why).with_removal());
        return;
    }
    let (null, mut others): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| name == "null");
    if others.iter().any(|name| name == "number") {
        others.retain(|name| name != "integer");
    }
    if !null.is_empty() {
        schema.insert("nullable".to_owned(), json!(true));
    }
    match &others[..] {
        [] => {
            schema.insert("enum".to_owned(), json!([null]));
        }
        [only] => {
            schema.insert("type".to_owned(), json!(only));
            with_items(schema);
        }
        several => union(schema, several, at, problems),
    }
}

/// An array of anything, in so many words: OpenAPI 3.0 demands `items`.
fn with_items(schema: &mut Object) {
    if schema.get("type") == Some(&json!("array")) {
        schema.entry("items").or_insert_with(|| json!({}));
    }
}

/// Distributes a schema over the types that it allows: each branch gets the keywords that speak of its type.
fn union(schema: &mut Object, types: &[String], at: &Pointer, problems: &mut Problems) {
    let values = schema.remove("enum");
    let mut branches = Vec::new();
    for name in types {
        let mut branch = Object::new();
        branch.insert("type".to_owned(), json!(name));
        if let Some(Value::Array(values)) = &values {
            let of_type: Vec<_> = values
                .iter()
                .filter(|value| is_of_type(value, name))
                .cloned()
                .collect();
            if of_type.is_empty() {
                continue;
            }
            branch.insert("enum".to_owned(), Value::Array(of_type));
        }
        branches.push(branch);
    }
    let moving: Vec<String> = schema
        .keys()
        .filter(|keyword| families(schema, keyword).is_some())
        .cloned()
        .collect();
    for keyword in moving {
        let family = families(schema, &keyword);
        let value = schema.remove(&keyword);
        for branch in branches
            .iter_mut()
            .filter(|branch| family == branch["type"].as_str().map(family_of))
        {
            branch.extend(value.clone().map(|value| (keyword.clone(), value)));
        }
    }
    for branch in &mut branches {
        with_items(branch);
    }
    let mut branches: Vec<_> = branches.into_iter().map(Value::Object).collect();
    match (branches.len(), schema.contains_key("oneOf")) {
        (0, _) => {
            let why = "none of its values is of one of its types, so no value can satisfy it";
            problems.push(
                Problem::new(
                    &at.child("enum"),
                    format!("`enum` beside the types {}", types.join(", ")),
                    why,
                )
                .with_removal(),
            );
        }
        (1, _) => merge_branch(schema, branches.remove(0)),
        (_, false) => {
            schema.insert("oneOf".to_owned(), Value::Array(branches));
        }
        (_, true) => merge_branch(schema, json!({"oneOf": branches})),
    }
}

fn is_of_type(value: &Value, name: &str) -> bool {
    let own = type_of(value);
    own == name || own == "integer" && name == "number"
}

/// Integers are spoken of in the same words as numbers.
fn family_of(name: &str) -> &str {
    if name == "integer" { "number" } else { name }
}

/// What types a keyword of this schema speaks of; `None` when of all.
fn families(schema: &Object, keyword: &str) -> Option<&'static str> {
    if keyword == "format" {
        let is_number = schema
            .get(keyword)
            .and_then(Value::as_str)
            .is_some_and(|format| NUMBER_FORMATS.contains(&format) || format == "double");
        return Some(if is_number { "number" } else { "string" });
    }
    TYPE_OF_KEYWORD
        .iter()
        .find(|(_, keywords)| keywords.contains(&keyword))
        .map(|(name, _)| *name)
}

/// OpenAPI 3.0 ignores whatever stands beside a `$ref`.
pub(crate) fn reference_siblings(schema: &mut Object, _: &Pointer, _: &mut Problems) {
    if schema.len() > 1
        && let Some(reference) = schema.remove("$ref")
    {
            let reference = json!({"$ref": reference});
            match schema.entry("allOf").or_insert_with(|| json!([])) {
                Value::Array(all) => all.insert(0, reference),
                misshapen => *misshapen = json!([reference]),
            }
    }
}
