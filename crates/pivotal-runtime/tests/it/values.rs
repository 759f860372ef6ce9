//! API keys, base URLs, idempotency keys and IDs: what is accepted and what is printed.

use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};

use pivotal_runtime::{
    ApiKey, BaseUrl, Id, IdempotencyKey, InvalidApiKey, InvalidBaseUrl, InvalidIdempotencyKey,
    KeyMode,
};
use proptest::prelude::*;

#[test]
fn a_printed_key_shows_at_most_its_first_characters() {
    for (key, shown) in [
        ("pivotal_K8s9aB3dE5fG7hJ9kL1m", "pivotal_K8s9…"),
        ("pivotal_test_aB3dE5fG7hJ9kL1m", "pivotal_test…"),
        ("pivotal_K8s9aB3d", "…"),
        ("a-secret-without-the-vendors-prefix", "…"),
    ] {
        let key = ApiKey::new(key).unwrap();
        assert_eq!(key.to_string(), shown);
        assert_eq!(format!("{key:?}"), format!("ApiKey({shown})"));
        assert_eq!(format!("{key:#?}"), format!("ApiKey({shown})"));
    }
}

#[test]
fn an_invalid_key_is_rejected_and_not_printed() {
    assert_eq!(ApiKey::new("").unwrap_err(), InvalidApiKey::Empty);
    for (key, position) in [("pivotal_abc\n", 12), (" pivotal_abc", 1), ("pivotal_é", 9)] {
        let error = ApiKey::new(key).unwrap_err();
        assert_eq!(error, InvalidApiKey::Character { position });
        assert!(!error.to_string().contains("pivotal_"));
    }
}

#[test]
fn the_prefix_determines_the_mode() {
    for (key, mode) in [
        ("pivotal_abc", KeyMode::Live),
        ("pivotal_test_abc", KeyMode::Test),
        ("sk_abc", KeyMode::Unknown),
    ] {
        assert_eq!(ApiKey::new(key).unwrap().mode(), mode);
    }
}

#[test]
fn a_trailing_slash_is_removed_and_a_prefix_kept() {
    for (given, text, prefix) in [
        ("https://my.pivotal.app", "https://my.pivotal.app", ""),
        ("https://my.pivotal.app//", "https://my.pivotal.app", ""),
        (
            "https://proxy.test/pivotal/",
            "https://proxy.test/pivotal",
            "/pivotal",
        ),
        ("http://[::1]:80", "http://[::1]", ""),
    ] {
        let base = BaseUrl::parse(given).unwrap();
        assert_eq!(base.as_str(), text);
        assert_eq!(base.prefix(), prefix);
    }
}

#[test]
fn http_is_accepted_for_loopback_only() {
    for loopback in [
        "http://localhost:1",
        "http://127.0.0.1",
        "http://127.9.9.9",
        "http://[::1]:3",
    ] {
        assert!(
            BaseUrl::parse(loopback).unwrap().is_loopback(),
            "{loopback}"
        );
    }
    for elsewhere in [
        "http://my.pivotal.app",
        "http://127.0.0.1.evil.test",
        "http://localhost.evil.test",
        "http://10.0.0.1",
    ] {
        let error = BaseUrl::parse(elsewhere).unwrap_err();
        assert_eq!(error, InvalidBaseUrl::NotEncrypted, "{elsewhere}");
        assert!(BaseUrl::parse_insecure(elsewhere).is_ok());
    }
}

#[test]
fn an_invalid_base_url_is_rejected_and_not_printed() {
    for (given, expected) in [
        (
            "https://user:hunter2@my.pivotal.app",
            InvalidBaseUrl::UserInfo,
        ),
        ("https://my.pivotal.app?key=hunter2", InvalidBaseUrl::Query),
        ("https://my.pivotal.app/#hunter2", InvalidBaseUrl::Query),
        ("ftp://hunter2.test", InvalidBaseUrl::Scheme),
    ] {
        let error = BaseUrl::parse(given).unwrap_err();
        assert_eq!(error, expected);
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    let error = BaseUrl::parse("my.pivotal.app").unwrap_err();
    assert!(matches!(error, InvalidBaseUrl::NotAUrl(_)));
}

#[test]
fn a_key_has_at_most_255_bytes() {
    assert!(IdempotencyKey::new("k".repeat(255)).is_ok());
    let error = IdempotencyKey::new("k".repeat(256)).unwrap_err();
    assert_eq!(error, InvalidIdempotencyKey::TooLong { bytes: 256 });
    assert!(error.to_string().contains("255"), "{error}");
}

#[test]
fn a_generated_key_is_a_uuid_of_version_7() {
    let now = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_millis()
    };
    let before = now();
    let keys: HashSet<_> = (0..100).map(|_| IdempotencyKey::generate()).collect();
    assert_eq!(keys.len(), 100);
    for key in keys {
        let parts: Vec<_> = key.as_str().split('-').collect();
        let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        let milliseconds = u128::from_str_radix(&parts[..2].concat(), 16).unwrap();
        assert!((before..=now()).contains(&milliseconds), "{key}");
        assert!(parts[2].starts_with('7'), "{key}");
        assert!(parts[3].starts_with(['8', '9', 'a', 'b']), "{key}");
    }
}

#[test]
fn a_key_that_a_header_cannot_contain_is_rejected() {
    assert_eq!(
        IdempotencyKey::new("").unwrap_err(),
        InvalidIdempotencyKey::Empty
    );
    for (key, position) in [("a b", 2), ("a\r\nX-Evil: 1", 2), ("ü", 1)] {
        let error = IdempotencyKey::new(key).unwrap_err();
        assert_eq!(error, InvalidIdempotencyKey::Character { position });
    }
}

struct Customer;

#[test]
fn an_id_is_one_non_empty_path_segment() {
    for bad in [
        "", ".", "..", "a/b", "a\\b", "a?b", "a#b", "%2e%2e", "a b", "a\nb", "\u{a0}", "a\0",
    ] {
        assert!(Id::<Customer>::from(bad).check().is_err(), "{bad:?}");
    }
    for good in [
        "245",
        "cl9bn00of0000g7l8gcq8c4xk",
        "...",
        "-5",
        "été",
        "a.b",
    ] {
        assert!(Id::<Customer>::from(good).check().is_ok(), "{good:?}");
    }
}

#[test]
fn the_error_names_the_character() {
    let error = Id::<Customer>::from("a/b").check().unwrap_err();
    assert_eq!(
        error.to_string(),
        "an ID must be one non-empty path segment: it contains '/'"
    );
}

proptest! {
    #[test]
    fn a_checked_id_stays_one_segment_of_the_url(text in "\\PC*") {
        let id = Id::<Customer>::from(&text);
        prop_assume!(id.check().is_ok());
        let mut url = reqwest::Url::parse("https://my.pivotal.app/api/v1/customers").unwrap();
        url.path_segments_mut().unwrap().push(id.as_str());
        let segments: Vec<_> = url.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), 4);
        prop_assert_eq!(&segments[..3], &["api", "v1", "customers"]);
    }

    #[test]
    fn numbers_and_their_text_are_the_same_id(number in any::<i64>()) {
        prop_assert_eq!(Id::<Customer>::from(number), Id::from(number.to_string()));
    }
}
