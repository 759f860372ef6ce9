//! Documents around the one thing that changes, and what is found.

use openapi_diff::{Level, Promises, Report, diff};
use openapi_pipeline::load;
use serde_json::{Value, json};

/// A value written as YAML.
pub(crate) fn yaml(text: &str) -> Value {
    yaml_serde::from_str(text).unwrap_or_else(|error| panic!("{error} in\n{text}"))
}

/// What a comparison finds; both documents must be ones that can be loaded.
pub(crate) fn compared(base: &Value, revision: &Value) -> Report {
    for document in [base, revision] {
        load::check(document).unwrap_or_else(|problems| panic!("{problems}\n{document:#}"));
    }
    diff(base, revision, &Promises::none()).unwrap()
}

/// The rules and levels of a report, each once, in alphabetical order.
pub(crate) fn found(report: &Report) -> Vec<(&'static str, Level)> {
    let mut found: Vec<_> = report
        .iter()
        .map(|finding| (finding.id, finding.level))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// A document of version 3.1 with these members, in YAML; `paths` may be left out.
pub(crate) fn document(members: &str) -> Value {
    let mut document =
        json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}});
    for (key, value) in yaml(members).as_object().unwrap() {
        document[key] = value.clone();
    }
    document
}

/// A document with one operation, `POST /a`, in YAML.
pub(crate) fn operation(operation: &str) -> Value {
    let mut document = document("{}");
    document["paths"]["/a"]["post"] = yaml(operation);
    let operation = &mut document["paths"]["/a"]["post"];
    if operation.get("responses").is_none() {
        operation["responses"] = json!({});
    }
    document
}

/// Where a schema can position: how the names of rules begin there, and whether the server sends it.
pub(crate) const POSITIONS: [(&str, bool); 7] = [
    ("request-body-", false),
    ("request-property-", false),
    ("request-parameter-", false),
    ("request-parameter-property-", false),
    ("response-body-", true),
    ("response-property-", true),
    ("response-header-", true),
];

/// A document with a schema where the names of rules begin like this, and components.
pub(crate) fn with_schema_at(position: &str, schema: &Value, components: &Value) -> Value {
    let inside = json!({"type": "object", "properties": {"p": schema}});
    let body = |schema: &Value| json!({"content": {"application/json": {"schema": schema}}});
    let parameter = |schema: &Value| json!([{"name": "q", "in": "query", "style": "deepObject", "schema": schema}]);
    let response = |response: Value| json!({"200": response});
    let (key, value) = match position {
        "request-body-" => ("requestBody", body(schema)),
        "request-property-" => ("requestBody", body(&inside)),
        "request-parameter-" => ("parameters", parameter(schema)),
        "request-parameter-property-" => ("parameters", parameter(&inside)),
        "response-body-" => ("responses", response(body(schema))),
        "response-property-" => ("responses", response(body(&inside))),
        "response-header-" => (
            "responses",
            response(json!({"headers": {"X-H": {"schema": schema}}})),
        ),
        other => panic!("there is no position {other}"),
    };
    let mut document = operation("{}");
    document["paths"]["/a"]["post"][key] = value;
    document["components"]["schemas"] = components.clone();
    document
}
