//! Which snapshots an update changes: those whose content follows from what changed.

mod gist;

use std::collections::BTreeSet;
use std::fs;

use crate::codegen::{Failure, Preview, Tree};
use crate::rust::{Change, Impact, What, surface};
use gist::{Gist, gists};

const CONTRACT: &str = "tests/contract/snapshots";
const WIRE_SURFACE: &str = "xtask/tests/it/snapshots/pivotal-api.snap";
const SURFACE: &str = "xtask/tests/it/snapshots/pivotal-sdk.snap";

/// A snapshot that is not as it was after the update.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Snapshot {
    /// Its path from the root of the tree.
    pub(super) file: String,
    pub(super) fate: Fate,
}

/// What becomes of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// Its text is another.
    Changes,
    /// Its text is another, once that is done.
    ChangesOnce(&'static str),
    /// It comes, once that is done.
    ComesOnce(&'static str),
    /// Nothing is left to show.
    Goes,
}

impl Fate {
    pub(super) fn told(self) -> String {
        match self {
            Self::Changes => "changes".to_owned(),
            Self::ChangesOnce(after) => format!("changes, once {after}"),
            Self::ComesOnce(after) => format!("comes, once {after}"),
            Self::Goes => "goes: delete it".to_owned(),
        }
    }
}

/// The snapshots of a tree that an update changes, in order of path.
pub(super) fn changed(
    tree: &Tree,
    base: &Preview,
    revision: &Preview,
    impact: &Impact,
) -> Result<Vec<Snapshot>, Failure> {
    let shown = |file: &str| fs::read_to_string(tree.root().join(file)).ok();
    let mut found = BTreeSet::new();
    let mut add = |file: &str, fate: Fate| {
        let comes = matches!(fate, Fate::ComesOnce(_)) && tree.root().join(CONTRACT).is_dir();
        if comes || shown(file).is_some() {
            let file = file.to_owned();
            found.insert(Snapshot { file, fate });
        }
    };
    if surface(base)? != surface(revision)? {
        add(WIRE_SURFACE, Fate::Changes);
    }
    if let Some(fate) = of_the_companion(impact, &shown(SURFACE).unwrap_or_default()) {
        add(SURFACE, fate);
    }
    let (before, after) = (gists(base, &shown), gists(revision, &shown));
    for (file, old) in &before {
        if let Some(fate) = after
            .get(file)
            .map_or(Some(Fate::Goes), |new| fate(old, new))
        {
            add(file, fate);
        }
    }
    for (file, new) in after.iter().filter(|(file, _)| !before.contains_key(*file)) {
        add(file, new.after.map_or(Fate::Changes, Fate::ComesOnce));
    }
    Ok(found.into_iter().collect())
}

/// What becomes of a snapshot that both sides have.
fn fate(old: &Gist, new: &Gist) -> Option<Fate> {
    let differs = |(name, part)| new.parts.get(name) != Some(part);
    if old.parts.iter().any(differs) {
        return Some(Fate::Changes);
    }
    let is_new = new.parts.len() > old.parts.len();
    is_new.then(|| new.after.map_or(Fate::Changes, Fate::ChangesOnce))
}

/// The surface of the companion is written by hand: it follows what vanishes, and shows what is new
/// when somebody says so.
fn of_the_companion(impact: &Impact, shown: &str) -> Option<Fate> {
    let gone = impact.api.iter().any(|change| {
        let line = format!("pub use pivotal_api::{}", change.path);
        change.change == What::Removed && change.is_type() && shown.lines().any(|one| one == line)
    });
    if gone || !impact.operations.removed.is_empty() {
        return Some(Fate::Changes);
    }
    let new_type = |change: &Change| change.change == What::Added && change.is_type();
    let lacks = !impact.operations.added.is_empty() || impact.api.iter().any(new_type);
    lacks.then_some(Fate::ChangesOnce("the companion shows what is new"))
}
