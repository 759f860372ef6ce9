//! `cargo xtask diff --rust`: what a change of the document does to those who write Rust.

use std::fs;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::changes::{
    add_an_operation, add_an_optional_field, drop_a_404, rename_an_enum_value, widen_a_type, with,
};
use crate::workbench::{Answer, Workbench, repository, run, upstream};

/// The difference between two documents, for the companion of this repository.
fn compare(base: &Value, revision: &Value, arguments: &[&str]) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, document: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, document.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (base, revision) = (path("base.json", base), path("revision.json", revision));
    let command = ["diff", "--rust", "--fail-on", "never", &base, &revision];
    run(&[&command, arguments].concat())
}

fn rust(base: &Value, revision: &Value) -> Value {
    let answer = compare(base, revision, &["--format", "json"]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    let both: Value = serde_json::from_str(&answer.out).unwrap();
    assert!(both["findings"].is_array());
    both["rust"].clone()
}

/// What becomes of it when `paused` is renamed.
fn renamed() -> &'static Value {
    static RENAMED: OnceLock<Value> = OnceLock::new();
    RENAMED.get_or_init(|| rust(&upstream(), &with(rename_an_enum_value)))
}

/// The variant that vanishes.
fn gone(rust: &Value) -> &str {
    let api = rust["api"].as_array().unwrap();
    let removed = api.iter().find(|one| one["change"] == "removed");
    removed.unwrap()["path"].as_str().unwrap()
}

fn contract() -> Value {
    serde_json::from_str(&fs::read_to_string(repository().join("openapi/pivotal.json")).unwrap())
        .unwrap()
}

fn touched(rust: &Value) -> Vec<(String, bool)> {
    let touched = rust["companion"].as_array().unwrap();
    let mut files: Vec<(String, bool)> = touched
        .iter()
        .map(|one| {
            (
                one["file"].as_str().unwrap().to_owned(),
                one["certain"] == true,
            )
        })
        .collect();
    files.dedup();
    files
}

#[test]
fn a_variant_that_goes_is_found_where_it_is_used_in_macros_and_examples_too() {
    let rust = renamed();
    let fates: Vec<&str> = rust["api"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["change"].as_str().unwrap())
        .collect();
    assert_eq!(fates, ["added", "removed"]);
    let gone = gone(rust);
    let files = touched(rust);
    for file in [
        // In code and in a doc example.
        "crates/pivotal-sdk/src/recipes.rs",
        "crates/pivotal-sdk/examples/onboarding_phases.rs",
        // Inside `assert_eq!`.
        "crates/pivotal-sdk/tests/it/first_customer.rs",
    ] {
        assert!(
            files.contains(&(file.to_owned(), true)),
            "{file}: {files:?}"
        );
        // What is named is there: on each line stands the variant.
        let text = fs::read_to_string(repository().join(file)).unwrap();
        for one in rust["companion"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["file"] == file && one["certain"] == true)
        {
            let line = usize::try_from(one["line"].as_u64().unwrap()).unwrap();
            let line = text.lines().nth(line - 1).unwrap();
            assert!(line.contains(gone), "{file}: {line}");
        }
    }
    // A text is no proof.
    assert!(
        files.contains(&("tests/contract/calls.rs".to_owned(), false)),
        "{files:?}"
    );
    assert_eq!(rust["release"]["step"], "breaking");
    assert_eq!(rust["release"]["next"], "0.2.0");
    assert_eq!(rust["notes"], json!([]));
}

#[test]
fn every_use_of_a_variant_is_found() {
    // The slow and sure way: every line of Rust that says so.
    let rust = renamed();
    let gone = gone(rust);
    let bench = Workbench::of_everything();
    let mut expected = Vec::new();
    for (path, (bytes, _)) in bench.state() {
        let path = path
            .strip_prefix(bench.root())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let ours = path.ends_with(".rs")
            && !path.contains("generated")
            && !path.starts_with("tests/codegen-fixtures");
        for (index, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            if ours && line.contains(gone) {
                expected.push((path.clone(), index + 1));
            }
        }
    }
    let found: Vec<(String, usize)> = rust["companion"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["certain"] == true)
        .map(|one| {
            (
                one["file"].as_str().unwrap().to_owned(),
                usize::try_from(one["line"].as_u64().unwrap()).unwrap(),
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn what_the_vendor_may_add_is_a_compatible_step() {
    let field = rust(&upstream(), &with(add_an_optional_field));
    assert_eq!(field["release"]["next"], "0.1.1");
    assert_eq!(field["flows_through"], json!(["CreateCustomer.region"]));
    assert_eq!(field["companion"], json!([]));
    // It compiles, and yet nothing sends it.
    let to_do: Vec<&str> = field["to_do"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["what"].as_str().unwrap())
        .collect();
    assert_eq!(to_do, ["create_customer: nothing sends `region`"]);

    let operation = rust(&upstream(), &with(add_an_operation));
    assert_eq!(operation["release"]["next"], "0.1.1");
    assert_eq!(
        operation["operations"]["added"].as_array().unwrap().len(),
        1
    );
    let to_do = operation["to_do"].to_string();
    for said in [
        "crates/pivotal-sdk/src/coverage.rs",
        "Response is not re-exported",
        "tests/contract/calls.rs",
        "crates/pivotal-contract/src/suite/cases/probes.rs",
        "openapi/overlay.yaml: an example of List",
        "tests/contract/schemas.rs: into the list of components",
    ] {
        assert!(to_do.contains(said), "{said}: {to_do}");
    }
}

#[test]
fn a_type_that_changes_is_breaking_and_its_field_is_looked_for() {
    let rust = rust(&upstream(), &with(widen_a_type));
    for (side, ty) in [("from", "Option<i64>"), ("to", "Option<f64>")] {
        let declared = rust["api"][0][side].as_str().unwrap();
        assert!(declared.starts_with("pub Customer.m") && declared.ends_with(ty));
    }
    assert_eq!(rust["release"]["step"], "breaking");
    assert!(touched(&rust).contains(&(
        "crates/pivotal-sdk/examples/nightly_sync.rs".to_owned(),
        false
    )));
}

#[test]
fn what_breaks_at_run_time_alone_is_told_though_no_type_changes() {
    let dropped = rust(&upstream(), &with(drop_a_404));
    assert_eq!(dropped["api"], json!([]));
    assert_eq!(dropped["run_time"].as_array().unwrap().len(), 1);
    assert_eq!(dropped["run_time"][0]["breaking"], true);
    assert_eq!(dropped["release"]["step"], "compatible");

    let shorter = with(|document| {
        document["components"]["schemas"]["CustomerCreate"]["properties"]["plan"]["maxLength"] =
            json!(40);
    });
    let shorter = rust(&upstream(), &shorter);
    assert_eq!(
        shorter["run_time"][0]["change"],
        "body `plan`: at most 120 characters becomes at most 40 characters"
    );
    assert_eq!(shorter["run_time"][0]["breaking"], true);
}

#[test]
fn the_contract_is_as_good_a_base_as_upstream() {
    let nothing = rust(&upstream(), &contract());
    assert_eq!(
        (&nothing["api"], &nothing["run_time"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(nothing["release"]["step"], "none");
    assert_eq!(nothing["release"]["next"], nothing["release"]["current"]);

    let mut changed = contract();
    changed["components"]["schemas"]["Customer"]["properties"]["region"] =
        json!({"type": "string"});
    assert_eq!(
        rust(&contract(), &changed)["flows_through"],
        json!(["Customer.region"])
    );
}

#[test]
fn all_formats_tell_the_release() {
    let document = with(widen_a_type);
    for (format, said) in [
        ("text", "RELEASE  pivotal-sdk 0.1.0 -> 0.2.0 (breaking)"),
        ("markdown", "RELEASE  pivotal-sdk 0.1.0 -> 0.2.0 (breaking)"),
        (
            "github",
            "::notice title=Release::pivotal-sdk 0.1.0 to 0.2.0 (breaking)",
        ),
    ] {
        let answer = compare(&upstream(), &document, &["--format", format]);
        assert!(answer.out.contains(said), "{format}: {}", answer.out);
    }
}
