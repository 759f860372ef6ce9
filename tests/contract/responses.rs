//! The documented responses of every operation as the SDK decodes them, and as it would write them
//! again.

use pivotal_contract::operation_cases::{Inputs, operation_case};
use pivotal_openapi::{self as openapi, Document, Response};
use pivotal_sdk as sdk;
use pivotal_tests::example;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fixes::on_failure;
use crate::schemas::corpus::plain;
use crate::serving::serving;
use crate::spelling::normal;

/// Why an example is not the documentation's.
const MADE_UP: &str = "made up from the schema: the contract has no example";

/// One documented success of an operation.
struct Documented {
    /// Its status and component, and whether the examples are made up.
    title: String,
    examples: Vec<Value>,
}

/// The documented successes of an operation with a JSON body, each with the documentation's
/// examples: those of the response, else those of its component, else one that is made up.
fn documented(operation: &openapi::Operation<'_>) -> Vec<Documented> {
    let successes = operation.responses().filter(Response::is_success);
    successes
        .filter_map(|response| {
            let content = response.content()?;
            let mut title = format!("{} {}", response.status, content.schema.name()?);
            let mut examples: Vec<Value> = content.examples.into_iter().cloned().collect();
            if examples.is_empty() {
                let (values, made_up) = examples_of(content.schema.value);
                examples = values;
                title.extend(made_up.then(|| format!(", {MADE_UP}")));
            }
            Some(Documented { title, examples })
        })
        .collect()
}

/// The documentation's examples of a schema, else one with every property; and whether it is made
/// up.
fn examples_of(schema: &Value) -> (Vec<Value>, bool) {
    match schema["examples"].as_array() {
        Some(listed) if !listed.is_empty() => (listed.clone(), false),
        _ => (vec![plain(Document::contract(), schema, true)], true),
    }
}

#[tokio::test]
async fn every_documented_response_decoded_and_encoded_again() {
    let _fix = on_failure("responses");
    for operation in Document::contract().operations() {
        let name = operation.name();
        let Some(case) = operation_case(&name) else {
            continue;
        };
        let mut texts = Vec::new();
        for Documented { title, examples } in documented(&operation) {
            let status = title.split(' ').next().unwrap();
            for example in examples {
                let (_server, client) = serving(status, &example);
                let sent = (case.minimal)(&client, &Inputs::new("beacon-books", "1")).await;
                let reply = sent.unwrap();
                texts.push(format!(
                    "{title}\n\n{}\n\nencoded again\n{}",
                    reply.debug,
                    changes(&example, &reply.json)
                ));
            }
        }
        if texts.is_empty() {
            continue;
        }
        let text = texts.join("\n");
        insta::assert_snapshot!(name, text);
    }
}

/// What is not as it was. A change that is more than another spelling of a time or a number, or a
/// null key left out, fails.
fn changes(before: &Value, after: &Value) -> String {
    let mut found = Vec::new();
    compare(before, after, "", &mut found);
    if found.is_empty() {
        "  as it came\n".to_owned()
    } else {
        found.concat()
    }
}

fn compare(before: &Value, after: &Value, pointer: &str, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                let inner = format!("{pointer}/{key}");
                match after.get(key) {
                    Some(after) => compare(value, after, &inner, found),
                    None => {
                        assert!(value.is_null(), "{inner} is lost");
                        found.push(format!("  {inner}: null, left out\n"));
                    }
                }
            }
            for key in after.keys() {
                assert!(before.contains_key(key), "{pointer}/{key} is made up");
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            assert_eq!(before.len(), after.len(), "{pointer}");
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                compare(before, after, &format!("{pointer}/{index}"), found);
            }
        }
        (before, after) if before == after => {}
        (before, after) => {
            assert_eq!(normal(before.clone()), normal(after.clone()), "{pointer}");
            found.push(format!("  {pointer}: {before} as {after}\n"));
        }
    }
}

/// Decodes the example of a body, shows it, and checks that it is the same on the way back: what is
/// sent says null where it means it. `None` for a type that is not a component.
#[track_caller]
fn decode<T: DeserializeOwned + Serialize + std::fmt::Debug>(name: &str) -> Option<String> {
    let (examples, made_up) = examples_of(Document::contract().schema(name)?);
    let example = examples.into_iter().next()?;
    let decoded: T = serde_json::from_value(example.clone()).unwrap();
    let encoded = serde_json::to_value(&decoded).unwrap();
    assert_eq!(normal(encoded), normal(example), "{name}");
    let title = made_up.then(|| format!("{MADE_UP}\n\n"));
    Some(format!("{}{decoded:#?}", title.unwrap_or_default()))
}

macro_rules! bodies {
    (responses: [$($response:ident,)*] bodies: [$($body:ident,)*]) => {
        /// The types of bodies.
        pub(crate) const BODIES: &[&str] = &[$(stringify!($body)),*];

        #[test]
        fn every_example_of_a_body_decoded() {
            let _fix = on_failure("responses");
            $(
                if let Some(text) = decode::<sdk::raw::$body>(stringify!($body)) {
                    insta::assert_snapshot!(stringify!($body), text);
                }
            )*
        }
    };
}

sdk::raw::for_each_object!(bodies);

#[test]
fn a_body_that_clears_a_field_survives_the_way_back() {
    let example = example("UpdateCustomer");
    assert!(example["domain"].is_null(), "the example clears the domain");
    let decoded: sdk::UpdateCustomer = serde_json::from_value(example.clone()).unwrap();
    assert_eq!(decoded.domain, sdk::Patch::Null);
    assert_eq!(serde_json::to_value(decoded).unwrap(), example);
}
