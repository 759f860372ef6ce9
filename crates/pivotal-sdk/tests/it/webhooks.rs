//! Signatures of webhooks, judged by Svix's own library in both directions.

use std::time::Duration;

use pivotal_sdk::webhooks::{Event, EventType, InvalidSecret, Secret, Verifier, VerifyError};
use pivotal_sdk::{Client, CreateCustomer, HeaderMap, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use svix::webhooks::Webhook;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use crate::examples::receive_events;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_b3RoZXIgc2VjcmV0IG9mIHRoZSB0ZXN0cw==";
const BODY: &[u8] = br#"{"type":"customer.created","data":{"id":"c1","new":[1]},"later":null}"#;

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

/// The next event that the example has processed.
async fn next(events: &mut UnboundedReceiver<Event>) -> Event {
    let next = timeout(Duration::from_secs(30), events.recv()).await;
    next.expect("an event in time").unwrap()
}

fn signed(secret: &Secret) -> HeaderMap {
    secret.sign("msg_1", Timestamp::now(), BODY).unwrap()
}

fn refusal(headers: &HeaderMap, body: &[u8]) -> VerifyError {
    let verifier = Verifier::new(secret(SECRET));
    verifier.verify(headers, body).unwrap_err()
}

#[test]
fn svix_accepts_what_is_signed_and_signs_what_is_accepted() {
    let judge = Webhook::new(SECRET).unwrap();
    judge.verify(BODY, &signed(&secret(SECRET))).unwrap();

    let now = Timestamp::now();
    let signature = judge.sign("msg_2", now.as_second(), BODY).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("svix-id", "msg_2".parse().unwrap());
    headers.insert("svix-timestamp", now.as_second().into());
    headers.insert("svix-signature", signature.parse().unwrap());
    let event = Verifier::new(secret(SECRET))
        .verify(&headers, BODY)
        .unwrap();
    assert_eq!(event.id, "msg_2");
    assert_eq!(event.sent_at.as_second(), now.as_second());
}

/// From the documentation of Svix.
#[test]
fn the_published_example_verifies() {
    let mut headers = HeaderMap::new();
    headers.insert("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek".parse().unwrap());
    headers.insert("svix-timestamp", "1614265330".parse().unwrap());
    let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    headers.insert("svix-signature", signature.parse().unwrap());
    let at = Timestamp::from_second(1_614_265_330).unwrap();
    let verifier = Verifier::new(secret(SECRET));
    let event = verifier.verify_at(&headers, br#"{"test": 2432232314}"#, at);
    assert_eq!(event.unwrap().payload["test"], 2_432_232_314_u64);
}

#[test]
fn an_event_keeps_its_payload_and_types_are_open() {
    let verifier = Verifier::new(secret(SECRET));
    let event = verifier.verify(&signed(&secret(SECRET)), BODY).unwrap();
    assert_eq!(event.event_type(), Some(EventType::CustomerCreated));
    assert_eq!(event.row_id(), Some("c1"));
    assert_eq!(
        event.payload,
        serde_json::from_slice::<serde_json::Value>(BODY).unwrap()
    );

    for (body, event_type) in [
        (&br#"{"type":"plan.renamed"}"#[..], Some("plan.renamed")),
        (b"{\"type\":7}", None),
        (b"{}", None),
        (b"[1]", None),
        (b"null", None),
    ] {
        let headers = secret(SECRET)
            .sign("msg_1", Timestamp::now(), body)
            .unwrap();
        let event = verifier.verify(&headers, body).unwrap();
        assert_eq!(
            event.event_type().as_ref().map(EventType::as_str),
            event_type
        );
        assert_eq!(event.row_id(), None);
    }
}

#[test]
fn one_of_several_signatures_and_secrets_is_enough() {
    let (old, new) = (secret(SECRET), secret(OTHER));
    let both: Verifier = format!("{SECRET}\n {OTHER}\n").parse().unwrap();
    for verifier in [Verifier::new(old.clone()).also(new.clone()), both] {
        verifier.verify(&signed(&old), BODY).unwrap();
        verifier.verify(&signed(&new), BODY).unwrap();
    }
    let of = |secret: &Secret| {
        signed(secret)["svix-signature"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let mut headers = signed(&new);
    let signatures = format!("v1a,AAAA v2 {} v1,%% {}", of(&new), of(&old));
    headers.insert("svix-signature", signatures.parse().unwrap());
    Verifier::new(old).verify(&headers, BODY).unwrap();
}

#[test]
fn an_error_says_which_check_failed() {
    let good = signed(&secret(SECRET));
    for name in ["svix-id", "svix-timestamp", "svix-signature"] {
        let mut headers = good.clone();
        let value = headers.remove(name).unwrap();
        assert_eq!(refusal(&headers, BODY), VerifyError::MissingHeader(name));
        headers.append(name, value.clone());
        headers.append(name, value);
        assert_eq!(refusal(&headers, BODY), VerifyError::InvalidHeader(name));
    }
    let with = |name: &'static str, value: &str| {
        let mut headers = good.clone();
        headers.insert(name, value.parse().unwrap());
        refusal(&headers, BODY)
    };
    for time in ["", "now", "1.5", "99999999999999999999"] {
        assert_eq!(
            with("svix-timestamp", time),
            VerifyError::InvalidHeader("svix-timestamp")
        );
    }
    for none in ["", "v2,AAAA", "v1a,AAAA", "AAAA"] {
        assert_eq!(with("svix-signature", none), VerifyError::NoSignature);
    }
    assert_eq!(
        with("svix-signature", "v1,AAAA"),
        VerifyError::WrongSignature
    );
    assert_eq!(with("svix-id", "msg_2"), VerifyError::WrongSignature);
    assert_eq!(refusal(&good, b"{}"), VerifyError::WrongSignature);
    assert_eq!(
        refusal(&signed(&secret(OTHER)), BODY),
        VerifyError::WrongSignature
    );
    let headers = secret(SECRET)
        .sign("msg_1", Timestamp::now(), b"{")
        .unwrap();
    assert_eq!(refusal(&headers, b"{"), VerifyError::NotJson);
}

#[test]
fn the_time_may_differ_by_300_seconds_or_the_tolerance_that_is_set() {
    let sent = Timestamp::from_second(1_800_000_000).unwrap();
    let headers = secret(SECRET).sign("msg_1", sent, BODY).unwrap();
    let strict = Verifier::new(secret(SECRET)).tolerance(Duration::from_secs(1));
    for (verifier, tolerance) in [(Verifier::new(secret(SECRET)), 300), (strict, 1)] {
        let at = |seconds: i64| {
            let now = Timestamp::from_second(1_800_000_000 + seconds).unwrap();
            verifier
                .verify_at(&headers, BODY, now)
                .map(|event| event.sent_at)
        };
        assert_eq!((at(tolerance), at(-tolerance)), (Ok(sent), Ok(sent)));
        let beyond = tolerance + 1;
        let off = Duration::from_secs(beyond.unsigned_abs());
        assert_eq!(at(beyond), Err(VerifyError::TooOld(off)));
        assert_eq!(at(-beyond), Err(VerifyError::TooNew(off)));
    }
}

#[test]
fn a_secret_is_in_no_error_and_no_debug() {
    for (text, error) in [
        ("", InvalidSecret::Prefix),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", InvalidSecret::Prefix),
        ("whsec_", InvalidSecret::Empty),
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
            InvalidSecret::Base64,
        ),
        (
            "whsec_MfKQ 9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            InvalidSecret::Base64,
        ),
    ] {
        assert_eq!(Secret::new(text).unwrap_err(), error);
        assert!(!format!("{error} {error:?}").contains("MfKQ"));
    }
    assert_eq!(" ".parse::<Verifier>().unwrap_err(), InvalidSecret::Missing);
    let verifier = Verifier::new(secret(SECRET));
    assert!(!format!("{verifier:?}").contains("MfKQ"), "{verifier:?}");
    assert_eq!(format!("{:?}", secret(SECRET)), "Secret(…)");
}

proptest! {
    /// Of the body, the ID, the time and the signature.
    #[test]
    fn no_changed_byte_verifies(
        body in prop::collection::vec(any::<u8>(), 1..64),
        part in 0..4_usize,
        at in any::<prop::sample::Index>(),
        change in 1..=255_u8,
    ) {
        let body = serde_json::to_vec(&json!({ "body": body })).unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let signed = secret(SECRET).sign("msg_1", now, &body).unwrap();
        let verifier = Verifier::new(secret(SECRET)).tolerance(Duration::MAX);
        prop_assert!(verifier.verify_at(&signed, &body, now).is_ok());

        let (mut headers, mut body) = (signed.clone(), body);
        match ["svix-id", "svix-timestamp", "svix-signature"].get(part) {
            None => {
                let index = at.index(body.len());
                body[index] ^= change;
            }
            Some(name) => {
                let mut value = signed[*name].as_bytes().to_vec();
                let index = at.index(value.len());
                value[index] ^= change;
                let Ok(value) = value.as_slice().try_into() else {
                    return Ok(());
                };
                headers.insert(*name, value);
            }
        }
        let verified = verifier.verify_at(&headers, &body, now);
        // That it is no JSON any more is found only after the signature.
        prop_assert!(!matches!(verified, Ok(_) | Err(VerifyError::NotJson)));
    }
}

#[tokio::test]
async fn the_example_processes_each_event_of_the_sandbox_once() {
    let (url, mut events) = receive_events::serve(SECRET.parse().unwrap())
        .await
        .unwrap();
    let sandbox = pivotal_sandbox::Sandbox::builder()
        .webhook(url)
        .webhook_secret(SECRET);
    let faults = "webhook:duplicate,wrong-signature,pass,old-timestamp";
    let sandbox = sandbox
        .fault(faults.parse().unwrap())
        .start()
        .await
        .unwrap();
    let data = json!({ "id": "c1" });
    let trigger = |event_type: &str| sandbox.webhooks().trigger(event_type, &data).unwrap();
    for event_type in ["customer.created", "plan.renamed", "contact.deleted"] {
        // The second is refused at first, and so is the third.
        let id = trigger(event_type);
        let event = next(&mut events).await;
        assert_eq!(
            (event.id, event.payload["type"].as_str()),
            (id, Some(event_type))
        );
        assert_eq!(event.payload["data"], data);
    }
    assert!(events.try_recv().is_err());
    let attempts = || {
        let events = sandbox.webhooks().events();
        events
            .iter()
            .map(|event| event.attempts.len())
            .sum::<usize>()
    };
    while attempts() < 6 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The sandbox then sends no key of a payload, because none is documented.
#[tokio::test]
async fn events_verify_in_strict_mode_and_say_what_is_not_there() {
    let (url, mut events) = receive_events::serve(SECRET.parse().unwrap())
        .await
        .unwrap();
    let sandbox = pivotal_sandbox::Sandbox::builder()
        .undocumented(false)
        .api_key("pivotal_liveForTests")
        .webhook(url)
        .webhook_secret(SECRET);
    let sandbox = sandbox.start().await.unwrap();
    let builder = Client::builder().base_url(sandbox.base_url());
    let pivotal = builder.api_key(sandbox.api_key()).build().unwrap();
    pivotal
        .customers()
        .create(CreateCustomer::new("Aurora"))
        .await
        .unwrap();
    let event = next(&mut events).await;
    assert!(event.id.starts_with("msg_"), "{event:?}");
    assert_eq!((event.event_type(), event.row_id()), (None, None));
}
