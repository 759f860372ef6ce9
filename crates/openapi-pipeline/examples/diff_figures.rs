//! What a comparison of two large documents costs, as JSON: `cargo run --release -p openapi-pipeline --example diff_figures`.
//!
//! The documents have as many operations as a line says, each with parameters, a body of its own, answers, and schemas that it
//! shares with all others; between the two, one operation in ten and one shared schema differ. Times are
//! processor time, so that others at work on the machine do not count. Fails when the comparison of 5,000 operations takes a second
//! or longer.

use std::process::ExitCode;

use cpu_time::ProcessTime;
use openapi_pipeline::diff::{Promises, diff};
use openapi_pipeline::load;
use serde_json::{Map, Value, json};

/// What the comparison of 5,000 operations may take, in milliseconds.
const BUDGET: f64 = 1000.0;

fn main() -> ExitCode {
    let mut figures = Vec::new();
    let mut within = true;
    for operations in [100, 1000, 5000] {
        let texts = [false, true].map(|changed| document(operations, changed).to_string());
        let read = ProcessTime::now();
        let [base, revision] = texts
            .each_ref()
            .map(|text| load::document(text, "synthetic.json"));
        let read = milliseconds(read);
        let (Ok(base), Ok(revision)) = (base, revision) else {
            eprintln!("a synthetic document cannot be read");
            return ExitCode::FAILURE;
        };
        let compare = ProcessTime::now();
        let report = diff(&base, &revision, &Promises::none());
        let compare = milliseconds(compare);
        within &= operations < 5000 || compare < BUDGET;
        figures.push(json!({
            "operations": operations,
            "bytes": texts[0].len() + texts[1].len(),
            "findings": report.map(|report| report.len()).unwrap_or_default(),
            "load_ms": read,
            "diff_ms": compare,
        }));
    }
    println!("{:#}", Value::from(figures));
    if within {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn milliseconds(start: ProcessTime) -> f64 {
    (start.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}

fn document(operations: usize, changed: bool) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    schemas.insert("Error".to_owned(), json!({
        "type": "object", "required": ["type", "message"],
        "properties": { "type": { "type": "string", "enum": ["conflict", "not_found", "invalid"] }, "message": text(changed) },
    }));
    schemas.insert("Tag".to_owned(), json!({ "type": "object", "properties": { "name": text(false), "parent": reference("Tag") } }));
    for n in 0..operations {
        let differs = changed && n % 10 == 0;
        let mut properties = Map::new();
        for field in 0..12 {
            properties.insert(format!("field_{field}"), text(differs && field == 3));
        }
        properties.insert(
            "tags".to_owned(),
            json!({ "type": "array", "items": reference("Tag") }),
        );
        properties.insert(
            "amount".to_owned(),
            json!({ "type": if differs { "number" } else { "integer" }, "minimum": 0 }),
        );
        schemas.insert(
            format!("Thing{n}"),
            json!({ "type": "object", "required": ["field_0"], "properties": properties }),
        );
        let page = json!({ "type": "object", "properties": { "data": { "type": "array", "items": reference(&format!("Thing{n}")) } } });
        let parameters: Vec<Value> = ["limit", "cursor", "sort"].iter()
            .map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string", "maxLength": 50 } })).collect();
        paths.insert(format!("/things{n}/{{id}}"), json!({ "post": {
            "operationId": format!("create_thing_{n}"),
            "parameters": parameters,
            "requestBody": { "required": true, "content": content(&reference(&format!("Thing{n}"))) },
            "responses": {
                "200": { "description": "Done.", "content": content(&page) },
                "404": { "description": "Not found.", "content": content(&reference("Error")) },
                "default": { "description": "Failed.", "content": content(&reference("Error")) },
            },
        }}));
    }
    json!({ "openapi": "3.1.0", "info": { "title": "Synthetic", "version": "1" }, "paths": paths, "components": { "schemas": schemas } })
}

fn text(nullable: bool) -> Value {
    let kind = if nullable {
        json!(["string", "null"])
    } else {
        json!("string")
    };
    json!({ "type": kind, "description": "A text that says something about the thing.", "maxLength": 200 })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}
