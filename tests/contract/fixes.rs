//! What to do when a snapshot is missing, differs or is unused.

use std::collections::BTreeSet;
use std::path::Path;

use pivotal_sdk::transport::OPERATIONS;

/// Prints how to update the snapshots of a module, if the test that holds it fails.
pub(crate) struct Fix(&'static str);

pub(crate) fn on_failure(module: &'static str) -> Fix {
    Fix(module)
}

impl Drop for Fix {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "\nIf the change is intended, update the snapshots and review them:\n    \
                 INSTA_UPDATE=always cargo test -p pivotal-tests --test contract {}\n",
                self.0
            );
        }
    }
}

/// The snapshot of an operation, body or group that no longer exists would still be read.
#[test]
fn no_snapshot_is_left_over() {
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for operation in OPERATIONS {
        wanted.insert(format!("requests__{}", operation.name));
        wanted.insert(format!("responses__{}", operation.name));
    }
    wanted.extend(
        crate::responses::BODIES
            .iter()
            .map(|name| format!("responses__{name}")),
    );
    wanted.extend(
        crate::documented_errors::groups().map(|name| format!("documented_errors__{name}")),
    );
    let folders = ["contract/snapshots", "contract/requests/snapshots"];
    let left_over: Vec<String> = folders
        .iter()
        .flat_map(|folder| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            std::fs::read_dir(folder).unwrap()
        })
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|file| file.ends_with(".snap"))
        .filter(|file| {
            let name = file
                .trim_start_matches("contract__")
                .trim_end_matches(".snap");
            let prefixes = ["requests__", "responses__", "documented_errors__"];
            prefixes.iter().any(|module| name.starts_with(module)) && !wanted.contains(name)
        })
        .collect();
    assert!(
        left_over.is_empty(),
        "unused snapshots; remove them from tests/contract:\n    {}",
        left_over.join("\n    ")
    );
}
