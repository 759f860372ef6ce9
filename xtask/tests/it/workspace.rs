//! Which tree a command works on is found when it runs. Two checkouts with one target folder share
//! the binary.

use std::process::Command;

use crate::workbench::{CommandOutput, Workbench, repository, xtask};

/// Another checkout, with a generated file that differs from its sources.
fn checkout() -> Workbench {
    let bench = Workbench::of_update();
    std::fs::copy(
        repository().join("Cargo.lock"),
        bench.root().join("Cargo.lock"),
    )
    .unwrap();
    bench.damage("openapi/pivotal.json");
    bench
}

fn codegen() -> Command {
    let mut command = xtask(&["codegen"]);
    command.env_remove("CARGO_MANIFEST_DIR");
    command
}

#[track_caller]
fn assert_regenerated(bench: &Workbench, command: &mut Command) {
    let output = CommandOutput::of(command);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    assert_eq!(output.out, "changed openapi/pivotal.json\n");
    let text = bench.read("openapi/pivotal.json");
    assert_eq!(
        text,
        std::fs::read(repository().join("openapi/pivotal.json")).unwrap()
    );
}

#[test]
fn a_checkout_is_known_by_the_manifest_that_cargo_names() {
    let bench = checkout();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = codegen();
    command
        .env("CARGO_MANIFEST_DIR", bench.root().join("xtask"))
        .current_dir(elsewhere.path());
    assert_regenerated(&bench, &mut command);
}

#[test]
fn a_checkout_is_known_by_the_current_folder() {
    let bench = checkout();
    assert_regenerated(&bench, codegen().current_dir(bench.root().join("crates")));

    // A manifest of another package says nothing.
    bench.damage("openapi/pivotal.json");
    let mut command = codegen();
    command
        .env("CARGO_MANIFEST_DIR", "/nowhere/package")
        .current_dir(bench.root());
    assert_regenerated(&bench, &mut command);
}

#[test]
fn outside_of_a_workspace_a_tree_must_be_named() {
    let elsewhere = tempfile::tempdir().unwrap();
    let output = CommandOutput::of(codegen().current_dir(elsewhere.path()));
    assert_eq!(output.code, 2);
    assert!(
        output.err.contains("name the tree with --root"),
        "{}",
        output.err
    );
}
