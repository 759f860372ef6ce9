//! References and discriminators while components get other names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use crate::Pointer;
use crate::keywords::{
    Kind, Walk, is_extension, is_reference, rewrite_inner_first, rewrite_outer_first, visit,
};
use crate::resolve::{
    branch_names, children, component_reference, components, follow, members, resolve,
    schema_pointer,
};

/// Where a document refers to each schema component: under `$ref`, and in the mappings of
/// discriminators.
///
/// With it a component that gets another name costs what refers to it, not another walk through the
/// document.
#[derive(Default)]
pub(super) struct References(HashMap<String, Vec<Pointer>>);

impl References {
    /// Adds the references in a value of a kind that is now `at` some place.
    pub(super) fn add(&mut self, kind: Kind, value: &Value, at: &mut Pointer) {
        visit(kind, value, at, &mut |kind, value, at| {
            match kind {
                Kind::Schema => self.note(value.get("$ref"), at.child("$ref")),
                Kind::Discriminator => {
                    let at = at.child("mapping");
                    for (key, target) in members(value, "mapping") {
                        self.note(Some(target), at.child(key));
                    }
                }
                _ => {}
            }
            Walk::Down
        });
    }

    fn note(&mut self, reference: Option<&Value>, at: Pointer) {
        if let Some(Value::String(reference)) = reference {
            self.0.entry(reference.clone()).or_default().push(at);
        }
    }

    /// Makes every reference to the component `old` one to `new`.
    pub(super) fn rename(&mut self, document: &mut Value, old: &str, new: &str) {
        let (old, new) = (schema_reference(old), schema_reference(new));
        for at in self.0.remove(&old).unwrap_or_default() {
            // What was there may have moved, and was added again with its new place.
            let reference = document.pointer_mut(at.as_str());
            if let Some(reference) = reference.filter(|reference| **reference == old) {
                *reference = new.clone().into();
                self.0.entry(new.clone()).or_default().push(at);
            }
        }
    }
}

pub(super) fn schema_reference(name: &str) -> String {
    component_reference("schemas", name)
}

/// The schema without what has no effect on its type: two that differ only in annotations are the
/// same type.
pub(super) fn strip_annotations(schema: &Value) -> Value {
    let mut schema = schema.clone();
    rewrite_outer_first(Kind::Schema, &mut schema, &mut |_, value| {
        if let Some(object) = value.as_object_mut() {
            object.retain(|key, _| {
                !is_extension(key)
                    && !matches!(
                        key.as_str(),
                        "description" | "title" | "examples" | "example" | "default" | "deprecated"
                    )
            });
        }
        Walk::Down
    });
    schema
}

/// Replaces references to parameters, bodies and responses by what they refer to, so that each can
/// be changed where it is used without changing the others.
pub(super) fn inline_operation_parts(document: &mut Value) {
    let parts = ["parameters", "requestBodies", "responses"].map(|section| {
        let parts = components(document, section).map(|(name, part)| (name.clone(), part.clone()));
        (section, parts.collect::<Map<_, _>>())
    });
    let source = json!({ "components": BTreeMap::from(parts) });
    let Some(paths) = document.get_mut("paths") else {
        return;
    };
    rewrite_outer_first(Kind::Paths, paths, &mut |kind, value| match kind {
        Kind::Paths | Kind::PathItem | Kind::Operation | Kind::Responses => Walk::Down,
        Kind::Parameter | Kind::RequestBody | Kind::Response => {
            if value.get("$ref").is_some()
                && let Some(target) = follow(&source, value)
            {
                *value = target.clone();
            }
            Walk::Past
        }
        _ => Walk::Past,
    });
}

/// Removes the components of these sections that nothing refers to.
pub(super) fn remove_unreferenced(document: &mut Value, sections: &[&str]) {
    let mut targets = BTreeSet::new();
    let at = &mut Pointer::root();
    visit(Kind::Document, document, at, &mut |kind, value, _| {
        if let Value::Object(object) = value
            && is_reference(kind, object)
        {
            targets.extend(object["$ref"].as_str().map(str::to_owned));
        }
        Walk::Down
    });
    let Some(Value::Object(components)) = document.get_mut("components") else {
        return;
    };
    for section in sections {
        if let Some(Value::Object(entries)) = components.get_mut(*section) {
            entries.retain(|name, _| targets.contains(&component_reference(section, name)));
            if entries.is_empty() {
                components.remove(*section);
            }
        }
    }
}

/// Writes the mapping of every discriminator in full, as references.
///
/// Without a `mapping` the value is the name of the component, so a component that gets another
/// name would be chosen by another value.
pub(super) fn complete_mappings(document: &mut Value) {
    let mut has_discriminators = false;
    let at = &mut Pointer::root();
    visit(Kind::Document, document, at, &mut |kind, _, _| {
        has_discriminators |= kind == Kind::Discriminator;
        Walk::Down
    });
    if !has_discriminators {
        return;
    }
    let source = document.clone();
    let children = children(components(&source, "schemas"));
    rewrite_inner_first(Kind::Document, document, at, &mut |kind, value, at| {
        if kind == Kind::Schema {
            let name = at
                .keys()
                .next_back()
                .filter(|name| *at == schema_pointer(name));
            let children = name.and_then(|name| children.get(name.as_str()));
            complete_mapping(value, &source, children.into_iter().flatten());
        }
    });
}

fn complete_mapping<'a>(
    schema: &mut Value,
    document: &Value,
    children: impl Iterator<Item = &'a &'a str>,
) {
    let members: Vec<String> = branch_names(schema)
        .chain(children.map(|child| (*child).to_owned()))
        .collect();
    let Some(Value::Object(discriminator)) = schema.get_mut("discriminator") else {
        return;
    };
    let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else {
        return;
    };
    let mut mapping = match discriminator.get("mapping") {
        Some(Value::Object(mapping)) => mapping.clone(),
        Some(_) => return,
        None => Map::new(),
    };
    for target in mapping.values_mut() {
        if let Some(name) = target.as_str()
            && let reference = schema_reference(name)
            && resolve(document, &reference).is_some()
        {
            *target = reference.into();
        }
    }
    for member in members {
        let reference = schema_reference(&member);
        if mapping.values().any(|target| *target == reference) {
            continue;
        }
        let values = tag_values(document, &reference, property);
        for value in values.unwrap_or_else(|| vec![member]) {
            mapping
                .entry(value)
                .or_insert_with(|| reference.clone().into());
        }
    }
    if !mapping.is_empty() {
        discriminator.insert("mapping".to_owned(), json!(mapping));
    }
}

/// The values that a member itself allows for the property that tells it apart.
fn tag_values(document: &Value, reference: &str, property: &str) -> Option<Vec<String>> {
    let allowed = resolve(document, reference)?
        .get("properties")?
        .get(property)?
        .get("enum")?
        .as_array()?;
    allowed
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect()
}
