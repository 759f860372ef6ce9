//! An operation that the document gains is callable from the SDK with no line written by hand. The
//! tests of the workspace ask for snapshots to accept and for one line of the case table.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use xtask::codegen::{self, Sources};

use crate::workbench::{CommandOutput, repository, run, sources, upstream};

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
    let parameters = list["parameters"].as_array_mut().unwrap();
    // Those of every list, whatever others the list of customers has.
    parameters.retain(|one| one["name"] == "limit" || one["name"] == "cursor");
    parameters.push(json!({
        "name": "customer_id",
        "in": "query",
        "schema": { "type": "string" },
    }));
    upstream["paths"]["/api/v1/tags"] = json!({ "get": list });
    upstream
}

/// The tests that fail.
const FAILING: [&str; 4] = [
    ROW,
    "operations::the_operation_table",
    "report::a_report_of_agreement_and_the_coverage_of_the_contract",
    "schemas::every_disagreement_has_its_reason_in_the_table",
];

/// The one that is not about a snapshot, with the file and the line that it asks for.
const ROW: &str = "operation_cases::every_operation_has_a_row";
const TABLE: &str = "crates/pivotal-contract/src/operation_cases.rs";
const LINE: &str = "    case!(ListTagsRequest, |_| ListTagsRequest::new(), |i| \
    ListTagsRequest::new().limit(1).cursor(\"2026-05-26T17:21:09.412Z\")\
    .customer_id(i.id(\"customers\"))),";

/// A copy of the files that git knows. It stays, so that the next run compiles what differs alone.
fn copy() -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-operation");
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let files = CommandOutput::of(git.current_dir(repository()));
    assert_eq!(files.code, 0, "{}", files.err);
    let mut known = HashSet::new();
    for file in files.out.lines() {
        let (from, to) = (repository().join(file), copy.join(file));
        let Ok(text) = fs::read(from) else { continue };
        if !fs::read(&to).is_ok_and(|known| known == text) {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(&to, text).unwrap();
        }
        known.insert(to);
    }
    remove_others(&copy, &known);
    copy
}

/// Removes what an earlier run left: snapshots that it accepted, files that are gone.
fn remove_others(folder: &Path, known: &HashSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            remove_others(&path, known);
        } else if !known.contains(&path) {
            fs::remove_file(path).unwrap();
        }
    }
}

/// The names of the workspace's packages.
fn packages(copy: &Path) -> Vec<String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let output = CommandOutput::of(command.current_dir(copy));
    let metadata: Value = serde_json::from_str(&output.out).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let name = |package: &Value| package["name"].as_str().unwrap().to_owned();
    packages.map(name).collect()
}

/// Cargo in the copy, with the workspace's own dependencies as they are built already.
fn cargo(copy: &Path, insta_update: &str, arguments: &[&str]) -> CommandOutput {
    let mut command = Command::new(env!("CARGO"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    command.args(arguments).current_dir(copy);
    command.env("CARGO_TARGET_DIR", target);
    command.env("INSTA_UPDATE", insta_update);
    command.env("INSTA_WORKSPACE_ROOT", copy);
    command.env("RUST_BACKTRACE", "0");
    // Packages of the copy must not pass for those of the workspace: both have the same names.
    for package in packages(copy) {
        let setting = format!("profile.dev.package.{package:?}.codegen-units=254");
        command.args(["--config", &setting]);
    }
    CommandOutput::of(&mut command)
}

/// Runs tests in the copy. Returns what those that fail print, by name.
fn failures(copy: &Path, insta_update: &str, packages: &[&str]) -> BTreeMap<String, String> {
    let command = ["test", "--no-fail-fast"];
    let tested = cargo(copy, insta_update, &[&command, packages].concat());
    let output = &tested.out;
    let names = output.lines().filter_map(|line| {
        let name = line.strip_prefix("test ")?;
        name.strip_suffix(" ... FAILED")
    });
    let mut failures: BTreeMap<String, String> = BTreeMap::new();
    for name in names {
        let printed = output.split(&format!("---- {name} stdout ----\n")).nth(1);
        let printed = printed.and_then(|rest| rest.split("\n---- ").next());
        failures.insert(name.to_owned(), printed.unwrap_or_default().to_owned());
    }
    let expected = if failures.is_empty() { 0 } else { 101 };
    assert_eq!(tested.code, expected, "{output}{}", tested.err);
    failures
}

#[test]
#[ignore = "compiles and tests the workspace a second time; .ci/run runs it by name"]
fn an_operation_that_the_document_gains_needs_a_row_and_snapshots() {
    let copy = copy();
    let document = format!("{:#}\n", with_tags(upstream()));
    fs::write(copy.join("openapi/upstream.json"), document).unwrap();
    let generated = run(&["codegen", "--root", copy.to_str().unwrap()]);
    assert_eq!((generated.code, generated.err.as_str()), (0, ""));
    let example = copy.join("crates/pivotal-sdk/examples/new_operation.rs");
    fs::write(example, EXAMPLE).unwrap();

    let checked = cargo(
        &copy,
        "no",
        &["check", "--workspace", "--all-targets", "--quiet"],
    );
    assert_eq!(checked.code, 0, "{}", checked.err);
    is_callable_and_paged(&copy);

    let failing = failures(&copy, "no", &["--workspace"]);
    let names: Vec<&str> = failing.keys().map(String::as_str).collect();
    assert_eq!(names, FAILING, "{failing:#?}");
    for (name, printed) in &failing {
        let wanted = if name == ROW {
            LINE
        } else {
            "\nsnapshot assertion for '"
        };
        assert!(printed.contains(wanted), "{name}\n{printed}");
    }
    assert!(failing[ROW].contains(TABLE), "{}", failing[ROW]);

    let table = fs::read_to_string(copy.join(TABLE)).unwrap();
    let (rows, rest) = table.rsplit_once("];").unwrap();
    fs::write(copy.join(TABLE), format!("{rows}{LINE}\n];{rest}")).unwrap();
    let with_snapshots = [
        "--package",
        "pivotal-contract",
        "--package",
        "pivotal-tests",
    ];
    for update in ["always", "no"] {
        let failing = failures(&copy, update, &with_snapshots);
        assert!(failing.is_empty(), "{failing:#?}");
    }
}

/// The action for the overlay in CONTRIBUTING.md, as it stands there.
#[test]
fn the_operation_of_the_instructions_has_what_all_operations_have() {
    let page = fs::read_to_string(repository().join("CONTRIBUTING.md")).unwrap();
    let action = page.split("```yaml\n").nth(1).unwrap();
    let action = action.split("   ```").next().unwrap();
    let action: String = action
        .lines()
        .map(|line| format!("{}\n", &line[3..]))
        .collect();
    let sources = sources();
    // In the copy of the other test, the document has the operation.
    let mut upstream = upstream();
    let paths = upstream["paths"].as_object_mut().unwrap();
    paths.remove("/api/v1/tags");
    let files = codegen::generate(&Sources {
        strict: true,
        upstream: upstream.to_string(),
        overlay: sources
            .overlay
            .replacen("\nactions:\n", &format!("\nactions:\n{action}"), 1),
        ..sources
    });
    let contract: Value = serde_json::from_str(&files.unwrap()["openapi/pivotal.json"]).unwrap();
    let responses = &contract["paths"]["/api/v1/tags"]["get"]["responses"];
    assert!(
        responses["200"]["headers"]["X-RateLimit-Remaining"].is_object(),
        "{responses:#}"
    );
    assert!(responses["429"].is_object(), "{responses:#}");
}

/// Runs a program that calls it.
fn is_callable_and_paged(copy: &Path) {
    let program = [
        "run",
        "--quiet",
        "-p",
        "pivotal-sdk",
        "--example",
        "new_operation",
    ];
    let ran = cargo(copy, "no", &program);
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
         2 rows, more: true\n\
         GET /api/v1/tags?limit=10\n\
         GET /api/v1/tags?cursor=c2&limit=10\n\
         3\n"
    );
}
