//! Small documents around what a test is about.

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
