//! References to components, and what they are to.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::keywords::{Kind, Walk, is_extension, visit, visit_mut};
use crate::{Pointer, canonical};

/// How every reference to a schema component begins.
const COMPONENTS: &str = "#/components/schemas/";

/// Keywords that do not change the type of a schema.
const ANNOTATIONS: [&str; 6] = [
    "description",
    "title",
    "examples",
    "example",
    "default",
    "deprecated",
];

pub(super) fn component_pointer(name: &str) -> Pointer {
    Pointer::root()
        .child("components")
        .child("schemas")
        .child(name)
}

pub(super) fn schema_reference_to(name: &str) -> String {
    component_pointer(name).to_string()
}

pub(super) fn reference(value: &Value) -> Option<String> {
    value.get("$ref").and_then(Value::as_str).map(str::to_owned)
}

pub(super) fn schema_reference(value: &Value) -> Option<String> {
    let mut target = Pointer::from_reference(&reference(value)?)?;
    let name = target.pop()?;
    (target.as_str() == "/components/schemas").then_some(name)
}

/// Collects the names of the schema components that a value of a kind refers to, directly.
pub(super) fn references(kind: Kind, value: &Value, found: &mut BTreeSet<String>) {
    visit(kind, value, &mut Pointer::root(), &mut |kind, value, _| {
        if kind == Kind::Schema {
            found.extend(schema_reference(value));
        }
        Walk::Down
    });
}

/// Collects every reference of a document.
pub(super) fn every_reference(document: &Value, found: &mut BTreeSet<String>) {
    let root = &mut Pointer::root();
    visit(Kind::Document, document, root, &mut |kind, value, _| {
        if kind.section().is_some() {
            found.extend(reference(value));
        }
        Walk::Down
    });
}

/// Where a document points at each schema component, under `$ref` and in the mappings of
/// discriminators.
///
/// With it a component that gets another name costs what points at it, not the whole document once
/// more.
#[derive(Default)]
pub(super) struct Mentions(HashMap<String, Vec<Pointer>>);

impl Mentions {
    pub(super) fn of(document: &Value) -> Self {
        let mut mentions = Self::default();
        mentions.add(Kind::Document, document, &mut Pointer::root());
        mentions
    }

    /// Adds the references of a value of a kind that is `at` this place now.
    pub(super) fn add(&mut self, kind: Kind, value: &Value, at: &mut Pointer) {
        visit(kind, value, at, &mut |kind, value, at| {
            let mut note = |target: &Value, at: Pointer| {
                if let Some(target) = target.as_str().filter(|text| text.starts_with(COMPONENTS)) {
                    self.0.entry(target.to_owned()).or_default().push(at);
                }
            };
            match kind {
                Kind::Schema => {
                    if let Some(target) = value.get("$ref") {
                        note(target, at.child("$ref"));
                    }
                }
                Kind::Discriminator => {
                    for (name, target) in mapping(value) {
                        note(target, at.child("mapping").child(name));
                    }
                }
                _ => {}
            }
            Walk::Down
        });
    }

    /// Points whatever points at the component `own` at `name`.
    pub(super) fn rename(&mut self, document: &mut Value, own: &str, name: &str) {
        let (own, name) = (schema_reference_to(own), schema_reference_to(name));
        for at in self.0.remove(&own).unwrap_or_default() {
            // What stood there may have moved on, and was noted again where it stands now.
            let mention = document.pointer_mut(at.as_str());
            if let Some(mention) = mention.filter(|mention| **mention == own) {
                *mention = name.clone().into();
                self.0.entry(name.clone()).or_default().push(at);
            }
        }
    }
}

fn mapping(discriminator: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    mapping.into_iter().flatten()
}

/// The schema with references to the component `own` leading to `name`.
pub(super) fn with_renamed_references(mut schema: Value, own: &str, name: &str) -> Value {
    let (own, name) = (schema_reference_to(own), schema_reference_to(name));
    let root = &mut Pointer::root();
    visit_mut(Kind::Schema, &mut schema, root, &mut |kind, value, _| {
        let targets: Vec<&mut Value> = match kind {
            Kind::Schema => value.get_mut("$ref").into_iter().collect(),
            Kind::Discriminator => {
                let mapping = value.get_mut("mapping").and_then(Value::as_object_mut);
                mapping.into_iter().flat_map(Map::values_mut).collect()
            }
            _ => Vec::new(),
        };
        for target in targets.into_iter().filter(|target| **target == own) {
            *target = name.as_str().into();
        }
        Walk::Down
    });
    schema
}

/// A schema without annotations: two that differ in them alone are the same type.
pub(super) fn strip_annotations(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let root = &mut Pointer::root();
    visit_mut(Kind::Schema, &mut schema, root, &mut |_, value, _| {
        if let Some(object) = value.as_object_mut() {
            object.retain(|key, _| !ANNOTATIONS.contains(&key.as_str()) && !is_extension(key));
        }
        Walk::Down
    });
    canonical::sort(schema)
}
