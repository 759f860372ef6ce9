//! How deep a document may nest.

use serde_json::Value;

use crate::{Pointer, Problem};

/// The deepest nesting of objects and arrays that any stage takes: 100.
///
/// Documents made by people and by generators stay below 40. The bound keeps the recursion of every
/// stage, and of the JSON reader that reads its result, within the stack.
pub const MAX_DEPTH: usize = 100;

/// Refuses a value that nests deeper than [`MAX_DEPTH`]; does not recurse itself.
///
/// # Errors
/// The first place that is too deep.
pub fn check(value: &Value) -> Result<(), Problem> {
    if is_within(value) {
        return Ok(());
    }
    let mut open = vec![(value, Pointer::root(), 0)];
    while let Some((value, at, depth)) = open.pop() {
        if depth > MAX_DEPTH {
            return Err(Problem::new(
                &at,
                format!("nesting of more than {MAX_DEPTH} levels"),
                "a document that deep is broken or hostile; no stage takes it",
            ));
        }
        let is_container = |value: &Value| value.is_object() || value.is_array();
        match value {
            Value::Object(object) => {
                open.extend(
                    object
                        .iter()
                        .filter(|(_, v)| is_container(v))
                        .map(|(k, v)| (v, at.child(k), depth + 1)),
                );
            }
            Value::Array(entries) => {
                let entries = entries.iter().enumerate().filter(|(_, v)| is_container(v));
                open.extend(entries.map(|(i, v)| (v, at.child(&i.to_string()), depth + 1)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The same without the place, which is most of the work.
fn is_within(value: &Value) -> bool {
    let mut open = vec![(value, 0)];
    while let Some((value, depth)) = open.pop() {
        match value {
            Value::Object(_) | Value::Array(_) if depth > MAX_DEPTH => return false,
            Value::Object(object) => open.extend(object.values().map(|value| (value, depth + 1))),
            Value::Array(entries) => open.extend(entries.iter().map(|value| (value, depth + 1))),
            _ => {}
        }
    }
    true
}
