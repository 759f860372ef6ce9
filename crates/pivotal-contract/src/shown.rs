//! What a finding may show of an exchange. Values are customer data, and a response can echo what
//! the server received, including the API key. A value is therefore shown as its shape, and a name
//! only if it looks like a name.

use serde_json::Value;

/// The most bytes of a name that is shown.
const LONGEST: usize = 64;

/// What every API key begins with.
const KEY: &str = "pivotal_";

/// A name that the server chose: a key, an enum's value, an error code. Anything but a short word of
/// letters, digits, `_`, `-` and `.` is replaced by its length.
pub(crate) fn name(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let is_name = (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain);
    if is_name && !text.to_ascii_lowercase().contains(KEY) {
        text.to_owned()
    } else {
        format!("[{} bytes]", text.len())
    }
}

/// A JSON pointer into a body, whose keys may be the server's.
pub(crate) fn pointer(pointer: &str) -> String {
    pointer
        .split('/')
        .skip(1)
        .map(|segment| format!("/{}", name(segment)))
        .collect()
}

/// The type and the size of a value.
pub(crate) fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Number(number) if number.is_f64() => "a fraction".to_owned(),
        Value::Number(_) => "an integer".to_owned(),
        Value::String(text) => format!("text of {}", counted(text.chars().count(), "character")),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(members) => format!("an object of {}", counted(members.len(), "key")),
    }
}

/// A number of things: `1 key`, `2 keys`.
pub(crate) fn counted(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
