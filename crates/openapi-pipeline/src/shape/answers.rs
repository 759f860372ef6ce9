//! Objects that are answered: forgiving, so that a response which says more, or less, than
//! documented still decodes.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::schema::{Components, flag, has_properties, properties, required, text};
use super::types::of;
use super::{Answer, Type};

/// Keywords that limit a value without changing its type. The companion checks them before sending;
/// a response is not refused.
const LIMITS: [&str; 14] = [
    "default",
    "discriminator",
    "example",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "minItems",
    "minLength",
    "minProperties",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

/// The schema as the generator should see it.
pub(super) fn relaxed(name: &str, schema: &Value) -> Value {
    let Some(object) = schema.as_object() else {
        return schema.clone();
    };
    let mut out: Map<String, Value> = object
        .iter()
        .filter(|(key, _)| {
            let key = key.as_str();
            !LIMITS.contains(&key)
                && !key.starts_with("x-")
                && !["enum", "externalDocs", "maximum", "minimum", "title", "xml"].contains(&key)
        })
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    match text(schema, "type") {
        Some("integer") => {
            let unsigned = text(schema, "format") == Some("uint64");
            let format = if unsigned { "uint64" } else { "int64" };
            out.insert("format".into(), format.into());
        }
        Some("number") => {
            out.insert("format".into(), "double".into());
        }
        Some("string") if !matches!(text(schema, "format"), Some("date-time" | "date")) => {
            out.remove("format");
        }
        Some("array") => {
            let items = schema
                .get("items")
                .map_or_else(|| json!({}), |items| relaxed(name, items));
            out.insert("items".into(), items);
        }
        // Without a type the generator guesses from the other keywords, and guesses wrong.
        None if !["allOf", "anyOf", "oneOf", "$ref"]
            .iter()
            .any(|key| out.contains_key(*key)) =>
        {
            let mut any = Map::new();
            if let Some(description) = out.remove("description") {
                any.insert("description".into(), description);
            }
            return Value::Object(any);
        }
        _ => {}
    }
    if has_properties(schema) {
        relax_properties(name, schema, &mut out);
    } else if let Some(values) = schema
        .get("additionalProperties")
        .filter(|values| values.is_object())
    {
        out.insert("additionalProperties".into(), relaxed(name, values));
    } else if text(schema, "type") == Some("object") {
        out.remove("additionalProperties");
        out.remove("required");
    }
    Value::Object(out)
}

fn relax_properties(name: &str, schema: &Value, out: &mut Map<String, Value>) {
    let mut needed = required(schema);
    let mut kept = Map::new();
    for (property, inner) in properties(schema) {
        if flag(inner, "writeOnly") {
            needed.remove(property);
            continue;
        }
        // A missing key means what null means.
        if flag(inner, "nullable") || is_any(inner) {
            needed.remove(property);
        }
        let mut inner = relaxed(name, inner);
        if inner.get("description").is_none() {
            inner = described(
                inner,
                &format!("`{property}` of `{name}`; the document says no more."),
            );
        }
        kept.insert(property.clone(), inner);
    }
    needed.retain(|property| kept.contains_key(property));
    out.insert("properties".into(), Value::Object(kept));
    out.remove("required");
    if !needed.is_empty() {
        out.insert("required".into(), needed.into_iter().collect());
    }
    // Keys that are not documented are ignored here and reachable through the kept body.
    match out
        .get("additionalProperties")
        .filter(|values| values.is_object())
        .cloned()
    {
        Some(values) => {
            out.insert("additionalProperties".into(), relaxed(name, &values));
        }
        None => {
            out.remove("additionalProperties");
        }
    }
    out.insert("type".into(), "object".into());
}

fn is_any(schema: &Value) -> bool {
    ["type", "allOf", "anyOf", "oneOf", "$ref"]
        .iter()
        .all(|key| schema.get(key).is_none())
}

fn described(mut schema: Value, description: &str) -> Value {
    if let Some(reference) = schema.get("$ref").cloned() {
        return json!({ "allOf": [{ "$ref": reference }], "description": description });
    }
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".into(), description.into());
    }
    schema
}

/// The table of the objects that are answered.
pub(super) fn table(components: &Components, sent: &BTreeSet<String>) -> Vec<Answer> {
    components
        .iter()
        .filter(|(name, schema)| has_properties(schema) && !sent.contains(*name))
        .map(|(name, schema)| {
            let id = schema
                .get("properties")
                .and_then(|properties| properties.get("id"));
            Answer {
                name: name.clone(),
                properties: properties(schema)
                    .into_iter()
                    .map(|(property, _)| property.clone())
                    .collect(),
                identified: required(schema).contains("id")
                    && id.is_some_and(|id| of(id) == Type::String && !flag(id, "nullable")),
            }
        })
        .collect()
}
