//! The companion as it is written: what it shows of the wire client, and where it and its tests use
//! it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::uses::{self, Found, Reexports, Used};
use crate::codegen::Tree;
use crate::surface::{Crate, Kind, Surface};

/// The crate that people depend on.
pub(super) const FOLDER: &str = "crates/pivotal-sdk";
const ROOT: &str = "crates/pivotal-sdk/src/lib.rs";
pub(super) const COVERAGE: &str = "crates/pivotal-sdk/src/coverage.rs";
pub(super) const EXCUSES: &str = "crates/pivotal-contract/src/coverage/exemptions.rs";

/// The hand-written sources that stand on the wire client.
#[derive(Debug)]
pub(super) struct Companion {
    /// Names of the wire client that the companion shows as its own.
    pub(super) reexports: Reexports,
    /// Where the `pub use pivotal_api::{…}` stands.
    pub(super) reexported_at: usize,
    /// Its version.
    pub(super) version: String,
    /// Every use, in order of file and line.
    pub(super) found: Vec<Found>,
    /// What the suite need not exercise, as it is written.
    pub(super) exemptions: String,
    /// Files that could not be read as Rust.
    pub(super) unread: Vec<String>,
}

impl Companion {
    /// Reads the companion of a tree, its tests, examples and whatever else stands on it; `None`
    /// when the tree has none.
    pub(super) fn read(tree: &Tree) -> Option<Self> {
        let root = tree.root();
        let read = |path: &str| fs::read_to_string(root.join(path)).ok();
        if !root.join(ROOT).is_file() {
            return None;
        }
        let mut companion = Self {
            reexports: Reexports::new(),
            reexported_at: 0,
            version: version(root).unwrap_or_else(|| "0.0.0".to_owned()),
            found: Vec::new(),
            exemptions: read(EXCUSES).unwrap_or_default(),
            unread: Vec::new(),
        };
        match Crate::read(ROOT, &read) {
            Ok(krate) => {
                let surface = Surface::of(&krate);
                let shown = surface.items().filter(|item| item.kind == Kind::Reexport);
                companion.reexports = shown
                    .filter_map(|item| item.text.strip_prefix("pub use pivotal_api::"))
                    .filter(|name| {
                        name.chars()
                            .all(|letter| letter.is_alphanumeric() || letter == '_')
                    })
                    .map(str::to_owned)
                    .collect();
                let uses = krate.modules[0].uses.iter();
                let lines = uses.filter(|used| {
                    used.public
                        && used
                            .target
                            .first()
                            .is_some_and(|first| first == "pivotal_api")
                });
                companion.reexported_at = lines.map(|used| used.line).min().unwrap_or_default();
                companion
                    .found
                    .extend(uses::of_crate(&krate, &companion.reexports));
            }
            Err(error) => companion.unread.push(error),
        }
        for file in roots(root, true).into_iter().filter(|file| file != ROOT) {
            match Crate::read(&file, &read) {
                Ok(krate) => companion
                    .found
                    .extend(uses::of_crate(&krate, &companion.reexports)),
                Err(error) => companion.unread.push(error),
            }
        }
        // Whoever knows no type of ours may still write what goes over the wire.
        for file in roots(root, false) {
            match Crate::read(&file, &read) {
                Ok(krate) => companion.found.extend(
                    uses::of_crate(&krate, &companion.reexports)
                        .into_iter()
                        .filter(|found| matches!(found.what, Used::Text(_))),
                ),
                Err(error) => companion.unread.push(error),
            }
        }
        if let Some(text) = read("README.md") {
            companion
                .found
                .extend(uses::of_markdown("README.md", &text, &companion.reexports));
        }
        companion.found.sort();
        companion.found.dedup();
        Some(companion)
    }
}

/// The version that the next release counts from.
fn version(root: &Path) -> Option<String> {
    let manifest = |path: &str| -> Option<toml::Table> {
        fs::read_to_string(root.join(path)).ok()?.parse().ok()
    };
    let own = manifest("crates/pivotal-sdk/Cargo.toml").and_then(|manifest| {
        manifest
            .get("package")?
            .get("version")?
            .as_str()
            .map(str::to_owned)
    });
    own.or_else(|| {
        let workspace = manifest("Cargo.toml")?;
        let version = workspace.get("workspace")?.get("package")?.get("version")?;
        version.as_str().map(str::to_owned)
    })
}

/// The root files of every crate that depends on the companion or on the wire client, or of every
/// other one that speaks to a server: libraries, binaries, tests, examples and benches.
fn roots(root: &Path, on_the_companion: bool) -> Vec<String> {
    let mut packages = folders(&root.join("crates"));
    packages.push(root.join("tests"));
    let mut roots = BTreeMap::new();
    for package in packages {
        let Ok(text) = fs::read_to_string(package.join("Cargo.toml")) else {
            continue;
        };
        let Ok(manifest) = text.parse::<toml::Table>() else {
            continue;
        };
        let depends = ["dependencies", "dev-dependencies"].iter().any(|table| {
            let named = manifest.get(*table).and_then(toml::Value::as_table);
            named.is_some_and(|named| {
                named.contains_key("pivotal-sdk") || named.contains_key("pivotal-api")
            })
        });
        let of_ours = depends || package.ends_with("pivotal-sdk");
        let wanted = if on_the_companion {
            of_ours
        } else {
            !of_ours && package.ends_with("pivotal-sandbox")
        };
        if !wanted {
            continue;
        }
        for file in targets(&package, &manifest) {
            if let (true, Ok(relative)) = (file.is_file(), file.strip_prefix(root)) {
                let path: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
                roots.insert(path.join("/"), ());
            }
        }
    }
    roots.into_keys().collect()
}

/// Where cargo finds the targets of a package.
fn targets(package: &Path, manifest: &toml::Table) -> Vec<PathBuf> {
    let mut files = vec![package.join("src/lib.rs"), package.join("src/main.rs")];
    for folder in ["src/bin", "examples", "tests", "benches"] {
        let Ok(entries) = fs::read_dir(package.join(folder)) else {
            continue;
        };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.is_dir() {
                files.push(path.join("main.rs"));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let named = ["lib", "bin", "test", "example", "bench"]
        .iter()
        .flat_map(|kind| match manifest.get(*kind) {
            Some(toml::Value::Array(targets)) => targets.clone(),
            Some(target) => vec![target.clone()],
            None => Vec::new(),
        });
    files.extend(named.filter_map(|target| Some(package.join(target.get("path")?.as_str()?))));
    files
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of)
        .into_iter()
        .flatten()
        .filter_map(Result::ok);
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}
