//! Values are equal as values: 17:21:09.412Z may be written with another precision, and 240000 as
//! 240000.0.

use pivotal_sdk::Timestamp;
use serde_json::Value;

/// Below this every whole number is a double of its own.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// The same JSON with every time and every whole number in one spelling.
pub(crate) fn normal(value: Value) -> Value {
    match value {
        Value::String(text) => match text.parse::<Timestamp>() {
            Ok(time) => Value::String(time.to_string()),
            Err(_) => Value::String(text),
        },
        Value::Number(number) => match number.as_f64() {
            Some(double) if number.is_i64() && double.abs() < WHOLE => Value::from(double),
            _ => Value::Number(number),
        },
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, entry)| (key, normal(entry)))
            .collect(),
        Value::Array(entries) => entries.into_iter().map(normal).collect(),
        scalar => scalar,
    }
}

#[test]
fn numbers_are_equal_as_numbers_and_no_further() {
    let json = |text: &str| normal(serde_json::from_str(text).unwrap());
    assert_eq!(json("240000"), json("240000.0"));
    assert_eq!(json("[-7]"), json("[-7.0]"));
    assert_ne!(json("7"), json("7.5"));
    assert_ne!(json("9007199254740993"), json("9007199254740992"));
    assert_ne!(json("7"), json("\"7\""));
}
