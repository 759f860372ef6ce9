//! What a change of the document means for those who write Rust: the public items of `pivotal-api`
//! that change, and the version that follows from it.

use std::fmt;
use std::fs;
use std::path::Path;

use openapi_diff::{Comparison, Level, Report};
use openapi_pipeline::load;
use serde::Serialize;

use crate::codegen::{self, Change, Difference, Files, GENERATED, Kind, Sources, Surface, Tree};
use crate::diff::Format;
use crate::failure::Failure;

const SDK: &str = "crates/pivotal-sdk/Cargo.toml";
/// How many changes that break at run time are given as reasons.
const RUN_TIME_REASONS: usize = 8;
/// How many names a reason lists.
const NAMES: usize = 4;

/// What a change of the document does to Rust code.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Impact {
    /// What appears, vanishes or changes in `pivotal-api`.
    pub api: Vec<Change>,
    /// What to release; `None` when the tree has no `pivotal-sdk`.
    pub release: Option<Release>,
}

/// The next release of `pivotal-sdk`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Release {
    /// The crate.
    pub package: &'static str,
    /// Its version now.
    pub current: String,
    /// The next version; as now when nothing is to be released.
    pub next: String,
    /// What kind of release it is.
    pub step: Step,
    /// Why, a line each.
    pub reasons: Vec<String>,
}

/// A kind of release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Nothing that a caller could notice.
    None,
    /// Every program that compiled compiles.
    Compatible,
    /// A program that compiled may not compile any more.
    Breaking,
}

/// Compares what is generated from two documents, of which `findings` are the differences.
///
/// # Errors
///
/// [`Failure`] when a manifest of the tree cannot be read.
pub fn impact(
    tree: &Tree,
    base: &(Files, Surface),
    revision: &(Files, Surface),
    findings: &Report,
) -> Result<Impact, Failure> {
    let api = base.1.changes(&revision.1);
    let release = sdk_version(tree)?.map(|current| {
        let code = |files: &Files| -> Vec<(String, String)> {
            let files = files.iter().filter(|(path, _)| path.starts_with(GENERATED));
            files
                .map(|(path, text)| (path.clone(), text.clone()))
                .collect()
        };
        let (mut step, mut reasons) = reasons(&api, findings);
        if step == Step::None && code(&base.0) != code(&revision.0) {
            step = Step::Compatible;
            reasons.push("compatible: the generated code changes, no type does".to_owned());
        }
        Release {
            package: "pivotal-sdk",
            next: next_version(&current, step),
            current,
            step,
            reasons,
        }
    });
    Ok(Impact { api, release })
}

/// Generates from two documents with the names and the overlay of a tree and compares the results.
/// Either may be the vendor's or a contract, which holds the overlay already.
///
/// # Errors
///
/// [`Failure`] when one of the documents cannot be generated from.
pub fn between(
    tree: &Tree,
    base: &Path,
    revision: &Path,
    findings: &Report,
) -> Result<Impact, Failure> {
    let sources = tree.sources()?;
    let side = |file: &Path| {
        let text = fs::read_to_string(file).map_err(|error| Failure::unreadable(file, &error))?;
        let document =
            load::document(&text, &file.display().to_string()).map_err(Failure::named)?;
        let mut sources = Sources {
            upstream: document.to_string(),
            ..sources.clone()
        };
        let with_tree = |failure| {
            let what = format!("with the names and the overlay of the tree: {failure}");
            Failure::input(file, what)
        };
        if codegen::is_contract(&sources).map_err(with_tree)? {
            sources.overlay = String::new();
        }
        codegen::generate_with_surface(&sources).map_err(with_tree)
    };
    impact(tree, &side(base)?, &side(revision)?, findings)
}

/// A comparison of documents with its impact on Rust code, in a format. As JSON it is
/// `{"findings": […], "rust": {…}}`.
pub fn printed(comparison: &Comparison, impact: &Impact, format: Format) -> String {
    let findings = format.print(comparison);
    match format {
        Format::Text => format!("{findings}\n{impact}"),
        Format::Markdown => format!("{findings}\n```text\n{impact}```\n"),
        Format::Json => {
            let both = serde_json::json!({"findings": comparison.report, "rust": impact});
            format!("{both:#}\n")
        }
        // Annotations belong to lines; the release is told once.
        Format::Github => match &impact.release {
            Some(release) => format!("{findings}::notice title=Release::{release}\n"),
            None => findings,
        },
    }
}

/// The version of `pivotal-sdk` in a tree.
fn sdk_version(tree: &Tree) -> Result<Option<String>, Failure> {
    let table = |file: &str, text: &str| -> Result<toml::Table, Failure> {
        toml::from_str(text).map_err(|error| Failure::input(file, error))
    };
    let Some(sdk) = tree.existing(SDK)? else {
        return Ok(None);
    };
    let sdk = table(SDK, &sdk)?;
    let own = sdk
        .get("package")
        .and_then(|package| package.get("version"));
    if let Some(version) = own.and_then(toml::Value::as_str) {
        return Ok(Some(version.to_owned()));
    }
    let root = table("Cargo.toml", &tree.read("Cargo.toml")?)?;
    let package = root
        .get("workspace")
        .and_then(|workspace| workspace.get("package"));
    let version = package.and_then(|package| package.get("version"));
    Ok(version.and_then(toml::Value::as_str).map(str::to_owned))
}

/// The kind of release that changes make necessary, and why.
fn reasons(api: &[Change], findings: &Report) -> (Step, Vec<String>) {
    let (raw, shown): (Vec<&Change>, Vec<&Change>) = api
        .iter()
        .filter(|change| !change.is_part_of(api))
        .partition(|change| change.is_raw());
    let mut reasons: Vec<String> = shown
        .iter()
        .filter(|change| change.breaking)
        .map(|change| format!("breaking: {}", reason(change)))
        .collect();
    let mut step = Step::None;
    if !reasons.is_empty() {
        step = Step::Breaking;
    }
    let compatible: Vec<&&Change> = shown.iter().filter(|change| !change.breaking).collect();
    if !compatible.is_empty() {
        step = step.max(Step::Compatible);
        let names: Vec<String> = compatible
            .iter()
            .take(NAMES)
            .map(|change| format!("`{}`", change.path))
            .collect();
        let more = match compatible.len() - names.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        reasons.push(format!("compatible: {}{more}", names.join(", ")));
    }
    if step != Step::Breaking {
        let run_time = run_time_breaks(findings);
        let shown = run_time.iter().take(RUN_TIME_REASONS);
        reasons.extend(shown.map(|what| {
            format!("compatible, but breaks at run time, whatever the version: {what}")
        }));
        if !run_time.is_empty() {
            step = Step::Compatible;
        }
    }
    if raw
        .iter()
        .any(|change| change.breaking && change.change == Difference::Changed)
    {
        step = step.max(Step::Compatible);
        reasons.push(
            "compatible: methods change that only `raw()` shows, for which nothing is promised"
                .to_owned(),
        );
    }
    (step, reasons)
}

/// What breaks programs though they compile: `404 is documented no more, GET /api/v1/me`.
pub(crate) fn run_time_breaks(findings: &Report) -> Vec<String> {
    let groups = findings.groups();
    let breaking = groups
        .iter()
        .filter(|group| group.first().level == Level::Breaking);
    let told = breaking.map(|group| {
        let more = match group.findings().len() {
            1 => String::new(),
            count => format!(" and {} more places", count - 1),
        };
        format!("{}, {}{more}", group.first().message, group.first().place())
    });
    told.collect()
}

fn reason(change: &Change) -> String {
    let path = &change.path;
    let after_colon = |text: &str| text.split_once(": ").map_or(text, |(_, of)| of).to_owned();
    match (change.kind, &change.from, &change.to) {
        (Kind::Operation, Some(from), None) => format!("the {from} is gone"),
        (_, _, None) => format!("`{path}` is gone"),
        (_, None, _) => format!("`{path}` is new in a type that programs may list in full"),
        (Kind::Field, Some(from), Some(to)) => {
            format!(
                "`{path}` was `{}` and is `{}`",
                after_colon(from),
                after_colon(to)
            )
        }
        (_, _, Some(to)) => format!("`{path}` is declared otherwise: `{to}`"),
    }
}

/// The version after a step, by the rules of cargo.
fn next_version(current: &str, step: Step) -> String {
    let mut parts = current
        .split(['.', '-', '+'])
        .map(|part| part.parse::<u64>().unwrap_or_default());
    let mut part = || parts.next().unwrap_or_default();
    let (major, minor, patch) = (part(), part(), part());
    match (step, major) {
        (Step::None, _) => current.to_owned(),
        (Step::Breaking, 0) => format!("0.{}.0", minor + 1),
        (Step::Compatible, 0) => format!("0.{minor}.{}", patch + 1),
        (Step::Breaking, _) => format!("{}.0.0", major + 1),
        (Step::Compatible, _) => format!("{major}.{}.0", minor + 1),
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no release",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
        })
    }
}

impl fmt::Display for Release {
    /// `pivotal-sdk 0.1.0 to 0.2.0 (breaking)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            package,
            current,
            next,
            step,
            ..
        } = self;
        match step {
            Step::None => write!(f, "none: {package} {current} stays"),
            _ => write!(f, "{package} {current} to {next} ({step})"),
        }
    }
}

impl fmt::Display for Impact {
    /// What changes in Rust and what to release, under a heading each. Of a type that appears or
    /// vanishes, its parts are counted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "RUST  pivotal-api, the generated client")?;
        let shown = |change: &&Change| {
            let is_method = change.is_raw() && change.change != Difference::Changed;
            !change.is_part_of(&self.api) && !is_method
        };
        let mut is_empty = true;
        for change in self.api.iter().filter(shown) {
            is_empty = false;
            let parts = self.api.iter().filter(|part| {
                part.owner() == change.path
                    && part.path != change.path
                    && part.is_part_of(&self.api)
            });
            let parts = match parts.count() {
                0 => String::new(),
                1 => " with 1 part".to_owned(),
                parts => format!(" with {parts} parts"),
            };
            for line in change.lines() {
                writeln!(f, "  {line}{parts}")?;
            }
        }
        if is_empty {
            writeln!(f, "  no type and no signature changes")?;
        }
        if let Some(release) = &self.release {
            writeln!(f, "\nRELEASE  {release}")?;
            for reason in &release.reasons {
                writeln!(f, "  {reason}")?;
            }
        }
        Ok(())
    }
}
