//! Errors of successful responses whose bodies do not match the contract.
//!
//! A value in a body is customer data, and the messages of decoders contain values. Only messages
//! whose parts are known are passed on, without the value.

use bytes::Bytes;
use http::StatusCode;
use pivotal_runtime::Operation;
use serde_json::Value;
use serde_json::error::Category;

use super::envelope::one_line;
use super::place::place_of;
use super::{Error, ErrorKind};

impl Error {
    /// A success whose body is not what the contract says. `sent` is the body that did not decode,
    /// `body` the same without the API key.
    pub(super) fn decode(error: &serde_json::Error, sent: &Bytes, body: &Bytes) -> Self {
        if body.is_empty() {
            return Self::not_decoded("the body is empty", body);
        }
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        // The place might have the API key in it.
        if sent != body && value.is_null() {
            return Self::decode_untyped(error, body);
        }
        let (place, problem) = explained(error, sent, &value);
        let mut decode = Self::not_decoded(&(problem + &position(error)), body);
        decode.0.row_id = row_on(&place, &value);
        decode.at(&place)
    }

    /// A success whose body is not what a type of the caller is.
    pub(super) fn decode_untyped(error: &serde_json::Error, body: &Bytes) -> Self {
        Self::not_decoded(&(without_values(error, None) + &position(error)), body)
    }

    /// A row of a page that does not decode, and its JSON, which the error keeps as its body.
    pub(crate) fn invalid_row(
        operation: &'static Operation,
        error: &serde_json::Error,
        (rows, index): (&str, usize),
        row: &Value,
        json: &Bytes,
    ) -> Self {
        let (within, problem) = explained(error, json, row);
        let mut place = vec![rows.to_owned(), index.to_string()];
        place.extend(within);
        // A position would be that in the row, not in the page.
        let mut error = Self::not_decoded(&problem, json);
        error.0.status = Some(StatusCode::OK);
        error.0.row_id = row_id(row);
        error.at(&place).of(operation)
    }

    fn not_decoded(problem: &str, body: &Bytes) -> Self {
        let mut error = Self::of_response(ErrorKind::Decode, None, problem);
        error.keep(body);
        error
    }

    fn at(mut self, place: &[String]) -> Self {
        self.0.field = (!place.is_empty()).then(|| one_line(&pointer(place)));
        self
    }
}

/// The place of an error in JSON, as keys and indices, and what is wrong there. `value` is the JSON
/// decoded, without the API key.
fn explained(error: &serde_json::Error, json: &[u8], value: &Value) -> (Vec<String>, String) {
    let mut place = place_of(error, json);
    // A name that contained the API key is another one in the value. In what is no JSON, the key is
    // hidden as it is written, and a name with escapes may still be it.
    let text = String::from_utf8_lossy(json);
    let is_written = |name: &String| name.parse::<usize>().is_ok() || text.contains(name.as_str());
    let is_hidden = match value {
        Value::Null => !place.iter().all(is_written),
        _ => value.pointer(&pointer(&place)).is_none(),
    };
    if is_hidden {
        place.clear();
    }
    let problem = without_values(error, value.pointer(&pointer(&place)));
    place.extend(missing_key(&problem).map(str::to_owned));
    (place, problem)
}

/// The key that ``missing field `name` `` names.
fn missing_key(problem: &str) -> Option<&str> {
    let (key, _) = problem.strip_prefix("missing field `")?.split_once('`')?;
    Some(key)
}

/// The JSON pointer of a place.
fn pointer(place: &[String]) -> String {
    let escaped = |key: &String| format!("/{}", key.replace('~', "~0").replace('/', "~1"));
    place.iter().map(escaped).collect()
}

/// The ID of the outermost object with one on the way to a place.
fn row_on(place: &[String], body: &Value) -> Option<String> {
    (0..=place.len()).find_map(|end| row_id(body.pointer(&pointer(&place[..end]))?))
}

/// The `display_id` of a row, or its `id`.
fn row_id(row: &Value) -> Option<String> {
    match (&row["display_id"], &row["id"]) {
        (Value::Number(number), _) => Some(number.to_string()),
        (_, Value::String(id)) if !id.is_empty() => Some(one_line(id)),
        _ => None,
    }
}

/// What serde says without the value that it found and without the position:
/// ``invalid type: string "Mira", expected i64`` becomes `invalid type: string, expected i64`.
///
/// Messages of other decoders, such as that of a date, are not passed on. `found` is the value.
fn without_values(error: &serde_json::Error, found: Option<&Value>) -> String {
    const TYPES: [&str; 8] = [
        "boolean",
        "integer",
        "floating point",
        "number",
        "string",
        "null",
        "sequence",
        "map",
    ];
    let message = error.to_string();
    let message = message.strip_suffix(&position(error)).unwrap_or(&message);
    // serde_json has texts of its own for what is not JSON.
    if error.classify() != Category::Data {
        return message.to_owned();
    }
    let known = ["missing field", "duplicate field", "invalid length"];
    if known.iter().any(|known| message.starts_with(known)) {
        return one_line(message);
    }
    let mismatch = message.split_once(": ").and_then(|(what, rest)| {
        let what = ["invalid type", "invalid value"]
            .into_iter()
            .find(|known| *known == what)?;
        let found = TYPES.into_iter().find(|known| rest.starts_with(known))?;
        let (_, expected) = rest.rsplit_once(", expected ")?;
        Some(format!("{what}: {found}, expected {}", one_line(expected)))
    });
    mismatch.unwrap_or_else(|| match found {
        Some(found) => format!("invalid value: {}", type_of(found)),
        None => "invalid value".to_owned(),
    })
}

/// The position that ends the message of an error, if it has one.
fn position(error: &serde_json::Error) -> String {
    match error.line() {
        0 => String::new(),
        line => format!(" at line {line} column {}", error.column()),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "sequence",
        Value::Object(_) => "map",
    }
}
