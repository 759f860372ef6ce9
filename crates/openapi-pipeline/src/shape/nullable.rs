//! Null is allowed where a component is referred to, never by the component itself.
//!
//! A component that allows null is no type of its own in Rust; whatever refers to it allows null
//! instead.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::schema::{Components, flag, referred};
use crate::Pointer;
use crate::keywords::{Kind, Walk, visit_mut};

/// The components without null, and the names of those that allowed it.
pub(super) fn remove_null(components: Components) -> (Components, BTreeSet<String>) {
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
            let mut schema = schema;
            push_down_nullable(Kind::Schema, &mut schema, &nullable);
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

/// Puts `nullable` beside every reference to a component that allowed null.
pub(super) fn push_down_nullable(kind: Kind, value: &mut Value, nullable: &BTreeSet<String>) {
    visit_mut(kind, value, &mut Pointer::root(), &mut |kind, value, _| {
        if kind != Kind::Schema || !referred(value).is_some_and(|name| nullable.contains(&name)) {
            return Walk::Down;
        }
        if let Some(reference) = value.as_object() {
            *value = with_null(reference);
        }
        Walk::Past
    });
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
    use super::Kind;
    use super::{push_down_nullable, remove_null};

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
        let (components, nullable) = remove_null(components);
        assert_eq!(components["Text"], json!({ "type": "string" }));
        assert_eq!(
            components["Row"]["properties"]["text"],
            json!({ "allOf": [{ "$ref": "#/components/schemas/Alias" }], "nullable": true })
        );
        let mut described =
            json!({ "allOf": [{ "$ref": "#/components/schemas/Text" }], "description": "A text." });
        push_down_nullable(Kind::Schema, &mut described, &nullable);
        assert_eq!(described["nullable"], true);
    }
}
