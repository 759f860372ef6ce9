//! What a change of the document means for those who write Rust.
//!
//! Both sides are generated in memory, and the public surfaces of `pivotal-api` are compared; then
//! the companion's own sources say which of their lines that concerns. Nothing is compiled.

mod changes;
mod companion;
mod release;
mod table;
mod text;
mod to_do;
mod touched;
mod uses;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use openapi_pipeline::load;
use serde::Serialize;

pub use changes::{Change, What, changes, folded};
pub use release::{Release, Step};
pub use table::{Operations, RunTime};
pub use to_do::ToDo;
pub use touched::Touched;

use crate::codegen::{Failure, GENERATED, Preview, Sources, Tree, is_overlaid, preview};
use crate::diff::Format;
use crate::surface::{Kind, Surface};
use companion::Companion;

/// What a change of the document does to Rust code.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Impact {
    /// What appears, vanishes or changes in `pivotal-api`.
    pub api: Vec<Change>,
    /// Operations that come and go.
    pub operations: Operations,
    /// What no type shows.
    pub run_time: Vec<RunTime>,
    /// Lines of hand-written code that it concerns.
    pub companion: Vec<Touched>,
    /// What the companion lacks afterwards: new operations and types, with what to write where.
    pub to_do: Vec<ToDo>,
    /// What reaches callers without an edit.
    pub flows_through: Vec<String>,
    /// What to release; `None` when the tree has no companion.
    pub release: Option<Release>,
    /// What was left out of the comparison, such as overlay actions that apply to neither document.
    pub notes: Vec<String>,
}

impl Impact {
    /// Whether Rust code notices nothing at all.
    pub fn is_empty(&self) -> bool {
        self.api.is_empty() && self.run_time.is_empty() && self.operations == Operations::default()
    }
}

/// Generates both documents through the names and the overlay of a tree and compares what comes of
/// them.
///
/// Overlay actions and names that do not apply to one of the documents are left out for it; a
/// document that is the contract already is as good as an upstream one.
///
/// # Errors
///
/// [`Failure`] when one of the documents cannot be generated from.
pub fn between(tree: &Tree, base: &Path, revision: &Path) -> Result<Impact, Failure> {
    let sources = tree.sources()?;
    let side = |file: &Path| {
        let text = fs::read_to_string(file).map_err(|error| Failure::unreadable(file, &error))?;
        let document =
            load::document(&text, &file.display().to_string()).map_err(Failure::named)?;
        let sources = Sources {
            upstream: document.to_string(),
            ..sources.clone()
        };
        with_what_fits(sources).map_err(|failure| {
            let what = format!("with the names and the overlay of the tree: {failure}");
            Failure::input(file, what)
        })
    };
    let (base, revision) = (side(base)?, side(revision)?);
    let mut impact = impact(tree, &base, &revision)?;
    impact.notes.extend(left_out(&base, &revision));
    Ok(impact)
}

/// A contract holds the overlay already; a second helping might not even fit.
fn with_what_fits(sources: Sources) -> Result<Preview, Failure> {
    let first = preview(&sources);
    let doubtful = first
        .as_ref()
        .map_or(true, |preview| !preview.stale.is_empty());
    if doubtful && is_overlaid(&sources)? {
        return preview(&Sources {
            overlay: String::new(),
            ..sources
        });
    }
    first
}

/// A comparison of documents with its impact on Rust code, in a format. As JSON it is `{"findings":
/// […], "rust": {…}}`.
pub fn printed(comparison: &openapi_diff::Comparison, impact: &Impact, format: Format) -> String {
    let findings = format.print(comparison);
    match format {
        Format::Text => format!("{findings}\n{impact}"),
        Format::Markdown => format!("{findings}\n```text\n{impact}```\n"),
        Format::Json => {
            let both = serde_json::json!({"findings": comparison.report, "rust": impact});
            format!("{both:#}\n")
        }
        // Annotations belong to lines; what to release is told once.
        Format::Github => match &impact.release {
            Some(release) => format!(
                "{findings}::notice title=Release::{} {} to {} ({})\n",
                release.package, release.current, release.next, release.step
            ),
            None => findings,
        },
    }
}

/// Compares what would be generated from two documents.
///
/// # Errors
///
/// [`Failure`] when generated code cannot be read, which is a fault of this tool.
pub fn impact(tree: &Tree, base: &Preview, revision: &Preview) -> Result<Impact, Failure> {
    let surfaces = [surface(base)?, surface(revision)?];
    let api = changes(&surfaces[0], &surfaces[1]);
    let operations = table::operations(&base.operations, &revision.operations);
    let run_time = table::run_time(&base.operations, &revision.operations);
    let mut impact = Impact {
        flows_through: Vec::new(),
        to_do: Vec::new(),
        companion: Vec::new(),
        release: None,
        notes: Vec::new(),
        api,
        operations,
        run_time,
    };
    let Some(companion) = Companion::read(tree) else {
        impact.notes.push(format!(
            "{} is not in this tree: nothing is said of it",
            companion::FOLDER
        ));
        return Ok(impact);
    };
    impact.notes.extend(
        companion
            .unread
            .iter()
            .map(|error| format!("not read: {error}")),
    );
    let shown = release::shown(&companion.reexports, [&surfaces[0], &surfaces[1]]);
    impact.companion = touched::touched(
        &companion,
        &impact.api,
        &impact.operations,
        &built(&surfaces),
        &to_do::asking(base, revision),
        // A line with the one before it.
        &|file, line| {
            let text = fs::read_to_string(tree.root().join(file)).unwrap_or_default();
            let lines = text.lines().skip(line.saturating_sub(2)).take(2);
            lines.collect::<Vec<_>>().join("\n")
        },
    );
    impact.to_do = to_do::to_do(&companion, &impact, &shown, [base, revision]);
    impact.flows_through = flows_through(&impact.api, &shown);
    let release = release::release(
        &companion.version,
        &shown,
        &impact.api,
        &impact.operations,
        &impact.run_time,
    );
    impact.release = Some(release);
    Ok(impact)
}

/// The surface of the generated part of `pivotal-api`.
pub(crate) fn surface(preview: &Preview) -> Result<Surface, Failure> {
    let read = |path: &str| preview.files.get(path).cloned();
    Surface::read(&format!("{GENERATED}/mod.rs"), &read)
        .map_err(|error| Failure::ours("generated code", error))
}

/// The types that a program builds with `new`: bodies.
fn built(surfaces: &[Surface; 2]) -> BTreeSet<String> {
    let items = surfaces.iter().flat_map(Surface::items);
    let owners = items.filter_map(|item| item.path.strip_suffix("::new"));
    owners.map(str::to_owned).collect()
}

/// What of overlay and names fits one of the documents no more.
fn left_out(base: &Preview, revision: &Preview) -> Vec<String> {
    let positions = |preview: &Preview| -> BTreeSet<usize> {
        preview.stale.iter().map(|stale| stale.position).collect()
    };
    let both = positions(base).intersection(&positions(revision)).count();
    let mut notes = Vec::new();
    if both > 0 {
        notes.push(format!(
            "{both} overlay actions apply to neither document and are left out on both sides"
        ));
    }
    for stale in revision
        .stale
        .iter()
        .filter(|stale| !positions(base).contains(&stale.position))
    {
        notes.push(format!(
            "overlay action {} on {} no longer applies and is left out",
            stale.position + 1,
            stale.target
        ));
    }
    for problem in revision
        .stale_names
        .iter()
        .filter(|problem| !base.stale_names.contains(problem))
    {
        notes.push(format!("{}: {}; left out", problem.found, problem.why));
    }
    notes
}

/// What is new in types that the companion shows: it is there without an edit.
fn flows_through(changes: &[Change], shown: &BTreeSet<String>) -> Vec<String> {
    let new_types: BTreeSet<&str> = changes
        .iter()
        .filter(|change| change.change == What::Added && change.is_type())
        .map(|change| change.path.as_str())
        .collect();
    changes
        .iter()
        .filter(|change| {
            change.change == What::Added && matches!(change.kind, Kind::Field | Kind::Variant)
        })
        .filter(|change| shown.contains(change.owner()) && !new_types.contains(change.owner()))
        .map(|change| change.path.clone())
        .collect()
}
