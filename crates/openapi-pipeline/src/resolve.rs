//! Finding things in a document: what a reference leads to, the operations in one fixed order,
//! every schema.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value};

use crate::Pointer;
use crate::keywords::{Kind, Walk, is_annotation, rewrite_outer_first, visit};

/// The methods of OpenAPI 3 in the order in which [`operations`] goes through them.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// What a local reference refers to: one step, not further when that is a reference again.
///
/// ```
/// let document = serde_json::json!({"components": {"schemas": {"Pet": {"type": "object"}}}});
/// let pet = openapi_pipeline::resolve::resolve(&document, "#/components/schemas/Pet");
/// assert_eq!(pet, document.pointer("/components/schemas/Pet"));
/// assert_eq!(openapi_pipeline::resolve::resolve(&document, "other.json#/Pet"), None);
/// ```
pub fn resolve<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(Pointer::from_reference(reference)?.as_str())
}

/// `value`, or what it refers to when it is a reference object, followed to the end.
///
/// `None` when a reference leads nowhere, out of the document or back to itself.
pub fn follow<'a>(document: &'a Value, value: &'a Value) -> Option<&'a Value> {
    let mut current = value;
    // A longer chain is a cycle.
    for _ in 0..1000 {
        match current.get("$ref") {
            Some(reference) => current = resolve(document, reference.as_str()?)?,
            None => return Some(current),
        }
    }
    None
}

/// The entries of the array under a key; none when there is no array.
pub(crate) fn entries<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let entries = value.get(key).and_then(Value::as_array);
    entries.map_or(&[], Vec::as_slice)
}

/// The members of the object under a key; none when there is no object.
pub(crate) fn members<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + Clone + use<'a> {
    let members = value.get(key).and_then(Value::as_object);
    members.into_iter().flatten()
}

/// The components of a section, `schemas` for example, by name.
pub(crate) fn components<'a>(
    document: &'a Value,
    section: &'static str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + Clone + use<'a> {
    let components = document.get("components").into_iter();
    components.flat_map(move |components| members(components, section))
}

/// The name of a component that a reference refers to: `Pet` for `#/components/schemas/Pet` in the
/// section `schemas`.
pub fn component_name(reference: &str, section: &str) -> Option<String> {
    let pointer = Pointer::from_reference(reference)?;
    let mut keys = pointer.keys();
    let found = (keys.next()?, keys.next()?, keys.next()?, keys.next());
    match found {
        (components, of, name, None) if components == "components" && of == section => Some(name),
        _ => None,
    }
}

/// The schemas with a discriminator, each with those that are made from it by `allOf`, and from these.
pub(crate) fn children<'a>(
    schemas: impl Iterator<Item = (&'a String, &'a Value)> + Clone,
) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut made: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, schema) in schemas.clone() {
        let parents = entries(schema, "allOf").iter().filter_map(schema_name);
        // In 3.1 more may stand beside a reference.
        let beside = schema_name(schema).filter(|_| alias(schema).is_none());
        for parent in parents.chain(beside) {
            made.entry(parent).or_default().push(name);
        }
    }
    let parents = schemas.filter(|(_, schema)| schema.get("discriminator").is_some());
    let descendants = parents.map(|(name, _)| {
        let mut found = BTreeSet::new();
        let mut open = vec![name.as_str()];
        while let Some(parent) = open.pop() {
            let next = made.get(parent).into_iter().flatten().copied();
            open.extend(next.filter(|child| *child != name && found.insert(*child)));
        }
        (name.as_str(), found)
    });
    descendants.filter(|(_, found)| !found.is_empty()).collect()
}

/// The section `schemas` of the components, added if it is missing; `None` where something else stands.
pub(crate) fn schemas_mut(document: &mut Value) -> Option<&mut Map<String, Value>> {
    let mut section = document.as_object_mut()?;
    for key in ["components", "schemas"] {
        let inner = section
            .entry(key)
            .or_insert_with(|| Value::Object(Map::new()));
        section = inner.as_object_mut()?;
    }
    Some(section)
}

/// The branches of `oneOf`, or else of `anyOf`, and which of them it is.
pub(crate) fn branches(schema: &Value) -> Option<(&'static str, &Vec<Value>)> {
    let mut keys = ["oneOf", "anyOf"].into_iter();
    keys.find_map(|key| Some((key, schema.get(key)?.as_array()?)))
}

/// The components that the branches of a schema refer to.
pub(crate) fn branch_names(schema: &Value) -> impl Iterator<Item = String> {
    let keys = ["oneOf", "anyOf"].into_iter();
    keys.flat_map(|key| entries(schema, key))
        .filter_map(schema_name)
}

/// Adds the names of the schema components that a value of a kind refers to itself.
pub(crate) fn mentioned(kind: Kind, value: &Value, found: &mut BTreeSet<String>) {
    visit(kind, value, &mut Pointer::root(), &mut |kind, value, _| {
        if kind == Kind::Schema {
            found.extend(schema_name(value));
        }
        Walk::Down
    });
}

/// The schemas that can be reached from these names, themselves included.
pub(crate) fn reachable<'a>(
    mut open: BTreeSet<String>,
    schema: impl Fn(&str) -> Option<&'a Value>,
) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    while let Some(name) = open.pop_first() {
        if let Some(schema) = schema(&name)
            && reached.insert(name)
        {
            mentioned(Kind::Schema, schema, &mut open);
        }
    }
    reached
}

/// Renames references to schemas in a value of a kind, those in the mappings of discriminators included.
pub(crate) fn rename_references(
    kind: Kind,
    value: &mut Value,
    renamed: &dyn Fn(&str) -> Option<String>,
) {
    let rename = |reference: &mut Value| {
        if let Some(new) = reference.as_str().and_then(renamed) {
            *reference = component_reference("schemas", &new).into();
        }
    };
    rewrite_outer_first(kind, value, &mut |kind, value| {
        match kind {
            Kind::Schema => value.get_mut("$ref").into_iter().for_each(rename),
            Kind::Discriminator => {
                let mapping = value.get_mut("mapping").and_then(Value::as_object_mut);
                mapping
                    .into_iter()
                    .flat_map(Map::values_mut)
                    .for_each(rename);
            }
            _ => {}
        }
        Walk::Down
    });
}

/// The place of a schema component.
pub(crate) fn schema_pointer(name: &str) -> Pointer {
    Pointer::root()
        .child("components")
        .child("schemas")
        .child(name)
}

/// The name of the schema component that a value refers to with its own `$ref`.
pub(crate) fn schema_name(value: &Value) -> Option<String> {
    component_name(value.get("$ref")?.as_str()?, "schemas")
}

/// The component that a schema is another name of: it refers to it, and says nothing else of values.
pub(crate) fn alias(schema: &Value) -> Option<String> {
    let mut keys = schema.as_object()?.keys();
    let says_more = keys.any(|key| key != "$ref" && !is_annotation(key));
    schema_name(schema).filter(|_| !says_more)
}

/// The reference to a component: `#/components/schemas/Pet` for `Pet` in the section `schemas`.
pub fn component_reference(section: &str, name: &str) -> String {
    Pointer::root()
        .child("components")
        .child(section)
        .child(name)
        .to_string()
}

/// Calls `f` with every object that may be a reference: those where the specification has them, and
/// those elsewhere that a reference leads to.
pub(crate) fn visit_reachable(document: &Value, f: &mut dyn FnMut(Kind, &Value, &Pointer)) {
    let mut seen = HashSet::new();
    let mut open = vec![(Kind::Document, Pointer::root())];
    while let Some((kind, mut start)) = open.pop() {
        let Some(value) = document.pointer(start.as_str()) else {
            continue;
        };
        visit(kind, value, &mut start, &mut |kind, value, at| {
            if kind.section().is_some() {
                if !seen.insert(at.clone()) {
                    return Walk::Past;
                }
                if let Some(Value::String(reference)) = value.get("$ref") {
                    open.extend(
                        leads_to(document, kind, reference, at).map(|target| (kind, target)),
                    );
                }
                f(kind, value, at);
            }
            Walk::Down
        });
    }
}

/// Where a local reference of a kind leads, if it has the form of one.
pub(crate) fn leads_to(
    document: &Value,
    kind: Kind,
    reference: &str,
    at: &Pointer,
) -> Option<Pointer> {
    let target = Pointer::from_reference(reference)?;
    Some(definition_in_scope(document, kind, &target, at).unwrap_or(target))
}

/// Where `#/$defs/Name` leads when the document itself has no `$defs`: to the nearest schema around
/// that defines it.
///
/// A JSON pointer starts at the root of the document, so such a reference leads nowhere, strictly.
/// But a schema that was written on its own and then put into a document has such references, and
/// their meaning is clear.
pub(crate) fn definition_in_scope(
    document: &Value,
    kind: Kind,
    target: &Pointer,
    at: &Pointer,
) -> Option<Pointer> {
    if kind != Kind::Schema
        || !target.as_str().starts_with("/$defs/")
        || document.pointer(target.as_str()).is_some()
    {
        return None;
    }
    let mut around = Some(at.clone());
    while let Some(schema) = around {
        let candidate = target.keys().fold(schema.clone(), |at, key| at.child(&key));
        if document.pointer(candidate.as_str()).is_some() {
            return Some(candidate);
        }
        around = schema.parent();
    }
    None
}

/// One operation of a document.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Operation<'a> {
    /// Its place.
    pub pointer: Pointer,
    /// Its path, as the document writes it.
    pub path: &'a str,
    /// Its method, in lower case; one of [`METHODS`].
    pub method: &'static str,
    /// The operation itself.
    pub value: &'a Map<String, Value>,
}

/// The operations under `paths`, by path in alphabetical order and then by method in the order of
/// [`METHODS`].
pub fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut paths: Vec<_> = members(document, "paths")
        .filter(|(path, _)| path.starts_with('/'))
        .collect();
    paths.sort_by_key(|(path, _)| *path);
    paths
        .into_iter()
        .flat_map(|(path, item)| operations_of(path, item))
        .collect()
}

/// The operations of one path item, in the order of [`METHODS`].
pub(crate) fn operations_of<'a>(
    path: &'a str,
    item: &'a Value,
) -> impl Iterator<Item = Operation<'a>> {
    METHODS.into_iter().filter_map(move |method| {
        let value = item.get(method)?.as_object()?;
        let pointer = Pointer::root().child("paths").child(path).child(method);
        Some(Operation {
            pointer,
            path,
            method,
            value,
        })
    })
}

/// The operation that a place in a path item holds under a method that OpenAPI does not have: `PURGE
/// /pets`.
pub(crate) fn unknown_operation(document: &Value, place: &Pointer) -> Option<String> {
    let keys: Vec<String> = place.keys().collect();
    let [paths, path, method] = &keys[..] else {
        return None;
    };
    let value = document.pointer(place.as_str())?;
    (paths == "paths" && !METHODS.contains(&method.as_str()) && is_operation(value))
        .then(|| format!("{} {path}", method.to_ascii_uppercase()))
}

/// Whether a value under an unknown key of a path item is an operation.
pub(crate) fn is_operation(value: &Value) -> bool {
    value.get("responses").is_some()
}

/// Whether any operation asks for a key by itself. The others, which do not, then need none.
pub(crate) fn is_asked_for(document: &Value) -> bool {
    let mut operations = members(document, "paths")
        .filter_map(|(_, item)| item.as_object())
        .flat_map(Map::values);
    operations.any(|operation| {
        let schemes = entries(operation, "security").iter();
        let mut schemes = schemes.filter_map(Value::as_object);
        schemes.any(|schemes| !schemes.is_empty())
    })
}

/// Says in a part of a document that its operations need no key, if that is so because of an operation
/// which the part does not have.
pub(crate) fn keep_security(document: &Value, part: &mut Value) {
    if document.get("security").is_none() && is_asked_for(document) && !is_asked_for(part) {
        part["security"] = Value::Array(Vec::new());
    }
}

impl Operation<'_> {
    /// The parameters that share name and location with an earlier one, each with its place.
    pub(crate) fn duplicate_parameters<'a>(
        &'a self,
        document: &'a Value,
    ) -> Vec<(Pointer, (&'a str, &'a str))> {
        let at = self.pointer.child("parameters");
        let parameters = self.value.get("parameters").and_then(Value::as_array);
        let mut known = HashSet::new();
        let parameters = parameters.into_iter().flatten().enumerate();
        parameters
            .filter_map(|(index, parameter)| {
                let identity = parameter_identity(document, parameter)?;
                (!known.insert(identity)).then(|| (at.child(&index.to_string()), identity))
            })
            .collect()
    }
}

/// The name and the location of a parameter, which no two parameters of an operation share.
pub(crate) fn parameter_identity<'a>(
    document: &'a Value,
    parameter: &'a Value,
) -> Option<(&'a str, &'a str)> {
    let parameter = follow(document, parameter)?;
    Some((
        parameter.get("name")?.as_str()?,
        parameter.get("in")?.as_str()?,
    ))
}

/// Every schema of the document, the outer before the inner, in no particular order otherwise: in
/// components, parameters, headers, bodies and responses, callbacks and webhooks, and the schemas
/// in these schemas. A boolean schema is one too.
pub fn schemas(document: &Value) -> Vec<(Pointer, &Value)> {
    let mut found = Vec::new();
    visit(
        Kind::Document,
        document,
        &mut Pointer::root(),
        &mut |kind, value, at| {
            if kind == Kind::Schema {
                found.push((at.clone(), value));
            }
            Walk::Down
        },
    );
    found
}
