//! Values as text.

use std::borrow::Cow;

use pivotal_sdk::{Value, printable};

/// The text of a cell. Null is empty; lists and objects are JSON.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The text of a CSV cell. A text that a spreadsheet would take for a formula begins with an
/// apostrophe, unless `raw` is set. Numbers are no texts: a negative one is written as it is.
pub fn csv_cell(value: &Value, raw: bool) -> String {
    let mut text = cell(value);
    let is_formula = value.is_string() && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula && !raw {
        text.insert(0, '\'');
    }
    text
}

/// A number of things: `1 row`, `2 rows`.
pub fn counted(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// JSON in which what could control a terminal is escaped: JSON itself permits some control
/// characters and the marks that change the order of text.
pub fn escaped(json: &str) -> Cow<'_, str> {
    let is_printable = |line: &str| matches!(printable(line), Cow::Borrowed(_));
    if json.split('\n').all(is_printable) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 8);
    for character in json.chars() {
        if character == '\n' || is_printable(character.encode_utf8(&mut [0; 4])) {
            escaped.push(character);
        } else {
            escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
        }
    }
    Cow::Owned(escaped)
}
