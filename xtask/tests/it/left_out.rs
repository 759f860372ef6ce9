//! What cannot be expressed is left out alone, and listed.

use serde_json::{Value, json};
use xtask::codegen::{self, Failure, Files, Sources};

use crate::workbench::{Workbench, sources};

fn generated(document: &Value, overlay: &str) -> Result<Files, Failure> {
    codegen::generate(&Sources {
        upstream: document.to_string(),
        overlay: overlay.to_owned(),
        names: String::new(),
        origin: None,
        ..sources()
    })
}

fn document(paths: &Value, schemas: &Value) -> Value {
    json!({
        "openapi": "3.1.0", "info": { "title": "T", "version": "1" },
        "paths": paths, "components": { "schemas": schemas },
    })
}

fn responding(schema: &Value) -> Value {
    let content = json!({ "application/json": { "schema": schema } });
    json!({ "get": { "responses": { "200": { "description": "", "content": content } } } })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The names of the client's methods.
fn methods(files: &Files) -> Vec<&str> {
    let client = &files[&format!("{}/client.rs", codegen::GENERATED)];
    let methods = client.split("pub async fn ").skip(1);
    methods
        .filter_map(|rest| rest.split(['<', '(']).next())
        .collect()
}

fn odd() -> Value {
    document(
        &json!({
            "/fine": responding(&reference("Fine")),
            "/lost": responding(&json!({ "type": "array", "items": reference("Holder") })),
            "/round": responding(&reference("Round")),
            "/cookie": { "get": {
                "parameters": [{ "name": "c", "in": "cookie", "required": true, "schema": { "type": "array" } }],
                "responses": {},
            } },
            "/part": { "get": {
                "parameters": [{ "name": "c", "in": "cookie", "schema": { "type": "array" } }],
                "frobnicate": true,
                "responses": { "204": { "description": "" } },
            } },
        }),
        &json!({
            "Fine": { "type": "object", "properties": { "a": { "type": "string" } } },
            "Holder": { "type": "object", "properties": { "b": reference("Absent") } },
            "Round": { "allOf": [reference("Round")] },
        }),
    )
}

#[test]
fn an_odd_operation_does_not_stop_the_rest() {
    let files = generated(&odd(), "").unwrap();
    assert_eq!(methods(&files), ["get_fine", "get_part"]);
    insta::assert_snapshot!(codegen::left_out(&files).unwrap());
}

#[test]
fn the_list_is_printed_and_strict_writes_nothing() {
    let bench = Workbench::of_document(odd().to_string().as_bytes());
    let before = bench.state();
    let strict = bench.codegen(&["--strict"]);
    assert_eq!(strict.code, 2, "{}", strict.err);
    assert!(bench.state() == before);
    let output = bench.codegen(&[]);
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(output.out.contains("- `GET /lost`"), "{}", output.out);
    assert_eq!(bench.codegen(&["--check"]).code, 0);
}

#[test]
fn an_overlay_can_supply_what_a_reference_lacks() {
    let document = document(
        &json!({ "/lost": responding(&reference("Absent")) }),
        &json!({}),
    );
    assert!(methods(&generated(&document, "").unwrap()).is_empty());
    let overlay = "overlay: 1.0.0\ninfo: {title: O, version: 1.0.0}\nactions:\n\
                   - target: $.components.schemas\n  description: it is missing\n  update: {Absent: {type: string}}\n";
    let files = generated(&document, overlay).unwrap();
    assert_eq!(methods(&files), ["get_lost"]);
    assert_eq!(codegen::left_out(&files), None);
}

#[test]
fn a_union_of_schemas_that_are_made_from_it_is_one() {
    let made = |name: &str| json!({ "allOf": [reference("Shape"), { "type": "object", "properties": { name: { "type": "number" } } }] });
    let document = document(
        &json!({ "/shapes": responding(&reference("Shape")) }),
        &json!({
            "Shape": {
                "type": "object", "required": ["kind"], "properties": { "kind": { "type": "string" } },
                "oneOf": [reference("Round"), reference("Square")],
                "discriminator": { "propertyName": "kind" },
            },
            "Round": made("radius"),
            "Square": made("side"),
        }),
    );
    let files = generated(&document, "").unwrap();
    assert_eq!(codegen::left_out(&files), None);
    let types = &files[&format!("{}/types.rs", codegen::GENERATED)];
    let (_, round) = types.split_once("pub struct Round {").unwrap();
    let (round, _) = round.split_once("\n}").unwrap();
    assert!(
        round.contains("pub kind: ") && round.contains("pub radius: "),
        "{round}"
    );
}

/// The operations that the client has, in spite of something wrong beside them.
#[test]
fn what_no_client_uses_stops_nothing() {
    let mut document = document(
        &json!({
            "/a": { "get": {
                "parameters": [
                    { "name": "p", "in": "query", "schema": reference("Absent") },
                    { "$ref": "#/components/parameters/Odd" },
                ],
                "callbacks": { "done": { "$ref": "#/components/callbacks/Absent" } },
                "externalDocs": { "description": "without an address" },
                "responses": {
                    "200": {
                        "description": "", "headers": { "x-lost": { "$ref": "#/components/headers/Absent" } },
                        "links": { "next": { "$ref": "#/components/links/Absent" } },
                        "content": { "application/json": {
                            "schema": { "type": "string" },
                            "examples": { "one": { "$ref": "#/components/examples/Absent" }, "two": { "$ref": "#/components/examples/Lost" } },
                        } },
                    },
                    "404": { "$ref": "#/components/responses/Absent" },
                },
            } },
            "/nowhere": { "$ref": "#/components/pathItems/Absent" },
            "no-slash": { "get": { "responses": {} } },
        }),
        &json!({}),
    );
    document["info"] = json!({ "title": "T", "version": 1.0, "license": {}, "contact": "me" });
    document["tags"] = json!([{ "description": "without a name" }]);
    document["webhooks"] = json!({ "w": { "$ref": "#/components/pathItems/Absent" } });
    document["components"] = json!({
        "examples": { "Lost": { "$ref": "#/components/examples/Absent" } },
        "parameters": { "Odd": { "name": "odd", "in": "query", "schema": reference("Absent") } },
    });
    let files = generated(&document, "").unwrap();
    assert_eq!(methods(&files), ["get_a"]);
    insta::assert_snapshot!(codegen::left_out(&files).unwrap());
}

#[test]
fn an_operation_under_an_unknown_method_is_listed_as_one() {
    let fine = json!({ "responses": { "204": { "description": "" } } });
    let files = generated(
        &document(
            &json!({ "/cache": { "get": fine, "purge": fine, "frobnicate": { "a": 1 } } }),
            &json!({}),
        ),
        "",
    )
    .unwrap();
    assert_eq!(methods(&files), ["get_cache"]);
    insta::assert_snapshot!(codegen::left_out(&files).unwrap());
}

#[test]
fn operations_keep_needing_no_key_when_the_one_that_needs_one_is_left_out() {
    let fine = json!({ "responses": { "204": { "description": "" } } });
    let mut secured = fine.clone();
    secured["security"] = json!([{ "key": [] }]);
    let mut unwritable = secured.clone();
    unwritable["parameters"] =
        json!([{ "name": "c", "in": "cookie", "required": true, "schema": { "type": "array" } }]);
    let mut dangling = secured.clone();
    dangling["responses"]["200"] = json!({ "$ref": "#/components/responses/Absent" });
    for odd in [
        json!({ "get": unwritable }),
        json!({ "get": dangling }),
        json!({ "purge": secured }),
    ] {
        let mut document = document(
            &json!({ "/fine": { "get": fine }, "/odd": odd }),
            &json!({}),
        );
        document["components"]["securitySchemes"] =
            json!({ "key": { "type": "apiKey", "in": "header", "name": "X-Key" } });
        let files = generated(&document, "").unwrap();
        assert_eq!(methods(&files), ["get_fine"]);
        let table = &files[&format!("{}/operations.rs", codegen::GENERATED)];
        assert!(table.contains("authenticated: false"), "{odd}\n{table}");
    }
}
