//! JSON Schemas of generated types: that they take what the types read and write, and refuse what
//! they cannot.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};

/// Checks that a type's schema for reading takes a value.
#[track_caller]
pub(crate) fn fits_what_is_read<T: JsonSchema>(value: &Value) {
    fits::<T>(SchemaSettings::draft2020_12().for_deserialize(), value);
}

/// Checks that a type's schema for writing takes a value.
#[track_caller]
pub(crate) fn fits_what_is_written<T: JsonSchema>(value: &Value) {
    fits::<T>(SchemaSettings::draft2020_12().for_serialize(), value);
}

#[track_caller]
fn fits<T: JsonSchema>(settings: SchemaSettings, value: &Value) {
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let schema = schema.to_value();
    let validator = jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{value}\n{errors:?}\n{schema:#}");
}

fn takes<T: JsonSchema>(value: &Value) -> bool {
    let schema = schema_for!(T).to_value();
    let options = jsonschema::draft202012::options();
    let validator = options.should_validate_formats(true).build(&schema);
    validator.unwrap().is_valid(value)
}

#[test]
fn every_limit_is_in_the_schema_of_its_body() {
    let animal = |key: &str, value: Value| {
        let mut animal = json!({ "chip": null, "name": "Momo", "species": "red-panda" });
        animal[key] = value;
        takes::<codegen_fixtures::CreateAnimal>(&animal)
    };
    for (key, kept, broken) in [
        ("name", json!("M"), json!("")),
        ("nickname", json!(null), json!("a".repeat(21))),
        ("tags", json!(["a", "b", "c"]), json!(["a", "b", "c", "d"])),
        ("tags", json!(["a", "b"]), json!(["a", "a"])),
        ("tags", json!(["a".repeat(12)]), json!(["a".repeat(13)])),
        ("weight", json!(20_000), json!(20_000.5)),
        ("weight", json!(0.1), json!(0)),
    ] {
        assert!(animal(key, kept), "{key}");
        assert!(!animal(key, broken), "{key}");
    }
}

#[test]
fn null_is_taken_where_it_can_be_sent_and_nowhere_else() {
    let null = |key: &str| {
        let mut animal = json!({ "chip": "c", "name": "Momo", "species": "red-panda" });
        animal[key] = Value::Null;
        takes::<codegen_fixtures::CreateAnimal>(&animal)
    };
    for key in ["chip", "diet", "keeper", "moods", "arrived_at", "notes"] {
        assert!(null(key), "{key}");
    }
    for key in [
        "name",
        "species",
        "legs",
        "tags",
        "born_on",
        "habitat",
        "measurements",
    ] {
        assert!(!null(key), "{key}");
    }
}

#[test]
fn only_required_properties_are_required() {
    let required = |schema: schemars::Schema| schema.get("required").cloned();
    assert_eq!(
        required(schema_for!(codegen_fixtures::CreateAnimal)),
        Some(json!(["chip", "name", "species"]))
    );
    assert_eq!(required(schema_for!(codegen_fixtures::UpdateAnimal)), None);
}

#[test]
fn a_union_shows_its_members_and_takes_what_it_does_not_know() {
    let schema = schema_for!(codegen_fixtures::Reading).to_value();
    let members = schema["anyOf"].as_array().unwrap();
    for member in [
        json!({ "$ref": "#/$defs/Address" }),
        json!({ "type": "boolean" }),
    ] {
        assert!(members.contains(&member), "{member} is not in {schema:#}");
    }
    assert!(takes::<codegen_fixtures::Event>(
        &json!({ "kind": "birth" })
    ));
}

#[test]
fn a_type_that_contains_itself_has_a_schema_that_ends() {
    let tree = json!({ "name": "root", "children": [{ "name": "leaf", "children": [] }] });
    assert!(takes::<codegen_fixtures::CreateTree>(&tree));
    let broken = json!({ "name": "root", "children": [{ "name": 5 }] });
    assert!(!takes::<codegen_fixtures::CreateTree>(&broken));
}

#[test]
fn descriptions_are_those_of_the_document() {
    let schema = schema_for!(codegen_fixtures::CreateAnimal).to_value();
    assert_eq!(schema["description"], "An animal that moves in.");
    assert_eq!(
        schema["properties"]["chip"]["description"],
        "Number of its chip; null when it has none."
    );
}
