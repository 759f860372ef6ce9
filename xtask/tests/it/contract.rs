//! `cargo xtask contract` hands everything on to the `pivotal` binary.

#![cfg(unix)]

use std::path::PathBuf;

use tempfile::TempDir;
use xtask::exit;

use crate::workbench::{CommandOutput, program, xtask};

/// A cargo that prints what it is asked and ends with 3.
fn cargo() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let cargo = folder.path().join("cargo");
    program(&cargo, "printf '%s\\n' \"$@\"\nexit 3");
    (folder, cargo)
}

#[test]
fn options_and_exit_code_are_those_of_the_binary() {
    let (_folder, cargo) = cargo();
    for options in [
        &[][..],
        &["--live", "--write", "--format", "json"],
        &["--help"],
        &["--base-url", "http://127.0.0.1:1", "--no-such"],
    ] {
        let mut command = xtask(&[&["contract"], options].concat());
        let output = CommandOutput::of(command.env("CARGO", &cargo));
        assert_eq!(output.code, 3, "{options:?}");
        let asked: Vec<_> = output.out.lines().collect();
        let (cargo, passed_on) = asked.split_at(asked.len() - options.len());
        assert_eq!(passed_on, options);
        assert_eq!(cargo[..4], ["run", "--quiet", "--package", "pivotal-cli"]);
        assert!(cargo[5].ends_with("Cargo.toml"), "{cargo:?}");
        assert_eq!(cargo[6..], ["--", "contract"]);
    }
}

#[test]
fn without_cargo_the_exit_code_is_70() {
    let output = CommandOutput::of(xtask(&["contract"]).env("CARGO", "/nowhere/cargo"));
    assert_eq!(output.code, i32::from(exit::INTERNAL_ERROR));
    assert!(output.err.contains("cargo cannot be run"), "{}", output.err);
}
