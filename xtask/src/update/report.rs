//! What an update means, for people.

use std::collections::BTreeSet;
use std::fmt;

use super::{Update, fetch, files};
use crate::cargo::CompileError;
use crate::codegen::Difference;
use crate::diff::Format;
use crate::impact::Step;
use crate::workspace;

/// How many errors of the compiler are listed.
const ERRORS: usize = 50;
/// Shows what this report is, on documents made from the one in place.
const TRANSCRIPTS: &str = "docs/regenerating.md";
/// Where the requests of every operation are built, for the tests.
const ROWS: &str = "crates/pivotal-contract/src/operation_cases.rs";
const CHECK: &str = "cargo check --workspace --all-targets";

/// What came of the check of the workspace.
#[derive(Debug)]
pub(crate) enum Checked {
    /// It was left out; why.
    No(&'static str),
    /// The errors of the compiler.
    Yes(BTreeSet<CompileError>),
}

impl fmt::Display for Update {
    /// What changed and what follows from it, without what the compiler says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} against openapi/upstream.json", self.origin)?;
        match &self.previous {
            Some(previous) => writeln!(f, " of {}", previous.date)?,
            None => writeln!(f)?,
        }
        if self.is_layout {
            writeln!(
                f,
                "Only its layout changed: the order of keys, or white space."
            )?;
        } else {
            let findings = Format::Text.print(&self.comparison);
            writeln!(
                f,
                "\nDOCUMENT\n{findings}{}\n{}",
                self.texts,
                self.impact.to_string().trim_end()
            )?;
        }
        let verb = if self.is_written {
            "written"
        } else {
            "would be written"
        };
        writeln!(f, "\nFILES  {verb}")?;
        for (path, change) in files(&self.writes, &self.drift) {
            let note = match change {
                Difference::Changed => "",
                Difference::Added => "  (new)",
                Difference::Removed => "  (removed)",
            };
            writeln!(f, "  {path}{note}")?;
        }
        Ok(())
    }
}

impl Update {
    /// Whether cargo has nothing to check in this tree; why.
    pub(crate) fn nothing_to_check(&self) -> Option<&'static str> {
        if self.is_layout {
            Some("no code changes")
        } else if !self.tree.root().join("Cargo.toml").is_file() {
            Some("the tree is no cargo workspace")
        } else {
            None
        }
    }

    /// What the compiler refuses, and what to do now.
    pub(crate) fn to_do(&self, checked: &Checked) -> String {
        let mut text = match checked {
            Checked::No(why) => format!("TO FIX  not checked: {why}\n"),
            Checked::Yes(errors) if errors.is_empty() => {
                format!("TO FIX  nothing: `{CHECK}` passes\n")
            }
            Checked::Yes(errors) => {
                let mut text = format!(
                    "TO FIX  errors of `{CHECK}`; a crate that depends on one with errors is not checked yet\n"
                );
                for error in errors.iter().take(ERRORS) {
                    text.push_str(&format!("  {error}\n"));
                }
                if errors.len() > ERRORS {
                    text.push_str(&format!("  and {} more\n", errors.len() - ERRORS));
                }
                text
            }
        };
        text.push_str("\nNEXT\n");
        for (index, (what, command)) in self.next(checked).into_iter().enumerate() {
            text.push_str(&format!("  {}. {what}\n     {command}\n", index + 1));
        }
        text
    }

    /// The steps that are left, in order: what for, and the command.
    fn next(&self, checked: &Checked) -> Vec<(String, String)> {
        let mut steps = Vec::new();
        let mut step = |what: &str, command: String| steps.push((what.to_owned(), command));
        let at = workspace::argument(self.tree.root());
        if !self.is_written {
            let from = fetch::shown(&self.from);
            let query = if from == self.from { "" } else { "?…" };
            let command = format!("cargo xtask update --from {from}{query}{at}");
            step("write the document and the generated files", command);
        }
        if self.is_layout {
            step(
                "check that nothing else changed",
                format!("cargo xtask codegen --check{at}"),
            );
            return steps;
        }
        step(
            "review the generated changes",
            "git diff -- openapi 'crates/*/src/generated/*'".to_owned(),
        );
        if !matches!(checked, Checked::Yes(errors) if errors.is_empty()) {
            step("fix the compile errors", CHECK.to_owned());
        }
        // What is accepted before would show requests that lack what is new.
        if !self.impact.api.is_empty() && self.tree.root().join(ROWS).is_file() {
            step(
                &format!("add and correct the rows in {ROWS} that these tests name, until they pass"),
                "cargo test -p pivotal-contract -p pivotal-tests --no-fail-fast -- has_a_row maximal_is_everything"
                    .to_owned(),
            );
        }
        step(
            "accept the changed snapshots and review them: git diff -- '*.snap'",
            "INSTA_UPDATE=always cargo test --workspace --no-fail-fast".to_owned(),
        );
        if self.tree.root().join(TRANSCRIPTS).is_file() {
            step(
                "update the transcripts in docs/regenerating.md",
                "UPDATE_TRANSCRIPTS=always cargo test -p xtask --test it -- --ignored transcripts"
                    .to_owned(),
            );
        }
        step("run all tests", "cargo test --workspace".to_owned());
        if let Some(release) = &self.impact.release
            && release.step != Step::None
        {
            let what = format!("release {} {}", release.package, release.next);
            step(&what, format!("cargo xtask release {}", release.next));
        }
        steps
    }
}
