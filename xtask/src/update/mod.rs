//! A new document from the vendor: fetched, judged, and put in place with everything that follows
//! from it, all or nothing.

mod changelog;
mod document;
mod fetch;
mod report;
mod snapshots;
mod stale;

use openapi_diff::{Comparison, Promises};
use openapi_pipeline::load;
use serde_json::Value;

pub use fetch::Limits;
pub use report::Report;

use crate::codegen::{self, Failure, ORIGIN, Origin, Preview, Sources, Tree, UPSTREAM, preview};
use crate::diff::PROMISES;
use crate::exit;
use crate::rust;
use crate::transaction::Transaction;
use fetch::{Document, Fetched};
use stale::Behind;

const CHANGELOG: &str = "CHANGELOG.md";
const ORIGIN_HEADER: &str = "\
# Where upstream.json came from, and the day on which it was put in place. `cargo xtask update` says so here, and so does whoever
# replaces the document by hand.
";

/// What to update from, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// An address or a file.
    pub from: String,
    /// Whether to look only.
    pub dry_run: bool,
    /// The day that changelog and origin name, YYYY-MM-DD; today in UTC when none is given.
    pub date: Option<String>,
    /// Bounds of the fetch.
    pub limits: Limits,
}

/// What came of an update.
#[derive(Debug)]
pub enum Outcome {
    /// The document is the one in place; why that is known.
    Unchanged(&'static str),
    /// It is another one. Unless it was a dry run, or something has to be mended first, it is in
    /// place now.
    Changed(Box<Report>),
}

/// Fetches a document, compares it with the one in place and, unless it is a dry run, puts it in
/// place: upstream.json, what is generated from it, origin.toml and an entry in the changelog, if
/// the tree has one.
///
/// # Errors
///
/// [`Failure`] when the document cannot be had or cannot be generated from, or a file cannot be
/// written. The tree is as it was then. An overlay that is behind the document is no failure but
/// part of the [`Report`]; nothing is written then either.
pub fn update(tree: &Tree, options: &Options) -> Result<Outcome, Failure> {
    let current = tree.sources()?;
    let kept = current.origin.as_deref().map(Origin::parse).transpose()?;
    let document = match fetch::fetch(&options.from, kept.as_ref(), options.limits)? {
        Fetched::Unchanged => {
            return Ok(Outcome::Unchanged("the server says that nothing changed"));
        }
        Fetched::Document(document) => document,
    };
    if document.text == current.upstream {
        return Ok(Outcome::Unchanged(
            "it is openapi/upstream.json, byte for byte",
        ));
    }
    let revision = load::document(&document.text, &document.name).map_err(Failure::named)?;
    let base = load::document(&current.upstream, UPSTREAM).map_err(Failure::named)?;
    let date = date(options)?;
    let sources = Sources {
        upstream: as_json(&document, &revision),
        origin: Some(origin(&document, &date)),
        ..current.clone()
    };
    let before = previewed(&current, UPSTREAM)?;
    let after = previewed(&sources, &document.name)?;
    let promises = match tree.existing(PROMISES)? {
        Some(text) => Promises::parse(&text).map_err(|error| Failure::input(PROMISES, error))?,
        None => Promises::none(),
    };
    let findings = openapi_diff::diff(&base, &revision, &promises)
        .map_err(|problems| Failure::input(&document.name, problems))?;
    let impact = rust::impact(tree, &before, &after)?;
    let snapshots = snapshots::changed(tree, &before, &after, &impact)?;
    let behind = Behind::new(
        &current.overlay,
        after.stale.clone(),
        after.stale_names.clone(),
    );
    let is_layout = base == revision;
    let entry = if is_layout {
        Vec::new()
    } else {
        changelog::entry(&impact, &findings, &date)
    };

    let mut writes = vec![(UPSTREAM, sources.upstream)];
    writes.extend(sources.origin.map(|text| (ORIGIN, text)));
    if let Some(text) = tree.existing(CHANGELOG)? {
        let with = changelog::with(&text, &entry);
        if with != text {
            writes.push((CHANGELOG, with));
        }
    }
    let drift = tree.drift(&after.files)?;
    let mut report = Report {
        root: tree.root().to_owned(),
        from: options.from.clone(),
        origin: document.origin,
        kept,
        is_layout,
        comparison: Comparison {
            report: findings,
            waived: Vec::new(),
            promises,
            revision: document.name,
            revision_text: document.text,
        },
        impact,
        behind,
        snapshots,
        entry,
        files: writes
            .iter()
            .map(|(path, _)| ((*path).to_owned(), codegen::Change::Changed))
            .collect(),
        written: false,
    };
    report.files.extend(
        drift
            .changed()
            .iter()
            .map(|changed| (changed.path.clone(), changed.change)),
    );
    if options.dry_run || report.is_blocked() {
        return Ok(Outcome::Changed(Box::new(report)));
    }
    let mut transaction = Transaction::new(tree.root());
    for (path, text) in &writes {
        transaction.write(path, text)?;
    }
    drift.stage(&mut transaction)?;
    transaction.commit()?;
    report.written = true;
    Ok(Outcome::Changed(Box::new(report)))
}

/// What would be generated. What the strict generation says of a document that cannot be used is
/// the fuller account.
fn previewed(sources: &Sources, name: &str) -> Result<Preview, Failure> {
    preview(sources).map_err(|failure| {
        let failure = codegen::generate(sources).err().unwrap_or(failure);
        if name == UPSTREAM || failure.exit_code() != exit::UNUSABLE_INPUT {
            return failure;
        }
        Failure::input(format!("{name}, in place of upstream.json"), failure)
    })
}

/// The day, checked, or today.
fn date(options: &Options) -> Result<String, Failure> {
    match &options.date {
        Some(text) => {
            let day: jiff::civil::Date = text
                .parse()
                .map_err(|error| Failure::input("--date", error))?;
            Ok(day.to_string())
        }
        None => Ok(jiff::Timestamp::now()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date()
            .to_string()),
    }
}

/// The text of upstream.json: as it came when that is JSON.
fn as_json(document: &Document, value: &Value) -> String {
    if document.text.trim_start().starts_with('{')
        && serde_json::from_str::<Value>(&document.text).is_ok()
    {
        return document.text.clone();
    }
    format!("{value:#}\n")
}

fn origin(document: &Document, date: &str) -> String {
    let origin = Origin {
        origin: document.origin.clone(),
        date: date.to_owned(),
        etag: document.etag.clone(),
    };
    let body = toml::to_string(&origin).expect("a table of strings is TOML");
    format!("{ORIGIN_HEADER}{body}")
}
