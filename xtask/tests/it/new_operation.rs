//! An operation that the document gains is callable from the SDK with no line written by hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::workbench::{CommandOutput, repository, run, upstream};

/// What a program does with it.
const EXAMPLE: &str = include_str!("documents/new_operation.rs");

/// A paged list of a new type.
fn with_tags(mut upstream: Value) -> Value {
    let tag = json!({
        "type": "object",
        "properties": {
            "id": { "type": "string" },
            "name": { "type": "string" },
            "created_at": { "type": "string", "format": "date-time" },
        },
        "required": ["id", "name", "created_at"],
    });
    let page = json!({
        "type": "object",
        "properties": {
            "data": { "type": "array", "items": { "$ref": "#/components/schemas/Tag" } },
            "has_more": { "type": "boolean" },
            "next_cursor": { "type": ["string", "null"] },
        },
        "required": ["data", "has_more", "next_cursor"],
    });
    upstream["components"]["schemas"]["Tag"] = tag;
    upstream["components"]["schemas"]["TagPage"] = page;
    let mut list = upstream["paths"]["/api/v1/customers"]["get"].clone();
    list["operationId"] = json!("list-tags");
    list["summary"] = json!("List tags");
    let content = &mut list["responses"]["200"]["content"]["application/json"];
    content["schema"] = json!({ "$ref": "#/components/schemas/TagPage" });
    list["parameters"][2] = json!({
        "name": "customer_id",
        "in": "query",
        "schema": { "type": "string" },
    });
    upstream["paths"]["/api/v1/tags"] = json!({ "get": list });
    upstream
}

/// A copy of the files that git knows. It stays, so that the next run compiles what differs alone.
fn copy() -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-operation");
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let files = CommandOutput::of(git.current_dir(repository()));
    assert_eq!(files.code, 0, "{}", files.err);
    for file in files.out.lines() {
        let (from, to) = (repository().join(file), copy.join(file));
        let Ok(text) = fs::read(from) else { continue };
        if fs::read(&to).is_ok_and(|known| known == text) {
            continue;
        }
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, text).unwrap();
    }
    copy
}

/// Cargo in the copy, with the workspace's own dependencies as they are built already.
fn cargo(copy: &Path, arguments: &[&str]) -> CommandOutput {
    let mut command = Command::new(env!("CARGO"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    command.args(arguments).current_dir(copy);
    command.env("CARGO_TARGET_DIR", target);
    // Packages of the copy must not pass for those of the workspace: both have the same names.
    for folder in ["crates", "."] {
        for entry in fs::read_dir(copy.join(folder)).unwrap() {
            let Ok(manifest) = fs::read_to_string(entry.unwrap().path().join("Cargo.toml")) else {
                continue;
            };
            let manifest: toml::Table = manifest.parse().unwrap();
            let name = manifest["package"]["name"].as_str().unwrap();
            let setting = format!("profile.dev.package.{name:?}.codegen-units=254");
            command.args(["--config", &setting]);
        }
    }
    CommandOutput::of(&mut command)
}

#[test]
#[ignore = "compiles the workspace a second time; .ci/run runs it by name"]
fn an_operation_that_the_document_gains_is_callable_and_paged() {
    let copy = copy();
    let document = with_tags(upstream()).to_string();
    fs::write(copy.join("openapi/upstream.json"), document).unwrap();
    let generated = run(&["codegen", "--root", copy.to_str().unwrap()]);
    assert_eq!((generated.code, generated.err.as_str()), (0, ""));
    let example = copy.join("crates/pivotal-sdk/examples/new_operation.rs");
    fs::write(example, EXAMPLE).unwrap();

    let checked = cargo(&copy, &["check", "--workspace", "--all-targets", "--quiet"]);
    assert_eq!(checked.code, 0, "{}", checked.err);

    let program = [
        "run",
        "--quiet",
        "-p",
        "pivotal-sdk",
        "--example",
        "new_operation",
    ];
    let ran = cargo(&copy, &program);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        ran.out,
        "GET /api/v1/tags?customer_id=245&limit=2\n\
         GET /api/v1/tags?cursor=c2&customer_id=245&limit=2\n\
         a at 2026-01-03T00:00:00Z\n\
         b at 2026-01-02T00:00:00Z\n\
         c at 2026-01-01T00:00:00Z\n\
         limit: too_big\n\
         GET /api/v1/tags\n\
         2 rows, more: true\n"
    );
}
