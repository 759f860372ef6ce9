//! Examples, defaults, listed values and extensions are data: no stage reads or rewrites them.

use openapi_pipeline::naming::{self, Names};
use openapi_pipeline::{load, lower, normalise, shape};
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
    let normal = normalise::normalise(&loaded).unwrap();
    let named = naming::apply(normal.clone(), &names()).unwrap();
    let lowered = lower::lower(&named).unwrap();
    [normal, named, lowered]
}

fn names() -> Names {
    Names::parse("[responses]\n\"POST /notes\" = \"NoteList\"").unwrap()
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

/// A value that would be read in every way where a schema or a reference is.
fn like_a_schema() -> Value {
    json!({
        "$ref": "#/components/schemas/Note",
        "nullable": true,
        "type": ["string", "null"],
        "const": 1,
        "exclusiveMinimum": true,
        "description": "Text.",
        "discriminator": { "propertyName": "kind", "mapping": { "note": "#/components/schemas/Note" } },
        "oneOf": [{ "$ref": "#/components/schemas/Note" }, { "$ref": "#/components/schemas/Text" }],
        "properties": { "text": { "$ref": "#/components/schemas/Text" }, "nowhere": { "$ref": "#/nowhere" } },
        "schema": { "$ref": "#/components/schemas/Text" },
        "parameters": [{ "$ref": "#/components/parameters/Limit" }],
        "x-data": { "$ref": "#/components/schemas/Note" },
    })
}

/// A document with the value wherever it may hold data. A component that two stages rename, an
/// alias and a component that allows null are among its schemas.
fn document_of(data: &Value) -> Value {
    let note = json!({ "$ref": "#/components/schemas/Note" });
    let note_with_data = json!({ "schema": note, "example": data });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "T", "version": "1", "x-data": data },
        "paths": { "/notes": {
            "post": {
                "operationId": "any",
                "parameters": [
                    { "$ref": "#/components/parameters/Limit" },
                    { "name": "q", "in": "query", "schema": { "type": "string", "default": data, "examples": [data] } },
                ],
                "requestBody": { "required": true, "content": { "application/json": note_with_data } },
                "responses": { "200": {
                    "description": "D",
                    "headers": { "x-h": { "schema": { "type": "string" }, "example": data } },
                    "content": { "application/json": {
                        "schema": { "$ref": "#/components/schemas/page" },
                        "examples": { "one": { "value": data } },
                    } },
                    "links": { "l": { "operationId": "any", "parameters": { "a": data }, "requestBody": data } },
                } },
                "x-data": data,
            },
        } },
        "components": {
            "parameters": { "Limit": { "name": "limit", "in": "query", "schema": { "type": "integer" }, "example": data } },
            "schemas": {
                "Note": {
                    "type": "object",
                    "properties": {
                        "text": { "$ref": "#/components/schemas/Text" },
                        "any": { "default": data, "x-data": data },
                        "choice": { "type": "object", "enum": [data] },
                    },
                    "examples": [data],
                },
                "Text": { "type": ["string", "null"], "examples": [data] },
                "page": {
                    "type": "object",
                    "default": data,
                    "x-data": data,
                    "properties": { "notes": { "type": "array", "items": { "type": "object", "properties": { "a": { "$ref": "#/components/schemas/Text" } }, "default": data } } },
                },
            },
        },
    })
}

/// The value with `marker` in the place of each piece of data that came through unchanged.
fn marked(value: &Value, data: &Value, marker: &Value) -> Value {
    match value {
        value if value == data => marker.clone(),
        Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), marked(value, data, marker)))
            .collect(),
        Value::Array(entries) => entries
            .iter()
            .map(|entry| marked(entry, data, marker))
            .collect(),
        scalar => scalar.clone(),
    }
}

#[test]
fn never_data_that_looks_like_a_schema_was_rewritten() {
    // Data that looks like nothing takes the same way.
    let (data, marker) = (like_a_schema(), json!({ "data": 0 }));
    let names = Names::default();
    let mut stages = Vec::new();
    for data in [&data, &marker] {
        let document = document_of(data);
        load::check(&document).unwrap();
        let normal = normalise::normalise(&document).unwrap();
        let named = naming::apply(normal.clone(), &names).unwrap();
        let lowered = lower::lower(&named).unwrap();
        let shaped = shape::shape(&lowered, &names).unwrap();
        stages.push([document, normal, named, lowered, shaped.document]);
    }
    for (stage, (with_data, with_marker)) in stages[0].iter().zip(&stages[1]).enumerate() {
        assert_eq!(
            marked(with_data, &data, &marker),
            *with_marker,
            "stage {stage}"
        );
    }
    // The components were renamed, so that a reference in data would have been renamed too.
    let renamed = stages[0][2].pointer("/components/schemas/CreateNote");
    assert!(renamed.is_some(), "{}", stages[0][2]);
}
