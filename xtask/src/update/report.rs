//! What an update means, for people.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use openapi_diff::{Comparison, Level};

use super::document;
use super::snapshots::{Fate, Snapshot};
use super::stale::Behind;
use crate::cli;
use crate::codegen::{Change, Origin};
use crate::rust::{Impact, Step};

/// They show what this report is, on documents made from the one in place.
const TRANSCRIPTS: &str = "docs/regenerating.md";

/// Everything that a maintainer has to know of a new document.
#[derive(Debug)]
pub struct Report {
    pub(super) root: PathBuf,
    /// As the command line has it.
    pub(super) from: String,
    pub(super) origin: String,
    pub(super) kept: Option<Origin>,
    /// Whether the documents are the same but for their layout.
    pub(super) is_layout: bool,
    pub(super) comparison: Comparison,
    pub(super) impact: Impact,
    pub(super) behind: Behind,
    pub(super) snapshots: Vec<Snapshot>,
    pub(super) entry: Vec<String>,
    pub(super) files: Vec<(String, Change)>,
    pub(super) written: bool,
}

impl Report {
    /// Whether overlay or names have to be mended before anything can be written.
    pub fn is_blocked(&self) -> bool {
        !self.behind.is_empty()
    }

    /// What changed in the document.
    pub fn findings(&self) -> &openapi_diff::Report {
        &self.comparison.report
    }

    fn headline(&self) -> String {
        if self.is_layout {
            return "Only its layout changed: the order of keys, or white space.".to_owned();
        }
        let findings = &self.comparison.report;
        let mut counts = Vec::new();
        for level in [Level::Breaking, Level::Warning, Level::Info] {
            match findings.count(level) {
                0 => {}
                many if many > 1 && level == Level::Warning => {
                    counts.push(format!("{many} warnings"));
                }
                many => counts.push(format!("{many} {level}")),
            }
        }
        let mut parts = match counts.len() {
            0 => vec!["No change that a program could notice".to_owned()],
            _ => vec![counts.join(", ")],
        };
        let mut promises: Vec<&str> = self
            .comparison
            .report
            .iter()
            .filter_map(|finding| finding.promise.as_deref())
            .collect();
        promises.sort_unstable();
        promises.dedup();
        if !promises.is_empty() {
            parts.push(format!("against the promise {}", promises.join(" and ")));
        }
        let lines = |certain: bool| {
            let touched = self
                .impact
                .companion
                .iter()
                .filter(|touched| touched.certain == certain);
            touched
                .map(|touched| (&touched.file, touched.line))
                .collect::<BTreeSet<_>>()
                .len()
        };
        for (count, what) in [(lines(true), "to mend"), (lines(false), "to look at")] {
            match count {
                0 => {}
                1 => parts.push(format!("1 line of ours {what}")),
                many => parts.push(format!("{many} lines of ours {what}")),
            }
        }
        if self.impact.api.is_empty() && self.impact.run_time.iter().any(|change| change.breaking) {
            parts.push("breaks at run time alone".to_owned());
        }
        if let Some(release) = &self.impact.release {
            parts.push(match release.step {
                Step::None => "no release".to_owned(),
                step => format!("release {} {} ({step})", release.package, release.next),
            });
        }
        let mut line = parts.join("; ");
        line.push('.');
        line
    }

    /// What to do now, in order: what for, and the command if there is one.
    fn next(&self) -> Vec<(String, Option<String>)> {
        let mut steps = Vec::new();
        let mut step = |what: &str, command: Option<String>| steps.push((what.to_owned(), command));
        let at = cli::at_root(&self.root);
        if self.is_blocked() {
            for (is_behind, file) in [
                (!self.behind.actions.is_empty(), "overlay.yaml"),
                (!self.behind.names.is_empty(), "names.toml"),
            ] {
                if is_behind {
                    step(&format!("mend openapi/{file} as told above"), None);
                }
            }
        }
        if !self.written {
            step(
                "put it in place",
                Some(format!("cargo xtask update --from {}{at}", self.from)),
            );
        }
        if self.is_layout {
            step(
                "see that nothing else changed",
                Some(format!("cargo xtask codegen --check{at}")),
            );
            return steps;
        }
        step(
            "read what is generated",
            Some("git diff openapi crates/pivotal-api".to_owned()),
        );
        step(
            "see that it is complete",
            Some(format!("cargo xtask codegen --check{at}")),
        );
        if self.impact.release.is_some() {
            if !self.impact.companion.is_empty() {
                let command = "cargo check --workspace --all-targets".to_owned();
                step(
                    "mend the lines under COMPANION; the compiler lists what is left",
                    Some(command),
                );
            }
            if !self.impact.to_do.is_empty() {
                let what = "write what is to do under COMPANION; these say what is left";
                if !self.impact.operations.added.is_empty() {
                    step(what, Some("cargo test -p pivotal-sdk coverage".to_owned()));
                }
                step(what, Some("cargo xtask contract --coverage".to_owned()));
            }
        }
        let gone = self.snapshots.iter().filter(|one| one.fate == Fate::Goes);
        let gone: Vec<&str> = gone.map(|one| one.file.as_str()).collect();
        if !gone.is_empty() {
            let command = format!("git rm {}", gone.join(" "));
            step(
                "delete the snapshots that nothing writes any more",
                Some(command),
            );
        }
        let of = |prefix: &str| {
            self.snapshots
                .iter()
                .any(|one| one.file.starts_with(prefix) && one.fate != Fate::Goes)
        };
        if of("tests/") {
            let command =
                "INSTA_UPDATE=always cargo test -p pivotal-tests --test contract".to_owned();
            step("take the snapshots over, and read them", Some(command));
        }
        if of("crates/") {
            let command = "INSTA_UPDATE=always cargo test -p pivotal-contract --test it report";
            step(
                "take the report of the suite over, and read it",
                Some(command.to_owned()),
            );
        }
        if of("xtask/") {
            let command = "INSTA_UPDATE=always cargo test -p xtask --test it surface".to_owned();
            step("take the Rust surface over, and read it", Some(command));
        }
        if self.root.join(TRANSCRIPTS).is_file() {
            let command =
                "UPDATE_TRANSCRIPTS=always cargo test -p xtask --test it regenerating".to_owned();
            step(
                "write the transcripts of docs/regenerating.md anew",
                Some(command),
            );
        }
        if self.impact.release.is_some() {
            step("everything else", Some("cargo test --workspace".to_owned()));
        }
        match &self.impact.release {
            Some(release) if release.step != Step::None => {
                let what = format!(
                    "release {} {}: version in Cargo.toml, heading in CHANGELOG.md",
                    release.package, release.next
                );
                step(&what, None);
            }
            _ => {}
        }
        steps
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let against = match &self.kept {
            Some(kept) => format!("openapi/upstream.json of {}", kept.date),
            None => "openapi/upstream.json".to_owned(),
        };
        writeln!(f, "{} against {against}", self.origin)?;
        writeln!(f, "{}", self.headline())?;
        if self.is_blocked() {
            writeln!(f, "\n{}", self.behind.to_string().trim_end())?;
        }
        if !self.is_layout {
            writeln!(f, "\nDOCUMENT")?;
            document::write(&self.comparison, f)?;
            writeln!(f, "\n{}", self.impact.to_string().trim_end())?;
        }
        let verb = if self.written {
            "written"
        } else {
            "would be written"
        };
        writeln!(f, "\nFILES  {verb}")?;
        for (path, change) in &self.files {
            let note = match change {
                Change::Changed => "",
                Change::Added => "  (new)",
                Change::Removed => "  (removed)",
            };
            writeln!(f, "  {path}{note}")?;
        }
        if !self.snapshots.is_empty() {
            writeln!(f, "\nSNAPSHOTS  that this changes")?;
        }
        for snapshot in &self.snapshots {
            writeln!(f, "  {}  {}", snapshot.file, snapshot.fate.told())?;
        }
        if !self.entry.is_empty() {
            writeln!(f, "\nCHANGELOG  Unreleased, API")?;
        }
        for line in &self.entry {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "\nNEXT")?;
        for (index, (what, command)) in self.next().into_iter().enumerate() {
            writeln!(f, "  {}. {what}", index + 1)?;
            if let Some(command) = command {
                writeln!(f, "     {command}")?;
            }
        }
        Ok(())
    }
}
