//! Any body decodes to a response of any type, or is an error that prints nothing of it. What decodes is
//! encoded and decoded again without a difference. The first byte chooses the type.

#![no_main]

use std::fmt::Debug;

use http::Response;
use libfuzzer_sys::fuzz_target;
use pivotal_fuzz::{assert_harmless, block_on, client};
use pivotal_sdk::{
    Bytes, Contact, ContactList, Customer, CustomerList, Deleted, Health, Me, Method,
};
use pivotal_sdk::{Onboarding, OnboardingList};
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else {
        return;
    };
    match first % 9 {
        0 => decode::<Contact>(body),
        1 => decode::<ContactList>(body),
        2 => decode::<Customer>(body),
        3 => decode::<CustomerList>(body),
        4 => decode::<Deleted>(body),
        5 => decode::<Health>(body),
        6 => decode::<Me>(body),
        7 => decode::<Onboarding>(body),
        _ => decode::<OnboardingList>(body),
    }
});

fn decode<T: DeserializeOwned + Serialize + PartialEq + Debug>(body: &[u8]) {
    let response = Response::new(Bytes::copy_from_slice(body));
    let client = client(vec![response])
        .build()
        .expect("the settings are valid");
    let request = client.request(Method::GET, "/api/v1/any");
    let value = match block_on(request.send::<T>()) {
        Ok(response) => response.value,
        Err(error) => {
            assert!(error.is_decode(), "{error}");
            return assert_harmless(&error);
        }
    };
    let encoded = serde_json::to_vec(&value).expect("a response is JSON");
    let again: T = serde_json::from_slice(&encoded).expect("what was encoded decodes");
    assert_eq!(again, value);
}
