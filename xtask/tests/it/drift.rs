//! Regeneration reproduces the generated files, and any difference is an error.

use std::fs;

use xtask::cli::codegen_command;
use xtask::codegen::{self, Tree};

use crate::workbench::{Workbench, repository};

const SOURCES: [&str; 3] = [
    "openapi/upstream.json",
    "openapi/overlay.yaml",
    "openapi/names.toml",
];

/// Regenerates a committed tree in memory.
#[track_caller]
fn assert_no_drift(root: &str) {
    let root = repository().join(root);
    let drift = codegen::check(&Tree::at(&root), false).unwrap();
    let shown = root.strip_prefix(repository()).unwrap();
    let command = if shown.as_os_str().is_empty() {
        codegen_command(&root)
    } else {
        codegen_command(shown)
    };
    assert!(
        drift.is_empty(),
        "{drift}\ngenerated files differ from their sources; run `{command}` and commit what it writes"
    );
}

#[test]
fn the_shipped_client_is_what_its_sources_give() {
    assert_no_drift("");
}

#[test]
fn the_codegen_fixtures_are_what_their_sources_give() {
    assert_no_drift("tests/codegen-fixtures");
}

#[test]
fn an_untouched_tree_has_no_drift() {
    let bench = Workbench::of_repository();
    let output = bench.codegen(&["--check"]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    insta::assert_snapshot!(output.out, @"All generated files are up to date.");
}

fn generated(bench: &Workbench) -> Vec<String> {
    let lock = String::from_utf8(bench.read("openapi/pivotal.lock")).unwrap();
    let lock: toml::Table = lock.parse().unwrap();
    let mut files: Vec<String> = lock["generated"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| path.as_str().unwrap().to_owned())
        .collect();
    files.push("openapi/pivotal.lock".to_owned());
    files
}

#[test]
fn the_lock_lists_every_generated_file() {
    let bench = Workbench::of_repository();
    let files = generated(&bench);
    for entry in fs::read_dir(bench.root().join(codegen::GENERATED)).unwrap() {
        let path = format!(
            "{}/{}",
            codegen::GENERATED,
            entry.unwrap().file_name().to_str().unwrap()
        );
        assert!(files.contains(&path), "{path}");
    }
    assert!(files.contains(&"openapi/pivotal.json".to_owned()));
}

#[test]
fn one_changed_byte_of_any_generated_file_is_drift_and_is_fixed() {
    let bench = Workbench::of_repository();
    let committed = bench.state();
    for path in generated(&bench) {
        bench.damage(&path);
        let damaged = bench.state();

        let output = bench.codegen(&["--check"]);
        assert_eq!(output.code, 1, "{path}");
        assert!(
            output
                .out
                .contains(&format!("--- a/{path}\n+++ b/{path}\n@@ ")),
            "{path}: {}",
            output.out
        );
        assert!(
            output.err.contains("run `cargo xtask codegen --root TREE`"),
            "{}",
            output.err
        );
        assert!(bench.state() == damaged, "checking wrote {path}");

        let output = bench.codegen(&[]);
        assert_eq!((output.code, output.out), (0, format!("changed {path}\n")));
        let bytes = |state: &std::collections::BTreeMap<_, (Vec<u8>, _)>| {
            state
                .iter()
                .map(|(path, (bytes, _))| (std::path::PathBuf::clone(path), bytes.clone()))
                .collect::<Vec<_>>()
        };
        assert!(
            bytes(&bench.state()) == bytes(&committed),
            "{path} was not fixed"
        );
    }
}

#[test]
fn a_change_of_any_source_is_drift() {
    let edits: [(&str, &str, &str); 3] = [
        (
            "openapi/upstream.json",
            "\"Pivotal API\"",
            "\"Pivotal APi\"",
        ),
        ("openapi/overlay.yaml", "title: What", "title: what"),
        ("openapi/names.toml", "# The only place", "# the only place"),
    ];
    assert_eq!(edits.map(|(path, ..)| path), SOURCES);
    for (path, from, to) in edits {
        let bench = Workbench::of_repository();
        let before = String::from_utf8(bench.read(path)).unwrap();
        let after = before.replacen(from, to, 1);
        assert_eq!(
            before
                .bytes()
                .zip(after.bytes())
                .filter(|(left, right)| left != right)
                .count(),
            1,
            "{path}"
        );
        bench.write(path, after.as_bytes());
        let edited = bench.state();

        let output = bench.codegen(&["--check"]);
        assert_eq!(output.code, 1, "{path}: {}", output.err);
        assert!(
            output.out.contains("--- a/openapi/pivotal.lock"),
            "{path}: {}",
            output.out
        );
        assert!(output.err.contains("cargo xtask codegen"));
        assert!(bench.state() == edited, "checking wrote something");

        assert_eq!(bench.codegen(&[]).code, 0);
        assert_eq!(bench.codegen(&["--check"]).code, 0, "{path}");
    }
}

#[test]
fn a_missing_generated_file_is_drift_and_comes_back() {
    for path in generated(&Workbench::of_repository()) {
        let bench = Workbench::of_repository();
        let committed = bench.read(&path);
        fs::remove_file(bench.root().join(&path)).unwrap();
        let output = bench.codegen(&["--check"]);
        assert_eq!(output.code, 1, "{path}");
        assert!(
            output
                .out
                .contains(&format!("--- /dev/null\n+++ b/{path}\n")),
            "{path}: {}",
            output.out
        );
        assert!(!bench.root().join(&path).exists(), "checking wrote {path}");
        if path == "openapi/pivotal.lock" {
            // It is what remembers where the document came from, and when.
            continue;
        }
        assert_eq!(bench.codegen(&[]).out, format!("added {path}\n"));
        assert_eq!(bench.read(&path), committed, "{path}");
    }
}

#[test]
fn a_file_that_is_generated_no_more_is_drift_and_goes() {
    let bench = Workbench::of_repository();
    let orphan = format!("{}/webhooks.rs", codegen::GENERATED);
    bench.write(&orphan, b"// left over\n");
    let output = bench.codegen(&["--check"]);
    assert_eq!(output.code, 1);
    insta::assert_snapshot!(output.out.trim_end(), @"
    --- a/crates/pivotal-api/src/generated/webhooks.rs
    +++ /dev/null
    @@ -1 +0,0 @@
    -// left over
    ");
    assert_eq!(bench.codegen(&[]).out, format!("removed {orphan}\n"));
    assert!(!bench.root().join(&orphan).exists());
}

/// A lock that was merged badly may list anything. Only among the generated files is a file ours to
/// remove.
#[test]
fn a_lock_that_lists_sources_and_files_made_by_hand_removes_none_of_them() {
    let bench = Workbench::of_repository();
    let lock = String::from_utf8(bench.read("openapi/pivotal.lock")).unwrap();
    let listed = lock.replace(
        "generated = [",
        "generated = [\n    \"openapi/upstream.json\",\n    \"openapi/src/lib.rs\",",
    );
    assert_ne!(lock, listed);
    bench.write("openapi/pivotal.lock", listed.as_bytes());
    assert_eq!(bench.codegen(&["--check"]).code, 1);
    assert_eq!(bench.codegen(&[]).out, "changed openapi/pivotal.lock\n");
    for path in ["openapi/upstream.json", "openapi/src/lib.rs"] {
        assert!(bench.root().join(path).exists(), "{path}");
    }
}

#[test]
fn a_folder_among_the_generated_files_is_reported_and_kept() {
    let bench = Workbench::of_repository();
    let folder = bench.root().join(codegen::GENERATED).join("old");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    for arguments in [&["--check"][..], &[]] {
        let output = bench.codegen(arguments);
        assert_eq!(output.code, 2);
        assert!(
            output.err.contains("a folder among the generated files"),
            "{}",
            output.err
        );
    }
    assert!(folder.join("notes.txt").exists());
}

#[test]
fn generating_twice_writes_nothing_the_second_time() {
    let bench = Workbench::of_repository();
    let before = bench.state();
    let output = bench.codegen(&[]);
    assert_eq!(output.code, 0);
    insta::assert_snapshot!(output.out, @"Nothing to do: all generated files are up to date.");
    assert!(bench.state() == before);
}

#[test]
fn a_tree_without_generated_files_gets_all_of_them() {
    let bench = Workbench::of_document(crate::elsewhere::pets_3_1().to_string().as_bytes());
    assert_eq!(bench.codegen(&["--check"]).code, 1);
    let output = bench.codegen(&[]);
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(
        output.out.lines().all(|line| line.starts_with("added ")),
        "{}",
        output.out
    );
    assert_eq!(bench.codegen(&["--check"]).code, 0);
}
