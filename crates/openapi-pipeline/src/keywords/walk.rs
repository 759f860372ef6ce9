//! Walking a document by the table.

use serde_json::Value;

use super::{Kind, Slot, is_reference};
use crate::Pointer;

/// Whether to continue below a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    Down,
    Past,
}

/// Calls `f` with every object directly inside an object of a kind, and with every boolean schema
/// there.
pub(crate) fn children<'a>(
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
    let grammar = kind.grammar();
    for (key, value) in object {
        let Some(slot) = grammar.slot(key) else {
            continue;
        };
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

/// [`children`] for an `f` that changes them.
pub(crate) fn children_mut(
    kind: Kind,
    value: &mut Value,
    at: &mut Pointer,
    f: &mut dyn FnMut(Kind, &mut Value, &mut Pointer),
) {
    let Some(object) = (value.as_object_mut()).filter(|object| !is_reference(kind, object)) else {
        return;
    };
    let grammar = kind.grammar();
    for (key, value) in object.iter_mut() {
        let Some(slot) = grammar.slot(key) else {
            continue;
        };
        at.push(key);
        match (slot, &mut *value) {
            (Slot::One(kind), value) => f(kind, value, at),
            (Slot::List(kind), Value::Array(entries)) => {
                for (index, entry) in entries.iter_mut().enumerate() {
                    at.push(&index.to_string());
                    f(kind, entry, at);
                    at.pop();
                }
            }
            (Slot::Map(kind), Value::Object(entries)) => {
                for (name, entry) in entries.iter_mut() {
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

/// Calls `f` with `value` and every object and boolean schema below it, the outer before the inner.
pub(crate) fn visit<'a>(
    kind: Kind,
    value: &'a Value,
    at: &mut Pointer,
    f: &mut dyn FnMut(Kind, &'a Value, &Pointer) -> Walk,
) {
    if f(kind, value, at) == Walk::Down {
        children(kind, value, at, &mut |kind, value, at| {
            visit(kind, value, at, f);
        });
    }
}

/// [`visit`] for an `f` that changes what it is called with. The walk continues in what `f` leaves.
pub(crate) fn rewrite_outer_first(
    kind: Kind,
    value: &mut Value,
    f: &mut dyn FnMut(Kind, &mut Value) -> Walk,
) {
    if f(kind, value) == Walk::Down {
        children_mut(kind, value, &mut Pointer::root(), &mut |kind, value, _| {
            rewrite_outer_first(kind, value, f);
        });
    }
}

/// Calls `f` with `value` and every object and boolean schema below it, the inner before the outer.
pub(crate) fn rewrite_inner_first(
    kind: Kind,
    value: &mut Value,
    at: &mut Pointer,
    f: &mut dyn FnMut(Kind, &mut Value, &Pointer),
) {
    children_mut(kind, value, at, &mut |kind, value, at| {
        rewrite_inner_first(kind, value, at, f);
    });
    f(kind, value, at);
}
