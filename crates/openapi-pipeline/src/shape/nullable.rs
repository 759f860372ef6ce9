//! Null is said where a value stands, never by the type that it is of.
//!
//! A component that allows null is no type of its own in Rust; whatever refers to it allows null
//! instead.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::schema::{Components, flag, referred};

/// The components without null, and the names of those that allowed it.
pub(super) fn lift(components: Components) -> (Components, BTreeSet<String>) {
    let mut nullable: BTreeSet<String> = BTreeSet::new();
    // An alias of a component that allows null allows null, and so on.
    loop {
        let more: Vec<&String> = components
            .iter()
            .filter(|(name, schema)| !nullable.contains(*name) && allows_null(schema, &nullable))
            .map(|(name, _)| name)
            .collect();
        if more.is_empty() {
            break;
        }
        nullable.extend(more.into_iter().cloned());
    }
    let components = components
        .into_iter()
        .map(|(name, schema)| {
            let mut schema = said_at(&schema, &nullable);
            if let Some(object) = schema.as_object_mut().filter(|_| nullable.contains(&name)) {
                object.remove("nullable");
            }
            (name, schema)
        })
        .collect();
    (components, nullable)
}

fn allows_null(schema: &Value, nullable: &BTreeSet<String>) -> bool {
    flag(schema, "nullable") || referred(schema).is_some_and(|name| nullable.contains(&name))
}

/// The schema with `nullable` beside every reference to a component that allowed null.
pub(super) fn said_at(schema: &Value, nullable: &BTreeSet<String>) -> Value {
    match schema {
        Value::Object(entries) => {
            if referred(schema).is_some_and(|name| nullable.contains(&name)) {
                return with_null(entries);
            }
            let entries = entries.iter();
            entries
                .map(|(key, value)| (key.clone(), said_at(value, nullable)))
                .collect()
        }
        Value::Array(entries) => entries
            .iter()
            .map(|entry| said_at(entry, nullable))
            .collect(),
        scalar => scalar.clone(),
    }
}

fn with_null(reference: &Map<String, Value>) -> Value {
    let mut outer = if reference.contains_key("allOf") {
        reference.clone()
    } else {
        let branch = Value::Object(reference.clone());
        Map::from_iter([("allOf".to_owned(), Value::Array(vec![branch]))])
    };
    outer.insert("nullable".to_owned(), true.into());
    Value::Object(outer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema::Components;
    use super::{lift, said_at};

    #[test]
    fn null_moves_from_the_component_to_what_refers_to_it() {
        let components = Components::from([
            (
                "Text".to_owned(),
                json!({ "type": "string", "nullable": true }),
            ),
            (
                "Alias".to_owned(),
                json!({ "$ref": "#/components/schemas/Text" }),
            ),
            (
                "Row".to_owned(),
                json!({ "properties": { "text": { "$ref": "#/components/schemas/Alias" } } }),
            ),
        ]);
        let (components, nullable) = lift(components);
        assert_eq!(components["Text"], json!({ "type": "string" }));
        assert_eq!(
            components["Row"]["properties"]["text"],
            json!({ "allOf": [{ "$ref": "#/components/schemas/Alias" }], "nullable": true })
        );
        let described =
            json!({ "allOf": [{ "$ref": "#/components/schemas/Text" }], "description": "A text." });
        assert_eq!(said_at(&described, &nullable)["nullable"], true);
    }
}
