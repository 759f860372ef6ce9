//! A signed event is accepted within the tolerance and as it was signed, and is refused with any other
//! body, ID, time, signature or secret. Headers that nobody has signed are refused.

#![no_main]

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use pivotal_sdk::Timestamp;
use pivotal_sdk::webhooks::{Secret, Verifier, VerifyError};

const SECRET: &str = "whsec_c2VjcmV0IG9mIGFuIGV4YW1wbGU=";
const OTHER: &str = "whsec_YW5vdGhlciBzZWNyZXQ=";
const TOLERANCE: i64 = 300;

#[derive(Arbitrary, Debug)]
struct Delivery<'a> {
    id: &'a str,
    sent_at: i32,
    /// How much later it is received, in seconds.
    later: i16,
    body: &'a [u8],
    /// What is received instead.
    other: &'a [u8],
    /// What stands beside the signature, before it or after it.
    beside: &'a str,
    is_before: bool,
}

fuzz_target!(|delivery: Delivery<'_>| {
    let Delivery {
        id,
        sent_at,
        later,
        body,
        other,
        ..
    } = delivery;
    let (secret, second) = (Secret::new(SECRET).unwrap(), Secret::new(OTHER).unwrap());
    assert!(Secret::new(id).is_err() || id.starts_with("whsec_"));
    let verifier = Verifier::new(secret.clone());
    let sent_at = Timestamp::from_second(sent_at.into()).expect("a time of 32 bits");
    let now = Timestamp::from_second(sent_at.as_second() + i64::from(later)).unwrap();
    let Ok(headers) = secret.sign(id, sent_at, body) else {
        return;
    };

    let json = serde_json::from_slice::<serde_json::Value>(body);
    let is_text = id
        .bytes()
        .all(|byte| (b' '..=b'~').contains(&byte) || byte == b'\t');
    match verifier.verify_at(&headers, body, now) {
        Ok(event) => {
            assert!(is_text && i64::from(later).abs() <= TOLERANCE);
            assert_eq!((event.id.as_str(), event.sent_at), (id, sent_at));
            assert_eq!(event.payload, json.expect("an event is JSON"));
        }
        Err(VerifyError::InvalidHeader(_)) => assert!(!is_text),
        Err(VerifyError::TooOld(by)) => assert_eq!(Ok(later), i16::try_from(by.as_secs())),
        Err(VerifyError::TooNew(by)) => assert_eq!(u64::from(later.unsigned_abs()), by.as_secs()),
        Err(VerifyError::NotJson) => assert!(json.is_err()),
        Err(error) => panic!("{error}"),
    }
    if !is_text {
        return;
    }

    // What is refused, is refused at any time.
    let patient = verifier.clone().tolerance(Duration::MAX);
    let refused = |headers: &HeaderMap, body: &[u8]| {
        let result = patient.verify_at(headers, body, now);
        assert!(
            !matches!(result, Ok(_) | Err(VerifyError::NotJson)),
            "{headers:?} {body:?}"
        );
    };
    if other != body {
        refused(&headers, other);
    }
    let stranger = Verifier::new(second.clone()).verify_at(&headers, body, sent_at);
    assert_eq!(stranger, Err(VerifyError::WrongSignature));
    for (name, signed) in &headers {
        let Ok(value) = HeaderValue::from_bytes(other) else {
            continue;
        };
        if value == signed {
            continue;
        }
        let mut changed = headers.clone();
        changed.insert(name, value.clone());
        if name != "svix-signature" {
            refused(&changed, body);
        } else if !contains(other, signed.as_bytes()) {
            refused(&changed, body);
        }
        changed.append(name, value);
        refused(&changed, body);
    }

    // Other signatures beside the right one make no difference, nor does another secret.
    let signature = headers["svix-signature"].to_str().unwrap();
    let beside = match delivery.is_before {
        true => format!("{} {signature}", delivery.beside),
        false => format!("{signature} {}", delivery.beside),
    };
    if delivery
        .beside
        .bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ')
    {
        let mut several = headers.clone();
        several.insert("svix-signature", HeaderValue::try_from(beside).unwrap());
        let rotated = Verifier::new(second).also(secret);
        let result = rotated.verify_at(&several, body, sent_at);
        assert!(
            matches!(result, Ok(_) | Err(VerifyError::NotJson)),
            "{result:?}"
        );
    }
});

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
