//! Instances made at random from a schema, and then, every other time, with one thing changed.

use pivotal_openapi::Document;
use pivotal_openapi::schema::{is_nullable, types};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

use super::corpus::{Instance, edited, edits};
use super::kind::Kind;
use super::site::{is_required, sites};

/// Instances of a component, and of it with one constraint tried.
pub(super) fn instances(contract: &Document, component: &str) -> BoxedStrategy<Instance> {
    let whole = sites(contract, component).swap_remove(0);
    let of_whole = {
        let place = whole.place.clone();
        move |value| Instance {
            place: place.clone(),
            kind: Kind::Random,
            value,
        }
    };
    let valid = values(contract, whole.schema);
    let tried: Vec<_> = sites(contract, component)
        .into_iter()
        .flat_map(|site| {
            let edits = edits(&site);
            edits
                .into_iter()
                .map(move |(kind, edit)| (site.place.clone(), site.pointer.clone(), kind, edit))
        })
        .collect();
    let changed = (valid.clone(), any::<Index>()).prop_filter_map(
        "the value has no such place",
        move |(value, index)| {
            let (place, pointer, kind, edit) = index.get(&tried);
            Some(Instance {
                place: place.clone(),
                kind: *kind,
                value: edited(&value, pointer, edit)?,
            })
        },
    );
    prop_oneof![valid.prop_map(of_whole), changed].boxed()
}

/// Values that the document takes and that every validator can hold: what they cannot is tried by name.
fn values(contract: &Document, schema: &Value) -> BoxedStrategy<Value> {
    let schema = contract.resolve(schema);
    let value = match types(schema).first().copied() {
        _ if schema.get("enum").is_some() => {
            let known = schema["enum"].as_array().unwrap().clone();
            select(known).boxed()
        }
        Some("object") => objects(contract, schema),
        Some("array") => {
            let entries = values(contract, &schema["items"]);
            let most = schema["maxItems"].as_u64().unwrap_or(4);
            let least = schema["minItems"].as_u64().unwrap_or(0);
            let lengths = usize::try_from(least).unwrap()..=usize::try_from(most).unwrap();
            prop::collection::vec(entries, lengths)
                .prop_map(Value::from)
                .boxed()
        }
        Some("string") => strings(schema),
        Some("integer") => {
            let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
            let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
            (least..=most).prop_map(Value::from).boxed()
        }
        Some("number") => {
            let least = schema["minimum"].as_f64().unwrap_or(-1.0e9);
            let most = schema["maximum"].as_f64().unwrap_or(1.0e9);
            (least..=most).prop_map(Value::from).boxed()
        }
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        other => panic!("no value of the type {other:?}: teach tests/contract/schemas/strategy.rs"),
    };
    if is_nullable(schema) {
        prop_oneof![3 => value, 1 => Just(Value::Null)].boxed()
    } else {
        value
    }
}

fn objects(contract: &Document, schema: &Value) -> BoxedStrategy<Value> {
    let extra = prop::option::weighted(0.1, any::<i64>())
        .prop_map(|value| value.map(|value| ("z_newer".to_owned(), json!(value))));
    contract
        .properties(schema)
        .into_iter()
        .fold(
            extra
                .prop_map(|extra| extra.into_iter().collect::<Map<_, _>>())
                .boxed(),
            |object, (name, inner)| {
                let name = name.to_owned();
                let value = values(contract, inner);
                let value = if is_required(schema, &name) {
                    value.prop_map(Some).boxed()
                } else {
                    prop::option::of(value).boxed()
                };
                (object, value)
                    .prop_map(move |(mut object, value)| {
                        if let Some(value) = value {
                            object.insert(name.clone(), value);
                        }
                        object
                    })
                    .boxed()
            },
        )
        .prop_map(Value::Object)
        .boxed()
}

fn strings(schema: &Value) -> BoxedStrategy<Value> {
    let text = match schema["format"].as_str() {
        Some("date-time") => times(),
        Some("email") => "[a-z][a-z0-9]{0,8}(\\.[a-z]{1,4})?@[a-z]{1,9}\\.example".boxed(),
        _ => {
            let least = schema["minLength"].as_u64().unwrap_or(0);
            let most = schema["maxLength"].as_u64().unwrap_or(40);
            let lengths = usize::try_from(least).unwrap()..=usize::try_from(most).unwrap();
            prop::collection::vec(any::<char>(), lengths)
                .prop_map(String::from_iter)
                .boxed()
        }
    };
    text.prop_map(Value::from).boxed()
}

fn times() -> BoxedStrategy<String> {
    let date = (1970..2100, 1..=12, 1..=28);
    let time = (0..24, 0..60, 0..60);
    let fraction = prop::option::of("\\.[0-9]{1,9}");
    let offset = prop_oneof![Just("Z".to_owned()), "[+-](0[0-9]|1[0-3]):[0-5][0-9]"];
    (date, time, fraction, offset)
        .prop_map(|((year, month, day), (hour, minute, second), fraction, offset)| {
            let fraction = fraction.unwrap_or_default();
            format!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
            )
        })
        .boxed()
}
