//! The one walk through documents, by the tables of keywords.
//!
//! It meets schemas, parameters, responses and the other objects of OpenAPI, and references to them.
//! Examples, defaults, listed values and extensions are data: it never enters them.

use serde_json::{Map, Value};

use super::{Kind, Slot};
use crate::Pointer;

/// Whether to go on below a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    Down,
    Past,
}

/// Shows `f` every object of a kind, and every boolean schema, at and below `value`, the outer
/// before the inner.
pub(crate) fn visit<'a>(
    kind: Kind,
    value: &'a Value,
    at: &mut Pointer,
    f: &mut dyn FnMut(Kind, &'a Value, &Pointer) -> Walk,
) {
    if f(kind, value, at) == Walk::Down {
        for_each_child(kind, value, at, &mut |kind, value, at| {
            visit(kind, value, at, f);
        });
    }
}

/// Shows `f` the objects directly inside an object of a kind; none in a reference.
pub(crate) fn for_each_child<'a>(
    kind: Kind,
    value: &'a Value,
    at: &mut Pointer,
    f: &mut dyn FnMut(Kind, &'a Value, &mut Pointer),
) {
    let Some(object) = value
        .as_object()
        .filter(|object| !is_reference(kind, object))
    else {
        return;
    };
    for (key, value) in object {
        let Some(slot) = kind.slot(key) else { continue };
        at.push(key);
        match (slot, value) {
            (Slot::One(kind), _) => f(kind, value, at),
            (Slot::List(kind), Value::Array(entries)) => {
                for (index, entry) in entries.iter().enumerate() {
                    at.push(&index.to_string());
                    f(kind, entry, at);
                    at.pop();
                }
            }
            (Slot::Map(kind), Value::Object(entries)) => {
                for (name, entry) in entries {
                    at.push(name);
                    f(kind, entry, at);
                    at.pop();
                }
            }
            _ => {}
        }
        at.pop();
    }
}

/// Gives `f` every object of a kind, and every boolean schema, at and below `value` to change, the
/// outer before the inner.
pub(crate) fn visit_mut(
    kind: Kind,
    value: &mut Value,
    at: &mut Pointer,
    f: &mut dyn FnMut(Kind, &mut Value, &Pointer) -> Walk,
) {
    if f(kind, value, at) == Walk::Down {
        for_each_child_mut(kind, value, at, &mut |kind, value, at| {
            visit_mut(kind, value, at, f);
        });
    }
}

/// Gives every object of a kind, and every boolean schema, at and below `value` to `f` and puts the
/// result in its place, the inner before the outer.
pub(crate) fn transform(
    kind: Kind,
    mut value: Value,
    at: &mut Pointer,
    f: &mut dyn FnMut(Kind, Value, &Pointer) -> Value,
) -> Value {
    for_each_child_mut(kind, &mut value, at, &mut |kind, value, at| {
        *value = transform(kind, std::mem::take(value), at, f);
    });
    f(kind, value, at)
}

/// Gives `f` the objects directly inside an object of a kind to change; none in a reference.
pub(crate) fn for_each_child_mut(
    kind: Kind,
    value: &mut Value,
    at: &mut Pointer,
    f: &mut dyn FnMut(Kind, &mut Value, &mut Pointer),
) {
    let Some(object) = value
        .as_object_mut()
        .filter(|object| !is_reference(kind, object))
    else {
        return;
    };
    for (key, value) in object {
        let Some(slot) = kind.slot(key) else { continue };
        at.push(key);
        match (slot, value) {
            (Slot::One(kind), value) => f(kind, value, at),
            (Slot::List(kind), Value::Array(entries)) => {
                for (index, entry) in entries.iter_mut().enumerate() {
                    at.push(&index.to_string());
                    f(kind, entry, at);
                    at.pop();
                }
            }
            (Slot::Map(kind), Value::Object(entries)) => {
                for (name, entry) in entries {
                    at.push(name);
                    f(kind, entry, at);
                    at.pop();
                }
            }
            _ => {}
        }
        at.pop();
    }
}

/// Whether an object stands for another one. In schemas and path items `$ref` is a keyword among
/// others.
pub(crate) fn is_reference(kind: Kind, object: &Map<String, Value>) -> bool {
    kind.section().is_some()
        && !matches!(kind, Kind::Schema | Kind::PathItem)
        && object.contains_key("$ref")
}
