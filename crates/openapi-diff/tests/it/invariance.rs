//! What makes no difference, and what holds for every pair of documents.

use openapi_diff::{Promises, diff};
use openapi_pipeline::normalise::normalise;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::arbitrary::{any_schema, any_value, reversed};
use crate::documents::{POSITIONS, with_schema_at, yaml};

fn nothing_found(base: &Value, revision: &Value) -> Result<(), TestCaseError> {
    let there = diff(base, revision, &Promises::none()).unwrap();
    prop_assert!(there.is_empty(), "{there:#?}\n{base:#}\n{revision:#}");
    Ok(())
}

/// The same document with a component under another name.
fn renamed(document: &Value, from: &str, to: &str) -> Value {
    let text = document.to_string();
    let text = text.replace(
        &format!("#/components/schemas/{from}\""),
        &format!("#/components/schemas/{to}\""),
    );
    let mut document: Value = text.parse().unwrap();
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    if let Some(schema) = schemas.remove(from) {
        schemas.insert(to.to_owned(), schema);
    }
    document
}

/// The same value with each reference to a component replaced by what it refers to.
fn inlined(value: &Value, components: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let name = object
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|r| r.strip_prefix("#/components/schemas/"));
            let mut members: Map<String, Value> = object
                .iter()
                .filter(|(key, _)| *key != "$ref")
                .map(|(key, value)| (key.clone(), inlined(value, components)))
                .collect();
            let Some(name) = name else {
                return Value::Object(members);
            };
            if members.is_empty() {
                return components[name].clone();
            }
            // What stands beside a reference holds beside it.
            let parts = members.entry("allOf").or_insert_with(|| json!([]));
            parts.as_array_mut().unwrap().push(components[name].clone());
            Value::Object(members)
        }
        Value::Array(entries) => entries
            .iter()
            .map(|entry| inlined(entry, components))
            .collect(),
        scalar => scalar.clone(),
    }
}

fn components() -> Value {
    yaml(
        "{Pet: {type: object, required: [a], properties: {a: {type: string}, kind: {const: pet}}}}",
    )
}

/// A schema as people write them, in any dialect: one that says its type, its values, or what it is
/// composed of.
fn written_schema() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(vec![
        "{type: string}",
        "{type: string, nullable: true}",
        "{type: [string, 'null'], maxLength: 5}",
        "{type: string, format: byte}",
        "{type: string, format: binary, nullable: true}",
        "{type: [integer, string]}",
        "{type: integer, minimum: 0, exclusiveMinimum: true}",
        "{type: number, exclusiveMaximum: 2.5, maximum: 7}",
        "{const: a}",
        "{const: null}",
        "{enum: [a, b, a], nullable: true}",
        "{enum: [1, 2, null]}",
        "{type: 'null'}",
        "{}",
        "{type: object, additionalProperties: {not: {}}}",
        "{type: object, additionalProperties: {}}",
        "{$ref: '#/components/schemas/Pet'}",
    ]);
    text.prop_map(yaml).prop_recursive(3, 20, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        let keyword = prop::sample::select(&["allOf", "anyOf", "oneOf"][..]);
        prop_oneof![
            (keyword, list, any::<bool>()).prop_map(|(keyword, list, nullable)| {
                let mut schema = json!({ keyword: list, "description": "d" });
                if nullable {
                    schema["nullable"] = json!(true);
                }
                schema
            }),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| json!({"type": "object", "required": ["b", "a"], "properties": {"a": one, "c": other}})),
            inner.clone().prop_map(|items| json!({"type": ["array", "null"], "items": items})),
            inner.prop_map(|values| json!({"type": "object", "nullable": true, "additionalProperties": values})),
        ]
    })
}

fn anywhere() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&POSITIONS[..]).prop_map(|(position, _)| position)
}

/// Whether names of components, or the lack of a name, are on the wire.
fn is_discriminated(schema: &Value) -> bool {
    schema.to_string().contains("discriminator")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_document_has_no_findings_against_itself(schema in any_schema(), position in anywhere()) {
        let document = with_schema_at(position, &schema, &components());
        nothing_found(&document, &document.clone())?;
        nothing_found(&document, &reversed(&document))?;
    }

    #[test]
    fn a_normalised_document_has_no_findings_against_its_original(schema in written_schema(), position in anywhere()) {
        let document = with_schema_at(position, &schema, &components());
        if let Ok(normal) = normalise(&document) {
            nothing_found(&document, &normal)?;
            nothing_found(&normal, &document)?;
        }
    }

    #[test]
    fn names_of_components_and_their_place_make_no_difference(schema in any_schema(), position in anywhere()) {
        prop_assume!(!is_discriminated(&schema));
        let document = with_schema_at(position, &schema, &components());
        nothing_found(&document, &renamed(&document, "Pet", "Animal"))?;
        let inline = with_schema_at(position, &inlined(&schema, &components()), &json!({}));
        nothing_found(&document, &inline)?;
        nothing_found(&inline, &document)?;
    }

    #[test]
    fn whatever_differs_one_way_differs_the_other_way(one in any_schema(), other in any_schema(), position in anywhere()) {
        let [one, other] = [one, other].map(|schema| with_schema_at(position, &schema, &components()));
        let there = diff(&one, &other, &Promises::none()).unwrap();
        let back = diff(&other, &one, &Promises::none()).unwrap();
        prop_assert_eq!(there.is_empty(), back.is_empty(), "{:#?}\n{:#?}", there, back);
        prop_assert_eq!(&there, &diff(&one, &reversed(&other), &Promises::none()).unwrap());
        for (finding, [base, revision]) in there.iter().map(|f| (f, [&one, &other])).chain(back.iter().map(|f| (f, [&other, &one]))) {
            let stands = |document: &Value, pointer: &Option<openapi_pipeline::Pointer>| {
                pointer.as_ref().is_some_and(|pointer| document.pointer(pointer.as_str()).is_some())
            };
            prop_assert!(stands(base, &finding.base_pointer), "{:?}", finding);
            prop_assert!(stands(revision, &finding.revision_pointer), "{:?}", finding);
        }
    }

    #[test]
    fn no_pair_of_documents_is_too_broken_to_be_compared(base in any_value(), revision in any_value(), operation in any_value(), components in any_value()) {
        let document = |operation: &Value, components: &Value| {
            let mut document = json!({"openapi": "3.1.0", "paths": {"/a": {"get": operation}}});
            document["components"] = components.clone();
            document
        };
        for (base, revision) in [(base.clone(), revision.clone()), (document(&operation, &components), document(&base, &revision))] {
            let _ = diff(&base, &revision, &Promises::none());
            nothing_found(&base, &base.clone())?;
        }
    }
}

#[test]
fn no_value_at_all_is_written_in_two_ways() {
    for schema in [
        "{type: array, prefixItems: [{type: string}], items: false}",
        "{type: object, properties: {a: {type: string}, b: false}}",
        "{type: object, properties: {a: {description: d, allOf: [false]}}}",
    ] {
        let document = with_schema_at("request-body-", &yaml(schema), &json!({}));
        let normal = normalise(&document).unwrap();
        assert_ne!(document, normal);
        nothing_found(&document, &normal).unwrap();
        nothing_found(&normal, &document).unwrap();
    }
}
