//! What the idempotency keys of a workspace keep.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};

use crate::idempotency::{IdempotencyKeys, ScopedKey};

fn key(name: &str) -> ScopedKey {
    let mut headers = HeaderMap::new();
    headers.insert("idempotency-key", name.parse().unwrap());
    ScopedKey::read("/api/v1/customers", &headers)
        .unwrap()
        .unwrap()
}

#[test]
fn responses_older_than_24_hours_are_dropped() {
    let start: Timestamp = "2026-05-26T17:21:09.412Z".parse().unwrap();
    let mut keys = IdempotencyKeys::default();
    // One request a minute for three days.
    for minute in 0..3 * 24 * 60 {
        let now = start + SignedDuration::from_mins(minute);
        let key = key(&minute.to_string());
        assert!(keys.claim(&key, now).unwrap().is_none());
        keys.store(&key, Bytes::new(), StatusCode::CREATED, Bytes::new(), now);
        let within_a_day = minute as usize % (24 * 60) + 1;
        let expected = if minute < 24 * 60 {
            within_a_day
        } else {
            24 * 60
        };
        assert_eq!(keys.stored(), [expected; 2], "{minute}");
    }
}

#[test]
fn a_claimed_key_is_dropped_when_it_is_released() {
    let mut keys = IdempotencyKeys::default();
    let now = Timestamp::UNIX_EPOCH;
    for _ in 0..3 {
        assert!(keys.claim(&key("a"), now).unwrap().is_none());
        assert!(keys.claim(&key("a"), now).is_err());
        assert_eq!(keys.stored(), [1, 0]);
        keys.release(&key("a"));
        assert_eq!(keys.stored(), [0, 0]);
    }
}
