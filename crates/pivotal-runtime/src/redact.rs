//! Removal of the API key from responses. A server or proxy may repeat a request in an error.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;

const REDACTED: &str = "[redacted]";

/// A shorter key would be found in ordinary text.
const SHORTEST_KEY: usize = 8;

/// A body without the key. A body that does not contain it is returned unchanged.
///
/// The key is found in plain text, in strings of JSON, percent-encoded and in Base64. JSON is written
/// anew if a string in it contains the key.
pub fn redact_body(body: Bytes, key: &str) -> Bytes {
    if key.len() < SHORTEST_KEY {
        return body;
    }
    // As text, because without the bytes that are no UTF-8 a body may be JSON.
    let text = String::from_utf8_lossy(&body);
    let json = serde_json::from_str::<Value>(&text).ok();
    let redacted = json.and_then(|mut json| redact_value(&mut json, key).then(|| json.to_string()));
    // Of a name that occurs twice in an object, the value has only the last.
    let redacted = redacted.or_else(|| redact_text(&text, key));
    redacted.map_or(body, Bytes::from)
}

/// Redacts all strings of a value. Returns whether there was anything to redact.
fn redact_value(value: &mut Value, key: &str) -> bool {
    match value {
        Value::String(text) => {
            let redacted = redact_text(text, key);
            redacted.map(|redacted| *text = redacted).is_some()
        }
        Value::Array(items) => {
            let redacted = items.iter_mut().map(|item| redact_value(item, key));
            redacted.fold(false, |any, one| any | one)
        }
        Value::Object(members) => {
            let mut any = false;
            for (name, mut value) in std::mem::take(members) {
                any |= redact_value(&mut value, key);
                let redacted = redact_text(&name, key);
                any |= redacted.is_some();
                members.insert(redacted.unwrap_or(name), value);
            }
            any
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The text without the key; `None` if it does not contain it. A text that contains the key in
/// another encoding is replaced as a whole.
pub(crate) fn redact_text(text: &str, key: &str) -> Option<String> {
    let plain = text.contains(key).then(|| text.replace(key, REDACTED));
    match contains_encoded(plain.as_deref().unwrap_or(text), key) {
        true => Some(REDACTED.to_owned()),
        false => plain,
    }
}

fn contains_encoded(text: &str, key: &str) -> bool {
    if text.contains('%') {
        let decoded = percent_decode_str(text).decode_utf8_lossy();
        if decoded.contains(key) {
            return true;
        }
    }
    // The alphabet for URLs differs in two characters.
    let standard = text.replace('-', "+").replace('_', "/");
    (0..3).any(|offset| standard.contains(&in_base64(key, offset)))
}

/// The key within Base64, after so many other bytes of a group of three. The characters that also
/// depend on the bytes before and after are left out.
fn in_base64(key: &str, offset: usize) -> String {
    let padded = [&[0; 3][..offset], key.as_bytes()].concat();
    let encoded = STANDARD_NO_PAD.encode(&padded);
    encoded[(offset * 8).div_ceil(6)..padded.len() * 8 / 6].to_owned()
}
