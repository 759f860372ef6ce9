//! Moves `nullable` from components to the references to them: in Rust a type does not allow null,
//! the place that uses it does.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::schema::{Components, flag, referred};
use crate::keywords::{Kind, Walk, rewrite_outer_first};

/// Removes `nullable` from components, and returns the names of those that had it.
pub(super) fn take_nullable(components: &mut Components) -> BTreeSet<String> {
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
    for (name, schema) in components {
        push_down_nullable(Kind::Schema, schema, &nullable);
        if let Some(object) = schema.as_object_mut().filter(|_| nullable.contains(name)) {
            object.remove("nullable");
        }
    }
    nullable
}

fn allows_null(schema: &Value, nullable: &BTreeSet<String>) -> bool {
    flag(schema, "nullable") || referred(schema).is_some_and(|name| nullable.contains(&name))
}

/// Puts `nullable` beside every reference to one of these components, in a value of a kind.
pub(super) fn push_down_nullable(kind: Kind, value: &mut Value, nullable: &BTreeSet<String>) {
    rewrite_outer_first(kind, value, &mut |kind, value| {
        let name = (kind == Kind::Schema).then(|| referred(value)).flatten();
        if !name.is_some_and(|name| nullable.contains(&name)) {
            return Walk::Down;
        }
        if value.get("$ref").is_some() {
            *value = json!({ "allOf": [value.take()] });
        }
        value["nullable"] = true.into();
        Walk::Past
    });
}
