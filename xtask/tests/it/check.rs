//! The compile errors after an update, from a stand-in for cargo that prints prepared messages.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::changes::{add_an_optional_field, new_field, with};
use crate::workbench::{CommandOutput, Workbench, program, upstream, xtask};

/// A tree, a changed document, and a cargo.
struct Setup {
    bench: Workbench,
    folder: TempDir,
}

impl Setup {
    fn new() -> Self {
        let setup = Self {
            bench: Workbench::of_update(),
            folder: tempfile::tempdir().unwrap(),
        };
        let document = with(add_an_optional_field).to_string();
        fs::write(setup.file("changed.json"), document).unwrap();
        setup
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `cargo xtask update` with a shell script for cargo.
    fn update(&self, cargo: &str, arguments: &[&str]) -> CommandOutput {
        let file = self.file("cargo");
        program(&file, cargo);
        self.update_with(&file, arguments)
    }

    fn update_with(&self, cargo: &Path, arguments: &[&str]) -> CommandOutput {
        let root = self.bench.root().to_str().unwrap();
        let document = self.file("changed.json");
        let command = [
            "update",
            "--root",
            root,
            "--from",
            document.to_str().unwrap(),
        ];
        let command = [&command, arguments].concat();
        CommandOutput::of(xtask(&command).env("CARGO", cargo)).without(root)
    }
}

/// A message of cargo about an error at a place.
fn message(level: &str, text: &str, spans: Value) -> String {
    let message = json!({ "level": level, "message": text, "spans": spans });
    json!({ "reason": "compiler-message", "target": { "name": "tea" }, "message": message })
        .to_string()
}

fn span(file: &str, line: usize) -> Value {
    json!({ "file_name": file, "line_start": line, "is_primary": true, "expansion": null })
}

/// What cargo says of a workspace of one package.
fn metadata(target: &Path) -> Value {
    json!({ "target_directory": target, "packages": [{ "name": "tea" }] })
}

/// What is listed under a heading.
fn section<'o>(output: &'o str, heading: &str) -> &'o str {
    let start = output.find(&format!("\n{heading}  ")).unwrap() + 1;
    output[start..].split("\n\n").next().unwrap()
}

#[test]
fn errors_are_listed_once_by_file_and_line() {
    let setup = Setup::new();
    let mut in_a_macro = span("/registry/core/macros.rs", 40);
    in_a_macro["expansion"] = json!({ "span": span("src/lib.rs", 7) });
    let messages = [
        json!({ "reason": "build-script-executed", "package_id": "tea" }).to_string(),
        message("error", "no field `b`", json!([span("src/lib.rs", 12)])),
        // A library is compiled once more for its tests.
        message("error", "no field `b`", json!([span("src/lib.rs", 12)])),
        message("error", "no field `a`", json!([in_a_macro])),
        message("warning", "unused", json!([span("src/lib.rs", 1)])),
        message("error", "linking failed", json!([])),
        message(
            "error",
            "red \u{1b}[31m\nand more",
            json!([span("src/a.rs", 3)]),
        ),
        message("error", "aborting due to 2 previous errors", json!([])),
        "not JSON".to_owned(),
    ];
    fs::write(setup.file("messages"), messages.join("\n")).unwrap();
    let cargo = format!(
        "echo \"$@\" > {0}/arguments; cat {0}/messages; exit 101",
        setup.folder.path().display()
    );
    let output = setup.update(&cargo, &[]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    insta::assert_snapshot!(section(&output.out, "TO FIX"), @r"
    TO FIX  errors of `cargo check --workspace --all-targets`; a crate that depends on one with errors is not checked yet
      src/a.rs:3: red \u{1b}[31m and more
      src/lib.rs:7: no field `a`
      src/lib.rs:12: no field `b`
      tea: linking failed
    ");
    assert_eq!(
        fs::read_to_string(setup.file("arguments")).unwrap(),
        "check --workspace --all-targets --keep-going --quiet --message-format=json\n"
    );
    assert!(output.out.contains("fix the compile errors\n"));
}

#[test]
fn many_errors_are_cut_short() {
    let setup = Setup::new();
    let messages: Vec<String> = (1..=60)
        .map(|line| message("error", &"x".repeat(400), json!([span("src/lib.rs", line)])))
        .collect();
    fs::write(setup.file("messages"), messages.join("\n")).unwrap();
    let output = setup.update(&format!("cat {}", setup.file("messages").display()), &[]);
    let section = section(&output.out, "TO FIX");
    assert_eq!(section.lines().count(), 52);
    assert!(section.ends_with("\n  and 10 more"), "{section}");
    assert!(section.lines().all(|line| line.len() < 330), "{section}");
}

#[test]
fn a_tree_that_compiles_has_nothing_to_fix() {
    let output = Setup::new().update("exit 0", &[]);
    assert_eq!(
        section(&output.out, "TO FIX"),
        "TO FIX  nothing: `cargo check --workspace --all-targets` passes"
    );
    assert!(!output.out.contains("fix the compile errors"));
}

#[test]
fn what_describes_xtask_is_not_handed_to_cargo() {
    // Build scripts that watch it would run again.
    assert!(std::env::var_os("CARGO_PKG_NAME").is_some());
    let inherits = "env | grep -E '^CARGO_(PKG|MANIFEST)_' >&2 && exit 101; exit 0";
    let output = Setup::new().update(inherits, &[]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
}

#[test]
fn never_did_the_copy_of_a_dry_run_lead_elsewhere() {
    let setup = Setup::new();
    let target = setup.file("target");
    let mine = setup.file("mine");
    fs::create_dir_all(&target).unwrap();
    fs::create_dir_all(&mine).unwrap();
    fs::write(mine.join("mine.rs"), "mine").unwrap();
    std::os::unix::fs::symlink(&mine, target.join("xtask-update")).unwrap();
    let cargo = format!("echo '{}'", metadata(&target));
    let output = setup.update(&cargo, &["--dry-run"]);
    assert_eq!(output.code, 2);
    assert!(output.err.contains("is a link"), "{}", output.err);
    assert_eq!(fs::read_to_string(mine.join("mine.rs")).unwrap(), "mine");
}

#[test]
fn a_check_that_cannot_be_made_is_an_error_after_the_update() {
    let setup = Setup::new();
    let output = setup.update("echo 'no such registry' >&2; exit 101", &[]);
    assert_eq!(output.code, 70);
    assert_eq!(output.err, "error: cargo check failed:\nno such registry\n");
    assert!(output.out.contains("\nFILES  written\n"));

    let setup = Setup::new();
    let output = setup.update_with(Path::new("/nowhere/cargo"), &[]);
    assert_eq!(output.code, 70);
    assert!(
        output
            .err
            .starts_with("error: /nowhere/cargo cannot be run: "),
        "{}",
        output.err
    );
}

#[test]
fn no_check_starts_no_cargo() {
    let setup = Setup::new();
    let output = setup.update_with(Path::new("/nowhere/cargo"), &["--no-check"]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    assert_eq!(
        section(&output.out, "TO FIX"),
        "TO FIX  not checked: --no-check"
    );
}

#[test]
fn a_dry_run_checks_a_copy_with_the_document_in_place() {
    let setup = Setup::new();
    let root = setup.bench.root();
    let git = |arguments: &[&str]| {
        let status = Command::new("git")
            .args(arguments)
            .current_dir(root)
            .status();
        assert!(status.unwrap().success());
    };
    git(&["init", "--quiet"]);
    setup.bench.write(".gitignore", b"secret\n");
    setup.bench.write("secret", b"not to be copied");
    git(&["add", "--all"]);
    setup.bench.write("untracked.rs", b"// not added yet\n");
    fs::remove_file(root.join("openapi/promises.toml")).unwrap();
    let before = setup.bench.state();

    let target = setup.file("target");
    let cargo = format!(
        "case $1 in
           metadata) echo '{}' ;;
           *) test \"$CARGO_TARGET_DIR\" = {} && pwd > {checked} && echo \"$@\" >> {checked} ;;
         esac",
        metadata(&target),
        target.display(),
        checked = setup.file("checked").display()
    );
    let output = setup.update(&cargo, &["--dry-run"]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    assert!(output.out.contains("\nTO FIX  nothing: "), "{}", output.out);
    assert!(setup.bench.state() == before, "a dry run changed the tree");
    let copy = target.join("xtask-update");
    let checked = fs::read_to_string(setup.file("checked")).unwrap();
    let (folder, arguments) = checked.split_once('\n').unwrap();
    assert_eq!(
        Path::new(folder).canonicalize().unwrap(),
        copy.canonicalize().unwrap()
    );
    // What is built of the copy must not pass for what is built of the tree.
    let profile = "--config profile.dev.package.\"tea\".codegen-units=255 check --workspace ";
    assert!(arguments.starts_with(profile), "{arguments}");
    let read = |path: &str| fs::read_to_string(copy.join(path)).unwrap_or_default();
    let field = new_field(&upstream());
    assert!(read("openapi/upstream.json").contains(&format!("\"{field}\"")));
    assert!(read("crates/pivotal-api/src/generated/bodies.rs").contains(field));
    assert_eq!(read("untracked.rs"), "// not added yet\n");
    assert_eq!(read("secret"), "");
    assert_eq!(read("openapi/promises.toml"), "");

    // The next copy writes what differs alone, so that cargo compiles no more than that.
    let written = |path: &str| fs::metadata(copy.join(path)).unwrap().modified().unwrap();
    let times = (written("Cargo.toml"), written("openapi/upstream.json"));
    fs::write(copy.join("left_over.rs"), "").unwrap();
    assert_eq!(setup.update(&cargo, &["--dry-run"]).code, 0);
    assert_eq!(written("Cargo.toml"), times.0);
    assert_ne!(written("openapi/upstream.json"), times.1);
    assert!(!copy.join("left_over.rs").exists());
}

#[test]
fn a_dry_run_outside_of_git_says_what_it_lacks() {
    let setup = Setup::new();
    let target = setup.file("target");
    let output = setup.update(&format!("echo '{}'", metadata(&target)), &["--dry-run"]);
    assert_eq!(output.code, 70);
    assert!(
        output.err.starts_with("error: git ls-files failed:\n"),
        "{}",
        output.err
    );
}
