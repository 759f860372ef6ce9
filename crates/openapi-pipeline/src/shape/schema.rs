//! Reading and walking lowered schemas.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::Pointer;
use crate::keywords::{Kind, Walk, visit, visit_mut};
use crate::naming::{identifier::free, names::ROOT_TYPES, rule::type_name};
use crate::resolve::component_name;

/// The schema components of a document, by name.
pub(super) type Components = BTreeMap<String, Value>;

/// The document with these schema components, each under a name that is a Rust type name.
pub(super) fn under_type_names(mut document: Value, components: Components) -> Value {
    let names: BTreeSet<&String> = components.keys().collect();
    let fits = |name: &&String| type_name(name) == **name && !ROOT_TYPES.contains(&name.as_str());
    let mut taken: BTreeSet<String> = names.iter().copied().filter(fits).cloned().collect();
    taken.extend(ROOT_TYPES.map(str::to_owned));
    let mut renamed = BTreeMap::new();
    for name in names.into_iter().filter(|name| !fits(name)) {
        let wanted = type_name(name);
        let free = free(&wanted, &mut taken);
        renamed.insert(name.clone(), free);
    }
    rename_references(Kind::Document, &mut document, &renamed);
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        *schemas = components
            .into_iter()
            .map(|(name, schema)| {
                let schema = rereferenced(&schema, &renamed);
                (renamed.get(&name).cloned().unwrap_or(name), schema)
            })
            .collect();
    }
    document
}

/// What only people read; it may stand beside a reference without changing the type.
pub(super) const ANNOTATIONS: [&str; 10] = [
    "default",
    "deprecated",
    "description",
    "example",
    "externalDocs",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// The place of a component.
pub(super) fn component(name: &str) -> Pointer {
    Pointer::root()
        .child("components")
        .child("schemas")
        .child(name)
}

/// A schema that is a reference to the component `name`.
pub(super) fn reference_to(name: &str) -> Value {
    json!({ "$ref": component(name).to_string() })
}

/// The component that a schema refers to: a plain `$ref`, or one wrapped in `allOf` to carry
/// annotations.
pub(super) fn referred(schema: &Value) -> Option<String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let mut target = Pointer::from_reference(reference)?;
        let name = target.pop()?;
        return (target.as_str() == "/components/schemas").then_some(name);
    }
    let object = schema.as_object()?;
    let [branch] = object.get("allOf")?.as_array()?.as_slice() else {
        return None;
    };
    let only_annotated = object
        .keys()
        .all(|key| key == "allOf" || key.starts_with("x-") || ANNOTATIONS.contains(&key.as_str()));
    if only_annotated {
        referred(branch)
    } else {
        None
    }
}

/// The same annotations around a reference to the component `name`.
pub(super) fn with_reference(schema: &Value, name: &str) -> Value {
    let mut kept: Map<String, Value> = schema
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| {
            [
                "description",
                "nullable",
                "deprecated",
                "readOnly",
                "writeOnly",
            ]
            .contains(&key.as_str())
        })
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if kept.is_empty() {
        return reference_to(name);
    }
    kept.insert("allOf".into(), json!([reference_to(name)]));
    Value::Object(kept)
}

pub(super) fn text<'a>(schema: &'a Value, key: &str) -> Option<&'a str> {
    schema.get(key).and_then(Value::as_str)
}

pub(super) fn flag(schema: &Value, key: &str) -> bool {
    schema.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// Whether a schema describes an object with named properties.
pub(super) fn has_properties(schema: &Value) -> bool {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .is_some_and(|properties| !properties.is_empty())
}

/// The properties in order of their names.
pub(super) fn properties(schema: &Value) -> Vec<(&String, &Value)> {
    let mut found: Vec<_> = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .collect();
    found.sort_by_key(|(name, _)| *name);
    found
}

pub(super) fn required(schema: &Value) -> BTreeSet<String> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The members of a union, null aside.
pub(super) fn union_members(schema: &Value) -> Option<(&'static str, &Vec<Value>)> {
    ["oneOf", "anyOf"]
        .into_iter()
        .find_map(|key| Some((key, schema.get(key)?.as_array()?)))
}

/// The names of the components that a schema mentions anywhere.
pub(super) fn mentioned(schema: &Value, found: &mut BTreeSet<String>) {
    let root = &mut Pointer::root();
    visit(Kind::Schema, schema, root, &mut |kind, value, _| {
        if kind == Kind::Schema && value.get("$ref").is_some() {
            found.extend(referred(value));
        }
        Walk::Down
    });
}

/// Every component that can be reached from `roots`, themselves included.
pub(super) fn reachable(components: &Components, roots: BTreeSet<String>) -> BTreeSet<String> {
    let mut open = roots;
    let mut reached = BTreeSet::new();
    while let Some(name) = open.pop_first() {
        if let Some(schema) = components.get(&name)
            && reached.insert(name)
        {
            mentioned(schema, &mut open);
        }
    }
    reached
}

/// The schema with every reference to a component renamed as `rename` says.
pub(super) fn rereferenced(schema: &Value, rename: &BTreeMap<String, String>) -> Value {
    let mut schema = schema.clone();
    rename_references(Kind::Schema, &mut schema, rename);
    schema
}

/// Renames references to components as `rename` says, those in the mappings of discriminators too.
fn rename_references(kind: Kind, value: &mut Value, rename: &BTreeMap<String, String>) {
    visit_mut(kind, value, &mut Pointer::root(), &mut |kind, value, _| {
        match kind {
            Kind::Schema if value.get("$ref").is_some() => {
                if let Some(new) = referred(value).and_then(|name| rename.get(&name)) {
                    *value = reference_to(new);
                }
            }
            Kind::Discriminator => {
                let mapping = value.get_mut("mapping").and_then(Value::as_object_mut);
                for target in mapping.into_iter().flat_map(Map::values_mut) {
                    let name = target
                        .as_str()
                        .and_then(|target| component_name(target, "schemas"));
                    if let Some(new) = name.and_then(|name| rename.get(&name)) {
                        *target = component(new).to_string().into();
                    }
                }
            }
            _ => {}
        }
        Walk::Down
    });
}
