//! Answers as they should not be: the same rows, told wrong.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

use crate::{contract::Contract, random::Random};

/// A key that no contract has.
pub(super) const UNKNOWN_KEY: &str = "key_of_a_later_version";
/// A value that no enum lists.
pub(super) const UNKNOWN_VALUE: &str = "value_of_a_later_version";

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The first half of a body, cut where a character ends.
pub(super) fn truncated(body: &Bytes) -> Bytes {
    let half = body.len() / 2;
    let begins_character = |at: &usize| body.get(*at).is_some_and(|byte| byte & 0xc0 != 0x80);
    let cut = (0..=half).rev().find(begins_character);
    body.slice(..cut.unwrap_or_default())
}

/// The body with a comma too many: `{"a":1,}`.
pub(super) fn malformed(body: &Bytes) -> Bytes {
    let Some((last, rest)) = body.split_last() else {
        return Bytes::new();
    };
    [rest, b",", &[*last]].concat().into()
}

/// Puts [`UNKNOWN_VALUE`] for every string that the schema lists values for, as all there are or as
/// those known so far. One with a single value is a marker, such as `object`, and stays.
pub(super) fn with_unknown_values(contract: &Contract, schema: &Value, value: &mut Value) {
    let document = contract.document();
    let schema = document.resolve(schema);
    let several = ["enum", "x-extensible-enum"]
        .into_iter()
        .filter_map(|keyword| schema.get(keyword)?.as_array())
        .any(|values| values.len() > 1);
    match value {
        Value::String(text) if several => {
            *text = UNKNOWN_VALUE.to_owned();
        }
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                items
                    .iter_mut()
                    .for_each(|item| with_unknown_values(contract, schema, item));
            }
        }
        Value::Object(members) => {
            for (name, schema) in document.properties(schema) {
                if let Some(value) = members.get_mut(name) {
                    with_unknown_values(contract, schema, value);
                }
            }
        }
        _ => {}
    }
}

/// Adds [`UNKNOWN_KEY`] to the response and, in a list, to each row.
pub(super) fn with_unknown_keys(answer: &mut Value) {
    let add = |object: &mut Map<String, Value>| {
        object.insert(
            UNKNOWN_KEY.to_owned(),
            json!({ "nested": [1, null, "two"] }),
        );
    };
    rows(answer).into_iter().for_each(add);
    if answer.get("data").is_some_and(Value::is_array) {
        answer.as_object_mut().into_iter().for_each(add);
    }
}

/// Removes a key from the response or, in a list, from each row: the one that is named, or one that
/// `draw` chooses.
pub(super) fn without_key(answer: &mut Value, key: Option<&str>, draw: u64) {
    let rows = rows(answer);
    let Some(keys) = rows
        .first()
        .map(|row| row.keys().cloned().collect::<Vec<_>>())
    else {
        return;
    };
    let chosen = match key {
        Some(key) => key,
        None if keys.is_empty() => return,
        None => &keys[Random::new(draw).below(keys.len() as u64) as usize],
    };
    for row in rows {
        row.remove(chosen);
    }
}

/// The rows of a list, or the response itself.
fn rows(answer: &mut Value) -> Vec<&mut Map<String, Value>> {
    if answer.get("data").is_some_and(Value::is_array) {
        let rows = answer.get_mut("data").and_then(Value::as_array_mut);
        return rows
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
            .collect();
    }
    answer.as_object_mut().into_iter().collect()
}

/// Headers that tell the time, off by `skew`.
pub(super) fn skew_clock(headers: &mut HeaderMap, now: Timestamp, skew: SignedDuration) {
    let date = http_date(now.saturating_add(skew).unwrap_or(now));
    headers.extend(date.map(|date| (header::DATE, date)));
    let reset = headers
        .get(RESET)
        .and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
    if let Some(reset) = reset {
        let reset = reset.saturating_add(skew.as_secs());
        headers.insert(RESET, HeaderValue::from(reset));
    }
}

/// Headers of a 429: nothing left, and when that ends. A 429 that does not say after how long goes
/// by the window.
pub(super) fn exhaust(headers: &mut HeaderMap, now: Timestamp, retry_after: Option<u32>) {
    headers.insert(REMAINING, HeaderValue::from(0));
    if let Some(seconds) = retry_after {
        let reset = now.as_second().saturating_add(seconds.into());
        headers.insert(RESET, HeaderValue::from(reset));
    }
}

/// Takes out what a proxy does not know.
pub(super) fn strip(headers: &mut HeaderMap) {
    for name in [LIMIT, REMAINING, RESET, header::VARY] {
        headers.remove(name);
    }
}

/// A time as HTTP writes it: `Tue, 26 May 2026 17:21:09 GMT`.
pub(super) fn http_date(time: Timestamp) -> Option<HeaderValue> {
    let text = time
        .to_zoned(TimeZone::UTC)
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;
    use jiff::SignedDuration;
    use serde_json::json;

    use super::{malformed, skew_clock, truncated, with_unknown_keys, without_key};

    #[test]
    fn half_a_body_ends_with_a_character_and_is_no_json() {
        let body = Bytes::from(json!({ "name": "éééééé" }).to_string());
        for end in 2..body.len() {
            let half = truncated(&body.slice(..end));
            assert!(half.len() <= end / 2 && std::str::from_utf8(&half).is_ok());
        }
        assert_eq!(truncated(&Bytes::new()), Bytes::new());
        assert_eq!(malformed(&Bytes::from("{\"a\":1}")), "{\"a\":1,}");
    }

    #[test]
    fn keys_come_and_go_in_rows() {
        let mut list =
            json!({ "object": "list", "data": [{ "a": 1, "b": 2 }, { "a": 3, "b": 4 }] });
        without_key(&mut list, Some("a"), 0);
        assert_eq!(list["data"], json!([{ "b": 2 }, { "b": 4 }]));
        with_unknown_keys(&mut list);
        assert!(list["data"][1].get(super::UNKNOWN_KEY).is_some());
        assert!(list.get(super::UNKNOWN_KEY).is_some());
        let mut row = json!({ "a": 1 });
        without_key(&mut row, None, 5);
        assert_eq!(row, json!({}));
    }

    #[test]
    fn headers_are_off_by_the_skew() {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-reset", 1_000.into());
        let now = "2026-05-26T17:21:09.412Z".parse().unwrap();
        skew_clock(&mut headers, now, SignedDuration::from_secs(-90));
        assert_eq!(headers["date"], "Tue, 26 May 2026 17:19:39 GMT");
        assert_eq!(headers["x-ratelimit-reset"], "910");
    }
}
