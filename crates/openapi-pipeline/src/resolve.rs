//! Finding things in a document: what a reference refers to, the operations in one fixed order,
//! every schema.

use serde_json::{Map, Value};

use crate::Pointer;
use crate::keywords::{Kind, Walk, visit};

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
/// `None` when a reference leads nowhere, out of the document or round in a circle.
pub fn follow<'a>(document: &'a Value, value: &'a Value) -> Option<&'a Value> {
    let mut current = value;
    // A chain without a circle is no longer than the references of a sane document are many.
    for _ in 0..1000 {
        match current.get("$ref") {
            Some(reference) => current = resolve(document, reference.as_str()?)?,
            None => return Some(current),
        }
    }
    None
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

/// The reference to a component: `#/components/schemas/Pet` for `Pet` in the section `schemas`.
pub fn component_reference(section: &str, name: &str) -> String {
    Pointer::root()
        .child("components")
        .child(section)
        .child(name)
        .to_string()
}

/// One operation of a document.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Operation<'a> {
    /// Where it stands.
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
    let Some(paths) = document.get("paths").and_then(Value::as_object) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = paths
        .iter()
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

/// Every schema of the document, the outer before the inner, in no particular order otherwise: in
/// components, parameters, headers, bodies and answers, callbacks and webhooks, and the schemas in
/// these schemas. A boolean schema is one too.
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
