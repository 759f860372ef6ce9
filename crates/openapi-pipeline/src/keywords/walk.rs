//! Walking a document by the tables.

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
    if f(kind, value, at) == Walk::Past {
        return;
    }
    let Some(object) = value.as_object() else {
        return;
    };
    if is_reference(kind, object) {
        return;
    }
    for (key, value) in object {
        if let Some(slot) = kind.slot(key) {
            at.push(key);
            match (slot, value) {
                (Slot::One(kind), _) => visit(kind, value, at, f),
                (Slot::List(kind), Value::Array(entries)) => {
                    for (index, entry) in entries.iter().enumerate() {
                        at.push(&index.to_string());
                        visit(kind, entry, at, f);
                        at.pop();
                    }
                }
                (Slot::Map(kind), Value::Object(entries)) => {
                    for (name, entry) in entries {
                        at.push(name);
                        visit(kind, entry, at, f);
                        at.pop();
                    }
                }
                _ => {}
            }
            at.pop();
        }
    }
}

/// Gives every object of a kind, and every boolean schema, at and below `value` to `f` and puts
/// what it returns in its place, the inner before the outer.
pub(crate) fn transform(
    kind: Kind,
    value: Value,
    at: &mut Pointer,
    f: &mut dyn FnMut(Kind, Value, &Pointer) -> Value,
) -> Value {
    let value = match value {
        Value::Object(object) if !is_reference(kind, &object) => Value::Object(
            object
                .into_iter()
                .map(|(key, value)| transform_member(kind, key, value, at, f))
                .collect(),
        ),
        other => other,
    };
    f(kind, value, at)
}

fn transform_member(
    kind: Kind,
    key: String,
    value: Value,
    at: &mut Pointer,
    f: &mut dyn FnMut(Kind, Value, &Pointer) -> Value,
) -> (String, Value) {
    let Some(slot) = kind.slot(&key) else {
        return (key, value);
    };
    at.push(&key);
    let value = match (slot, value) {
        (Slot::One(kind), value) => transform(kind, value, at, f),
        (Slot::List(kind), Value::Array(entries)) => {
            let entries = entries.into_iter().enumerate().map(|(index, entry)| {
                at.push(&index.to_string());
                let entry = transform(kind, entry, at, f);
                at.pop();
                entry
            });
            Value::Array(entries.collect())
        }
        (Slot::Map(kind), Value::Object(entries)) => {
            let entries = entries.into_iter().map(|(name, entry)| {
                at.push(&name);
                let entry = transform(kind, entry, at, f);
                at.pop();
                (name, entry)
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
        (_, value) => value,
    };
    at.pop();
    (key, value)
}

/// Whether an object stands for another one. In schemas and path items `$ref` is a keyword among
/// others.
pub(crate) fn is_reference(kind: Kind, object: &Map<String, Value>) -> bool {
    kind.section().is_some()
        && !matches!(kind, Kind::Schema | Kind::PathItem)
        && object.contains_key("$ref")
}
