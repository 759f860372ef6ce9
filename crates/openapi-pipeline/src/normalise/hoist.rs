//! Every schema that a reference leads to becomes a component, and so does every `$defs`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::Pointer;
use crate::keywords::{Kind, lists};
use crate::naming::identifier::Taken;
use crate::resolve::{self, leads_to, visit_reachable};

/// The keys in the place of a schema that do not help to name it.
const STRUCTURE: &str = "components schemas properties $defs definitions";

/// The document with every reference to a schema leading to a component, and no `$defs`.
///
/// A definition keeps its name when no component has it and all definitions of that name are equal;
/// otherwise, and for all that is no definition, the name is made of the keys that lead to it:
/// `Order.Item`, `Order.lines.items`.
pub(super) fn schemas(document: Value) -> Value {
    let document = with_full_pointers(document);
    let targets = targets(&document);
    if targets.is_empty()
        || document
            .get("components")
            .is_some_and(|components| !components.is_object())
    {
        return document;
    }
    let names = names(&document, &targets);
    let mut moved = moved(document, &names);
    resolve::rename_references(Kind::Document, &mut moved, &|reference| {
        names.get(&Pointer::from_reference(reference)?).cloned()
    });
    moved
}

/// Writes each reference as the full pointer to where it leads, not percent-encoded.
fn with_full_pointers(document: Value) -> Value {
    let mut full = BTreeMap::new();
    visit_reachable(&document, &mut |kind, value, at| {
        if let Some(Value::String(reference)) = value.get("$ref")
            && let Some(target) = leads_to(&document, kind, reference, at)
            && target.to_string() != *reference
        {
            full.insert(at.child("$ref"), target.to_string());
        }
    });
    let mut document = document;
    for (at, target) in full {
        if let Some(reference) = document.pointer_mut(at.as_str()) {
            *reference = Value::String(target);
        }
    }
    document
}

/// The schemas that must become components.
fn targets(document: &Value) -> BTreeSet<Pointer> {
    let components = Pointer::root().child("components").child("schemas");
    let mut targets = BTreeSet::new();
    visit_reachable(document, &mut |kind, value, at| {
        if kind != Kind::Schema {
            return;
        }
        if let Some(target) = value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(Pointer::from_reference)
        {
            let is_schema = |value: &Value| value.is_object() || value.is_boolean();
            if target.parent().as_ref() != Some(&components)
                && target != Pointer::root()
                && document.pointer(target.as_str()).is_some_and(is_schema)
            {
                targets.insert(target);
            }
        }
        if let Some(definitions) = value.get("$defs").and_then(Value::as_object) {
            targets.extend(definitions.keys().map(|name| at.child("$defs").child(name)));
        }
    });
    targets
}

fn names(document: &Value, targets: &BTreeSet<Pointer>) -> BTreeMap<Pointer, String> {
    let components = resolve::components(document, "schemas");
    let mut taken: Taken = components.map(|(name, _)| name.clone()).collect();
    let mut own: BTreeMap<String, Vec<&Pointer>> = BTreeMap::new();
    for target in targets {
        if let Some(name) = definition_name(target) {
            own.entry(name).or_default().push(target);
        }
    }
    let value = |target: &Pointer| document.pointer(target.as_str());
    own.retain(|name, of_name| {
        !taken.contains(name)
            && of_name
                .iter()
                .all(|target| value(target) == value(of_name[0]))
    });
    taken.extend(own.keys().cloned());

    let mut names = BTreeMap::new();
    for target in targets {
        let name = match definition_name(target).filter(|name| own.contains_key(name)) {
            Some(name) => name,
            None => taken.free(&qualified_name(target), "-"),
        };
        names.insert(target.clone(), name);
    }
    names
}

/// The name of a definition, if it is one that a component can have.
fn definition_name(target: &Pointer) -> Option<String> {
    let mut keys = target.keys().rev();
    let (name, parent) = (keys.next()?, keys.next()?);
    (parent == "$defs" && !name.is_empty() && name == component_safe(&name)).then_some(name)
}

fn qualified_name(target: &Pointer) -> String {
    let keys: Vec<_> = target.keys().collect();
    let telling = keys
        .iter()
        .enumerate()
        .filter(|(i, key)| !lists(STRUCTURE, key) || i + 1 == keys.len());
    let name = telling
        .map(|(_, key)| component_safe(key))
        .filter(|key| !key.is_empty())
        .collect::<Vec<_>>()
        .join(".");
    if name.is_empty() {
        "schema".to_owned()
    } else {
        name
    }
}

/// The characters of a key that the name of a component may have, a dash for any others between
/// them.
fn component_safe(key: &str) -> String {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    key.split(|character| !allowed(character))
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// Moves each schema to the components; a reference stays in its place, and nothing in the place of
/// a definition.
fn moved(mut document: Value, names: &BTreeMap<Pointer, String>) -> Value {
    // The innermost first, so that what is moved has its references in it already.
    let mut innermost_first: Vec<_> = names.iter().collect();
    innermost_first.sort_by_key(|(target, _)| std::cmp::Reverse(target.depth()));
    let mut components = Map::new();
    for (target, name) in innermost_first {
        let mut above = target.clone();
        let Some(key) = above.pop() else { continue };
        let schema = if above.keys().next_back().as_deref() == Some("$defs") {
            let schema = document
                .pointer_mut(above.as_str())
                .and_then(Value::as_object_mut)
                .and_then(|defs| defs.remove(&key));
            remove_empty(&mut document, &above);
            schema
        } else {
            let reference = json!({"$ref": resolve::component_reference("schemas", name)});
            document
                .pointer_mut(target.as_str())
                .map(|schema| std::mem::replace(schema, reference))
        };
        components.extend(schema.map(|schema| (name.clone(), schema)));
    }
    if let Some(schemas) = resolve::schemas_mut(&mut document) {
        schemas.extend(components);
    }
    document
}

fn remove_empty(document: &mut Value, definitions: &Pointer) {
    if document.pointer(definitions.as_str()) == Some(&json!({})) {
        let schema = definitions
            .parent()
            .and_then(|schema| document.pointer_mut(schema.as_str()))
            .and_then(Value::as_object_mut);
        schema.and_then(|schema| schema.remove("$defs"));
    }
}
