//! What is published: crates that say what they are, need no other part of the workspace, and carry
//! their licences.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::workbench::{CommandOutput, repository};

fn cargo(arguments: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    let output = CommandOutput::of(cargo.args(arguments).current_dir(repository()));
    assert_eq!(output.code, 0, "{arguments:?}: {}", output.err);
    output.out
}

/// The published crates, as `cargo metadata` describes them.
fn published() -> Vec<Value> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let mut metadata: Value = serde_json::from_str(&metadata).unwrap();
    let Value::Array(mut packages) = metadata["packages"].take() else {
        panic!("no packages")
    };
    packages.retain(|package| package["publish"].is_null());
    packages
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

#[test]
fn every_published_crate_says_what_it_is() {
    let published = published();
    assert_eq!(published.len(), 10);
    for package in &published {
        let name = name(package);
        let is_text = |key: &str| package[key].as_str().is_some_and(|text| !text.is_empty());
        let keys = ["description", "license", "rust_version", "readme"];
        for key in keys {
            assert!(is_text(key), "{name}: {key}");
        }
        let keywords = package["keywords"].as_array().unwrap();
        assert!((1..=5).contains(&keywords.len()), "{name}: {keywords:?}");
        assert!(
            !package["categories"].as_array().unwrap().is_empty(),
            "{name}"
        );
        let documentation = match name {
            "pivotal-cli" => Value::Null,
            _ => format!("https://docs.rs/{name}").into(),
        };
        assert_eq!(package["documentation"], documentation, "{name}");
        // One place has the address: the manifest of the workspace.
        assert_eq!(package["repository"], published[0]["repository"], "{name}");
    }
}

/// Those on crates.io are of the same release; a test may use any crate, by its path alone, which
/// cargo leaves out of the package.
#[test]
fn a_published_crate_needs_published_crates_alone() {
    let published = published();
    let names: BTreeSet<&str> = published.iter().map(name).collect();
    let exact = format!("={}", env!("CARGO_PKG_VERSION"));
    for package in &published {
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["path"].is_null() {
                continue;
            }
            let place = format!("{} needs {}", name(package), name(dependency));
            if dependency["kind"] == "dev" {
                assert_eq!(dependency["req"], "*", "{place}");
            } else {
                assert!(names.contains(name(dependency)), "{place}");
                assert_eq!(dependency["req"], *exact, "{place}");
            }
        }
    }
}

#[test]
fn a_package_has_its_sources_its_licences_and_its_readme() {
    let folder = tempfile::tempdir().unwrap();
    let published = published();
    let selected: Vec<&str> = published
        .iter()
        .flat_map(|package| ["--package", name(package)])
        .collect();
    let package = ["package", "--offline", "--allow-dirty"];
    let target = [
        "--no-verify",
        "--exclude-lockfile",
        "--target-dir",
        folder.path().to_str().unwrap(),
    ];
    cargo(&[&package[..], &target, &selected].concat());
    for package in &published {
        let name = name(package);
        let archive = format!("{name}-{}.crate", env!("CARGO_PKG_VERSION"));
        assert!(
            folder.path().join("package").join(archive).is_file(),
            "{name}"
        );
        let files = cargo(&[
            "package",
            "--offline",
            "--allow-dirty",
            "--list",
            "--package",
            name,
        ]);
        let files: BTreeSet<&str> = files.lines().collect();
        for file in ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"] {
            assert!(
                files.contains(file),
                "{name}: {file} is missing in {files:?}"
            );
        }
        for file in files {
            let is_test = ["tests/", "examples/", "benches/"]
                .iter()
                .any(|folder| file.starts_with(folder));
            assert!(!is_test && !file.ends_with(".snap"), "{name}: {file}");
        }
    }
}
