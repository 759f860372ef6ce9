//! Trees to work on, and what to ask of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;
use xtask::codegen::{self, Failure, Files, Sources, Tree};

/// The root of this repository.
pub(crate) fn repository() -> PathBuf {
    let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    manifest.parent().unwrap().to_owned()
}

/// The sources of the client that this repository ships.
pub(crate) fn sources() -> Sources {
    Tree::at(repository()).sources().unwrap()
}

/// The document that they start from.
pub(crate) fn upstream() -> Value {
    serde_json::from_str(&sources().upstream).unwrap()
}

/// What comes of the shipped sources with another document.
pub(crate) fn generated_from(upstream: &Value) -> Result<Files, Failure> {
    codegen::generate(&Sources {
        upstream: upstream.to_string(),
        ..sources()
    })
}

/// What comes of the shipped sources as they are.
pub(crate) fn generated() -> &'static Files {
    static GENERATED: OnceLock<Files> = OnceLock::new();
    GENERATED.get_or_init(|| codegen::generate(&sources()).unwrap())
}

/// What comes of a document by rule alone; what cannot be expressed is a failure.
pub(crate) fn generated_by_rule(upstream: &Value) -> Result<Files, Failure> {
    let nothing = String::new;
    codegen::generate(&Sources {
        strict: true,
        upstream: upstream.to_string(),
        overlay: nothing(),
        names: nothing(),
        origin: None,
        ..sources()
    })
}

/// A tree in a temporary folder.
pub(crate) struct Workbench {
    folder: TempDir,
}

impl Workbench {
    /// A copy of the shipped tree: sources and generated files.
    pub(crate) fn of_repository() -> Self {
        let bench = Self::empty();
        let setters = "crates/pivotal-sdk/src/generated";
        for folder in ["openapi", "openapi/src", codegen::GENERATED, setters] {
            let from = repository().join(folder);
            fs::create_dir_all(bench.root().join(folder)).unwrap();
            for entry in fs::read_dir(&from).unwrap() {
                let entry = entry.unwrap();
                if entry.path().is_file() {
                    fs::copy(
                        entry.path(),
                        bench.root().join(folder).join(entry.file_name()),
                    )
                    .unwrap();
                }
            }
        }
        bench
    }

    /// A copy of everything that `cargo xtask update` reads or writes: the changelog and the
    /// manifests with the version too.
    pub(crate) fn of_update() -> Self {
        let bench = Self::of_repository();
        for path in [
            "Cargo.toml",
            "CHANGELOG.md",
            "crates/pivotal-sdk/Cargo.toml",
        ] {
            copy(&repository().join(path), &bench.root().join(path));
        }
        bench
    }

    /// A copy of tests/codegen-fixtures.
    pub(crate) fn of_fixtures() -> Self {
        let bench = Self::empty();
        copy(&repository().join("tests/codegen-fixtures"), bench.root());
        bench
    }

    /// A tree of one document, an empty overlay and no chosen names.
    pub(crate) fn of_document(upstream: &[u8]) -> Self {
        let bench = Self::empty();
        fs::create_dir_all(bench.root().join("openapi")).unwrap();
        bench.write("openapi/upstream.json", upstream);
        bench.write("openapi/overlay.yaml", b"");
        bench.write("openapi/names.toml", b"");
        bench
    }

    fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.root().join(path)).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &[u8]) {
        fs::write(self.root().join(path), text).unwrap();
    }

    /// Changes one byte of a file.
    pub(crate) fn damage(&self, path: &str) {
        let mut bytes = self.read(path);
        let at = bytes.len() / 2;
        bytes[at] = if bytes[at] == b'#' { b'%' } else { b'#' };
        self.write(path, &bytes);
    }

    /// Every file with its bytes and the time it was last written.
    pub(crate) fn state(&self) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
        let mut state = BTreeMap::new();
        let mut open = vec![self.root().to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let written = fs::metadata(&path).unwrap().modified().unwrap();
                    state.insert(path.clone(), (fs::read(&path).unwrap(), written));
                }
            }
        }
        state
    }

    /// `cargo xtask update --no-check` on this tree, on a day that is always the same.
    pub(crate) fn update(&self, from: &str, arguments: &[&str]) -> CommandOutput {
        let root = self.root().to_str().unwrap();
        let command = ["update", "--root", root, "--from", from, "--no-check"];
        let day = ["--date", "2026-12-01"];
        let command = [&command[..], &day, arguments].concat();
        run(&command).without(root)
    }

    /// `cargo xtask codegen` on this tree.
    pub(crate) fn codegen(&self, arguments: &[&str]) -> CommandOutput {
        let root = self.root().to_str().unwrap();
        run(&[&["codegen", "--root", root], arguments].concat()).without(root)
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            // Of tests/codegen-fixtures only what belongs to it; a build leaves `target` anywhere.
            if name != "target" {
                copy(&from.join(&name), &to.join(&name));
            }
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

/// What a command printed, and its exit code.
#[derive(Debug)]
pub(crate) struct CommandOutput {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl CommandOutput {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        Self {
            code: status.code().expect("the command ended by itself"),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    /// The same with `TREE` where a moving path stands.
    pub(crate) fn without(self, path: &str) -> Self {
        Self {
            code: self.code,
            out: self.out.replace(path, "TREE"),
            err: self.err.replace(path, "TREE"),
        }
    }
}

/// A shell script as a program.
#[cfg(unix)]
pub(crate) fn program(path: &Path, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A key that stands in the environment of every command and must not leave it.
pub(crate) const SECRET: &str = "pivotal_test_never_to_be_sent";

/// The binary with these arguments.
pub(crate) fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .args(arguments)
        .env("RUST_BACKTRACE", "0")
        // No command has any use for it.
        .env("PIVOTAL_API_KEY", SECRET);
    command
}

/// Runs the binary.
pub(crate) fn run(arguments: &[&str]) -> CommandOutput {
    CommandOutput::of(&mut xtask(arguments))
}

/// Changes every object of a document, the inner before the outer.
pub(crate) fn for_each_object(
    value: &mut Value,
    change: &mut impl FnMut(&mut serde_json::Map<String, Value>),
) {
    match value {
        Value::Object(entries) => {
            entries
                .values_mut()
                .for_each(|entry| for_each_object(entry, change));
            change(entries);
        }
        Value::Array(entries) => entries
            .iter_mut()
            .for_each(|entry| for_each_object(entry, change)),
        _ => {}
    }
}

/// The operations of a document with method and path.
pub(crate) fn for_each_operation(
    document: &mut Value,
    mut change: impl FnMut(&str, &str, &mut Value),
) {
    for (path, item) in document["paths"].as_object_mut().unwrap() {
        for method in ["get", "put", "post", "patch", "delete"] {
            if let Some(operation) = item.get_mut(method) {
                change(method, path, operation);
            }
        }
    }
}
