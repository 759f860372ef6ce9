//! Whether a schema allows null, which OpenAPI writes in several ways, written in one way.

use serde_json::{Map, Value, json};

use crate::keywords::{is_annotation, lists};

type Object = Map<String, Value>;

/// Keywords under which null may be forbidden whatever `type` says.
const COMPOSITIONS: &str = "$ref $dynamicRef allOf anyOf oneOf not if then else";

const BRANCHES: [&str; 2] = ["anyOf", "oneOf"];

/// The keywords that apply to values of one type, which they imply where a schema has no type.
const TYPE_OF_KEYWORD: [(&str, &str); 4] = [
    (
        "string",
        "minLength maxLength pattern format contentEncoding contentMediaType",
    ),
    (
        "number",
        "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
    ),
    (
        "array",
        "items prefixItems contains minItems maxItems uniqueItems",
    ),
    (
        "object",
        "properties additionalProperties required patternProperties propertyNames minProperties maxProperties",
    ),
];

/// The type of the values that a keyword applies to; `None` when to all.
pub(crate) fn type_of_keyword(keyword: &str) -> Option<&'static str> {
    let mut types = TYPE_OF_KEYWORD.iter();
    types.find_map(|(name, keywords)| lists(keywords, keyword).then_some(*name))
}

/// An alternative that says `nullable: true` and nothing else is null: its author does not mean that the other
/// alternatives say nothing. The schema is not normal yet.
pub(super) fn null_by_flag(schema: &mut Value) {
    let is_flag = |branch: &Value| {
        branch.as_object().is_some_and(|branch| {
            branch.get("nullable") == Some(&json!(true))
                && (branch.keys()).all(|key| key == "nullable" || is_annotation(key))
        })
    };
    for keyword in BRANCHES {
        if let Some(Value::Array(branches)) = schema.get_mut(keyword)
            && !branches.iter().all(is_flag)
        {
            for branch in branches.iter_mut().filter(|branch| is_flag(branch)) {
                *branch = json!({ "type": "null" });
            }
        }
    }
}

/// The schema with one way to allow null, and without compositions of one.
pub(super) fn settled(mut schema: Object) -> Object {
    let mut nullable = false;
    loop {
        nullable |= take_null(&mut schema);
        branches_of_one(&mut schema);
        match collapsed(&schema) {
            Some(only) => schema = only,
            None => break,
        }
    }
    if nullable { with_null(schema) } else { schema }
}

/// `anyOf` and `oneOf` of one schema are `allOf` of that schema. With a discriminator they stay: it
/// chooses among their branches.
fn branches_of_one(schema: &mut Object) {
    for keyword in BRANCHES {
        let is_one = schema
            .get(keyword)
            .and_then(Value::as_array)
            .is_some_and(|branches| branches.len() == 1);
        if !is_one
            || schema.contains_key("discriminator")
            || schema.get("allOf").is_some_and(|all| !all.is_array())
        {
            continue;
        }
        if let Some(Value::Array(one)) = schema.remove(keyword)
            && let Value::Array(all) = schema.entry("allOf").or_insert_with(|| json!([]))
        {
            all.extend(one);
        }
    }
}

/// Removes null wherever a schema allows it, and returns whether it did.
fn take_null(schema: &mut Object) -> bool {
    let mut allowed = false;
    if let Some(flag) = schema.get("nullable").and_then(Value::as_bool) {
        schema.remove("nullable");
        allowed = flag;
    }
    if let Some(Value::Array(names)) = schema.get_mut("type") {
        allowed |= take(names, |name| name == "null");
        if let [only] = &names[..] {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    // One that contradicts its enum, which is kept for a reader to see.
    let has_constant = schema.contains_key("const");
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        allowed |= take(values, Value::is_null);
        if values[..] == [Value::Null] && !has_constant {
            schema.remove("enum");
            schema.insert("type".to_owned(), json!("null"));
        }
    }
    for keyword in BRANCHES {
        if let Some(Value::Array(branches)) = schema.get_mut(keyword) {
            allowed |= take(branches, is_null);
            if branches.iter().all(is_null) {
                branches.truncate(1);
            }
        }
    }
    allowed
}

/// Removes the entries of a kind, unless there are no others; tells whether it did.
fn take(entries: &mut Vec<Value>, of_kind: impl Fn(&Value) -> bool) -> bool {
    let found = entries.iter().any(&of_kind) && !entries.iter().all(&of_kind);
    if found {
        entries.retain(|entry| !of_kind(entry));
    }
    found
}

/// Whether a normal schema allows null and nothing else; its other keywords apply to other types.
fn is_null(schema: &Value) -> bool {
    schema.get("type").is_some_and(|name| name == "null")
}

/// Whether a normal schema allows null, references aside.
fn allows_null(schema: &Value) -> bool {
    let has = |keyword: &str, null: &dyn Fn(&Value) -> bool| {
        schema[keyword]
            .as_array()
            .is_some_and(|entries| entries.iter().any(null))
    };
    is_null(schema)
        || has("type", &|name| name == "null")
        || has("enum", &Value::is_null)
        || BRANCHES.iter().any(|keyword| has(keyword, &is_null))
}

/// `allOf` of one schema, merged with that schema; `None` when there is none, or the two would get
/// in each other's way.
fn collapsed(schema: &Object) -> Option<Object> {
    let [Value::Object(only)] = &schema.get("allOf")?.as_array()?[..] else {
        return None;
    };
    let mut rest = schema.clone();
    rest.remove("allOf");
    let is_reference = only.len() == 1
        && only.contains_key("$ref")
        && !["$ref", "discriminator"]
            .iter()
            .any(|keyword| rest.contains_key(*keyword));
    let only_described = rest.keys().all(|key| is_annotation(key));
    // Examples are those of the outer schema. Lowering keeps the first of them, which may be the same.
    let agree = only.iter().all(|(key, value)| {
        key == "examples" || rest.get(key).is_none_or(|stated| stated == value)
    });
    (is_reference || only_described && agree).then(|| {
        let mut merged = only.clone();
        merged.extend(rest);
        merged
    })
}

/// The schema with null allowed, which it is not so far.
fn with_null(mut schema: Object) -> Object {
    if schema.get("type") == Some(&json!("null")) {
        return schema;
    }
    if !schema.keys().any(|key| lists(COMPOSITIONS, key)) {
        let has_constant = schema.contains_key("const");
        if let (None, Some(name)) = (schema.get("type"), type_of_keywords(&schema)) {
            schema.insert("type".to_owned(), json!(name));
        }
        match schema.get_mut("type") {
            Some(Value::Array(names)) => names.push(json!("null")),
            Some(name) => *name = json!([name.clone(), "null"]),
            // Without a type and without compositions only an enum can forbid null.
            None => {}
        }
        if let Some(Value::Array(values)) = schema.get_mut("enum")
            && !values.is_empty()
            && !has_constant
        {
            values.push(Value::Null);
        }
        return schema;
    }
    let (mut outer, inner): (Object, Object) =
        schema.into_iter().partition(|(key, _)| is_annotation(key));
    if let Some(keyword) = lone_branches(&inner) {
        let mut inner = inner;
        if let Some(Value::Array(branches)) = inner.get_mut(keyword)
            && !branches.iter().any(allows_null)
        {
            branches.push(json!({"type": "null"}));
        }
        outer.extend(inner);
        return outer;
    }
    let branch = lone_part(&inner).cloned().unwrap_or(Value::Object(inner));
    outer.insert("anyOf".to_owned(), json!([branch, {"type": "null"}]));
    outer
}

/// The keyword with several branches of which a schema consists, with or without a discriminator
/// among them.
fn lone_branches(schema: &Object) -> Option<&'static str> {
    let alone = |keyword: &str| {
        schema
            .keys()
            .all(|key| key == keyword || key == "discriminator")
    };
    BRANCHES
        .into_iter()
        .find(|keyword| schema.get(*keyword).is_some_and(Value::is_array) && alone(keyword))
}

/// The one schema in `allOf` of which a schema consists.
fn lone_part(schema: &Object) -> Option<&Value> {
    match &schema.get("allOf")?.as_array()?[..] {
        [only] if schema.len() == 1 => Some(only),
        _ => None,
    }
}

/// The type that the keywords of a schema imply, if it is one.
fn type_of_keywords(schema: &Object) -> Option<&'static str> {
    let mut types = schema.keys().filter_map(|keyword| type_of_keyword(keyword));
    let first = types.next()?;
    types.all(|name| name == first).then_some(first)
}
