//! What a change of the document means for those who write Rust: the public items of `pivotal-api`
//! that change, and the version that follows from it.

use std::fmt;
use std::path::Path;

use openapi_diff::{Comparison, Level, Report};
use openapi_pipeline::load;
use pivotal_runtime::printable;
use serde::Serialize;

use crate::codegen::{self, Change, Difference, Files, GENERATED, Kind, Sources, Surface, Tree};
use crate::diff::Format;
use crate::failure::Failure;
use crate::input;

/// How many items a reason lists.
const ITEMS: usize = 8;

/// What a change of the document does to Rust code.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Impact {
    /// What is added to, removed from or changed in `pivotal-api`.
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
    /// Why: a line for each kind of change. The changelog has them too.
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
/// [`Failure`] when the version of the tree cannot be read.
pub fn impact(
    tree: &Tree,
    base: &(Files, Surface),
    revision: &(Files, Surface),
    findings: &Report,
) -> Result<Impact, Failure> {
    let api = base.1.changes(&revision.1);
    let release = version(tree)?.map(|current| {
        let (mut step, mut reasons) = reasons(&api, findings);
        let code = |files: &Files| {
            let mut files = files.clone();
            files.retain(|path, _| path.starts_with(GENERATED));
            files
        };
        if step == Step::None && code(&base.0) != code(&revision.0) {
            step = Step::Compatible;
            reasons.push("the generated code changes, but no public item".to_owned());
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
    let generate = |file: &Path| {
        let text = input::document(file)?;
        let document =
            load::unchecked(&text, &file.display().to_string()).map_err(Failure::named)?;
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
    impact(tree, &generate(base)?, &generate(revision)?, findings)
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
        // Annotations belong to lines, so the release is reported once.
        Format::Github => match &impact.release {
            Some(release) => format!("{findings}::notice title=Release::{release}\n"),
            None => findings,
        },
    }
}

/// The version that all crates of a tree share; `None` when it has no `pivotal-sdk`.
pub(crate) fn version(tree: &Tree) -> Result<Option<String>, Failure> {
    if !tree.root().join("crates/pivotal-sdk/Cargo.toml").is_file() {
        return Ok(None);
    }
    let manifest: toml::Table = toml::from_str(&tree.read("Cargo.toml")?)
        .map_err(|error| Failure::input("Cargo.toml", error))?;
    let version = || {
        manifest
            .get("workspace")?
            .get("package")?
            .get("version")?
            .as_str()
    };
    Ok(version().map(str::to_owned))
}

/// The kind of release that changes make necessary, and why.
fn reasons(api: &[Change], findings: &Report) -> (Step, Vec<String>) {
    use Difference::{Added, Changed, Removed};
    let shown = api.iter().filter(|change| !is_detail(change, api));
    let shown: Vec<&Change> = shown.collect();
    let breaks = shown.iter().any(|change| change.breaking);
    let mut reasons = Vec::new();
    let mut add = |what: &str, items: Vec<String>| {
        if !items.is_empty() {
            reasons.push(format!("{what}: {}", listed(&items)));
        }
    };
    if !breaks {
        let what = "breaking at run time, no type changes";
        add(what, run_time_breaks(findings));
    }
    for (what, is_operation, difference, breaking) in [
        ("breaking, removed", false, Removed, true),
        ("breaking, changed", false, Changed, true),
        ("breaking, added to a closed type", false, Added, true),
        ("breaking, operations removed", true, Removed, true),
        ("operations added", true, Added, false),
        ("added", false, Added, false),
        ("operations moved", true, Changed, false),
        ("changed on the wire alone", false, Changed, false),
    ] {
        let of = shown.iter().filter(|change| {
            (change.kind == Kind::Operation) == is_operation
                && (change.change, change.breaking) == (difference, breaking)
        });
        add(what, of.map(|change| in_words(change)).collect());
    }
    let step = match reasons.is_empty() {
        _ if breaks => Step::Breaking,
        true => Step::None,
        false => Step::Compatible,
    };
    (step, reasons)
}

/// Whether a change goes without saying: part of a type that comes or goes whole, a setter of a
/// field that does, or a method of the wire client, of which the operation is listed.
fn is_detail(change: &Change, all: &[Change]) -> bool {
    let setter = change.path.rsplit("::").next().unwrap_or_default();
    let mut prefixes = ["clear_", "maybe_"].into_iter();
    let setter = prefixes
        .find_map(|prefix| setter.strip_prefix(prefix))
        .unwrap_or(setter);
    let field = format!("{}.{setter}", change.owner());
    let of_field = |other: &Change| other.path == field && other.change == change.change;
    change.is_client_method()
        || change.is_part_of(all)
        || change.kind == Kind::Function && all.iter().any(of_field)
}

/// What breaks programs though they compile.
fn run_time_breaks(findings: &Report) -> Vec<String> {
    let groups = findings.groups();
    let breaking = groups
        .iter()
        .filter(|group| group.first().level == Level::Breaking);
    let words = breaking.map(|group| {
        let first = group.first();
        let more = match group.findings().len() {
            1 => String::new(),
            count => format!(" and {} more places", count - 1),
        };
        let what = format!("{} ({}{more})", first.message, first.place());
        // It goes into the changelog too.
        printable(&what).into_owned()
    });
    words.collect()
}

fn in_words(change: &Change) -> String {
    let after = |text: &str, separator: &str| {
        let of = text.split_once(separator);
        of.map_or(text, |(_, rest)| rest).to_owned()
    };
    match (change.kind, &change.from, &change.to) {
        (Kind::Operation, Some(text), None) | (Kind::Operation, _, Some(text)) => {
            format!("`{}` ({}", change.path, after(text, " ("))
        }
        (Kind::Field, Some(from), Some(to)) => {
            let (from, to) = (after(from, ": "), after(to, ": "));
            format!("`{}` is `{to}`, was `{from}`", change.path)
        }
        (Kind::Function, Some(_), Some(to)) => format!("`{}`", after(to, "fn ")),
        _ => format!("`{}`", change.path),
    }
}

fn listed(items: &[String]) -> String {
    let has_commas = items.iter().any(|item| item.contains(", "));
    let shown = items[..items.len().min(ITEMS)].join(if has_commas { "; " } else { ", " });
    match items.len().saturating_sub(ITEMS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The version after a step, by the rules of cargo.
pub(crate) fn next_version(current: &str, step: Step) -> String {
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

impl fmt::Display for Release {
    /// `pivotal-sdk 0.1.0 to 0.2.0 (breaking)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (package, current, next) = (self.package, &self.current, &self.next);
        match self.step {
            Step::None => write!(f, "none: {package} {current} stays"),
            Step::Compatible => write!(f, "{package} {current} to {next} (compatible)"),
            Step::Breaking => write!(f, "{package} {current} to {next} (breaking)"),
        }
    }
}

impl fmt::Display for Impact {
    /// What changes in Rust and what to release, under a heading each. Of a type that is added
    /// or removed, its parts are counted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "RUST  pivotal-api, the generated client")?;
        let (parts, whole): (Vec<&Change>, Vec<&Change>) = self
            .api
            .iter()
            .partition(|change| change.is_part_of(&self.api));
        for change in whole {
            // A method that is added or removed is that of an operation.
            if change.is_client_method() && change.change != Difference::Changed {
                continue;
            }
            let parts = parts.iter().filter(|part| part.owner() == change.path);
            let note = match parts.count() {
                0 => String::new(),
                1 => " with 1 part".to_owned(),
                count => format!(" with {count} parts"),
            };
            for line in change.lines() {
                writeln!(f, "  {line}{note}")?;
            }
        }
        if self.api.is_empty() {
            writeln!(f, "  no public item changes")?;
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
