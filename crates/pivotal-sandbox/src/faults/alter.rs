//! Changes to a response: its JSON and its headers.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimePrinter};
use pivotal_openapi::schema::known_values;
use serde_json::{Map, Value, json};

use crate::{
    clock::shift,
    contract::Contract,
    random::Random,
    rate_limit::{LIMIT_HEADER, REMAINING_HEADER, RESET_HEADER},
};

/// A key that no contract has.
const UNKNOWN_KEY: &str = "key_of_a_later_version";
/// A value that no enum lists.
const UNKNOWN_VALUE: &str = "value_of_a_later_version";

/// The first half of a body, cut between characters.
pub(super) fn truncated(body: &Bytes) -> Bytes {
    let half = body.len() / 2;
    let begins_character = |at: &usize| body.get(*at).is_some_and(|byte| byte & 0xc0 != 0x80);
    let cut = (0..=half).rev().find(begins_character);
    body.slice(..cut.unwrap_or_default())
}

/// The body with an extra comma: `{"a":1,}`.
pub(super) fn malformed(body: &Bytes) -> Bytes {
    let Some((last, rest)) = body.split_last() else {
        return Bytes::new();
    };
    [rest, b",", &[*last]].concat().into()
}

/// Replaces every string for which the schema lists values, closed or extensible. A string with a
/// single value is a marker, such as `object`, and stays.
pub(super) fn set_unknown_values(contract: &Contract, schema: &Value, value: &mut Value) {
    each_part(contract, schema, value, &mut |schema, value| {
        if let Value::String(text) = value
            && known_values(schema).count() > 1
        {
            *text = UNKNOWN_VALUE.to_owned();
        }
    });
}

/// Adds [`UNKNOWN_KEY`] to every object of the schema: the response, what is in it, and the rows of a
/// list. What a caller stored, `metadata`, stays.
pub(super) fn add_unknown_keys(contract: &Contract, schema: &Value, value: &mut Value) {
    each_part(contract, schema, value, &mut |_, value| {
        if let Value::Object(members) = value {
            let added = json!({ "nested": [1, null, "two"] });
            members.insert(UNKNOWN_KEY.to_owned(), added);
        }
    });
}

/// Calls `change` with every value that a schema describes, and with its schema.
fn each_part(
    contract: &Contract,
    schema: &Value,
    value: &mut Value,
    change: &mut impl FnMut(&Value, &mut Value),
) {
    let document = &contract.document;
    let schema = document.resolve(schema);
    match value {
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                for item in items {
                    each_part(contract, schema, item, change);
                }
            }
        }
        Value::Object(members) => {
            for (name, schema) in document.properties(schema) {
                if let Some(value) = members.get_mut(name) {
                    each_part(contract, schema, value, change);
                }
            }
        }
        _ => {}
    }
    change(schema, value);
}

/// Removes a key from the response or, in a list, from each row: the given one, or one chosen at
/// random.
pub(super) fn remove_key(body: &mut Value, key: Option<&str>, seed: u64) {
    let rows = rows(body);
    let Some(keys) = rows
        .first()
        .map(|row| row.keys().cloned().collect::<Vec<_>>())
    else {
        return;
    };
    let chosen = match key {
        Some(key) => key,
        None if keys.is_empty() => return,
        None => &keys[Random::new(seed).below(keys.len() as u64) as usize],
    };
    for row in rows {
        row.remove(chosen);
    }
}

/// The rows of a list, or the response itself.
fn rows(body: &mut Value) -> Vec<&mut Map<String, Value>> {
    if body.get("data").is_some_and(Value::is_array) {
        let rows = body.get_mut("data").and_then(Value::as_array_mut);
        let rows = rows.into_iter().flatten();
        return rows.filter_map(Value::as_object_mut).collect();
    }
    body.as_object_mut().into_iter().collect()
}

/// Shifts the headers that carry a time by `skew`.
pub(super) fn skew_clock(headers: &mut HeaderMap, now: Timestamp, skew: SignedDuration) {
    let date = http_date(shift(now, skew));
    headers.extend(date.map(|date| (header::DATE, date)));
    let reset = headers
        .get(RESET_HEADER)
        .and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
    if let Some(reset) = reset {
        let reset = reset.saturating_add(skew.as_secs());
        headers.insert(RESET_HEADER, HeaderValue::from(reset));
    }
}

/// Sets the headers of a 429: nothing remaining, and the reset after `retry_after` seconds. Without
/// it the reset stays that of the window.
pub(super) fn exhaust_rate_limit(
    headers: &mut HeaderMap,
    now: Timestamp,
    retry_after: Option<u32>,
) {
    headers.insert(REMAINING_HEADER, HeaderValue::from(0));
    if let Some(seconds) = retry_after {
        let reset = now.as_second().saturating_add(seconds.into());
        headers.insert(RESET_HEADER, HeaderValue::from(reset));
    }
}

/// Removes the headers that a proxy does not send.
pub(super) fn remove_api_headers(headers: &mut HeaderMap) {
    for name in [LIMIT_HEADER, REMAINING_HEADER, RESET_HEADER, header::VARY] {
        headers.remove(name);
    }
}

/// A time as HTTP writes it: `Tue, 26 May 2026 17:21:09 GMT`.
pub(super) fn http_date(time: Timestamp) -> Option<HeaderValue> {
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&time);
    HeaderValue::try_from(text.ok()?).ok()
}
