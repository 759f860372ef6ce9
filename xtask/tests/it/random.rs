//! Whatever the document, the generator under ours does not panic and its output is Rust.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Map, Value, json};
use xtask::exit;

use crate::workbench::generated_by_rule;

/// Components that are objects, so that compositions of them mean something.
const OBJECTS: [&str; 7] = [
    "Alpha",
    "beta-gamma",
    "Error",
    "Option",
    "self",
    "Client",
    "3d",
];
/// Components of any other kind.
const OTHERS: [&str; 6] = [
    "delta.epsilon",
    "String",
    "Zeta",
    "zeta",
    "Value",
    "ByteStream",
];
const KEYS: [&str; 12] = [
    "id", "type", "fooBar", "foo_bar", "new", "extra", "1st", "", "kind", "self", "ref", "naïve",
];

fn reference_to(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn object_reference() -> impl Strategy<Value = Value> {
    proptest::sample::select(&OBJECTS[..]).prop_map(reference_to)
}

fn reference() -> impl Strategy<Value = Value> {
    prop_oneof![
        object_reference(),
        proptest::sample::select(&OTHERS[..]).prop_map(reference_to)
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    let texts = proptest::collection::vec("[a-zA-Z_ .*+-]{0,6}", 1..4);
    prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!({ "type": "string" })),
        Just(json!({ "type": ["string", "null"], "maxLength": 9 })),
        Just(json!({ "type": "string", "format": "date-time" })),
        Just(json!({ "type": "string", "format": "date", "nullable": true })),
        Just(json!({ "type": "string", "format": "binary" })),
        Just(json!({ "type": "integer", "minimum": 1 })),
        Just(json!({ "type": "integer", "enum": [1, 2] })),
        Just(json!({ "type": ["integer", "string"] })),
        Just(json!({ "type": "number", "exclusiveMinimum": 0 })),
        Just(json!({ "type": "boolean", "const": true })),
        Just(json!({ "type": "null" })),
        Just(json!({ "nullable": true, "minimum": 3 })),
        Just(json!({ "const": "only" })),
        texts
            .clone()
            .prop_map(|texts| json!({ "type": "string", "enum": texts })),
        texts.prop_map(|texts| {
            let values: Vec<Value> = texts
                .into_iter()
                .map(Value::from)
                .chain([Value::Null])
                .collect();
            json!({ "enum": values })
        }),
    ]
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let properties =
        proptest::collection::btree_map(proptest::sample::select(&KEYS[..]), inner, 1..4);
    (properties, any::<bool>(), any::<bool>()).prop_map(|(properties, required, nullable)| {
        let names: Vec<&str> = if required { properties.keys().copied().collect() } else { Vec::new() };
        let properties: Map<String, Value> =
            properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
        json!({ "type": "object", "properties": properties, "required": names, "nullable": nullable })
    })
}

/// A schema in any place but that of a component.
fn schema() -> impl Strategy<Value = Value> {
    prop_oneof![scalar(), reference()].prop_recursive(3, 16, 3, |inner| {
        let array = |items| json!({ "type": "array", "items": items });
        let map = |values| json!({ "type": "object", "additionalProperties": values });
        let union = |members| json!({ "oneOf": members });
        prop_oneof![
            3 => object(inner.clone()),
            1 => inner.clone().prop_map(array),
            1 => inner.clone().prop_map(map),
            1 => proptest::collection::vec(inner.clone(), 1..4).prop_map(union),
            1 => inner.prop_map(|one| json!({ "anyOf": [one, { "type": "null" }] })),
            1 => reference().prop_map(|one| json!({ "allOf": [one], "description": "Said here." })),
        ]
    })
}

/// A component that is no object. What it refers to stands in something: a component that is itself
/// would have no end.
fn other() -> impl Strategy<Value = Value> {
    let union = proptest::collection::vec(object_reference(), 2..4);
    prop_oneof![
        scalar(),
        schema().prop_map(|items| json!({ "type": "array", "items": items })),
        schema().prop_map(|values| json!({ "type": "object", "additionalProperties": values })),
        union.prop_map(|members| json!({ "anyOf": members })),
        object_reference(),
        (object_reference(), schema()).prop_map(|(base, own)| {
            json!({ "allOf": [base, { "type": "object", "properties": { "of its own": own } }] })
        }),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let objects = proptest::collection::vec(object(schema()), OBJECTS.len());
    let others = proptest::collection::vec(other(), OTHERS.len());
    let parameter = (
        proptest::sample::select(&["q", "X-H", "limit", "cursor"][..]),
        scalar(),
    );
    let all = (objects, others, schema(), schema(), schema(), parameter);
    all.prop_map(|(objects, others, sent, response, error, (name, parameter))| {
        let names = OBJECTS.into_iter().chain(OTHERS).map(str::to_owned);
        let components: Map<String, Value> = names.zip(objects.into_iter().chain(others)).collect();
        let json_of = |schema: Value| json!({ "description": "D", "content": { "application/json": { "schema": schema } } });
        let location = if name == "X-H" { "header" } else { "query" };
        json!({
            "openapi": "3.1.0", "info": { "title": "Random", "version": "1" },
            "paths": {
                "/things": { "post": {
                    "parameters": [{ "name": name, "in": location, "schema": parameter }],
                    "requestBody": json_of(sent),
                    "responses": { "200": json_of(response), "400": json_of(error.clone()), "404": { "description": "D" } },
                } },
                "/things/{id}": { "get": {
                    "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
                    "responses": { "200": json_of(error) },
                } },
            },
            "components": { "schemas": components },
        })
    })
}

#[test]
fn any_document_is_generated_or_refused() {
    let config = ProptestConfig {
        cases: 40,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    };
    let generated = Cell::new(0);
    TestRunner::new(config)
        .run(&document(), |document| {
            match generated_by_rule(&document) {
                Ok(_) => generated.set(generated.get() + 1),
                Err(failure) => {
                    prop_assert_eq!(failure.exit_code(), exit::UNUSABLE_INPUT, "{}", failure);
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(
        generated.get() > 20,
        "most documents were refused: {} passed",
        generated.get()
    );
}
