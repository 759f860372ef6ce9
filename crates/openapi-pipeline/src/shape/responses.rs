//! Objects in responses: lenient, so that a response with more or fewer keys than documented still
//! decodes.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::schema::{Components, flag, has_properties, properties, required, text};
use super::types::of;
use super::{Page, Presence, ResponseObject, Type, Union};
use crate::keywords::{is_extension, lists};
use crate::naming::identifier::snake;

/// The property of a page that says where the next one begins.
const NEXT_CURSOR: &str = "next_cursor";

/// Keywords that the generator must not see: they limit a value without changing its type, and a
/// response is not refused for them.
const IGNORED: &str = "default discriminator enum example exclusiveMaximum exclusiveMinimum externalDocs maxItems maxLength maxProperties maximum minItems minLength minProperties minimum multipleOf pattern title uniqueItems xml";

/// The schema as the generator should see it.
pub(super) fn relaxed(name: &str, schema: &Value) -> Value {
    let Some(object) = schema.as_object() else {
        return schema.clone();
    };
    let mut out: Map<String, Value> = object
        .iter()
        .filter(|(key, _)| !lists(IGNORED, key) && !is_extension(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if matches!(text(schema, "type"), Some("array" | "boolean" | "object")) {
        out.remove("format");
    }
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
        None if !has_properties(schema)
            && !["allOf", "anyOf", "oneOf", "$ref"]
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
    let values = schema
        .get("additionalProperties")
        .filter(|values| values.is_object());
    if has_properties(schema) {
        relax_properties(name, schema, &mut out);
        // Keys that are not documented are ignored here and reachable through the kept body.
        out.remove("additionalProperties");
    } else if values.is_none() && text(schema, "type") == Some("object") {
        out.remove("additionalProperties");
        out.remove("required");
    }
    if let Some(values) = values {
        out.insert("additionalProperties".into(), relaxed(name, values));
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
                &format!(
                    "The property `{property}` of `{name}`. The API document does not describe it."
                ),
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
    out.insert("type".into(), "object".into());
}

pub(super) fn is_any(schema: &Value) -> bool {
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

/// The table of the objects in responses.
pub(super) fn table(
    components: &Components,
    sent: &BTreeSet<String>,
    unions: &[Union],
) -> Vec<ResponseObject> {
    let objects = || {
        let objects = components.iter();
        objects.filter(|(name, schema)| has_properties(schema) && !sent.contains(*name))
    };
    let rows: BTreeSet<&String> = (objects().map(|(name, _)| name))
        .chain(unions.iter().map(|union| &union.name))
        .collect();
    objects()
        .map(|(name, schema)| ResponseObject {
            name: name.clone(),
            identified: field(schema, "id", &Type::String) == Some(Presence::Always),
            created_at: field(schema, "created_at", &Type::Timestamp),
            page: page(schema, &rows),
        })
        .collect()
}

/// Whether a property of this type is always there; `None` without one.
fn field(schema: &Value, name: &str, r#type: &Type) -> Option<Presence> {
    let (_, property) = properties(schema)
        .into_iter()
        .find(|(known, _)| *known == name)?;
    (of(property) == *r#type && !flag(property, "writeOnly")).then(|| {
        if required(schema).contains(name) && !flag(property, "nullable") {
            Presence::Always
        } else {
            Presence::Maybe
        }
    })
}

/// A page has a cursor to the next one, and its rows in the only list of objects.
fn page(schema: &Value, known: &BTreeSet<&String>) -> Option<Page> {
    let next_cursor = field(schema, NEXT_CURSOR, &Type::String)?;
    let mut lists = properties(schema).into_iter().filter_map(|(name, list)| {
        let Type::List(row) = of(list) else {
            return None;
        };
        let row = row.name().filter(|row| known.contains(row))?.clone();
        // The field is called as the property, and is a plain list.
        let plain = snake(name) == *name && !flag(list, "nullable") && !flag(list, "writeOnly");
        (plain && required(schema).contains(name)).then(|| (name.clone(), row))
    });
    let (rows, row) = lists.next().filter(|_| lists.next().is_none())?;
    Some(Page {
        rows,
        row,
        next_cursor,
        has_more: field(schema, "has_more", &Type::Boolean) == Some(Presence::Always),
    })
}
