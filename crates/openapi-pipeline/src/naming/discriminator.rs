//! Discriminators say which value means which member, so that members can be renamed.
//!
//! Without a `mapping` the value is the name of the component, and a component that gets another
//! name would be told by another value.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::Pointer;
use crate::keywords::{Kind, Walk, visit_mut};
use crate::resolve::{component_name, component_reference};

/// Writes the mapping of every discriminator out in full, as references.
pub(super) fn spell_out(document: &mut Value) {
    let names: BTreeSet<String> = document
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|schemas| schemas.keys().cloned())
        .collect();
    let source = document.clone();
    let root = &mut Pointer::root();
    visit_mut(Kind::Document, document, root, &mut |kind, value, _| {
        if let (Kind::Schema, Some(schema)) = (kind, value.as_object_mut()) {
            spell_out_one(schema, &source, &names);
        }
        Walk::Down
    });
}

fn spell_out_one(schema: &mut Map<String, Value>, document: &Value, names: &BTreeSet<String>) {
    let members: Vec<String> = ["oneOf", "anyOf"]
        .iter()
        .filter_map(|key| schema.get(*key).and_then(Value::as_array))
        .flatten()
        .filter_map(|member| component_name(member.get("$ref")?.as_str()?, "schemas"))
        .collect();
    let Some(discriminator) = schema
        .get_mut("discriminator")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    let Some(property) = discriminator
        .get("propertyName")
        .and_then(Value::as_str)
        .map(str::to_owned)
    else {
        return;
    };
    let mut mapping = match discriminator.get("mapping") {
        Some(Value::Object(mapping)) => mapping.clone(),
        Some(_) => return,
        None => Map::new(),
    };
    for target in mapping.values_mut() {
        if let Some(name) = target.as_str().filter(|name| names.contains(*name)) {
            *target = component_reference("schemas", name).into();
        }
    }
    for member in members {
        let reference = Value::from(component_reference("schemas", &member));
        if mapping.values().any(|target| *target == reference) {
            continue;
        }
        for value in values(document, &reference, &property).unwrap_or_else(|| vec![member]) {
            mapping.entry(value).or_insert_with(|| reference.clone());
        }
    }
    if !mapping.is_empty() {
        discriminator.insert("mapping".to_owned(), json!(mapping));
    }
}

/// The values that a member itself allows for the property that tells it apart.
fn values(document: &Value, reference: &Value, property: &str) -> Option<Vec<String>> {
    let member = crate::resolve::resolve(document, reference.as_str()?)?;
    let allowed = member
        .get("properties")?
        .get(property)?
        .get("enum")?
        .as_array()?;
    allowed
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::spell_out;

    fn mapping(discriminator: &Value) -> Value {
        let mut document = json!({ "components": { "schemas": {
            "Pet": { "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }],
                     "discriminator": discriminator },
            "Cat": { "properties": { "kind": { "type": "string" } } },
            "Dog": { "properties": { "kind": { "enum": ["hound", "poodle"] } } },
        } } });
        spell_out(&mut document);
        document["components"]["schemas"]["Pet"]["discriminator"]["mapping"].clone()
    }

    #[test]
    fn a_member_without_a_value_is_meant_by_its_name() {
        assert_eq!(
            mapping(&json!({ "propertyName": "kind" })),
            json!({ "Cat": "#/components/schemas/Cat", "hound": "#/components/schemas/Dog", "poodle": "#/components/schemas/Dog" })
        );
    }

    #[test]
    fn a_mapping_to_a_bare_name_becomes_a_reference() {
        assert_eq!(
            mapping(
                &json!({ "propertyName": "kind", "mapping": { "c": "Cat", "d": "#/components/schemas/Dog" } })
            ),
            json!({ "c": "#/components/schemas/Cat", "d": "#/components/schemas/Dog" })
        );
    }
}
