//! Operations that a newer document has and the sandbox has no handler for.

use pivotal_openapi::Document;
use pivotal_sandbox::{Sandbox, stateful_operations};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

use crate::client::{Client, DOCUMENT};

#[test]
fn every_handler_belongs_to_an_operation_of_the_contract() {
    for id in stateful_operations() {
        assert!(Document::contract().operation(id).is_some(), "{id}");
    }
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// The response, not held against this version's contract.
async fn call(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    Reply {
        status,
        headers,
        text,
    }
}

/// A sandbox of a document with `/api/v1/notes`, whose operations are given by method.
async fn with_notes(operations: Value) -> Client {
    let mut document = DOCUMENT.clone();
    document["paths"]["/api/v1/notes"] = operations;
    Client::of(
        Sandbox::builder()
            .contract(document.to_string())
            .rate_limit(50),
    )
    .await
}

fn responding(status: &str, content: impl Into<Value>) -> Value {
    let content = content.into();
    json!({ "operationId": "new", "responses": { status: { "description": "", "content": content } } })
}

#[tokio::test]
async fn a_documented_example_is_the_response() {
    let schema = json!({ "type": "object", "examples": [{ "of": "schema" }] });
    for (content, expected) in [
        (
            json!({ "schema": schema, "example": { "of": "content" } }),
            "content",
        ),
        (
            json!({ "schema": schema, "examples": { "a": { "value": { "of": "first" } }, "b": { "value": 2 } } }),
            "first",
        ),
        (json!({ "schema": schema }), "schema"),
    ] {
        let content = json!({ "application/json": content });
        let pivotal = with_notes(json!({ "get": responding("200", content) })).await;
        let reply = call(pivotal.request(Method::GET, "/notes")).await;
        assert_eq!(
            (reply.status, reply.json()),
            (200, json!({ "of": expected }))
        );
        assert_eq!(reply.headers["content-type"], "application/json");
    }
    // A referenced component has its example too.
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/CustomerList" } } });
    let pivotal = with_notes(json!({ "get": responding("200", content) })).await;
    let list = call(pivotal.request(Method::GET, "/notes")).await.json();
    assert_eq!(list["object"], "list");
}

#[tokio::test]
async fn without_an_example_the_response_fits_the_schema() {
    let tree = json!({
        "type": "object",
        "required": ["name", "children", "parent"],
        "properties": {
            "name": { "type": "string" },
            "children": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
            "parent": { "anyOf": [{ "$ref": "#/components/schemas/Tree" }, { "type": "null" }] },
            "next": { "$ref": "#/components/schemas/Tree" },
        },
    });
    let schemas = [
        json!({ "type": "string", "minLength": 3, "maxLength": 4 }),
        json!({ "type": "string", "minLength": 20 }),
        json!({ "type": ["string", "null"], "format": "date-time" }),
        json!({ "type": "string", "format": "email" }),
        json!({ "type": "string", "format": "uuid" }),
        json!({ "type": "string", "enum": ["gold", "silver"] }),
        json!({ "enum": [null, 7] }),
        json!({ "const": { "a": 1 } }),
        json!({ "type": "integer", "minimum": 5, "multipleOf": 4 }),
        json!({ "type": "integer", "exclusiveMaximum": -3 }),
        json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 }),
        json!({ "type": "number", "maximum": -0.5 }),
        json!({ "type": "array", "items": { "type": "boolean" }, "minItems": 3 }),
        json!({ "type": "array", "items": { "type": "boolean" }, "maxItems": 0 }),
        json!({ "type": "null" }),
        json!(true),
        json!({ "allOf": [
            { "type": "object", "required": ["a"], "properties": { "a": { "type": "integer" } } },
            { "type": "object", "required": ["b"], "properties": { "b": { "type": "string", "format": "date" } } },
        ] }),
        json!({ "allOf": [{ "type": "string", "maxLength": 5 }, { "minLength": 5 }, { "maxLength": 9 }] }),
        json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Error" }] }),
        json!({ "$ref": "#/components/schemas/Onboarding" }),
        json!({ "$ref": "#/components/schemas/Tree" }),
        json!({ "type": "array", "items": { "$ref": "#/components/schemas/Tree" } }),
    ];
    let mut document = DOCUMENT.clone();
    document["components"]["schemas"]["Tree"] = tree;
    // Examples taken out, so that every value is made.
    without_examples(&mut document);
    for (number, schema) in schemas.iter().enumerate() {
        let mut operation = responding("200", json!({ "application/json": { "schema": schema } }));
        operation["operationId"] = json!(format!("new-{number}"));
        document["paths"][format!("/api/v1/new/{number}")] = json!({ "get": operation });
    }
    let pivotal = Client::of(Sandbox::builder().contract(document.to_string())).await;
    for (number, schema) in schemas.iter().enumerate() {
        let reply = call(pivotal.request(Method::GET, &format!("/new/{number}"))).await;
        let whole = json!({ "components": document["components"], "allOf": [schema] });
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&whole)
            .unwrap();
        let response = reply.json();
        let findings: Vec<_> = validator.iter_errors(&response).collect();
        assert!(findings.is_empty(), "{schema}: {response}: {findings:?}");
    }
}

fn without_examples(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("examples");
            members.remove("example");
            members.values_mut().for_each(without_examples);
        }
        Value::Array(items) => items.iter_mut().for_each(without_examples),
        _ => {}
    }
}

#[tokio::test]
async fn a_response_without_content_or_with_another_media_type_is_given() {
    let nothing = json!({ "operationId": "remove", "responses": { "204": { "description": "" } } });
    let csv = json!({ "text/csv; charset=utf-8": { "example": "id,name\n1,Aurora\n" } });
    let pivotal = with_notes(json!({ "delete": nothing, "get": responding("200", csv) })).await;
    let reply = call(pivotal.request(Method::DELETE, "/notes")).await;
    assert_eq!((reply.status, &*reply.text), (204, ""));
    assert!(!reply.headers.contains_key("content-type"));
    let reply = call(pivotal.request(Method::GET, "/notes")).await;
    assert_eq!((reply.status, &*reply.text), (200, "id,name\n1,Aurora\n"));
    assert_eq!(reply.headers["content-type"], "text/csv; charset=utf-8");
}

#[tokio::test]
async fn keys_limits_validation_and_idempotency_are_those_of_every_operation() {
    let content = json!({ "application/json": { "example": { "object": "note" } } });
    let mut post = responding("201", content);
    post["requestBody"] = json!({
        "required": true,
        "content": { "application/json": { "schema": {
            "type": "object", "required": ["text"], "properties": { "text": { "type": "string", "maxLength": 9 } },
        } } },
    });
    post["parameters"] = json!([
        { "name": "depth", "in": "query", "required": true, "schema": { "type": "integer", "maximum": 3 } },
        { "name": "tags", "in": "query", "schema": { "type": "array", "maxItems": 2, "items": { "type": "integer" } } },
        { "name": "X-Mode", "in": "header", "schema": { "enum": ["fast", "safe"] } },
    ]);
    let pivotal = with_notes(json!({ "post": post })).await;
    let send = |path: &str, body: Value| pivotal.request(Method::POST, path).json(&body);
    let good = json!({ "text": "Hello" });

    let url = pivotal.url("/notes?depth=1");
    let reply = call(pivotal.http.post(url).json(&good)).await;
    assert_eq!(
        (reply.status, &reply.json()["error"]["code"]),
        (401, &json!("missing_api_key"))
    );
    for (path, body, code, field) in [
        ("/notes", &good, "missing_field", "depth"),
        ("/notes?depth=4", &good, "too_big", "depth"),
        (
            "/notes?depth=1&tags=1&tags=2&tags=3",
            &good,
            "too_big",
            "tags",
        ),
        ("/notes?depth=1&tags=1,x", &good, "invalid_type", "tags"),
        ("/notes?depth=1", &json!({}), "missing_field", "text"),
        (
            "/notes?depth=1",
            &json!({ "text": "far too long" }),
            "too_big",
            "text",
        ),
    ] {
        let reply = call(send(path, body.clone())).await;
        let error = &reply.json()["error"];
        assert_eq!(
            (reply.status, &error["code"], &error["field"]),
            (400, &json!(code), &json!(field)),
            "{path}"
        );
        assert!(reply.headers.contains_key("x-ratelimit-remaining"));
    }
    let reply = call(send("/notes?depth=1", good.clone()).header("x-mode", "slow")).await;
    assert_eq!(reply.json()["error"]["field"], "X-Mode");

    let path = "/notes?depth=1&tags=1,2";
    let first = call(
        send(path, good.clone())
            .header("idempotency-key", "k")
            .header("x-mode", "fast"),
    )
    .await;
    assert_eq!(
        (first.status, first.json()),
        (201, json!({ "object": "note" }))
    );
    assert_eq!(first.headers["x-ratelimit-limit"], "50");
    let again = call(send(path, good.clone()).header("idempotency-key", "k")).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!((again.status, &again.text), (201, &first.text));
    let other = call(send(path, json!({ "text": "Other" })).header("idempotency-key", "k")).await;
    assert_eq!(other.json()["error"]["code"], "idempotency_key_reused");
    let wrong = call(pivotal.request(Method::GET, "/notes")).await;
    assert_eq!(
        (wrong.status, wrong.headers["allow"].to_str().unwrap()),
        (405, "POST")
    );
}

#[tokio::test]
async fn an_operation_on_a_record_finds_it_and_responds_with_it() {
    let mut document = DOCUMENT.clone();
    let customer = json!({ "schema": { "$ref": "#/components/schemas/Customer" } });
    let archive = responding("200", json!({ "application/json": customer }));
    document["paths"]["/api/v1/customers/{id}/archive"] = json!({ "post": archive });
    let mut health = responding(
        "200",
        json!({ "application/json": { "example": { "score": 7 } } }),
    );
    health["operationId"] = json!("health");
    document["paths"]["/api/v1/customers/{id}/health"] = json!({ "get": health });
    let pivotal = Client::of(Sandbox::builder().contract(document.to_string())).await;
    pivotal.customer("Aurora").await;
    let before = pivotal.get("/customers/1").await.ok();
    let archive = |id: u8| pivotal.request(Method::POST, &format!("/customers/{id}/archive"));
    assert_eq!(call(archive(1)).await.json(), before);
    let health = |id: u8| pivotal.request(Method::GET, &format!("/customers/{id}/health"));
    assert_eq!(call(health(1)).await.json(), json!({ "score": 7 }));
    for unknown in [archive(2), health(2)] {
        let reply = call(unknown).await;
        let code = &reply.json()["error"]["code"];
        assert_eq!((reply.status, code), (404, &json!("customer_not_found")));
    }
    assert_eq!(pivotal.get("/customers/1").await.ok(), before);
}

#[tokio::test]
async fn a_body_that_may_be_left_out_may_be_left_out() {
    let mut post = responding("200", json!({ "application/json": { "example": {} } }));
    let schema = json!({ "type": "object", "properties": { "text": { "type": "string" } } });
    post["requestBody"] = json!({ "content": { "application/json": { "schema": schema } } });
    let pivotal = with_notes(json!({ "post": post })).await;
    let reply = call(pivotal.request(Method::POST, "/notes")).await;
    assert_eq!(reply.status, 200);
    let wrong = pivotal
        .request(Method::POST, "/notes")
        .json(&json!({ "text": 1 }));
    assert_eq!(call(wrong).await.status, 400);
}

#[tokio::test]
async fn a_schema_that_no_value_fits_gives_null() {
    let mut document = DOCUMENT.clone();
    let node = json!({ "$ref": "#/components/schemas/Endless" });
    document["components"]["schemas"]["Endless"] =
        json!({ "type": "object", "required": ["next"], "properties": { "next": node } });
    document["components"]["schemas"]["Customer"]["properties"]["endless"] = node.clone();
    let content = json!({ "application/json": { "schema": node } });
    document["paths"]["/api/v1/notes"] = json!({ "get": responding("200", content) });
    let pivotal = Client::of(Sandbox::builder().contract(document.to_string())).await;
    let reply = call(pivotal.request(Method::GET, "/notes")).await;
    assert_eq!((reply.status, reply.json()), (200, Value::Null));
}

#[tokio::test]
async fn a_deprecated_operation_says_so_on_every_response() {
    let mut document = DOCUMENT.clone();
    let item = &mut document["paths"]["/api/v1/customers/{id}"];
    item["get"]["deprecated"] = json!(true);
    item["get"]["x-removal-date"] = json!("2027-01-31");
    item["delete"]["deprecated"] = json!(true);
    item["patch"]["deprecated"] = json!(false);
    let pivotal = Client::of(Sandbox::builder().contract(document.to_string())).await;
    pivotal.customer("Aurora").await;
    let header = |headers: &HeaderMap| {
        headers
            .get("deprecation")
            .map(|value| value.to_str().unwrap().to_owned())
    };
    for path in ["/customers/1", "/customers/2"] {
        let reply = call(pivotal.request(Method::GET, path)).await;
        assert_eq!(
            header(&reply.headers).as_deref(),
            Some("2027-01-31"),
            "{path}"
        );
    }
    let unknown = call(pivotal.http.get(pivotal.url("/customers/1"))).await;
    assert_eq!(
        (unknown.status, header(&unknown.headers).as_deref()),
        (401, Some("2027-01-31"))
    );
    let reply = call(
        pivotal
            .request(Method::PATCH, "/customers/1")
            .json(&json!({})),
    )
    .await;
    assert_eq!(header(&reply.headers), None);
    let reply = call(pivotal.request(Method::DELETE, "/customers/1")).await;
    assert_eq!(header(&reply.headers).as_deref(), Some("true"));
}
