//! What to do when a snapshot is missing, differs or is left over.

use std::collections::BTreeSet;
use std::path::Path;

use pivotal_sdk::OPERATIONS;

/// Says, when the test that holds it fails, how to write the snapshots of a module anew.
pub(crate) struct Mending(&'static str);

pub(crate) fn mending(module: &'static str) -> Mending {
    Mending(module)
}

impl Drop for Mending {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "\nWhere the change is meant, write the snapshots anew, read them, and keep them:\n    \
                 INSTA_UPDATE=always cargo test -p pivotal-tests --test contract {}\n",
                self.0
            );
        }
    }
}

/// A snapshot of an operation, a body or a group that is no more would be read as if it still held.
#[test]
fn no_snapshot_is_left_over() {
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for operation in OPERATIONS {
        wanted.insert(format!("requests__{}", operation.name));
        wanted.insert(format!("answers__{}", operation.name));
    }
    wanted.extend(
        crate::answers::BODIES
            .iter()
            .map(|name| format!("answers__{name}")),
    );
    wanted.extend(
        crate::documented_errors::groups().map(|name| format!("documented_errors__{name}")),
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/snapshots");
    let left_over: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|file| file.ends_with(".snap"))
        .filter(|file| {
            let name = file
                .trim_start_matches("contract__")
                .trim_end_matches(".snap");
            let of_a_list = ["requests__", "answers__", "documented_errors__"];
            of_a_list.iter().any(|module| name.starts_with(module)) && !wanted.contains(name)
        })
        .collect();
    assert!(
        left_over.is_empty(),
        "nothing writes these any more; remove them from tests/contract/snapshots:\n    {}",
        left_over.join("\n    ")
    );
}
