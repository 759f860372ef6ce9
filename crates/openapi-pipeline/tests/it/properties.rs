//! What holds for every document.

use openapi_pipeline::lower::lower;
use openapi_pipeline::normalise::normalise;
use openapi_pipeline::overlay::{Overlay, apply};
use openapi_pipeline::{canonical, load};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::arbitrary::{any_schema, any_value, reversed};
use crate::document::{schema, with_schema};

/// A value as a document: the sections where the generator would seldom put them by chance.
fn document(components: Value, operation: Value) -> Value {
    let mut document = json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}});
    document["paths"]["/a"]["get"] = operation;
    document["components"] = components;
    document
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn normalising_twice_is_normalising_once(schema in any_schema()) {
        if let Ok(once) = normalise(&with_schema(schema)) {
            prop_assert_eq!(canonical::text(&normalise(&once).unwrap()), canonical::text(&once));
        }
    }

    #[test]
    fn lowering_twice_is_lowering_once(schema in any_schema()) {
        if let Ok(once) = lower(&with_schema(schema)) {
            prop_assert_eq!(canonical::text(&lower(&once).unwrap()), canonical::text(&once));
        }
    }

    #[test]
    fn lowering_leaves_nothing_of_3_1(any in any_schema()) {
        if let Ok(lowered) = lower(&with_schema(any)) {
            prop_assert_eq!(&lowered["openapi"], "3.0.3");
            let strict: Result<Vec<()>, String> = openapi_pipeline::resolve::schemas(&lowered).into_iter().map(|(at, schema)| only_3_0(schema).map_err(|found| format!("{at}: {found}"))).collect();
            prop_assert!(strict.is_ok(), "{:?} in {:#}", strict, schema(&lowered));
        }
    }

    #[test]
    fn the_order_of_keys_does_not_matter(schema in any_schema()) {
        let (one, other) = (with_schema(schema.clone()), reversed(&with_schema(schema)));
        prop_assert_eq!(normalise(&one).map(|v| canonical::text(&v)), normalise(&other).map(|v| canonical::text(&v)));
        prop_assert_eq!(lower(&one).map(|v| canonical::text(&v)), lower(&other).map(|v| canonical::text(&v)));
    }

    #[test]
    fn no_stage_panics_whatever_it_is_given(any in any_value(), components in any_value(), paths in any_value(), update in any_value()) {
        let overlay = Overlay::parse(
            &json!({"overlay": "1.0.0", "actions": [{"target": "$..*", "description": "d", "update": update, "x-replaces": null},
                {"target": "$..get", "description": "d", "remove": true}]}).to_string(),
            "overlay.json",
        ).unwrap();
        for document in [any, document(components, paths)] {
            let _ = load::document(&document.to_string(), "document.json");
            let _ = load::check(&document);
            let _ = apply(&document, &overlay);
            let _ = lower(&document);
            if let Ok(once) = normalise(&document) {
                prop_assert_eq!(normalise(&once).map(|twice| canonical::text(&twice)), Ok(canonical::text(&once)));
            }
        }
    }

    #[test]
    fn json_and_yaml_are_read_alike(any in any_value()) {
        let document = document(any, json!({}));
        let (json_text, yaml_text) = (canonical::text(&document), yaml_serde::to_string(&document).unwrap());
        prop_assert_eq!(load::document(&json_text, "document.json").map_err(|_| ()), load::document(&yaml_text, "document.yaml").map_err(|_| ()));
    }
}

/// What must not be in a schema of OpenAPI 3.0.
fn only_3_0(schema: &Value) -> Result<(), String> {
    let Some(members) = schema.as_object() else {
        return Ok(());
    };
    for keyword in [
        "const",
        "examples",
        "$defs",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "prefixItems",
        "unevaluatedProperties",
    ] {
        if members.contains_key(keyword) {
            return Err(keyword.to_owned());
        }
    }
    let is = |keyword: &str, kind: fn(&Value) -> bool| members.get(keyword).is_none_or(kind);
    if !is("type", |value| value.is_string() && value != "null") {
        return Err(format!("type {}", members["type"]));
    }
    if !is("exclusiveMinimum", Value::is_boolean) || !is("exclusiveMaximum", Value::is_boolean) {
        return Err("a numeric exclusive bound".to_owned());
    }
    if members.contains_key("$ref") && members.len() > 1 {
        return Err("something beside a reference".to_owned());
    }
    Ok(())
}
