//! The files on disk: what is read, what is written, what differs.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::{Failure, Files, GENERATED};
use crate::transaction::Transaction;

pub(crate) const UPSTREAM: &str = "openapi/upstream.json";
pub(crate) const OVERLAY: &str = "openapi/overlay.yaml";
pub(crate) const NAMES: &str = "openapi/names.toml";
pub(crate) const ORIGIN: &str = "openapi/origin.toml";
pub(super) const CONTRACT: &str = "openapi/pivotal.json";
pub(super) const LOCK: &str = "openapi/pivotal.lock";

/// The tools that generate are resolved by the workspace that this one was built in, whatever tree
/// it works on.
const CARGO_LOCK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");

/// Everything a generation depends on.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The vendor's document.
    pub upstream: String,
    /// What the guides promise and the document omits.
    pub overlay: String,
    /// The names chosen by hand.
    pub names: String,
    /// Where the document came from, where that is known.
    pub origin: Option<String>,
    /// The resolved versions of the tools.
    pub cargo_lock: String,
}

/// A folder that holds `openapi/` and `crates/pivotal-api/`.
#[derive(Clone, Debug)]
pub struct Tree {
    root: PathBuf,
}

impl Tree {
    /// The tree at a folder.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Reads the sources of a generation.
    ///
    /// # Errors
    ///
    /// [`Failure`] when one of them is missing or is not text.
    pub fn sources(&self) -> Result<Sources, Failure> {
        Ok(Sources {
            upstream: self.read(UPSTREAM)?,
            overlay: self.read(OVERLAY)?,
            names: self.read(NAMES)?,
            origin: self.existing(ORIGIN)?,
            cargo_lock: fs::read_to_string(CARGO_LOCK)
                .map_err(|error| Failure::unreadable(CARGO_LOCK, &error))?,
        })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn read(&self, path: &str) -> Result<String, Failure> {
        let file = self.root.join(path);
        fs::read_to_string(&file).map_err(|error| Failure::unreadable(&file, &error))
    }

    pub(crate) fn existing(&self, path: &str) -> Result<Option<String>, Failure> {
        let file = self.root.join(path);
        match fs::read(&file) {
            // A generated file that is no text any more differs from what is generated, and that is
            // all that matters.
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::unreadable(&file, &error)),
        }
    }

    /// Files among the generated ones that are generated no more. Only there is everything ours to
    /// remove.
    fn orphans(&self, files: &Files) -> Result<BTreeSet<String>, Failure> {
        let mut found: BTreeSet<String> = BTreeSet::new();
        let folder = self.root.join(GENERATED);
        match fs::read_dir(&folder) {
            Ok(entries) => {
                for entry in entries {
                    let entry = entry.map_err(|error| Failure::unreadable(&folder, &error))?;
                    // A folder may hold anything: it is not ours to empty.
                    if entry.path().is_dir() {
                        return Err(Failure::input(
                            entry.path(),
                            "a folder among the generated files; nothing else may stand there, so move or remove it",
                        ));
                    }
                    found.insert(format!(
                        "{GENERATED}/{}",
                        entry.file_name().to_string_lossy()
                    ));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::unreadable(&folder, &error)),
        }
        found.retain(|path| !files.contains_key(path));
        Ok(found)
    }

    pub(crate) fn drift(&self, files: &Files) -> Result<Drift, Failure> {
        let mut changed = Vec::new();
        for (path, wanted) in files {
            let before = self.existing(path)?;
            if before.as_deref() != Some(wanted) {
                let change = if before.is_some() {
                    Change::Changed
                } else {
                    Change::Added
                };
                changed.push(Changed {
                    path: path.clone(),
                    change,
                    before: before.unwrap_or_default(),
                    after: wanted.clone(),
                });
            }
        }
        for path in self.orphans(files)? {
            changed.push(Changed {
                before: self.existing(&path)?.unwrap_or_default(),
                path,
                change: Change::Removed,
                after: String::new(),
            });
        }
        Ok(Drift { changed })
    }
}

/// What generation would change.
#[derive(Clone, Debug)]
pub struct Drift {
    changed: Vec<Changed>,
}

impl Drift {
    /// Whether every generated file is as its sources say.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty()
    }

    /// The files that differ.
    pub fn changed(&self) -> &[Changed] {
        &self.changed
    }

    /// Writes or removes every file that differs, as part of something that is done all together.
    pub(crate) fn stage(&self, transaction: &mut Transaction) -> Result<(), Failure> {
        for changed in &self.changed {
            match changed.change {
                Change::Removed => transaction.remove(&changed.path),
                Change::Added | Change::Changed => {
                    transaction.write(&changed.path, &changed.after)?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Drift {
    /// A unified diff of every file that differs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, changed) in self.changed.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let diff = TextDiff::from_lines(&changed.before, &changed.after);
            let from = if changed.change == Change::Added {
                "/dev/null".to_owned()
            } else {
                format!("a/{}", changed.path)
            };
            let to = if changed.change == Change::Removed {
                "/dev/null".to_owned()
            } else {
                format!("b/{}", changed.path)
            };
            write!(f, "{}", diff.unified_diff().header(&from, &to))?;
        }
        Ok(())
    }
}

/// A generated file that was not as its sources say.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Its path from the root of the tree.
    pub path: String,
    /// What becomes of it.
    pub change: Change,
    before: String,
    after: String,
}

/// What becomes of a generated file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was missing.
    Added,
    /// It differed.
    Changed,
    /// It is generated no more.
    Removed,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        })
    }
}

/// Compares the generated files with what their sources give. Nothing is written.
///
/// # Errors
///
/// [`Failure`] when a source cannot be used.
pub fn check(tree: &Tree) -> Result<Drift, Failure> {
    let files = super::generate(&tree.sources()?)?;
    tree.drift(&files)
}

/// Generates every file and writes those that differ.
///
/// Everything is generated before anything is written, and a failure half-way leaves the old files.
///
/// # Errors
///
/// [`Failure`] when a source cannot be used, or a file cannot be written.
pub fn write(tree: &Tree) -> Result<Vec<Changed>, Failure> {
    let files = super::generate(&tree.sources()?)?;
    let drift = tree.drift(&files)?;
    let mut transaction = Transaction::new(tree.root());
    drift.stage(&mut transaction)?;
    transaction.commit()?;
    Ok(drift.changed)
}
