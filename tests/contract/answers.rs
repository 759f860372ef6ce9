//! The documentation's examples as the SDK decodes them, and as it would write them again.

use pivotal_sdk as sdk;
use pivotal_tests::{contract, example};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(entries) => entries
            .into_iter()
            .filter(|(_, entry)| !entry.is_null())
            .map(|(key, entry)| (key, without_nulls(entry)))
            .collect(),
        Value::Array(entries) => entries.into_iter().map(without_nulls).collect(),
        scalar => scalar,
    }
}

/// Decodes an example, shows it, and checks that nothing but null keys is lost on the way back.
#[track_caller]
fn decode<T: DeserializeOwned + Serialize + std::fmt::Debug>(schema: &str) -> String {
    let example = example(schema);
    let decoded: T = serde_json::from_value(example.clone()).unwrap();
    let encoded = serde_json::to_value(&decoded).unwrap();
    // Times are equal as times: 17:21:09.412Z may be written with another precision.
    assert_eq!(
        normal_times(without_nulls(encoded)),
        normal_times(without_nulls(example)),
        "{schema}"
    );
    format!("{decoded:#?}")
}

fn normal_times(value: Value) -> Value {
    match value {
        Value::String(text) => match text.parse::<sdk::Timestamp>() {
            Ok(time) => Value::String(time.to_string()),
            Err(_) => Value::String(text),
        },
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, entry)| (key, normal_times(entry)))
            .collect(),
        Value::Array(entries) => entries.into_iter().map(normal_times).collect(),
        scalar => scalar,
    }
}

/// The type of every component that the contract has an example of.
macro_rules! examples {
    ($($name:ident),* $(,)?) => {
        const SHOWN: &[&str] = &[$(stringify!($name)),*];

        #[test]
        fn every_example_decoded() {
            $( insta::assert_snapshot!(stringify!($name), decode::<sdk::raw::$name>(stringify!($name))); )*
        }
    };
}

examples![
    Contact,
    ContactList,
    CreateContact,
    CreateCustomer,
    CreateOnboarding,
    Customer,
    CustomerList,
    Deleted,
    Error,
    Health,
    Me,
    Onboarding,
    OnboardingList,
    UpdateContact,
    UpdateOnboarding,
];

#[test]
fn every_example_of_the_contract_is_shown() {
    let contract = contract();
    let missing: Vec<&String> = contract["components"]["schemas"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, schema)| {
            schema.get("examples").is_some() && !SHOWN.contains(&name.as_str())
        })
        .map(|(name, _)| name)
        // Its example clears a field: null is the point, see below.
        .filter(|name| *name != "UpdateCustomer")
        .collect();
    assert!(
        missing.is_empty(),
        "add {missing:?} to the list in tests/contract/answers.rs"
    );
}

#[test]
fn a_body_that_clears_a_field_survives_the_way_back() {
    let example = example("UpdateCustomer");
    assert!(example["domain"].is_null(), "the example clears the domain");
    let decoded: sdk::UpdateCustomer = serde_json::from_value(example.clone()).unwrap();
    assert_eq!(decoded.domain, sdk::Patch::Null);
    assert_eq!(serde_json::to_value(decoded).unwrap(), example);
}
