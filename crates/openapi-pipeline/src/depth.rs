//! How deep a document may nest.

use serde_json::Value;

use crate::{Pointer, Problem};

/// The deepest nesting of objects and arrays that any stage takes: 100.
///
/// Documents made by people and by generators stay below 40. The bound keeps the recursion of every stage, and of the JSON reader
/// that reads its result, within the stack.
pub const MAX_DEPTH: usize = 100;

/// Refuses a value that nests deeper than [`MAX_DEPTH`]; does not recurse itself.
pub(crate) fn check(value: &Value) -> Result<(), Problem> {
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
