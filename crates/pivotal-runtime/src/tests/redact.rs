//! The forms in which a key is found and removed.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::Bytes;

use crate::redact::redact_body;

const KEY: &str = "pivotal_test_aB3dE5fG7hJ9kL1m";

fn redacted(body: &str) -> String {
    let redacted = redact_body(Bytes::copy_from_slice(body.as_bytes()), KEY);
    String::from_utf8(redacted.to_vec()).unwrap()
}

#[test]
fn the_key_is_removed_from_text_and_json() {
    for (body, expected) in [
        (
            format!("Bearer {KEY}, {KEY}"),
            "Bearer [redacted], [redacted]",
        ),
        (
            format!(r#"{{"a":["is {KEY}"]}}"#),
            r#"{"a":["is [redacted]"]}"#,
        ),
        (format!(r#"{{"{KEY}":1}}"#), r#"{"[redacted]":1}"#),
        (
            format!(r#"{{"a":"is {KEY}","a":1}}"#),
            r#"{"a":"is [redacted]","a":1}"#,
        ),
        (
            r#"{"a":"\u0070ivotal_test_aB3dE5fG7hJ9kL1m"}"#.to_owned(),
            r#"{"a":"[redacted]"}"#,
        ),
        (format!("key={}", KEY.replace('_', "%5f")), "[redacted]"),
    ] {
        assert_eq!(redacted(&body), expected, "{body}");
    }
}

#[test]
fn the_key_is_found_in_json_that_is_no_utf_8() {
    let body =
        br#"{"a":"\u0070ivotal_test_aB3dE5fG7hJ9kL1m","b":"pivotal_test_aB3dE5fG7hJ9kL1m ?"}"#;
    let body: Vec<u8> = body
        .iter()
        .map(|byte| if *byte == b'?' { 0xff } else { *byte })
        .collect();
    let redacted = redact_body(body.into(), KEY);
    assert_eq!(
        redacted,
        "{\"a\":\"[redacted]\",\"b\":\"[redacted] \u{fffd}\"}"
    );
}

#[test]
fn the_key_is_found_in_base64_wherever_it_begins() {
    for before in ["", "a", "Bearer ", "user:"] {
        for after in ["", ":", ":password"] {
            let text = format!("{before}{KEY}{after}");
            assert_eq!(redacted(&STANDARD.encode(&text)), "[redacted]", "{text}");
            let json = format!(r#"{{"a":"Basic {}"}}"#, URL_SAFE.encode(&text));
            assert_eq!(redacted(&json), r#"{"a":"[redacted]"}"#, "{text}");
        }
    }
}

#[test]
fn a_body_without_the_key_is_unchanged() {
    for body in [
        "",
        "{}",
        r#"{ "b": 1.0, "a": "\u0070" }"#,
        "pivotal_test_aB3d",
        "100%",
    ] {
        assert_eq!(redacted(body), body);
    }
    let short = redact_body(Bytes::from_static(b"an abc"), "abc");
    assert_eq!(short, "an abc");
}
