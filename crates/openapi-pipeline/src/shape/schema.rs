//! Reading and walking lowered schemas.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::keywords::{Kind, Walk, is_extension, lists, rewrite_outer_first};
use crate::naming::{identifier::Taken, names::ROOT_TYPES, rule::type_name};
use crate::resolve::{self, component_name, component_reference, entries, members, schema_name};

/// The schema components of a document, by name.
pub(super) type Components = BTreeMap<String, Value>;

/// Gives every schema component a name that is a Rust type name.
pub(super) fn use_type_names(document: &mut Value) {
    let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") else {
        return;
    };
    let fits = |name: &&String| type_name(name) == **name && !ROOT_TYPES.contains(&name.as_str());
    let mut names: Vec<&String> = schemas.keys().collect();
    names.sort();
    let mut taken: Taken = names.iter().copied().filter(fits).cloned().collect();
    taken.extend(ROOT_TYPES.map(str::to_owned));
    let mut renamed = BTreeMap::new();
    for name in names.into_iter().filter(|name| !fits(name)) {
        renamed.insert(name.clone(), taken.free(&type_name(name), ""));
    }
    *schemas = std::mem::take(schemas)
        .into_iter()
        .map(|(name, schema)| (renamed.get(&name).cloned().unwrap_or(name), schema))
        .collect();
    rename_references(Kind::Document, document, &renamed);
}

/// Keywords that may stand beside a reference without changing its type.
const ANNOTATIONS: &str =
    "default deprecated description example externalDocs nullable readOnly title writeOnly xml";

/// Keywords that stay where a named type takes the place of a schema.
const KEPT: &str =
    "deprecated description nullable readOnly writeOnly x-evidence x-inferred-values";

/// The component that a branch was, beside what was written into it.
pub(super) const MEMBER: &str = "x-member";

/// A schema that is a reference to the component `name`.
pub(super) fn reference_to(name: &str) -> Value {
    json!({ "$ref": component_reference("schemas", name) })
}

/// The component that a schema refers to: a plain `$ref`, or one wrapped in `allOf` to carry
/// annotations.
pub(super) fn referred(schema: &Value) -> Option<String> {
    if schema.get("$ref").is_some() {
        return schema_name(schema);
    }
    let object = schema.as_object()?;
    let [branch] = object.get("allOf")?.as_array()?.as_slice() else {
        return None;
    };
    let is_annotation = |key: &str| key == "allOf" || is_extension(key) || lists(ANNOTATIONS, key);
    let only_annotated = object.keys().all(|key| is_annotation(key));
    only_annotated.then(|| referred(branch)).flatten()
}

/// The same annotations around a reference to the component `name`.
pub(super) fn with_reference(schema: &Value, name: &str) -> Value {
    let object = schema.as_object().into_iter().flatten();
    let mut kept: Map<String, Value> = object
        .filter(|(key, _)| lists(KEPT, key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if kept.is_empty() {
        return reference_to(name);
    }
    kept.insert("allOf".into(), json!([reference_to(name)]));
    Value::Object(kept)
}

/// Makes a schema one that allows null.
pub(super) fn allow_null(schema: &mut Value) {
    // Nothing may stand beside a `$ref`.
    if schema.get("$ref").is_some() {
        *schema = json!({ "allOf": [schema.take()] });
    }
    if let Some(object) = schema.as_object_mut() {
        object.insert("nullable".into(), true.into());
    }
}

pub(super) fn text<'a>(schema: &'a Value, key: &str) -> Option<&'a str> {
    schema.get(key).and_then(Value::as_str)
}

pub(super) fn flag(schema: &Value, key: &str) -> bool {
    schema.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// Whether a part of the document is a guess: its `x-evidence` is `inferred` or `decided`. Beside
/// `x-inferred-values` the mark is about these values, not about the part.
pub(super) fn is_guess(part: &Value) -> bool {
    matches!(text(part, "x-evidence"), Some("inferred" | "decided"))
        && part.get("x-inferred-values").is_none()
}

/// Whether a schema describes an object with named properties.
pub(super) fn has_properties(schema: &Value) -> bool {
    members(schema, "properties").next().is_some()
}

/// The properties in order of their names.
pub(super) fn properties(schema: &Value) -> Vec<(&String, &Value)> {
    let mut found: Vec<_> = members(schema, "properties").collect();
    found.sort_by_key(|(name, _)| *name);
    found
}

pub(super) fn required(schema: &Value) -> BTreeSet<String> {
    let names = entries(schema, "required").iter();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Renames references to components in a value of a kind, and the members that were some.
pub(super) fn rename_references(kind: Kind, value: &mut Value, rename: &BTreeMap<String, String>) {
    resolve::rename_references(kind, value, &|reference| {
        rename.get(&component_name(reference, "schemas")?).cloned()
    });
    rewrite_outer_first(kind, value, &mut |_, value| {
        if let Some(new) = text(value, MEMBER).and_then(|name| rename.get(name)) {
            value[MEMBER] = new.clone().into();
        }
        Walk::Down
    });
}
