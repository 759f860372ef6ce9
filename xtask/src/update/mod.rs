//! `cargo xtask update`: fetches a new document, compares it, regenerates everything that depends on
//! it, all or nothing, and runs `cargo check`.

mod fetch;
mod report;
mod texts;

use std::collections::BTreeSet;
use std::path::Path;

use clap::Args;
use openapi_diff::{Comparison, Promises};
use openapi_pipeline::load;
use serde_json::Value;

pub(crate) use report::Checked;

use crate::cargo::{self, CompileError};
use crate::changelog::{self, CHANGELOG};
use crate::codegen::{self, Difference, Drift, LOCK, ORIGIN, Origin, Sources, Tree, UPSTREAM};
use crate::diff::{self, PROMISES};
use crate::exit;
use crate::failure::Failure;
use crate::impact::{self, Impact};
use crate::input;
use crate::transaction::{self, Transaction};
use fetch::Document;
use texts::Texts;

const ORIGIN_HEADER: &str = "\
# Where upstream.json came from, and the day on which it was put in place. Written by `cargo xtask update`; whoever replaces the
# document by hand writes it too.
";

/// The arguments of `cargo xtask update`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// The document: a file, `-` for standard input, or an address (https, or http to this machine).
    /// No key is sent.
    #[arg(long, value_name = "FILE|URL")]
    pub from: String,
    /// Leave the tree as it is; check a copy of it in the target folder.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not compile.
    #[arg(long)]
    pub no_check: bool,
    /// The day that changelog and origin.toml name; today in UTC by default.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<String>,
    /// Most bytes of the document, after decompression.
    #[arg(long, value_name = "N", default_value_t = input::MAX_DOCUMENT)]
    pub max_bytes: usize,
    /// How long the fetch may take in all.
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub max_seconds: u64,
}

/// What became of an update.
#[derive(Debug)]
pub enum Outcome {
    /// The document is the one in place, and all generated files are up to date; why that is known.
    Unchanged(&'static str),
    /// The document is the one in place, but generated files were not up to date: a run was killed,
    /// or another source was edited. These are written now, unless it was a dry run.
    Regenerated(Vec<(String, Difference)>),
    /// It is another one that nothing can be generated from; nothing was written. What changed in
    /// the document, and what is in the way.
    Refused(Box<Comparison>, Failure),
    /// It is another one. It is in place now, unless it was a dry run.
    Changed(Box<Update>),
}

/// A document that takes the place of another, and what follows from it.
#[derive(Debug)]
pub struct Update {
    tree: Tree,
    /// As the command line has it.
    from: String,
    origin: String,
    /// What is known of the document before.
    previous: Option<Origin>,
    /// Whether the documents are the same but for their layout.
    is_layout: bool,
    /// Where texts differ, of which the comparison says nothing.
    texts: Texts,
    comparison: Comparison,
    impact: Impact,
    /// The files beside the generated ones, with their new text.
    writes: Vec<(&'static str, String)>,
    drift: Drift,
    is_written: bool,
}

/// Fetches a document, compares it with the one in place and, unless it is a dry run, puts it in
/// place: upstream.json, what is generated from it, origin.toml and an entry in the changelog, if
/// the tree has one.
///
/// # Errors
///
/// [`Failure`] when the document cannot be had or read, or a file cannot be written. The tree is as
/// it was then.
pub fn update(tree: &Tree, options: &Options) -> Result<Outcome, Failure> {
    if !options.dry_run {
        transaction::sweep(tree.root())?;
    }
    let current = tree.sources()?;
    let previous = current.origin.as_deref().map(Origin::parse).transpose()?;
    // Only where everything is up to date is the document that origin.toml names the one in place.
    let before = codegen::generate_with_surface(&current);
    let is_up_to_date = match &before {
        Ok((files, _)) => tree.drift(files)?.is_empty(),
        Err(_) => false,
    };
    let known = previous.as_ref().filter(|_| is_up_to_date);
    let Some(document) = fetch::fetch(options, known)? else {
        return Ok(Outcome::Unchanged("the server says that nothing changed"));
    };
    let date = diff::day(options.date.as_deref())?;
    if document.text == current.upstream {
        if is_up_to_date {
            return Ok(Outcome::Unchanged(
                "it is openapi/upstream.json, byte for byte",
            ));
        }
        let lock = tree.existing(LOCK)?.unwrap_or_default();
        let mut sources = current;
        let mut others = Vec::new();
        if !codegen::is_lock_of(&lock, &sources.upstream) {
            // Nobody has said yet where this document is from.
            let text = origin(&document, &date);
            sources.origin = Some(text.clone());
            others.push((ORIGIN, text));
        }
        let drift = tree.drift(&codegen::generate(&sources)?)?;
        if !options.dry_run {
            drift.transaction_with(tree.root(), &others).commit()?;
        }
        let files = files(&others, &drift);
        let files = files.map(|(path, change)| (path.to_owned(), change));
        return Ok(Outcome::Regenerated(files.collect()));
    }
    // The overlay may mend what does not hold together.
    let revision = load::unchecked(&document.text, &document.name).map_err(Failure::named)?;
    let base = load::unchecked(&current.upstream, UPSTREAM).map_err(Failure::named)?;
    let promises = match tree.existing(PROMISES)? {
        Some(text) => diff::promises(Path::new(PROMISES), &text)?,
        None => Promises::none(),
    };
    let report = openapi_diff::diff(&base, &revision, &promises)
        .map_err(|problems| Failure::input(&document.name, problems))?;
    let comparison = Comparison {
        report,
        waived: Vec::new(),
        promises,
        revision: document.name.clone(),
        revision_text: document.text.clone(),
    };
    let sources = Sources {
        upstream: as_json(&document, &revision),
        origin: Some(origin(&document, &date)),
        ..current
    };
    let after = match codegen::generate_with_surface(&sources) {
        Ok(after) => after,
        Err(failure) if failure.exit_code() == exit::UNUSABLE_INPUT => {
            let what = format!("{}, in place of upstream.json", document.name);
            let failure = Failure::input(what, format!("{failure}\nNothing was written."));
            return Ok(Outcome::Refused(Box::new(comparison), failure));
        }
        Err(failure) => return Err(failure),
    };
    let before = before?;
    let impact = impact::impact(tree, &before, &after, &comparison.report)?;
    let mut writes = vec![(UPSTREAM, sources.upstream)];
    writes.extend(sources.origin.map(|text| (ORIGIN, text)));
    if let (Some(text), Some(release)) = (tree.existing(CHANGELOG)?, &impact.release) {
        let with = changelog::with(&text, &date, &release.reasons);
        if with != text {
            writes.push((CHANGELOG, with));
        }
    }
    let mut update = Update {
        tree: tree.clone(),
        from: options.from.clone(),
        origin: document.origin,
        previous,
        is_layout: base == revision,
        texts: Texts::between(&base, &revision),
        comparison,
        impact,
        writes,
        drift: tree.drift(&after.0)?,
        is_written: false,
    };
    if !options.dry_run {
        update.transaction(tree.root()).commit()?;
        update.is_written = true;
    }
    Ok(Outcome::Changed(Box::new(update)))
}

impl Update {
    /// What changed in the document.
    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }

    /// What the client does not have of the document, in Markdown; `None` if it has all.
    pub fn left_out(&self) -> Option<&str> {
        self.drift.left_out.as_deref()
    }

    /// Has cargo check the workspace as it is with the document in place: after a dry run a copy of
    /// it. Returns what the compiler refuses.
    ///
    /// # Errors
    ///
    /// [`Failure`] when cargo cannot be run or fails otherwise.
    pub(crate) fn check(&self) -> Result<BTreeSet<CompileError>, Failure> {
        let root = self.tree.root();
        if self.is_written {
            cargo::check(root)
        } else {
            cargo::check_copy(root, |copy| self.transaction(copy).commit())
        }
    }

    /// What puts everything in place in a tree.
    pub fn transaction(&self, root: &Path) -> Transaction {
        self.drift.transaction_with(root, &self.writes)
    }
}

/// The files that are written, and what becomes of each.
fn files<'f>(
    others: &'f [(&str, String)],
    drift: &'f Drift,
) -> impl Iterator<Item = (&'f str, Difference)> {
    let generated = drift.changed().iter();
    let generated = generated.map(|changed| (changed.path.as_str(), changed.change));
    let others = others.iter();
    others
        .map(|(path, _)| (*path, Difference::Changed))
        .chain(generated)
}

/// The text of upstream.json: as it came when that is JSON.
fn as_json(document: &Document, value: &Value) -> String {
    match serde_json::from_str::<Value>(&document.text) {
        Ok(_) => document.text.clone(),
        Err(_) => format!("{value:#}\n"),
    }
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
