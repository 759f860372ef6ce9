//! What cannot be expressed: one error a place, all in one run, each with a way out that works.

use serde_json::{Value, json};
use xtask::codegen::{self, Failure, Files, Sources};

use crate::workbench::{Workbench, generated_by_rule, sources};

/// A document of one operation; `operation` is merged into it.
fn calling(method: &str, path: &str, operation: Value) -> Value {
    let mut whole = json!({ "responses": { "200": { "description": "Yes." } } });
    whole
        .as_object_mut()
        .unwrap()
        .extend(operation.as_object().unwrap().clone());
    let mut document =
        json!({ "openapi": "3.1.0", "info": { "title": "T", "version": "1" }, "paths": {} });
    document["paths"][path] = json!({ method: whole });
    document
}

fn with_parameter(path: &str, parameter: Value) -> Value {
    calling("get", path, json!({ "parameters": [parameter] }))
}

fn document_with_response(schema: Value) -> Value {
    let content = json!({ "application/json": { "schema": schema } });
    calling(
        "get",
        "/a",
        json!({ "responses": { "200": { "description": "Yes.", "content": content } } }),
    )
}

fn property(schema: Value) -> Value {
    document_with_response(json!({ "type": "object", "properties": { "p": schema } }))
}

fn with_security(security: Value, schemes: Value) -> Value {
    let mut document = calling("get", "/a", json!({ "security": security }));
    document["components"] = json!({ "securitySchemes": schemes });
    document
}

pub(crate) fn cases() -> Vec<(&'static str, Value)> {
    let text = || json!({ "type": "string" });
    let list = || json!({ "type": "array", "items": { "type": "string" } });
    let nested = || json!({ "type": "array", "items": { "type": "object" } });
    let key = |name: &str| json!({ "type": "apiKey", "in": "header", "name": name });
    let query = |schema: Value, required: bool| json!({ "name": "o", "in": "query", "required": required, "schema": schema });
    vec![
        (
            "a list in a cookie",
            with_parameter(
                "/a",
                json!({ "name": "session", "in": "cookie", "schema": list() }),
            ),
        ),
        (
            "a list of objects in a query",
            with_parameter("/a", query(nested(), false)),
        ),
        (
            "a list of objects that is required in a query",
            with_parameter("/a", query(nested(), true)),
        ),
        (
            "an object with pipes in a query",
            with_parameter(
                "/a",
                json!({ "name": "o", "in": "query", "style": "pipeDelimited", "schema": { "type": "object", "additionalProperties": { "type": "string" } } }),
            ),
        ),
        (
            "a matrix in a path",
            with_parameter(
                "/a/{m}",
                json!({ "name": "m", "in": "path", "required": true, "style": "matrix", "schema": text() }),
            ),
        ),
        (
            "a header of no name",
            with_parameter(
                "/a",
                json!({ "name": "X L", "in": "header", "schema": text() }),
            ),
        ),
        (
            "a path parameter that the path has not",
            with_parameter(
                "/a",
                json!({ "name": "id", "in": "path", "required": true, "schema": text() }),
            ),
        ),
        (
            "a parameter without a place",
            with_parameter("/a", json!({ "name": "id", "schema": text() })),
        ),
        (
            "a part of a value in the query of a path",
            calling("get", "/a?b=c{d}", json!({})),
        ),
        (
            "an operator in a path",
            calling("get", "/a/{+rest}", json!({})),
        ),
        (
            "two keys in one header",
            with_security(
                json!([{ "one": [], "two": [] }]),
                json!({ "one": key("Authorization"), "two": { "type": "http", "scheme": "bearer" } }),
            ),
        ),
        (
            "a key that is not described",
            with_security(json!([{ "ghost": [] }]), json!({})),
        ),
        (
            "a password that is not sent",
            with_security(
                json!([{ "one": [] }]),
                json!({ "one": { "type": "http", "scheme": "digest" } }),
            ),
        ),
        (
            "another server",
            calling(
                "get",
                "/a",
                json!({ "servers": [{ "url": "https://other.example" }] }),
            ),
        ),
        (
            "a reference to nothing",
            property(json!({ "$ref": "#/components/schemas/Missing" })),
        ),
        (
            "an unknown keyword",
            property(json!({ "type": "string", "frobnicate": true })),
        ),
        (
            "parts that contradict each other",
            property(json!({ "allOf": [
            { "type": "object", "properties": { "q": text() } }, { "type": "object", "properties": { "q": { "type": "boolean" } } }] })),
        ),
        ("unions that contain each other", {
            let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
            let mut document = document_with_response(reference("One"));
            document["components"]["schemas"] = json!({
                "One": { "oneOf": [reference("Two"), { "type": "integer" }] },
                "Two": { "anyOf": [text(), reference("One"), reference("Two")] },
            });
            document
        }),
        (
            "a body of a range of types",
            calling(
                "put",
                "/a",
                json!({ "requestBody": { "content": { "image/*": {} } } }),
            ),
        ),
        (
            "a parameter of no media type",
            with_parameter("/a", json!({ "name": "q", "in": "query", "content": {} })),
        ),
        (
            "a path that no URL has",
            calling("get", "/a//b/%2E./c", json!({})),
        ),
        (
            "an object in a form that is to be XML",
            calling(
                "put",
                "/a",
                json!({ "requestBody": { "content": { "application/x-www-form-urlencoded": {
                    "schema": { "type": "object", "properties": { "o": { "type": "object" } } },
                    "encoding": { "o": { "contentType": "text/xml" } },
                } } } }),
            ),
        ),
        (
            "an operation and a part of it",
            with_parameter(
                "/a/{+rest}",
                json!({ "name": "X L", "in": "header", "schema": text() }),
            ),
        ),
    ]
}

/// What only a person knows.
const FILLED: [(&str, &str); 4] = [
    ("a parameter without a place", "query"),
    ("a key that is not described", "basic"),
    ("a reference to nothing", "{type: object}"),
    ("a body of a range of types", "image/png"),
];

fn refused(document: &Value) -> String {
    match generated_by_rule(document) {
        Ok(_) => panic!("this was generated: {document:#}"),
        Err(failure) => {
            assert_eq!(
                failure.exit_code(),
                xtask::exit::UNUSABLE_INPUT,
                "{failure}"
            );
            failure.to_string()
        }
    }
}

/// The overlay actions that a text of problems proposes.
fn remedies(problems: &str) -> String {
    let lines = problems
        .lines()
        .filter_map(|line| line.strip_prefix("    "));
    format!(
        "overlay: 1.0.0\ninfo: {{title: Remedies, version: 1.0.0}}\nactions:\n{}\n",
        lines.collect::<Vec<_>>().join("\n")
    )
}

fn overlaid(document: &Value, overlay: &str) -> Result<Files, Failure> {
    let empty = String::new();
    let overlay = overlay.to_owned();
    codegen::generate(&Sources {
        upstream: document.to_string(),
        overlay,
        names: empty,
        origin: None,
        strict: true,
        ..sources()
    })
}

#[test]
fn every_refusal_says_where_what_why_and_what_to_do() {
    let messages: Vec<String> = cases()
        .iter()
        .map(|(name, document)| format!("== {name}\n{}", refused(document)))
        .collect();
    insta::assert_snapshot!(messages.join("\n\n"));
}

#[test]
fn the_proposed_overlay_action_resolves_it() {
    for (name, document) in cases() {
        let overlay = remedies(&refused(&document));
        let filled = FILLED.iter().find(|(of, _)| *of == name);
        if let Some((_, value)) = filled {
            let failure = overlaid(&document, &overlay).unwrap_err().to_string();
            assert!(failure.contains("overlay.yaml: line"), "{name}: {failure}");
            assert!(overlay.contains("@FILL_IN"), "{name}: {overlay}");
            let overlay = overlay.replace("@FILL_IN", value);
            overlaid(&document, &overlay).unwrap_or_else(|failure| panic!("{name}: {failure}"));
            continue;
        }
        if let Err(failure) = overlaid(&document, &overlay) {
            panic!("{name}:\n{overlay}\n{failure}");
        }
    }
}

#[test]
fn problems_at_several_places_are_reported_together_and_resolved_together() {
    let text = json!({ "type": "string" });
    let mut document = calling(
        "get",
        "/a",
        json!({ "parameters": [
        { "name": "first", "in": "cookie", "schema": { "type": "array" } },
        { "name": "kept", "in": "query", "schema": text },
        { "name": "second", "in": "cookie", "schema": { "type": "array" } },
        { "name": "filter", "in": "query", "style": "pipeDelimited", "schema": { "type": "object" } },
    ] }),
    );
    document["paths"]["/b"] = json!({ "post": {
        "responses": { "200": { "description": "Yes.", "content": { "application/json": { "schema": {
            "type": "array", "$id": "a", "$anchor": "b" } } } } },
    } });
    let messages = refused(&document);
    insta::assert_snapshot!(messages);
    assert!(messages.ends_with("5 problems"));
    let files = overlaid(&document, &remedies(&messages)).unwrap();
    assert!(files[&format!("{}/client.rs", codegen::GENERATED)].contains("kept: Option<&'a str>"));
}

#[test]
fn a_refused_document_touches_no_file() {
    let bench = Workbench::of_document(crate::elsewhere::pets_3_1().to_string().as_bytes());
    assert_eq!(bench.codegen(&["--strict"]).code, 0);
    let (_, document) = &cases()[0];
    bench.write("openapi/upstream.json", document.to_string().as_bytes());
    let before = bench.state();
    for arguments in [&["--strict"][..], &["--strict", "--check"][..]] {
        let output = bench.codegen(arguments);
        assert_eq!((output.code, output.out.as_str()), (2, ""));
        assert!(output.err.contains("the cookie"), "{}", output.err);
        assert!(bench.state() == before);
    }
}

#[test]
fn names_that_name_nothing_are_refused() {
    let names = r#"
        [operations]
        "GET /pet" = "pet"
        [bodies]
        "POST /pest" = "Pest"
        [responses]
        "GET /pet" = "Pet"
        [schemas]
        "Cat.tail" = "Tail"
        [enums]
        Mood = ["Pet.mood"]
        [constructors]
        CreatePets = ["name"]
    "#;
    let upstream = crate::elsewhere::pets_3_1().to_string();
    let failure = codegen::generate(&Sources {
        upstream,
        overlay: String::new(),
        names: names.to_owned(),
        origin: None,
        ..sources()
    });
    insta::assert_snapshot!(failure.unwrap_err());
}
