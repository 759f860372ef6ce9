//! Arbitrary values and schemas. The tests of `openapi-diff` take this file too.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Any JSON value, with keys that mean something in OpenAPI.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i8>().prop_map(Value::from),
        (-2.0..2.0_f64).prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(KEYS), inner), 0..6)
                .prop_map(|entries| object(&entries)),
        ]
    })
}

/// A schema in the words of any dialect, with a keyword now and then that holds something else than
/// it should.
pub(crate) fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        any::<bool>().prop_map(Value::from),
        Just(json!({"type": "null"}))
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4).prop_map(Value::from);
        let map = prop::collection::vec((prop::sample::select(&["a", "x-b", "type"][..]), inner.clone()), 0..3).prop_map(|e| object(&e));
        let keyword = prop_oneof![
            4 => prop::sample::select(types()).prop_map(|value| ("type", value)),
            3 => any::<bool>().prop_map(|flag| ("nullable", json!(flag))),
            2 => prop::sample::select(vec![json!(["a", "b"]), json!(["a", null]), json!([null]), json!([1, "a"]), json!([1.5, 1]), json!([])])
                .prop_map(|values| ("enum", values)),
            1 => prop::sample::select(vec![json!("a"), json!(null), json!(1), json!({})]).prop_map(|value| ("const", value)),
            2 => Just(("$ref", json!("#/components/schemas/Pet"))),
            3 => (prop::sample::select(&["anyOf", "oneOf", "allOf", "prefixItems"][..]), list),
            2 => (prop::sample::select(&["properties", "$defs", "patternProperties"][..]), map),
            2 => (prop::sample::select(&["items", "additionalProperties", "unevaluatedProperties", "not", "contentSchema"][..]), inner),
            2 => (prop::sample::select(BOUNDS), prop::sample::select(vec![json!(true), json!(false), json!(0), json!(2.5)])),
            2 => (prop::sample::select(&["example", "default"][..]), prop::sample::select(vec![json!("a"), json!(null)])),
            1 => prop::sample::select(vec![json!([]), json!(["a", 1]), json!({})]).prop_map(|examples| ("examples", examples)),
            2 => prop::sample::select(&["byte", "binary", "date"][..]).prop_map(|format| ("format", json!(format))),
            1 => prop::sample::select(&["base64", "base64url"][..]).prop_map(|encoding| ("contentEncoding", json!(encoding))),
            1 => prop::sample::select(&["image/png", "text/plain"][..]).prop_map(|media| ("contentMediaType", json!(media))),
            1 => prop::sample::select(vec![json!(["b", "a"]), json!([]), json!(true)]).prop_map(|names| ("required", names)),
            1 => Just(("description", json!("d"))),
            1 => Just(("discriminator", json!({"propertyName": "p"}))),
            1 => Just(("minLength", json!(1))),
            1 => Just(("x-any", json!({"nullable": true}))),
        ];
        prop::collection::vec(keyword, 0..6).prop_map(|entries| object(&entries))
    })
}

fn types() -> Vec<Value> {
    [
        "\"string\"",
        "\"integer\"",
        "\"array\"",
        "\"null\"",
        "[\"string\"]",
        "[\"null\",\"string\"]",
        "[\"string\",\"integer\"]",
        "[\"object\",\"null\",\"array\"]",
        "[\"number\",\"integer\"]",
    ]
    .into_iter()
    .map(|text| text.parse().expect("it is JSON"))
    .collect()
}

const BOUNDS: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
const TEXTS: &[&str] = &[
    "",
    "string",
    "null",
    "base64",
    "#/components/schemas/a",
    "#/paths/~1a/get",
    "#/$defs/a",
    "#",
    "query",
];
const KEYS: &[&str] = &[
    "openapi",
    "info",
    "paths",
    "components",
    "schemas",
    "parameters",
    "headers",
    "responses",
    "pathItems",
    "/a",
    "/b",
    "get",
    "post",
    "200",
    "content",
    "application/json",
    "schema",
    "a",
    "b",
    "name",
    "in",
    "$ref",
    "type",
    "nullable",
    "properties",
    "items",
    "anyOf",
    "oneOf",
    "allOf",
    "enum",
    "const",
    "example",
    "examples",
    "$defs",
    "required",
    "minimum",
    "exclusiveMinimum",
    "additionalProperties",
    "not",
    "callbacks",
    "discriminator",
    "mapping",
    "security",
    "securitySchemes",
    "webhooks",
    "x-a",
    "format",
    "contentEncoding",
];

fn object<K: ToString>(entries: &[(K, Value)]) -> Value {
    Value::Object(
        entries
            .iter()
            .map(|(key, value)| (key.to_string(), value.clone()))
            .collect(),
    )
}

/// The same value, every object built in the opposite order.
pub(crate) fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .rev()
                .map(|(key, value)| (key.clone(), reversed(value)))
                .collect::<Map<_, _>>(),
        ),
        Value::Array(entries) => Value::Array(entries.iter().map(reversed).collect()),
        scalar => scalar.clone(),
    }
}
