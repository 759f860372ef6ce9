//! An independent check of responses against the contract. The `sandbox` benchmark uses it too.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

/// The contract that the sandbox serves.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(pivotal_openapi::CONTRACT).unwrap());

/// Headers that every response carries, whatever the operation.
const ALWAYS: [&str; 3] = [
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

/// The problems of a response: its status, headers and body. Without a body, as for `HEAD`, only the
/// rest is checked. Requests outside the contract must return an error in the envelope.
pub(crate) fn findings(
    method: &Method,
    path: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: Option<&Value>,
) -> Vec<String> {
    let mut findings = Vec::new();
    if headers
        .get("content-type")
        .is_none_or(|value| value != "application/json")
    {
        findings.push(format!("content-type: {:?}", headers.get("content-type")));
    }
    for name in ALWAYS {
        if !headers.get(name).is_some_and(is_whole_number) {
            findings.push(format!("{name}: {:?}", headers.get(name)));
        }
    }
    let retry_after = headers.get("retry-after");
    if status == StatusCode::TOO_MANY_REQUESTS && !retry_after.is_some_and(is_whole_number) {
        findings.push(format!("retry-after: {retry_after:?}"));
    }
    let response = match operation(method, path) {
        None => {
            json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } } })
        }
        Some((id, operation)) => match documented(operation, status) {
            Some(response) => response.clone(),
            None => {
                findings.push(format!("{id} does not document {status}"));
                return findings;
            }
        },
    };
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let Some(value) = headers.get(name) else {
            continue;
        };
        let text = value.to_str().unwrap_or_default();
        let value = text
            .parse()
            .map_or_else(|_| json!(text), |number: i64| json!(number));
        let schema = &resolve(header)["schema"];
        findings.extend(errors(schema, &value, name));
    }
    if let Some(body) = body {
        let schema = &response["content"]["application/json"]["schema"];
        findings.extend(errors(schema, body, "body"));
    }
    findings
}

fn is_whole_number(value: &reqwest::header::HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| text.parse::<u64>().is_ok())
}

/// The operation at a path, with its ID. A literal path takes precedence over one with parameters.
pub(crate) fn operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let fits = |template: &str| {
        let (template, path): (Vec<_>, Vec<_>) =
            (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len()
            && template
                .iter()
                .zip(&path)
                .all(|(wanted, found)| wanted.starts_with('{') || wanted == found)
    };
    let (_, item) = DOCUMENT["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(template, _)| fits(template))
        .min_by_key(|(template, _)| template.matches('{').count())?;
    let method = if *method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let operation = item.get(method.as_str().to_lowercase())?;
    Some((operation["operationId"].as_str().unwrap(), operation))
}

/// What an operation documents for a status: exactly, or for its class.
fn documented(operation: &'static Value, status: StatusCode) -> Option<&'static Value> {
    let exact = status.as_str();
    let class = format!("{}XX", &exact[..1]);
    let responses = operation["responses"].as_object().unwrap();
    let response = responses.get(exact).or_else(|| responses.get(&class))?;
    Some(resolve(response))
}

fn resolve(value: &Value) -> &Value {
    match value["$ref"].as_str() {
        Some(reference) => DOCUMENT
            .pointer(reference.strip_prefix('#').unwrap())
            .unwrap(),
        None => value,
    }
}

/// The violations of a schema by a value. Compiled schemas are kept, because responses are many and
/// schemas few.
fn errors(schema: &Value, value: &Value, place: &str) -> Vec<String> {
    static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> =
        LazyLock::new(Mutex::default);
    let compiled = Arc::clone(
        COMPILED
            .lock()
            .unwrap()
            .entry(schema.to_string())
            .or_insert_with(|| Arc::new(compile(schema))),
    );
    compiled
        .iter_errors(value)
        .map(|error| format!("{place}{}: {error}", error.instance_path()))
        .collect()
}

fn compile(schema: &Value) -> Validator {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": DOCUMENT["components"],
        "allOf": [schema],
    });
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}
