//! One schema in the keywords of OpenAPI 3.0; the schemas inside it are lowered already.

use serde_json::{Map, Value, json};

use crate::keywords::is_annotation;
use crate::naming::essence;
use crate::normalise::nullability::type_of_keyword;
use crate::normalise::schema::is_of_type;
use crate::{Pointer, Problem, Problems};

type Object = Map<String, Value>;

const TYPES: [&str; 7] = [
    "array", "boolean", "integer", "null", "number", "object", "string",
];

/// The formats that only numbers have.
const NUMBER_FORMATS: [&str; 9] = [
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float",
];

/// Writes the keywords of a schema as OpenAPI 3.0 does.
pub(super) fn lower(schema: &mut Object, at: &Pointer, problems: &mut Problems) {
    // Anything is `true`, also when a schema without an effect on the wire has become it.
    if schema.get("additionalProperties") == Some(&json!({})) {
        schema.insert("additionalProperties".to_owned(), json!(true));
    }
    bounds(schema, at, problems);
    if let Some(Value::Array(examples)) = schema.remove("examples") {
        let first = examples.into_iter().next();
        schema.extend(first.map(|example| ("example".to_owned(), example)));
    }
    for (keyword, format) in [("contentEncoding", "byte"), ("contentMediaType", "binary")] {
        if schema.remove(keyword).is_some() {
            schema.insert("format".to_owned(), json!(format));
        }
    }
    if schema.get("enum") == Some(&json!([])) {
        let problem = Problem::new(&at.child("enum"), "`enum`: []", "no value can satisfy it");
        problems.push(problem.with_removal());
    }
    null_branch(schema);
    // The keywords that a union of types distributes over its branches are lowered by now.
    if schema.contains_key("type") {
        types(schema, at, problems);
    }
    reference_siblings(schema);
    implied_type(schema);
}

/// An author who lists properties or entries and no type means an object or an array; one who says how
/// bytes are written, a string.
fn implied_type(schema: &mut Object) {
    let other = |key: &str| matches!(key, "type" | "oneOf" | "anyOf" | "enum");
    if schema.keys().any(|key| other(key)) {
        return;
    }
    let is_schema = |key: &str| schema.get(key).is_some_and(Value::is_object);
    let name = match () {
        () if is_schema("properties") || is_schema("additionalProperties") => "object",
        () if is_schema("items") => "array",
        () if matches!(
            schema.get("format").and_then(Value::as_str),
            Some("binary" | "byte")
        ) =>
        {
            "string"
        }
        () => return,
    };
    schema.insert("type".to_owned(), json!(name));
}

/// `exclusiveMinimum: 0` is `minimum: 0` and `exclusiveMinimum: true`, unless a `minimum` is the
/// stricter one.
fn bounds(schema: &mut Object, at: &Pointer, problems: &mut Problems) {
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

/// Whether no type depends on this keyword in this schema, though the table keeps it: it says how to read
/// a string, which stays a string on the wire.
pub(super) fn has_no_effect(key: &str, value: &Value, schema: &Object) -> bool {
    let has_format = schema.contains_key("format");
    match (key, value) {
        ("contentEncoding", Value::String(encoding)) => encoding != "base64" || has_format,
        ("contentMediaType", Value::String(media_type)) => {
            let encoding = schema.get("contentEncoding");
            let is_encoded = encoding.is_some_and(|encoding| encoding != "binary");
            has_format || is_encoded || !is_bytes(media_type)
        }
        _ => false,
    }
}

fn is_bytes(media_type: &str) -> bool {
    let essence = essence(media_type);
    ["image/", "audio/", "video/", "font/"]
        .iter()
        .any(|family| essence.starts_with(family))
        || matches!(
            essence.as_str(),
            "application/octet-stream" | "application/pdf" | "application/zip" | "application/gzip"
        )
}

/// A branch that is null becomes `nullable`; one other branch alone is merged into the schema.
fn null_branch(schema: &mut Object) {
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

/// Adds what `branch` requires: its keywords where they cannot be confused with those of the
/// schema, else the branch in `allOf`.
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
fn types(schema: &mut Object, at: &Pointer, problems: &mut Problems) {
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
            let is_large = |bound: &Value| {
                bound
                    .as_u64()
                    .is_some_and(|most| i64::try_from(most).is_err())
            };
            // No type of Rust holds such a range with negative numbers, which are the likelier ones.
            let is_negative = |bound: &Value| bound.as_f64().is_some_and(|least| least < 0.0);
            if only == "integer"
                && schema.get("maximum").is_some_and(is_large)
                && !schema.get("minimum").is_some_and(is_negative)
            {
                schema.insert("format".to_owned(), json!("uint64"));
            }
            schema.insert("type".to_owned(), json!(only));
            with_items(schema);
        }
        several => union(schema, several, at, problems),
    }
}

/// Adds `items` to an array of anything: OpenAPI 3.0 requires it.
fn with_items(schema: &mut Object) {
    if schema.get("type") == Some(&json!("array")) {
        schema.entry("items").or_insert_with(|| json!({}));
    }
}

/// Distributes a schema over the types that it allows: each branch gets the keywords that apply to
/// its type, and its values.
fn union(schema: &mut Object, types: &[String], at: &Pointer, problems: &mut Problems) {
    let mut branches: Vec<Object> = types
        .iter()
        .map(|name| Object::from_iter([("type".to_owned(), json!(name))]))
        .collect();
    let moving: Vec<_> = schema
        .keys()
        .filter_map(|keyword| Some((keyword.clone(), family(schema, keyword)?)))
        .collect();
    for (keyword, family) in moving {
        let value = schema.remove(&keyword).unwrap_or_default();
        for (branch, _) in branches
            .iter_mut()
            .zip(types)
            .filter(|(_, name)| family_of(name) == family)
        {
            branch.insert(keyword.clone(), value.clone());
        }
    }
    if let Some(Value::Array(values)) = schema.remove("enum") {
        for (branch, name) in branches.iter_mut().zip(types) {
            let of_type: Vec<_> = values
                .iter()
                .filter(|value| is_of_type(value, name))
                .collect();
            branch.insert("enum".to_owned(), json!(of_type));
        }
        if !values
            .iter()
            .any(|value| types.iter().any(|name| is_of_type(value, name)))
        {
            let found = format!("`enum` beside the types {}", types.join(", "));
            let why = "none of its values is of one of its types, so no value can satisfy it";
            problems.push(Problem::new(&at.child("enum"), found, why).with_removal());
        }
    }
    branches.iter_mut().for_each(with_items);
    let branches = json!(branches);
    if schema.contains_key("oneOf") {
        merge_branch(schema, json!({"oneOf": branches}));
    } else {
        schema.insert("oneOf".to_owned(), branches);
    }
}

/// The same keywords apply to integers and to numbers.
fn family_of(name: &str) -> &str {
    if name == "integer" { "number" } else { name }
}

/// The type of the values that a keyword of this schema applies to; `None` when to all.
fn family(schema: &Object, keyword: &str) -> Option<&'static str> {
    if keyword == "format" {
        let is_number = schema
            .get(keyword)
            .and_then(Value::as_str)
            .is_some_and(|format| NUMBER_FORMATS.contains(&format) || format == "double");
        return Some(if is_number { "number" } else { "string" });
    }
    type_of_keyword(keyword)
}

/// OpenAPI 3.0 ignores all keywords beside a `$ref`.
fn reference_siblings(schema: &mut Object) {
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
