//! Reading and walking lowered schemas.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::Pointer;
use crate::naming::{identifier::free, names::ROOT_TYPES, rule::type_name};
use crate::resolve::component_name;

/// The schema components of a document, by name.
pub(super) type Components = BTreeMap<String, Value>;

/// The document with these schema components, each under a name that is a Rust type name.
pub(super) fn under_type_names(document: &Value, components: Components) -> Value {
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
    let mut document = rereferenced(document, &renamed);
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

/// The schemas directly inside a schema, each with its place below it.
pub(super) fn children(schema: &Value) -> Vec<(Pointer, &Value)> {
    let mut found = Vec::new();
    let root = Pointer::root();
    for (name, property) in properties(schema) {
        found.push((root.child("properties").child(name), property));
    }
    for key in ["items", "additionalProperties"] {
        if let Some(child) = schema.get(key).filter(|child| child.is_object()) {
            found.push((root.child(key), child));
        }
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        let branches = schema.get(key).and_then(Value::as_array);
        for (index, branch) in branches.into_iter().flatten().enumerate() {
            found.push((root.child(key).child(&index.to_string()), branch));
        }
    }
    found
}

/// The names of the components that a schema mentions anywhere.
pub(super) fn mentioned(schema: &Value, found: &mut BTreeSet<String>) {
    found.extend(schema.get("$ref").and_then(|_| referred(schema)));
    for (_, child) in children(schema) {
        mentioned(child, found);
    }
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
    match schema {
        Value::Object(entries) => {
            if let Some(new) = entries
                .get("$ref")
                .and_then(|_| referred(schema))
                .and_then(|name| rename.get(&name))
            {
                return reference_to(new);
            }
            Value::Object(
                entries
                    .iter()
                    .map(|(key, value)| match key.as_str() {
                        "mapping" => (key.clone(), remapped(value, rename)),
                        _ => (key.clone(), rereferenced(value, rename)),
                    })
                    .collect(),
            )
        }
        Value::Array(items) => items
            .iter()
            .map(|item| rereferenced(item, rename))
            .collect(),
        scalar => scalar.clone(),
    }
}

/// The mapping of a discriminator renamed like the references beside it. A property may bear the
/// name `mapping` too: its schema holds no such text.
fn remapped(mapping: &Value, rename: &BTreeMap<String, String>) -> Value {
    let renamed = |target: &Value| {
        let name = component_name(target.as_str()?, "schemas")?;
        rename
            .get(&name)
            .map(|new| component(new).to_string().into())
    };
    match mapping {
        Value::Object(entries) => entries
            .iter()
            .map(|(key, target)| {
                (
                    key.clone(),
                    renamed(target).unwrap_or_else(|| rereferenced(target, rename)),
                )
            })
            .collect(),
        other => rereferenced(other, rename),
    }
}
