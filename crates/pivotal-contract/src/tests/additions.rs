//! Keys and values that a schema does not have.

use serde_json::json;

use super::contract::contract;
use crate::check::additions::find;

#[test]
fn schemas_beside_one_another_declare_together_and_lists_are_looked_into() {
    let contract = contract(json!({
        "row": { "type": "object", "properties": { "state": { "enum": ["on", "off"] }, "kind": { "enum": ["row"] } } },
        "page": {
            "allOf": [
                { "properties": { "rows": { "items": { "$ref": "#/row" } } } },
                { "oneOf": [{ "properties": { "size": {} } }, { "properties": { "next": { "x-extensible-enum": ["a", "b"] } } }] },
            ],
        },
        "map": { "type": "object" },
    }));
    let value = json!({
        "rows": [{ "state": "on", "kind": "column" }, { "state": "half on" }, { "state": "half", "new": 1 }, { "new": 2 }],
        "size": 1,
        "next": "c",
        "more": {},
    });
    let mut found: Vec<_> = find(&contract, &contract.schema("/page"), &value)
        .into_iter()
        .map(|found| (found.kind.as_str(), found.name, found.place, found.schema))
        .collect();
    found.sort();
    let row = |kind, name: &str, place: &str, schema: &str| {
        (kind, name.to_owned(), place.to_owned(), schema.to_owned())
    };
    assert_eq!(
        found,
        [
            row(
                "enum value",
                "[7 bytes]",
                "/rows/*/state",
                "/row/properties/state"
            ),
            row(
                "enum value",
                "c",
                "/next",
                "/page/allOf/1/oneOf/1/properties/next"
            ),
            row(
                "enum value",
                "half",
                "/rows/*/state",
                "/row/properties/state"
            ),
            row("key", "more", "", "/page"),
            row("key", "new", "/rows/*", "/row"),
        ],
        "a single value is a constant, which the schema check covers"
    );
    assert!(find(&contract, &contract.schema("/map"), &value).is_empty());
}

#[test]
fn a_schema_with_itself_as_a_property_is_looked_into_as_deep_as_the_value() {
    let contract = contract(json!({ "tree": {
        "properties": { "child": { "$ref": "#/tree" } },
    } }));
    let value = json!({ "child": { "child": { "leaf": 1 } } });
    let found = find(&contract, &contract.schema("/tree"), &value);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].place, "/child/child");
}
