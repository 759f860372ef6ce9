//! `cargo xtask diff`: compares two documents and reports breaking changes.
//!
//! [`openapi_diff`] compares and prints; this module reads the files.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::civil::Date;
use openapi_diff::{Comparison, Level, Promises, Report, Waivers, format};
use openapi_pipeline::{Problem, load};
use serde_json::Value;

use crate::failure::Failure;
use crate::git;
use crate::input;

/// The path of the vendor's promises in a tree.
pub const PROMISES: &str = "openapi/promises.toml";

/// How a comparison is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal; the same change at several places is one entry.
    Text,
    /// An array of findings.
    Json,
    /// For a comment on a pull request.
    Markdown,
    /// Annotations on the lines of the revision, for a GitHub workflow.
    Github,
}

impl Format {
    /// The comparison in this format, with a newline at the end of every line.
    pub fn print(self, comparison: &Comparison) -> String {
        match self {
            Self::Text => format::text(comparison),
            Self::Json => format::json(&comparison.report),
            Self::Markdown => format::markdown(comparison),
            Self::Github => format::github(comparison),
        }
    }
}

/// What makes the command fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A breaking change.
    Breaking,
    /// A change that breaks or may break clients.
    Warning,
    /// Any change.
    Any,
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether a report fails.
    pub fn fails(self, report: &Report) -> bool {
        let least = match self {
            Self::Breaking => Level::Breaking,
            Self::Warning => Level::Warning,
            Self::Any => Level::Info,
            Self::Never => return false,
        };
        report.worst() >= Some(least)
    }
}

/// What to compare.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The current document: a file, or `REV:path` of git.
    pub base: PathBuf,
    /// The new document, in the same way.
    pub revision: PathBuf,
    /// The vendor's promises, if there is a file.
    pub promises: Option<PathBuf>,
    /// The changes that are accepted until a date.
    pub waivers: Option<PathBuf>,
    /// The day for which waivers must be valid.
    pub today: Date,
}

/// Reads the files and compares the documents. Returns what could not be compared too, each with its
/// file: references that lead nowhere, to themselves or to what they must not.
///
/// # Errors
///
/// A file that cannot be read or is no OpenAPI document; a waiver that is malformed, unused or expired.
pub fn compare(inputs: &Inputs) -> Result<(Comparison, Vec<String>), Failure> {
    let mut faults = Vec::new();
    let (base, _) = document(&inputs.base, &mut faults)?;
    let (revision, revision_text) = document(&inputs.revision, &mut faults)?;
    let promises = promises_of(inputs.promises.as_deref())?;
    let report = openapi_diff::diff(&base, &revision, &promises)
        .map_err(|problems| Failure::input(&inputs.revision, problems))?;
    let (report, waived) = match &inputs.waivers {
        Some(file) => {
            let outcome = Waivers::parse(&input::document(file)?)
                .and_then(|waivers| waivers.apply(report, inputs.today));
            let outcome = outcome.map_err(|error| Failure::input(file, error))?;
            (outcome.kept, outcome.waived)
        }
        None => (report, Vec::new()),
    };
    // Annotations name the file alone.
    let name = git::revision(&inputs.revision).map_or(&*inputs.revision, |(_, path)| path);
    let comparison = Comparison {
        report,
        waived,
        promises,
        revision: name.display().to_string(),
        revision_text,
    };
    Ok((comparison, faults))
}

/// Today, in UTC.
pub fn today() -> Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

/// The day of `--date`, checked; without it today.
pub(crate) fn day(date: Option<&str>) -> Result<String, Failure> {
    let day = match date {
        Some(text) => text
            .parse()
            .map_err(|error| Failure::input("--date", error))?,
        None => today(),
    };
    Ok(day.to_string())
}

/// The promises in a file, if there is one.
pub(crate) fn promises_of(file: Option<&Path>) -> Result<Promises, Failure> {
    match file {
        Some(file) => promises(file, &input::document(file)?),
        None => Ok(Promises::none()),
    }
}

/// The promises in a text of a file.
pub(crate) fn promises(file: &Path, text: &str) -> Result<Promises, Failure> {
    Promises::parse(text).map_err(|error| Failure::input(file, error))
}

/// A document and its text. Faults that leave the rest as it is are added to `faults`.
fn document(file: &Path, faults: &mut Vec<String>) -> Result<(Value, String), Failure> {
    let text = input::document(file)?;
    let document = load::unchecked(&text, &file.display().to_string()).map_err(Failure::named)?;
    let problems = load::check(&document).err().unwrap_or_default();
    if problems.iter().any(|problem| problem.pointer.depth() < 2) {
        return Err(Failure::input(file, problems));
    }
    let shown = problems.iter().map(|problem| {
        let Problem {
            pointer,
            found,
            why,
            ..
        } = problem;
        format!("{}: {pointer}: {found}: {why}", file.display())
    });
    faults.extend(shown);
    Ok((document, text))
}
