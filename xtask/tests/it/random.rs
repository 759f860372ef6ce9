//! Whatever the document, the generator under ours does not panic and its output is Rust.

use std::cell::Cell;
use std::collections::BTreeSet;

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

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    })
}

#[test]
fn any_document_is_generated_or_refused() {
    let generated = Cell::new(0);
    runner(40)
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

/// Names of short words in every case, and texts of what a comment cannot hold.
const NAME: &str = "[abXYZß_.+' 19-]{1,8}";
const TEXT: &str = "[ab`\"\\\\*/{}\r\n\t\u{7}\u{1b}\u{85}\u{200f}\u{202e}\u{2028}\u{2066}]{0,12}";

/// A document of objects that refer to one another, with names and texts wherever it has any.
fn spelt() -> impl Strategy<Value = Value> {
    let names = proptest::collection::btree_set(NAME, 1..8);
    (names, NAME, TEXT).prop_map(|(names, other, text)| {
        let about = |mut value: Value| {
            value["title"] = json!(text);
            value["description"] = json!(text);
            value
        };
        let names: Vec<String> = names.into_iter().collect();
        let texts = json!([text, other, names[0]]);
        let component = |(index, name): (usize, &String)| {
            let next = &names[(index + 1) % names.len()];
            let inner = json!({ "type": "object", "properties": { next: { "type": "string" } } });
            let properties = json!({
                name: about(json!({ "type": "string" })),
                format!("{name}{text}"): about(json!({ "type": "string", "enum": texts })),
                "a_b": about(json!({ "type": "array", "items": reference_to(next) })),
                format!("{other}_in"): about(inner),
            });
            (
                name.clone(),
                about(json!({ "type": "object", "properties": properties })),
            )
        };
        let components: Map<String, Value> = names.iter().enumerate().map(component).collect();
        let body = json!({ "application/json": { "schema": reference_to(&names[0]) } });
        let query =
            json!({ "name": other, "in": "query", "description": text, "schema": about(json!({ "enum": texts })) });
        json!({
            "openapi": "3.1.0", "info": { "title": text, "version": "1" },
            "paths": { "/a_b/x_y": { "post": {
                "summary": text, "description": text, "parameters": [query],
                "requestBody": { "description": text, "content": body },
                "responses": { "200": { "description": text, "content": body } },
            } } },
            "components": { "schemas": components },
        })
    })
}

/// The names after each place of a word in a text.
fn after<'t>(text: &'t str, word: &str) -> impl Iterator<Item = &'t str> {
    text.split(word).skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        rest.get(..end?).filter(|name| !name.is_empty())
    })
}

#[test]
fn whatever_names_and_texts_are_every_type_is_defined_and_no_comment_is_refused() {
    runner(60)
        .run(&spelt(), |document| {
            let files = generated_by_rule(&document)
                .map_err(|failure| TestCaseError::fail(format!("{failure}\n{document:#}")))?;
            let generated = files.iter().filter(|(path, _)| path.ends_with(".rs"));
            let all: String = generated.map(|(_, text)| text.as_str()).collect();
            // The compiler refuses these, or reads another text than a person.
            let refused = |c: char| {
                c.is_control() && c != '\n'
                    || matches!(c, '\u{200f}' | '\u{2028}' | '\u{202e}' | '\u{2066}')
            };
            prop_assert!(!all.contains(refused), "{:#}", document);
            let defined: BTreeSet<&str> = ["struct ", "enum ", "type ", "fn ", "mod "]
                .into_iter()
                .flat_map(|word| after(&all, word))
                .collect();
            for used in after(&all, "types::").chain(after(&all, " super::")) {
                prop_assert!(defined.contains(used), "{} in {:#}", used, document);
            }
            Ok(())
        })
        .unwrap();
}
