//! Evidence.

use pivotal_openapi::Document;
use serde_json::{Value, json};

use crate::contract::Contract;
use crate::finding::Evidence;

/// A contract that is a document of its own.
pub(crate) fn contract(mut document: Value) -> Contract {
    if document.get("paths").is_none() {
        document["paths"] = json!({});
    }
    Contract::new(Box::leak(Box::new(Document::new(document).unwrap())))
}

#[test]
fn the_nearest_mark_counts_and_a_fact_without_one_is_stated() {
    let contract = contract(json!({ "components": { "schemas": { "Contact": {
        "x-evidence": "example",
        "properties": { "name": { "type": "string" }, "title": { "type": "string", "x-evidence": "inferred" } },
        "allOf": [{ "x-evidence": "decided", "type": "object" }],
    } } } }));
    for (pointer, evidence) in [
        ("Contact/properties/title/type", Evidence::Inferred),
        ("Contact/properties/name/type", Evidence::Example),
        ("Contact/allOf/0/type", Evidence::Decided),
        ("Contact/required", Evidence::Example),
        ("Me", Evidence::Stated),
    ] {
        let pointer = format!("/components/schemas/{pointer}");
        assert_eq!(contract.evidence(&pointer), evidence);
    }
}
