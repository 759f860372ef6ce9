//! `cargo xtask release` in a small workspace of its own, with a git repository.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::workbench::{CommandOutput, repository, xtask};

const MANIFEST: &str = r#"[workspace]
resolver = "3"
members = ["crates/*"]

[workspace.package]
version = "0.1.0"
edition = "2024"
license = "MIT"
description = "Tea."
repository = "https://example.com/tea"

[workspace.dependencies]
pivotal-runtime = { path = "crates/pivotal-runtime", version = "=0.1.0" }
other = { version = "0.1.0" }
"#;

/// A workspace of two crates that are published and one that is not, of which the second needs the
/// first. Its gate says that it ran.
struct Project {
    folder: TempDir,
}

impl Project {
    fn new() -> Self {
        let project = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let inherited = "version.workspace = true\nedition.workspace = true\nlicense.workspace = true\n\
            description.workspace = true\nrepository.workspace = true\n";
        for (name, rest) in [
            ("pivotal-runtime", ""),
            (
                "pivotal-sdk",
                "\n[dependencies]\npivotal-runtime.workspace = true\n",
            ),
            ("a-tool", "publish = false\n"),
        ] {
            let manifest = format!("[package]\nname = \"{name}\"\n{inherited}{rest}");
            project.write(&format!("crates/{name}/Cargo.toml"), &manifest);
            project.write(&format!("crates/{name}/src/lib.rs"), "//! Tea.\n");
        }
        project.write("Cargo.toml", MANIFEST);
        project.write(".gitignore", "/target\n");
        project.write(".ci/run", "echo the gate ran\n");
        project.write(
            "CHANGELOG.md",
            "# Changelog\n\n## Unreleased\n\n### Added\n\n- Tea.\n",
        );
        for file in [
            "upstream.json",
            "overlay.yaml",
            "names.toml",
            "promises.toml",
            "pivotal.json",
        ] {
            let text = fs::read_to_string(repository().join("openapi").join(file)).unwrap();
            project.write(&format!("openapi/{file}"), &text);
        }
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        let locked = Command::new(env!("CARGO"))
            .args(["generate-lockfile", "--offline"])
            .current_dir(project.root())
            .output()
            .unwrap();
        assert!(locked.status.success(), "{locked:?}");
        project.commit();
        project
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path}: {text}");
        self.write(path, &text.replace(from, to));
    }

    fn git(&self, arguments: &[&str]) {
        let identity = [
            "user.name=T",
            "user.email=t@example.com",
            "commit.gpgsign=false",
        ];
        let output = Command::new("git")
            .args(identity.iter().flat_map(|setting| ["-c", setting]))
            .args(arguments)
            .current_dir(self.root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message=change"]);
    }

    /// `cargo xtask release` here.
    fn release(&self, arguments: &[&str]) -> CommandOutput {
        let mut command = xtask(&["release"]);
        command.args(arguments).current_dir(self.root());
        // Its packages have the names of real ones, and must not pass for them.
        let target = self.root().join("target");
        command
            .env_remove("CARGO_MANIFEST_DIR")
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_HOME", target.join("cargo-home"))
            .env("CARGO_TARGET_DIR", target);
        CommandOutput::of(&mut command)
    }

    /// Prepares a version, commits it and tags it.
    fn released(version: &str) -> Self {
        let project = Self::new();
        let prepared = project.release(&[version, "--date", "2026-12-01"]);
        assert_eq!(prepared.code, 0, "{}", prepared.err);
        project.commit();
        project.git(&["tag", &format!("v{version}")]);
        project
    }
}

fn assert_refused(output: &CommandOutput, said: &[&str]) {
    assert_eq!(
        (output.code, output.out.as_str()),
        (2, ""),
        "{}",
        output.err
    );
    for line in said {
        assert!(output.err.contains(line), "{line}: {}", output.err);
    }
    assert_eq!(
        output.err.matches("\n- ").count(),
        said.len(),
        "{}",
        output.err
    );
}

#[test]
fn a_release_is_prepared_rehearsed_and_never_published() {
    let project = Project::new();
    let prepared = project.release(&["0.1.0", "--date", "2026-12-01"]);
    assert_eq!(prepared.code, 0, "{}", prepared.err);
    assert!(
        prepared.out.contains("cargo xtask release --dry-run"),
        "{}",
        prepared.out
    );
    assert_eq!(
        project.read("CHANGELOG.md"),
        "# Changelog\n\n## 0.1.0 - 2026-12-01\n\n### Added\n\n- Tea.\n"
    );
    assert_eq!(project.read("Cargo.toml"), MANIFEST);
    project.commit();

    let rehearsed = project.release(&["--dry-run"]);
    assert_eq!(rehearsed.code, 0, "{}", rehearsed.err);
    let (gate, commands) = (
        rehearsed.out.find("the gate ran\n"),
        rehearsed.out.find("To publish 0.1.0"),
    );
    assert!(gate.is_some() && gate < commands, "{}", rehearsed.out);
    let commands = "  git tag v0.1.0\n  git push origin v0.1.0\n  cargo publish --locked --package pivotal-runtime\n  \
        cargo publish --locked --package pivotal-sdk\n";
    assert!(rehearsed.out.contains(commands), "{}", rehearsed.out);
    assert!(!rehearsed.out.contains("a-tool"), "{}", rehearsed.out);

    let hurried = project.release(&["--dry-run", "--skip-gate"]);
    assert_eq!(hurried.code, 4, "{}", hurried.err);
    assert!(
        !hurried.out.contains("the gate ran") && hurried.out.contains(commands),
        "{}",
        hurried.out
    );
    assert!(
        hurried
            .err
            .contains("warning: .ci/run was left out (--skip-gate)"),
        "{}",
        hurried.err
    );

    // The packages of another commit are compiled with each other, though they have the same version.
    project.write(
        "crates/pivotal-runtime/src/lib.rs",
        "//! Tea.\npub fn brew() {}\n",
    );
    project.write(
        "crates/pivotal-sdk/src/lib.rs",
        "//! Tea.\npub use pivotal_runtime::brew;\n",
    );
    project.commit();
    let again = project.release(&["--dry-run", "--skip-gate"]);
    assert_eq!(again.code, 4, "{}", again.err);
}

#[test]
fn all_that_is_in_the_way_is_said_at_once_and_before_the_gate() {
    let project = Project::new();
    project.replace("Cargo.toml", "https://example.com/tea", "");
    project.write("note.txt", "not committed");
    let output = project.release(&["--dry-run"]);
    let no_address = "set `workspace.package.repository` in Cargo.toml";
    let said = [
        "the tree has changes: commit them",
        "run `cargo xtask release 0.1.0`, which writes it",
        no_address,
    ];
    assert_refused(&output, &said);

    project.write(
        "CHANGELOG.md",
        "# Changelog\n\n## Unreleased\n\n## 0.1.0 - soon\n\n- Tea.\n",
    );
    assert_refused(
        &project.release(&["--dry-run"]),
        &["the tree has changes", "has no date", no_address],
    );
    let output = project.release(&["0.1.0"]);
    assert_refused(
        &output,
        &[
            "the tree has changes",
            "CHANGELOG.md has no entry under `## Unreleased`",
            no_address,
        ],
    );
    let output = project.release(&["0.1"]);
    assert_eq!(output.code, 2);
    assert!(
        output
            .err
            .contains("0.1 is not a version; write it as X.Y.Z"),
        "{}",
        output.err
    );
}

#[test]
fn the_changes_of_the_contract_ask_for_a_version() {
    let project = Project::released("0.1.0");
    assert_refused(
        &project.release(&["--dry-run"]),
        &["v0.1.0 is tagged already"],
    );

    project.replace("openapi/pivotal.json", "\"mrr\"", "\"revenue\"");
    let entry = "# Changelog\n\n## Unreleased\n\n- Revenue.\n\n";
    project.replace("CHANGELOG.md", "# Changelog\n\n", entry);
    project.commit();
    let (manifest, lock) = (project.read("Cargo.toml"), project.read("Cargo.lock"));
    let output = project.release(&["0.1.1"]);
    assert_refused(
        &output,
        &[
            "0.1.1 is too low: the contract has changed since v0.1.0, which asks for 0.2.0\n  breaking, removed: `",
        ],
    );
    assert_eq!(
        (project.read("Cargo.toml"), project.read("Cargo.lock")),
        (manifest, lock)
    );

    let output = project.release(&["0.2.0", "--date", "2026-12-02"]);
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(
        project
            .read("CHANGELOG.md")
            .starts_with("# Changelog\n\n## 0.2.0 - 2026-12-02\n\n- Revenue.\n")
    );
    let wanted = MANIFEST
        .replace("version = \"0.1.0\"\ne", "version = \"0.2.0\"\ne")
        .replace("=0.1.0", "=0.2.0");
    assert_eq!(project.read("Cargo.toml"), wanted);
    assert_eq!(
        project
            .read("Cargo.lock")
            .matches("version = \"0.2.0\"")
            .count(),
        3
    );
    project.commit();
    let output = project.release(&["--dry-run", "--skip-gate"]);
    assert_eq!(output.code, 4, "{}", output.err);
    assert!(
        output
            .out
            .contains("changed since v0.1.0, which asks for 0.2.0 or later"),
        "{}",
        output.out
    );
    assert_refused(
        &project.release(&["0.1.9"]),
        &[
            "has the version 0.2.0 already",
            "CHANGELOG.md has no entry",
            "0.1.9 is too low",
        ],
    );
}

#[test]
fn a_gate_or_a_package_that_fails_ends_it() {
    let project = Project::new();
    assert_eq!(project.release(&["0.1.0"]).code, 0);
    project.write(".ci/run", "echo a test failed >&2; exit 1\n");
    project.commit();
    let output = project.release(&["--dry-run"]);
    assert_eq!(output.code, 2, "{}", output.out);
    assert!(
        output.err.contains("a test failed\nerror: .ci/run failed"),
        "{}",
        output.err
    );
    assert!(!output.out.contains("To publish"), "{}", output.out);

    // What is outside of the crate is not in its package.
    project.write(
        "crates/pivotal-sdk/src/lib.rs",
        "#![doc = include_str!(\"../../../CHANGELOG.md\")]\n",
    );
    project.commit();
    let output = project.release(&["--dry-run", "--skip-gate"]);
    assert_eq!(output.code, 2, "{}", output.out);
    assert!(
        output.err.contains("error: cargo package failed"),
        "{}",
        output.err
    );
    assert!(!output.out.contains("To publish"), "{}", output.out);
}
