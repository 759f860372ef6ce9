//! `cargo xtask lower FILE`: any document as OpenAPI 3.0.3.

use std::fs;

use serde_json::Value;

use crate::workbench::run;

fn lowered(name: &str, text: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, text).unwrap();
    let output = run(&["lower", file.to_str().unwrap()]);
    assert_eq!((output.code, output.err.as_str()), (0, ""), "{name}");
    assert!(output.out.ends_with("}\n"));
    serde_json::from_str(&output.out).unwrap()
}

const JSON_3_1: &str = r#"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"},
    "components": {"schemas": {"A": {"type": ["string", "null"], "examples": ["x"]}}}}"#;
const YAML_3_1: &str = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\ncomponents:\n  schemas:\n    A:\n      type: [string, 'null']\n      examples: [x]\n";
const JSON_3_0: &str = r#"{"openapi": "3.0.1", "info": {"title": "T", "version": "1"}, "paths": {},
    "components": {"schemas": {"A": {"type": "string", "nullable": true, "example": "x"}}}}"#;
const YAML_3_0: &str = "openapi: 3.0.1\ninfo:\n  title: T\n  version: '1'\npaths: {}\ncomponents:\n  schemas:\n    A: {type: string, nullable: true, example: x}\n";

#[test]
fn both_versions_and_both_syntaxes_come_out_alike() {
    let expected = serde_json::json!({
        "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "paths": {},
        "components": { "schemas": { "A": { "type": "string", "nullable": true, "example": "x" } } },
    });
    for (name, text) in [
        ("a.json", JSON_3_1),
        ("a.yaml", YAML_3_1),
        ("a.json", JSON_3_0),
        ("a.yml", YAML_3_0),
        ("a", JSON_3_1),
        ("a.txt", YAML_3_0),
    ] {
        assert_eq!(lowered(name, text), expected, "{name}: {text}");
    }
}

#[test]
fn lowering_what_is_lowered_changes_nothing() {
    let once = lowered("upstream.json", &crate::workbench::sources().upstream);
    assert_eq!(lowered("again.json", &once.to_string()), once);
}

#[test]
fn what_is_left_out_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("api.json");
    let text = r#"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, 
        "components": {"schemas": {"B": {"frobnicate": 1}}}}"#;
    fs::write(&file, text).unwrap();
    let output = run(&["lower", file.to_str().unwrap()]);
    assert_eq!(output.code, 0, "{output:?}");
    let lowered: Value = serde_json::from_str(&output.out).unwrap();
    assert_eq!(lowered["components"]["schemas"]["B"], serde_json::json!({}));
    insta::assert_snapshot!(output.err, @"
    warning: #/components/schemas/B/frobnicate
      found: the unknown keyword `frobnicate`
      why: OpenAPI has no such keyword in a schema, so its meaning is unknown
    ");
}

#[test]
fn a_document_that_cannot_be_lowered_tells_every_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("api.json");
    let text = r#"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "components": {"schemas": {
        "A": {"type": "array", "$anchor": "a"}, "B": {"frobnicate": 1}}}}"#;
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let output = run(&["lower", file, "--strict"]).without(folder.path().to_str().unwrap());
    assert_eq!((output.code, output.out.as_str()), (2, ""));
    insta::assert_snapshot!(output.err, @r#"
    error: TREE/api.json:
    #/components/schemas/A/$anchor
      found: `$anchor`: "a"
      why: references here are JSON pointers; nothing can refer to an anchor

    #/components/schemas/B/frobnicate
      found: the unknown keyword `frobnicate`
      why: OpenAPI has no such keyword in a schema, so its meaning is unknown

    remedies, as overlay actions:
        - target: $.components.schemas.B.frobnicate
          description: OpenAPI has no such keyword in a schema, so its meaning is unknown
          remove: true
        - target: $.components.schemas.A['$anchor']
          description: references here are JSON pointers; nothing can refer to an anchor
          remove: true

    2 problems
    "#);
}
