//! What `cargo xtask update` says of changes that the comparison of documents leaves out, and which
//! steps it names in which order.

use std::process::Command;

use serde_json::{Value, json};

use crate::changes::{add_an_optional_field, file, with};
use crate::workbench::{CommandOutput, Workbench};

/// What is said of a document under DOCUMENT.
fn said(document: &Value) -> String {
    let (_folder, path) = file(document);
    let output = Workbench::of_update().update(&path, &["--dry-run"]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    let section = output.out.split("\nDOCUMENT\n").nth(1).unwrap();
    section.split("\nRUST  ").next().unwrap().to_owned()
}

/// Other words for a customer, and for each of some of its fields.
fn describe(document: &mut Value, fields: &[&str]) {
    let customer = &mut document["components"]["schemas"]["Customer"];
    customer["description"] = json!("Other words.");
    for field in fields {
        customer["properties"][field]["description"] = json!("Other words.");
    }
}

#[test]
fn texts_that_changed_are_said_to_be_all() {
    let few = with(|document| describe(document, &["id"]));
    assert_eq!(
        said(&few),
        "0 breaking, 0 warnings, 0 info\n\
         Only texts for readers changed, such as descriptions and examples, at 2 places:\n  \
         #/components/schemas/Customer/description\n  \
         #/components/schemas/Customer/properties/id/description\n"
    );
    let many = ["id", "name", "slug", "plan", "mrr", "created_at"];
    let said = said(&with(|document| describe(document, &many)));
    assert!(said.contains(" at 7 places:\n"), "{said}");
    assert!(said.ends_with("\n  and 2 more\n"), "{said}");
}

#[test]
fn a_field_may_be_called_as_a_text_is() {
    let document = with(|document| {
        let customer = &mut document["components"]["schemas"]["Customer"];
        customer["properties"]["description"] = json!({ "type": "string" });
    });
    assert!(!said(&document).contains("exts "), "{}", said(&document));
}

#[test]
fn texts_are_told_beside_other_changes() {
    let document = with(|document| {
        add_an_optional_field(document);
        describe(document, &[]);
    });
    let said = said(&document);
    assert!(!said.contains("Only texts"), "{said}");
    assert!(
        said.ends_with("at 1 place:\n  #/components/schemas/Customer/description\n"),
        "{said}"
    );
}

#[test]
fn rows_are_corrected_before_snapshots_are_accepted() {
    let steps = |document: &Value| {
        let bench = Workbench::of_update();
        let rows = "crates/pivotal-contract/src/operation_cases.rs";
        std::fs::create_dir_all(bench.root().join(rows).parent().unwrap()).unwrap();
        bench.write(rows, b"");
        let (_folder, path) = file(document);
        let output = bench.update(&path, &["--dry-run"]).out;
        let next = output.split("\nNEXT\n").nth(1).unwrap().to_owned();
        (
            next.find("correct the rows"),
            next.find("accept the changed snapshots"),
        )
    };
    let (rows, snapshots) = steps(&with(add_an_optional_field));
    assert!(rows.is_some() && rows < snapshots);
    // The requests are as before.
    let (rows, snapshots) = steps(&with(|document| describe(document, &[])));
    assert!(rows.is_none() && snapshots.is_some());
}

#[test]
fn the_command_to_review_shows_the_generated_files() {
    let bench = Workbench::of_update();
    let bash = |script: &str| {
        let mut command = Command::new("bash");
        CommandOutput::of(command.args(["-c", script]).current_dir(bench.root()))
    };
    let commit = "git -c user.name=T -c user.email=t@example.com -c commit.gpgsign=false commit";
    let committed = bash(&format!(
        "git init --quiet && git add --all && {commit} --quiet --message=all"
    ));
    assert_eq!(committed.code, 0, "{}", committed.err);
    let (_folder, path) = file(&with(add_an_optional_field));
    let output = bench.update(&path, &[]).out;
    let mut lines = output.lines().map(str::trim);
    let review = lines.find(|line| line.starts_with("git diff ")).unwrap();
    let shown = bash(review).out;
    for changed in [
        "openapi/pivotal.json",
        "crates/pivotal-api/src/generated/bodies.rs",
    ] {
        let header = format!("diff --git a/{changed} ");
        assert!(shown.contains(&header), "{review}\n{shown}");
    }
}
