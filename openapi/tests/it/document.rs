//! Operations, parameters, responses and schemas of a document.

use pivotal_openapi::{Document, schema};
use serde_json::{Value, json};

fn altered(change: impl FnOnce(&mut Value)) -> Result<Document, String> {
    let mut document = Document::contract().value().clone();
    change(&mut document);
    Document::new(document).map_err(|error| error.to_string())
}

#[test]
fn an_operation_is_found_by_id_and_by_rust_name() {
    let contract = Document::contract();
    let create = contract.operation("create-customer").unwrap();
    assert_eq!((create.method, create.path), ("POST", "/api/v1/customers"));
    assert_eq!(create.pointer, "/paths/~1api~1v1~1customers/post");
    assert_eq!(contract.operation("create_customer").unwrap().id, create.id);
    assert_eq!(create.tag(), Some("customers"));
    assert!(create.is_authenticated());
    assert!(!contract.operation("get-health").unwrap().is_authenticated());
    assert!(contract.operation("get-nothing").is_none());
}

#[test]
fn a_status_is_looked_up_by_itself_then_by_class_then_by_default() {
    let document = altered(|document| {
        document["paths"]["/api/v1/me"]["get"]["responses"]["default"] = json!({});
    });
    let document = document.unwrap();
    let documented = |operation: &str, status| {
        let response = document.operation(operation).unwrap().response(status);
        response.map(|response| response.status)
    };
    assert_eq!(documented("create-customer", 201), Some("201"));
    assert_eq!(documented("create-customer", 409), Some("409"));
    assert_eq!(documented("create-customer", 415), Some("4XX"));
    assert_eq!(documented("create-customer", 503), None);
    assert_eq!(documented("get-me", 503), Some("default"));
    let success = document.operation("create-customer").unwrap().success();
    let success = success.unwrap();
    assert_eq!(success.status, "201");
    assert_eq!(success.content().unwrap().schema.name(), Some("Customer"));
}

#[test]
fn an_operation_overrides_the_parameters_of_its_path() {
    let document = altered(|document| {
        document["paths"]["/api/v1/customers"]["parameters"] = json!([
            { "name": "limit", "in": "query", "required": true },
            { "name": "region", "in": "query", "required": true },
        ]);
    });
    let document = document.unwrap();
    let list = document.operation("list-customers").unwrap();
    let limit = list.parameter("query", "limit").unwrap();
    assert!(!limit.required && limit.schema.value["maximum"] == 100);
    let region = list.parameter("query", "region").unwrap();
    assert!(region.required && *region.schema.value == json!(true));
    assert!(list.parameter("header", "limit").is_none());
    // A referenced parameter is read where it is defined.
    let create = document.operation("create-customer").unwrap();
    let key = create.parameter("header", "Idempotency-Key").unwrap();
    let pointer = "/components/parameters/IdempotencyKey/schema";
    assert_eq!(key.schema.pointer, pointer);
}

#[test]
fn a_body_is_json_where_json_is_documented() {
    let document = altered(|document| {
        let create = &mut document["paths"]["/api/v1/customers"]["post"];
        let content = create["requestBody"]["content"].as_object_mut().unwrap();
        content.insert("application/a".to_owned(), json!({}));
        content["application/json"]["example"] = json!(1);
        content["application/json"]["examples"] = json!({ "named": { "value": 2 } });
        let me = &mut document["paths"]["/api/v1/me"]["get"]["responses"]["200"];
        me["content"] = json!({ "text/plain": { "schema": { "type": "string" } } });
    });
    let document = document.unwrap();
    let body = document.operation("create-customer").unwrap().body();
    let body = body.unwrap();
    assert!(body.required);
    assert_eq!(body.content.media_type, "application/json");
    assert_eq!(body.content.examples, [&json!(1), &json!(2)]);
    let me = document.operation("get-me").unwrap();
    assert!(me.body().is_none());
    let text = me.success().unwrap().content().unwrap();
    assert_eq!(text.media_type, "text/plain");
    assert_eq!(text.schema.name(), None);
}

#[test]
fn headers_are_read_where_they_are_defined() {
    let contract = Document::contract();
    let response = contract.operation("get-customer").unwrap().success();
    let limit = response
        .unwrap()
        .headers()
        .find(|header| header.name == "X-RateLimit-Limit")
        .unwrap();
    assert_eq!(limit.pointer, "/components/headers/X-RateLimit-Limit");
    assert_eq!(schema::types(limit.schema.value), ["integer"]);
}

#[test]
fn properties_of_all_members_are_found() {
    let document = altered(|document| {
        document["components"]["schemas"]["Both"] = json!({
            "allOf": [{ "$ref": "#/components/schemas/Deleted" }, { "properties": { "a": {} } }],
            "properties": { "b": {} },
        });
    });
    let document = document.unwrap();
    let both = document.schema("Both").unwrap();
    let names: Vec<_> = document.properties(both).into_keys().collect();
    assert_eq!(names, ["a", "b", "deleted", "display_id", "id", "object"]);
    let schemas: Vec<_> = document.schemas().map(|schema| schema.pointer).collect();
    assert!(schemas.contains(&"/components/schemas/Both".to_owned()));
}

#[test]
fn unreadable_values_are_rejected_with_their_place() {
    let schemas = |name: &str, schema: Value| {
        altered(|document| document["components"]["schemas"][name] = schema)
    };
    let get_me = |member: &str, value: Value| {
        altered(|document| document["paths"]["/api/v1/me"]["get"][member] = value)
    };
    let refers = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    for (document, place) in [
        (altered(|document| *document = json!([])), "/paths"),
        (
            schemas("A", json!({ "items": refers("Nothing") })),
            "/components/schemas/A/items: the reference `#/components/schemas/Nothing`",
        ),
        (schemas("A", refers("A")), "/components/schemas/A"),
        (
            schemas("A", json!({ "allOf": [refers("A")] })),
            "/components/schemas/A/allOf/0",
        ),
        (
            get_me("operationId", Value::Null),
            "/paths/~1api~1v1~1me/get: an operation has no operationId",
        ),
        (
            get_me("parameters", json!([{ "in": "query" }])),
            "/paths/~1api~1v1~1me/get: a parameter has no name or place",
        ),
    ] {
        let error = document.unwrap_err();
        assert!(error.starts_with(place), "{error}");
    }
    let error = Document::parse("{").unwrap_err().to_string();
    assert!(error.contains("line 1 column 1"), "{error}");
}

#[test]
fn a_json_schema_is_complete_by_itself() {
    let contract = Document::contract();
    let list = contract.operation("list-customers").unwrap();
    let limit = list.parameter("query", "limit").unwrap();
    let schema = contract.json_schema(&limit.schema.pointer);
    let reference = schema["$ref"].as_str().unwrap();
    assert!(!reference.contains('{'), "{reference}");
    assert!(schema["paths"].is_object() || limit.schema.pointer.starts_with("/components"));
    let customer = contract.json_schema("/components/schemas/Customer");
    assert_eq!(customer["$ref"], "#/components/schemas/Customer");
    assert!(customer.get("paths").is_none());
}
