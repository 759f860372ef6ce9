//! `cargo xtask history`: what changed in a document with each of its commits, as a page.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use openapi_diff::{Group, Level, Promises, Report};
use openapi_pipeline::load;
use pivotal_runtime::printable;
use pivotal_views::{ChangeLevel, Timeline, Version, VersionChange};
use serde_json::Value;

use crate::failure::Failure;
use crate::git::{self, Commit};
use crate::impact::{Step, next_version};
use crate::transaction::replace;

/// How many characters of a commit are shown.
const ABBREVIATED: usize = 12;

/// The history of a document, and whether all of it could be read.
#[derive(Debug)]
pub struct History {
    timeline: Timeline,
    is_complete: bool,
}

/// Reads the commits of a document, on the current branch, and compares each with the one before.
/// With `limit`, only that many of the newest.
///
/// # Errors
///
/// The file is in no git repository, or no commit has it.
pub fn history(file: &Path, limit: Option<usize>, promises: &Promises) -> Result<History, Failure> {
    let (mut commits, is_shallow) = git::history(file)?;
    if commits.is_empty() {
        let what = "no commit of the current branch has it; name a committed file";
        return Err(Failure::input(file, what));
    }
    let mut notes = Vec::new();
    if is_shallow {
        notes.push("The clone is shallow: commits before those it has are missing. Run `git fetch --unshallow`.".to_owned());
    }
    let shown = limit.unwrap_or(usize::MAX).max(1);
    let older = commits.len().saturating_sub(shown);
    if older > 0 {
        notes.push(format!(
            "Older versions that are left out (--limit): {older}."
        ));
    }
    // The one before the oldest is what that is compared with.
    commits.truncate(shown.saturating_add(1));
    let mut versions = Vec::new();
    let mut before = None;
    let mut unread = 0;
    for commit in commits.iter().rev() {
        let version = version(file, commit, &mut before, promises);
        unread += usize::from(version.note.is_some() && commit.blob.is_some());
        versions.push(version);
    }
    if unread > 0 {
        notes.push(format!(
            "Incomplete: versions that could not be read: {unread}."
        ));
    }
    versions.reverse();
    versions.truncate(shown);
    let timeline = Timeline {
        file: printable(&file.display().to_string()).into_owned(),
        notes,
        versions,
    };
    Ok(History {
        timeline,
        is_complete: unread == 0 && !is_shallow,
    })
}

impl History {
    /// Whether every version could be read.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How many versions there are.
    pub fn versions(&self) -> usize {
        self.timeline.versions.len()
    }

    /// Writes the page, or leaves the file as it was.
    ///
    /// # Errors
    ///
    /// [`Failure`] when it cannot be written.
    pub fn write(&self, page: &Path) -> Result<(), Failure> {
        if fs::metadata(page).is_ok_and(|about| !about.is_file()) {
            return Err(Failure::input(
                page,
                "cannot be written: it is not a regular file",
            ));
        }
        replace(page, &self.timeline.page()).map_err(|error| Failure::unwritable(page, &error))
    }
}

/// A version, compared with the one `before`, which it replaces.
fn version(
    file: &Path,
    commit: &Commit,
    before: &mut Option<Value>,
    promises: &Promises,
) -> Version {
    let mut version = Version {
        date: format!("{} UTC", commit.date),
        commit: commit.id.chars().take(ABBREVIATED).collect(),
        subject: printable(&commit.subject).into_owned(),
        stated: None,
        advice: None,
        note: None,
        changes: Vec::new(),
    };
    let Some(blob) = &commit.blob else {
        *before = None;
        version.note = Some("The file is removed.".to_owned());
        return version;
    };
    let read = || {
        let folder = git::folder(file);
        let text = git::blob(&folder, OsStr::new(blob)).map_err(|error| error.to_string())?;
        load::unchecked(&text, &file.display().to_string()).map_err(|error| error.to_string())
    };
    let report = read().and_then(|document| {
        version.stated = stated(&document).map(|stated| printable(stated).into_owned());
        let report = before.as_ref().map(|before| {
            let report = openapi_diff::diff(before, &document, promises);
            let report = report.map_err(|problems| problems.to_string());
            report.map(|report| (advice(before, version.stated.as_deref(), &report), report))
        });
        *before = Some(document);
        report.transpose()
    });
    match report {
        Ok(Some((advice, report))) => {
            version.advice = Some(advice);
            version.changes = report.groups().iter().map(change).collect();
        }
        Ok(None) => {}
        Err(error) => {
            let error = printable(&error).into_owned();
            version.note = Some(format!(
                "Not compared; the next one is compared with the one before: {error}"
            ));
        }
    }
    version
}

/// The version that a document states.
fn stated(document: &Value) -> Option<&str> {
    document.pointer("/info/version").and_then(Value::as_str)
}

/// What to release because of the changes, by the rules of semantic versioning.
fn advice(before: &Value, stated: Option<&str>, report: &Report) -> String {
    let (step, kind) = match report.worst() {
        Some(Level::Breaking) => (Step::Breaking, "a breaking release"),
        Some(_) => (Step::Compatible, "a compatible release"),
        None => return "no release; nothing changes for callers.".to_owned(),
    };
    let current = self::stated(before);
    let current = current.filter(|version| version.starts_with(|c: char| c.is_ascii_digit()));
    let steps = current.map_or_else(String::new, |current| {
        let next = next_version(current, step);
        let says = match stated {
            Some(stated) if stated == next => ", as the document says".to_owned(),
            Some(stated) => format!(" (the document says {stated})"),
            None => String::new(),
        };
        format!(", {next} after {}{says}", printable(current))
    });
    let may_break = step == Step::Compatible && report.count(Level::Warning) > 0;
    let warnings = match may_break {
        true => ", if the changes that may break callers do not",
        false => "",
    };
    format!("{kind}{steps}{warnings}.")
}

fn change(group: &Group<'_>) -> VersionChange {
    let first = group.first();
    VersionChange {
        level: match first.level {
            Level::Breaking => ChangeLevel::Breaking,
            Level::Warning => ChangeLevel::Warning,
            Level::Info => ChangeLevel::Info,
        },
        rule: first.id.to_owned(),
        message: printable(&first.message).into_owned(),
        promise: first.promise.clone(),
        places: group
            .findings()
            .iter()
            .map(|finding| printable(&finding.place()).into_owned())
            .collect(),
    }
}
