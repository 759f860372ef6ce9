//! One order of keys and one way of printing, so that equal documents are equal bytes; and how deep
//! a document may nest.

use serde_json::Value;

use crate::{Pointer, Problem};

/// The deepest nesting of objects and arrays that any stage accepts: 100.
///
/// Documents made by people and by generators stay below 40. The bound keeps the recursion of every
/// stage, and of the JSON reader that reads its result, within the stack.
pub const MAX_DEPTH: usize = 100;

/// The value with the keys of every object in alphabetical order.
///
/// `serde_json` keeps its objects either sorted or in order of insertion, as the features of the
/// whole build decide; after this they are sorted in both.
pub fn sort(mut value: Value) -> Value {
    value.sort_all_objects();
    value
}

/// The value as JSON in alphabetical order of keys, indented by two spaces, with a newline at the
/// end.
///
/// ```
/// let text = openapi_pipeline::canonical::text(&serde_json::json!({"b": [1], "a": null}));
/// assert_eq!(text, "{\n  \"a\": null,\n  \"b\": [\n    1\n  ]\n}\n");
/// ```
pub fn text(value: &Value) -> String {
    format!("{:#}\n", sort(value.clone()))
}

/// How many values there are in a value, itself included.
pub(crate) fn count(value: &Value) -> usize {
    let inner: usize = match value {
        Value::Object(members) => members.values().map(count).sum(),
        Value::Array(entries) => entries.iter().map(count).sum(),
        _ => 0,
    };
    inner + 1
}

/// The value as one short line, for messages.
pub(crate) fn excerpt(value: &Value) -> String {
    const LENGTH: usize = 60;
    let text = sort(value.clone()).to_string();
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Refuses a value that nests deeper than [`MAX_DEPTH`].
///
/// # Errors
/// A place that is too deep.
pub fn check_depth(value: &Value) -> Result<(), Problem> {
    let Some(mut keys) = too_deep(value, MAX_DEPTH) else {
        return Ok(());
    };
    keys.reverse();
    let mut at = Pointer::root();
    keys.iter().for_each(|key| at.push(key));
    Err(Problem::new(
        &at,
        format!("nesting of more than {MAX_DEPTH} levels"),
        "a document must not nest deeper",
    ))
}

/// The keys, from the inside out, of a container with more than `left` containers around it.
fn too_deep(value: &Value, left: usize) -> Option<Vec<String>> {
    let below = |value: &Value, key: &dyn Fn() -> String| match (value, left.checked_sub(1)) {
        (Value::Object(_) | Value::Array(_), None) => Some(vec![key()]),
        (value, left) => {
            let mut keys = too_deep(value, left?)?;
            keys.push(key());
            Some(keys)
        }
    };
    match value {
        Value::Object(entries) => {
            let mut entries = entries.iter();
            entries.find_map(|(key, value)| below(value, &|| key.clone()))
        }
        Value::Array(entries) => {
            let mut entries = entries.iter().enumerate();
            entries.find_map(|(index, value)| below(value, &|| index.to_string()))
        }
        _ => None,
    }
}
