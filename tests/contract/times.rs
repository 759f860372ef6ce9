//! Times are equal as times: 17:21:09.412Z may be written with another precision.

use pivotal_sdk::Timestamp;
use serde_json::Value;

/// The same JSON with every time in one spelling.
pub(crate) fn normal_times(value: Value) -> Value {
    match value {
        Value::String(text) => match text.parse::<Timestamp>() {
            Ok(time) => Value::String(time.to_string()),
            Err(_) => Value::String(text),
        },
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, entry)| (key, normal_times(entry)))
            .collect(),
        Value::Array(entries) => entries.into_iter().map(normal_times).collect(),
        scalar => scalar,
    }
}
