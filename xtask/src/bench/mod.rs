//! `cargo xtask bench`: what a generation and a comparison cost, as JSON, with a verdict for each
//! figure that is promised.
//!
//! Time is that of the processor, since the machine may have other work, unless a name says `wall`;
//! memory is counted where it is allocated, which takes the allocator of the `xtask` binary.

mod diff;
mod growth;
mod meter;
mod pivotal;
mod synthetic;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::codegen::{Failure, Tree};

/// What to measure.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Runs of the whole generation of the shipped document, and the most that others get.
    pub runs: usize,
    /// Numbers of operations of the synthetic documents, the least first.
    pub operations: Vec<usize>,
}

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How this program was built; the figures are promised of `release`.
    profile: &'static str,
    figures: Map<String, Value>,
}

impl Report {
    /// Whether every figure is as promised.
    pub fn met(&self) -> bool {
        self.figures.values().all(|figure| figure["met"] == true)
    }
}

/// Measures every figure.
///
/// # Errors
///
/// [`Failure`] when a source of the tree cannot be used.
pub fn run(tree: &Tree, settings: &Settings) -> Result<Report, Failure> {
    // The files that are no document are the same for all.
    let sources = tree.sources()?;
    let figures = [
        ("codegen", pivotal::measure(&sources, settings.runs)?),
        // Before the growth, which leaves the heap in pieces.
        ("diff", diff::measure(&settings.operations, settings.runs)?),
        (
            "growth",
            growth::measure(&sources, &settings.operations, settings.runs)?,
        ),
    ];
    Ok(Report {
        profile: if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        },
        figures: figures
            .map(|(name, figure)| (name.to_owned(), figure))
            .into_iter()
            .collect(),
    })
}
