//! Small documents around what a test is about.

use openapi_pipeline::naming::{self, Names};
use openapi_pipeline::shape::{self, Shaped};
use openapi_pipeline::{Problems, load, lower, normalise};
use serde_json::{Value, json};

/// A value written as YAML.
pub(crate) fn yaml(text: &str) -> Value {
    yaml_serde::from_str(text).unwrap_or_else(|error| panic!("{error} in\n{text}"))
}

/// A document of OpenAPI 3.1 with one schema, `S`, and the schemas `Pet` and `Owner` to refer to.
pub(crate) fn with_schema(schema: Value) -> Value {
    let mut document = with(
        "{}",
        "{schemas: {Pet: {type: object}, Owner: {type: object}}}",
    );
    document["components"]["schemas"]["S"] = schema;
    document
}

/// The schema `S` of a document.
pub(crate) fn schema(document: &Value) -> &Value {
    &document["components"]["schemas"]["S"]
}

/// A document of OpenAPI 3.1 with these paths and components, in YAML.
pub(crate) fn with(paths: &str, components: &str) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": yaml(paths),
        "components": yaml(components),
    })
}

/// A document with these paths and schemas after every stage, without names chosen by hand.
pub(crate) fn shaped(paths: &Value, schemas: &Value) -> Result<Shaped, Problems> {
    shaped_document(&json!({
        "openapi": "3.1.0",
        "info": { "title": "T", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    }))
}

/// A document after every stage, without names chosen by hand.
pub(crate) fn shaped_document(document: &Value) -> Result<Shaped, Problems> {
    load::check(document)?;
    let names = Names::default();
    let named = naming::apply(normalise::normalise(document)?, &names)?;
    shape::shape(&lower::lower(&named)?, &names)
}

/// The operation `POST /a` with a body of this schema.
pub(crate) fn sends(schema: &Value) -> Value {
    json!({ "/a": { "post": {
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
        "responses": { "204": { "description": "D" } },
    } } })
}

/// The operation `GET /a` with a response of this schema.
pub(crate) fn responds(schema: &Value) -> Value {
    json!({ "/a": { "get": { "responses": { "200": {
        "description": "D",
        "content": { "application/json": { "schema": schema } },
    } } } } })
}

/// A reference to a schema component.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
