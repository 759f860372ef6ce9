//! The grammar of the command line and its exit codes.

use std::fs;

use serde_json::{Value, json};
use xtask::exit;

use crate::workbench::{Workbench, run};

#[test]
fn help_is_no_error() {
    for arguments in [
        &["--help"][..],
        &["codegen", "--help"],
        &["diff", "--help"],
        &["lower", "--help"],
        &["update", "--help"],
    ] {
        let output = run(arguments);
        assert_eq!(
            (output.code, output.err.as_str()),
            (i32::from(exit::CLEAN), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn an_unknown_argument_is_invalid_input() {
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["lower"],
        &["update"],
        &["codegen", "--no-such"],
    ] {
        let output = run(arguments);
        assert_eq!(
            (output.code, output.out.as_str()),
            (i32::from(exit::UNUSABLE_INPUT), ""),
            "{arguments:?}"
        );
        assert!(output.err.contains("Usage: cargo xtask"), "{}", output.err);
    }
}

#[test]
fn the_exit_codes_are_what_is_documented() {
    assert_eq!(
        [
            exit::CLEAN,
            exit::DRIFT,
            exit::UNUSABLE_INPUT,
            exit::BREAKING_CHANGE,
            exit::INTERNAL_ERROR
        ],
        [0, 1, 2, 3, 70]
    );
}

/// Rings, clears the screen, starts a sequence in one character, turns the order of text around, and
/// breaks a line without a line feed.
const HOSTILE: &str = "x\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\u{2028}\r\u{7f}y\nspoofed";

#[test]
fn never_did_text_of_a_document_reach_the_terminal_as_it_is() {
    let document = |name: &str, unusable: &str| {
        json!({
            "openapi": "3.1.0",
            "info": { "title": HOSTILE, "version": "1" },
            "paths": { format!("/a{HOSTILE}"): { "get": {
                "parameters": [{ "name": HOSTILE, "in": "query", "schema": { "enum": [HOSTILE, name] } }],
                "responses": { "204": { "description": HOSTILE } },
            } } },
            "components": { "schemas": { HOSTILE: { "type": "object", "properties": { name: { unusable: [{}] } } } } },
        })
        .to_string()
    };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let base = at("base.json", &document("name", "enum"));
    let revision = at("revision.json", &document(HOSTILE, "enum"));
    let refused = document(HOSTILE, "$anchor");
    let refused_file = at("refused.json", &refused);
    let key = json!(HOSTILE).to_string();
    let twice = at("twice.json", &format!("{{{key}: 1, {key}: 2}}"));
    let bench = Workbench::of_document(refused.as_bytes());
    let root = bench.root().to_str().unwrap();
    let promises = at("promises.toml", &format!("[[{HOSTILE}"));
    let mut commands = vec![
        vec!["lower", &base],
        vec!["lower", &refused_file],
        vec!["lower", &twice],
        vec!["lower", HOSTILE],
        vec!["codegen", "--strict", "--root", root],
        vec!["update", "--root", root, "--from", &base],
        vec!["diff", &base, &revision, "--promises", &promises],
    ];
    for format in ["text", "json", "markdown", "github"] {
        commands.push(vec!["diff", &base, &revision, "--format", format]);
    }
    for command in commands {
        let output = run(&command);
        let all = format!("{}{}", output.out, output.err);
        let raw = all.replace('\n', "");
        assert!(!raw.contains(char::is_control), "{command:?}: {all:?}");
        for mark in ['\u{202e}', '\u{2066}', '\u{2028}'] {
            assert!(!raw.contains(mark), "{command:?}: {all:?}");
        }
        assert!(raw.contains("202e"), "{command:?}: {all}");
        let spoofed = all.lines().any(|line| line.starts_with("spoofed"));
        assert!(!spoofed, "{command:?}: {all}");
    }
    let lowered: Value = serde_json::from_str(&run(&["lower", &base]).out).unwrap();
    assert_eq!(lowered["info"]["title"], HOSTILE);
}
