//! JSON Schemas of the types that generated code is built from.

use pivotal_runtime::schema::{BodySchema, union};
use pivotal_runtime::{ConstraintKind, Patch};
use schemars::{SchemaGenerator, json_schema, schema_for};
use serde_json::{Value, json};

pivotal_runtime::open_enum! {
    /// Where a thing stands.
    ///
    /// It moves on.
    #[derive(Default)]
    enum Phase {
        /// Not begun.
        #[default]
        Draft = "draft",
        /// In use.
        Launch = "launch",
    }
}

#[test]
fn an_open_enum_is_a_string_with_its_known_values_as_examples() {
    assert_eq!(
        schema_for!(Phase).to_value(),
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Phase",
            "description": "Where a thing stands.\n\nIt moves on.",
            "type": "string",
            "examples": ["draft", "launch"],
        })
    );
}

#[test]
fn the_examples_of_an_open_enum_are_what_it_knows() {
    let schema = schema_for!(Phase);
    for example in schema.get("examples").and_then(Value::as_array).unwrap() {
        assert!(Phase::from(example.as_str().unwrap()).is_known());
    }
}

#[test]
fn a_patch_is_its_value_or_null() {
    assert_eq!(
        schema_for!(Patch<i64>).get("type"),
        Some(&json!(["integer", "null"]))
    );
}

#[test]
fn every_limit_becomes_its_keyword_at_its_place() {
    let mut generator = SchemaGenerator::default();
    let schema = BodySchema::new(&mut generator, "")
        .optional::<Vec<Vec<String>>>("rows")
        .describe("rows", "Rows.")
        .limit(&["rows"], ConstraintKind::MaxItems(3))
        .limit(&["rows", "*"], ConstraintKind::UniqueItems)
        .limit(&["rows", "*", "*"], ConstraintKind::MaxLength(9))
        .format(&["rows", "*", "*"], "email")
        .patch::<Phase>("phase")
        .describe("phase", "Which.")
        .end();
    assert_eq!(
        schema.to_value(),
        json!({
            "type": "object",
            "properties": {
                "rows": {
                    "description": "Rows.",
                    "type": "array",
                    "maxItems": 3,
                    "items": {
                        "type": "array",
                        "uniqueItems": true,
                        "items": { "type": "string", "maxLength": 9, "format": "email" },
                    },
                },
                "phase": {
                    "description": "Which.",
                    "anyOf": [{ "$ref": "#/$defs/Phase" }, { "type": "null" }],
                },
            },
            "additionalProperties": true,
        })
    );
}

#[test]
fn a_union_shows_its_members_and_takes_what_it_does_not_know() {
    let schema = union("Either.", [json_schema!({ "type": "string" })]);
    assert_eq!(
        schema.to_value(),
        json!({
            "description": "Either.",
            "anyOf": [
                { "type": "string" },
                { "description": "A value of a form that this version does not know." },
            ],
        })
    );
}
