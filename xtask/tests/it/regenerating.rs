//! docs/regenerating.md shows what `cargo xtask update` says of this repository, the errors of the
//! compiler included.
//!
//! A check compiles what depends on the generated code, in the target folder that is there: half a
//! minute the first time. `.ci/run` runs these tests by name.

use std::fs;
use std::ops::Range;
use std::process::Command;

use serde_json::Value;
use similar::TextDiff;

use crate::changes::{Named, add_an_operation, optional_field, rename_a_field, with};
use crate::workbench::{CommandOutput, repository, upstream, xtask};

const PAGE: &str = "docs/regenerating.md";
const COMMAND: &str =
    "UPDATE_TRANSCRIPTS=always cargo test -p xtask --test it -- --ignored transcripts";

/// A dry run on this repository, with a real check.
fn dry_run(change: fn(&mut Value)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.json");
    fs::write(&path, format!("{:#}", with(change))).unwrap();
    let path = path.to_str().unwrap();
    let status = || {
        let mut git = Command::new("git");
        git.args(["status", "--short"]).current_dir(repository());
        CommandOutput::of(&mut git).out
    };
    let before = status();
    let command = [
        "update",
        "--from",
        path,
        "--dry-run",
        "--date",
        "2026-12-01",
    ];
    let output = CommandOutput::of(&mut xtask(&command));
    assert_eq!(
        (output.code, output.err.as_str()),
        (0, ""),
        "{}",
        output.out
    );
    assert_eq!(status(), before, "a dry run changed the tree");
    output.out.replace(path, "changed.json")
}

/// The lines under TO FIX.
fn errors(report: &str) -> Vec<&str> {
    let section = report.split("\nTO FIX  ").nth(1).unwrap();
    let lines = section.lines().skip(1);
    lines.take_while(|line| !line.is_empty()).collect()
}

#[test]
#[ignore = "compiles a copy of the workspace"]
fn an_operation_that_is_added_leaves_everything_compiling() {
    let report = dry_run(add_an_operation);
    assert!(
        report.contains("\nTO FIX  nothing: `cargo check --workspace --all-targets` passes\n"),
        "{report}"
    );
}

#[test]
#[ignore = "compiles a copy of the workspace"]
fn a_field_that_is_renamed_is_listed_where_the_sdk_uses_it() {
    let report = dry_run(rename_a_field);
    let errors = errors(&report);
    assert!(!errors.is_empty(), "{report}");
    let field = optional_field(&upstream());
    for error in errors {
        let mut parts = error.trim_start().splitn(3, ':');
        let (file, line) = (parts.next().unwrap(), parts.next().unwrap());
        let text = fs::read_to_string(repository().join(file)).unwrap();
        let line = text.lines().nth(line.parse::<usize>().unwrap() - 1);
        assert!(line.unwrap().contains(field), "{error}");
        let message = parts.next().unwrap();
        assert!(
            message.starts_with(" no ") && message.contains(&format!("`{field}`")),
            "{error}"
        );
    }
}

/// Without what every edit of the sources moves: which lines the compiler refuses.
fn masked(report: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in report.lines() {
        let is_error = line.starts_with("  ")
            && line.split(':').nth(1).is_some_and(|number| {
                !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit())
            });
        let line = if is_error { "  errors" } else { line }.to_owned();
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// Where a transcript stands: after `<!-- transcript: NAME -->`, up to the end of its block.
fn block(page: &str, name: &str) -> Range<usize> {
    let mark = format!("<!-- transcript: {name} -->\n");
    let found = page.find(&mark);
    let start = found.unwrap_or_else(|| panic!("{PAGE} has no `{}`", mark.trim())) + mark.len();
    let end = page[start..].find("\n```\n");
    start..end.map_or(page.len(), |end| start + end + "\n```".len())
}

#[test]
#[ignore = "compiles a copy of the workspace"]
fn the_transcripts_are_what_the_command_says() {
    let path = repository().join(PAGE);
    let mut page = fs::read_to_string(&path).unwrap();
    let write = std::env::var("UPDATE_TRANSCRIPTS").is_ok_and(|value| value == "always");
    let all: [Named; 2] = [
        ("a field is renamed", rename_a_field),
        ("an operation is added", add_an_operation),
    ];
    for (name, change) in all {
        let now = format!(
            "```console\n$ cargo xtask update --from changed.json --dry-run\n{}\n```",
            dry_run(change).trim_end()
        );
        let shown = block(&page, name);
        if write {
            page.replace_range(shown, &now);
        } else {
            let difference = TextDiff::from_lines(&page[shown.clone()], &now);
            assert!(
                masked(&page[shown]) == masked(&now),
                "{PAGE} is not what the command says; after a change that is meant, run\n{COMMAND}\n{}",
                difference.unified_diff()
            );
        }
    }
    if write {
        fs::write(&path, page).unwrap();
    }
}
