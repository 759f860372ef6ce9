//! One order of keys and one way of printing, so that equal documents are equal bytes.

use serde_json::{Map, Value};

/// The value with the keys of every object in alphabetical order.
///
/// `serde_json` keeps its objects either sorted or in order of insertion, as the features of the
/// whole build decide; after this they are sorted in both.
pub fn sort(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.into_iter().collect();
            entries.sort_by(|(left, _), (right, _)| left.cmp(right));
            Value::Object(
                entries
                    .into_iter()
                    .map(|(key, value)| (key, sort(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(entries) => Value::Array(entries.into_iter().map(sort).collect()),
        scalar => scalar,
    }
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
