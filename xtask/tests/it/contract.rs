//! `cargo xtask contract` hands everything on to the `pivotal` binary.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tempfile::TempDir;
use xtask::exit;

/// A cargo that prints what it is asked and ends with 3.
fn cargo() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let cargo = folder.path().join("cargo");
    fs::write(&cargo, "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 3\n").unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
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
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("contract")
            .args(options)
            .env("CARGO", &cargo)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3), "{options:?}");
        let asked = String::from_utf8(output.stdout).unwrap();
        let asked: Vec<_> = asked.lines().collect();
        let (cargo, passed_on) = asked.split_at(asked.len() - options.len());
        assert_eq!(passed_on, options);
        assert_eq!(cargo[..4], ["run", "--quiet", "--package", "pivotal-cli"]);
        assert!(cargo[5].ends_with("Cargo.toml"), "{cargo:?}");
        assert_eq!(cargo[6..], ["--", "contract"]);
    }
}

#[test]
fn without_cargo_the_exit_code_is_70() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("contract")
        .env("CARGO", "/nowhere/cargo")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(i32::from(exit::INTERNAL_ERROR)));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("cargo cannot be run"), "{stderr}");
}
