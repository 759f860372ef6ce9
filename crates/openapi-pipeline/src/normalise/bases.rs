//! A union of schemas that are made from the union itself gets a base.

use serde_json::{Map, Value, json};

use crate::naming::identifier::Taken;
use crate::resolve::{branch_names, children, component_reference, schema_name};

/// What stays in the union; the rest is what the members have in common.
const UNION: [&str; 6] = [
    "anyOf",
    "deprecated",
    "description",
    "discriminator",
    "oneOf",
    "title",
];

/// Moves what the members have in common into a component of its own, to which their `allOf` refers
/// then. Without it no value satisfies the schemas: each refers to the other.
pub(super) fn split(document: &mut Value) {
    let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") else {
        return;
    };
    if schemas
        .values()
        .all(|schema| schema.get("discriminator").is_none())
    {
        return;
    }
    let source = schemas.clone();
    let mut taken: Taken = source.keys().cloned().collect();
    for (name, children) in children(source.iter()) {
        let Some(Value::Object(union)) = source.get(name) else {
            continue;
        };
        if !branch_names(&source[name]).any(|member| children.contains(member.as_str())) {
            continue;
        }
        let base = taken.free(&format!("{name}Base"), "");
        let is_of_union = |key: &String| UNION.contains(&key.as_str());
        let (union, common): (Map<_, _>, Map<_, _>) = union
            .clone()
            .into_iter()
            .partition(|(key, _)| is_of_union(key));
        schemas.insert(name.to_owned(), union.into());
        schemas.insert(base.clone(), common.into());
        let base = json!({ "$ref": component_reference("schemas", &base) });
        for child in children {
            let Some(child) = schemas.get_mut(child) else {
                continue;
            };
            if schema_name(child).as_deref() == Some(name) {
                child["$ref"] = base["$ref"].clone();
            }
            let parts = child.get_mut("allOf").and_then(Value::as_array_mut);
            let parts = parts.into_iter().flatten();
            for part in parts.filter(|part| schema_name(part).as_deref() == Some(name)) {
                *part = base.clone();
            }
        }
    }
}
