//! Examples, defaults, listed values and extensions are data: no stage reads or rewrites them.

use openapi_pipeline::naming::{self, Names};
use openapi_pipeline::normalise::normalise;
use openapi_pipeline::{load, lower, shape};
use serde_json::{Value, json};

/// Data that looks like references and schemas. Every stage would change something of it, if it
/// took it for one.
fn data() -> Value {
    json!({
        "$ref": "#/components/schemas/Note",
        "nullable": true,
        "type": ["string", "null"],
        "const": 1,
        "example": {"$ref": "#/components/schemas/Slug"},
        "description": "Not a description.",
        "allOf": [{"$ref": "#/components/schemas/Body"}],
        "discriminator": {"propertyName": "kind", "mapping": {"a": "#/components/schemas/Body"}},
        "oneOf": [{"$ref": "#/components/schemas/Body"}],
        "schema": {"$ref": "#/components/schemas/lower_case"},
    })
}

fn document(data: &Value) -> Value {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let content = |name: &str| {
        json!({"application/json": {
            "schema": reference(name),
            "example": data,
            "x-data": data,
        }})
    };
    json!({
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/notes": {"post": {
            "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"},
                "examples": {"one": {"value": data}}}],
            "requestBody": {"content": content("Body")},
            "responses": {"200": {"description": "", "content": content("lower_case")}},
        }}},
        "components": {"schemas": {
            "Body": {"type": "object", "properties": {"n": {"type": "integer"}}, "x-data": data},
            // Renamed while shaping, and nullable, an alias.
            "lower_case": {"type": "object", "properties": {
                "note": reference("Note"),
                "any": {"default": data, "examples": [data], "x-data": data},
                "listed": {"enum": [data]},
            }},
            "Note": {"type": ["object", "null"], "properties": {"slug": reference("Slug")}},
            "Slug": {"type": ["string", "null"]},
        }},
    })
}

fn holds(document: &Value, pointer: &str) -> bool {
    document
        .pointer(pointer)
        .is_some_and(|value| *value == data())
}

/// The document lowered, under its names.
fn lowered(data: &Value) -> [Value; 3] {
    let loaded = load::document(&document(data).to_string(), "data.json").unwrap();
    let normal = normalise(&loaded).unwrap();
    let named = naming::apply(normal.clone(), &names()).unwrap();
    let lowered = lower::lower(&named).unwrap();
    [normal, named, lowered]
}

fn names() -> Names {
    Names::parse("[answers]\n\"POST /notes\" = \"NoteList\"").unwrap()
}

#[test]
fn data_that_looks_like_references_and_schemas_passes_every_stage_unchanged() {
    let [normal, named, lowered] = lowered(&data());
    let operation = "/paths/~1notes/post";
    for (stage, document, response, example) in [
        ("normalise", &normal, "lower_case", "examples/0"),
        ("naming", &named, "NoteList", "examples/0"),
        ("lower", &lowered, "NoteList", "example"),
    ] {
        let body = if stage == "normalise" {
            "Body"
        } else {
            "CreateNote"
        };
        for place in [
            format!("{operation}/parameters/0/examples/one/value"),
            format!("{operation}/requestBody/content/application~1json/example"),
            format!("{operation}/requestBody/content/application~1json/x-data"),
            format!("{operation}/responses/200/content/application~1json/example"),
            format!("/components/schemas/{body}/x-data"),
            format!("/components/schemas/{response}/properties/any/default"),
            format!("/components/schemas/{response}/properties/any/{example}"),
            format!("/components/schemas/{response}/properties/any/x-data"),
            format!("/components/schemas/{response}/properties/listed/enum/0"),
        ] {
            assert!(holds(document, &place), "{stage}: {place} in {document:#}");
        }
    }
}

#[test]
fn data_that_looks_like_references_and_schemas_changes_nothing_that_is_generated() {
    let shaped = |data: &Value| {
        let [.., mut document] = lowered(data);
        let properties = document.pointer_mut("/components/schemas/NoteList/properties");
        let properties = properties.and_then(Value::as_object_mut).unwrap();
        // Whether listed values are strings does matter.
        properties.remove("listed");
        shape::shape(&document, &names()).unwrap()
    };
    assert_eq!(shaped(&data()), shaped(&json!("text")));
}
