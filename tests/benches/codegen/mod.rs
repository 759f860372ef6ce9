//! The cost of code generation and of comparing documents, as JSON with targets.
//!
//! Times are processor times, because the machine may have other work, unless a name says `wall`.
//! Memory is counted by the allocator of the program.

mod meter;
pub mod synthetic;

use clap::Parser;
use openapi_diff::{Level, Promises, diff};
use openapi_pipeline::load;
pub use pivotal_test_support::bench::Report;
use pivotal_test_support::bench::{Stopwatch, Target, median, milliseconds, rounded};
use serde_json::{Value, json};

use xtask::codegen::{Failure, Sources, Tree};

use meter::GenerationCost;

/// Measures the cost of generation and comparison and prints it as JSON.
///
/// Exit codes: 0 all targets are met, 1 a target is missed, 2 invalid input.
#[derive(Clone, Debug, Parser)]
#[command(bin_name = "cargo bench -p pivotal-benches --bench codegen --")]
pub struct Settings {
    /// Number of runs; the figures are medians. Large documents are measured fewer times.
    #[arg(long, default_value_t = 15, value_parser = at_least_one)]
    pub runs: usize,
    /// Numbers of operations of the synthetic documents, in ascending order.
    #[arg(long, value_delimiter = ',', default_values_t = [100, 1_000, 5_000], value_parser = at_least_one)]
    pub operations: Vec<usize>,
    /// Added by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("not a number: {error}")),
    }
}

/// The workspace, whose document is measured.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Measures every figure. The targets are meant for a release build.
///
/// # Errors
///
/// [`Failure`] if a source of the tree cannot be used.
pub fn run(settings: &Settings) -> Result<Report, Failure> {
    let sources = Tree::at(ROOT).sources()?;
    let mut report = Report::default();
    let debug = cfg!(debug_assertions);
    report.add("profile", json!(if debug { "debug" } else { "release" }));
    let cost = GenerationCost::median_of(&sources, settings.runs)?;
    report.add("codegen", cost.to_json(settings.runs));
    report.check("/codegen/median_ms", Target::AtMost(300.0));
    // Before the growth, which leaves the heap fragmented.
    report.add("diff", comparisons(settings)?);
    report.check("/diff/largest_ms", Target::AtMost(1_000.0));
    report.add("growth", growth(&sources, settings)?);
    report.check("/growth/time_ratio", Target::AtMost(1.5));
    report.check("/growth/memory_ratio", Target::AtMost(1.5));
    Ok(report)
}

/// What the comparison of two synthetic documents costs; reading them is not included.
fn comparisons(settings: &Settings) -> Result<Value, Failure> {
    let mut documents = Vec::new();
    for &operations in &settings.operations {
        let runs = synthetic::runs(operations, settings.runs);
        let texts = [
            synthetic::document(operations),
            synthetic::revision(operations),
        ]
        .map(|document| document.to_string());
        let reading = Stopwatch::start();
        let [base, revision] = texts
            .each_ref()
            .map(|text| load::document(text, "synthetic.json").map_err(Failure::named));
        let (base, revision) = (base?, revision?);
        let reading = reading.read();

        let mut costs = Vec::new();
        let (mut findings, mut breaking) = (0, 0);
        for _ in 0..runs {
            let stopwatch = Stopwatch::start();
            let report = diff(&base, &revision, &Promises::none()).map_err(Failure::named)?;
            costs.push(stopwatch.read());
            (findings, breaking) = (report.len(), report.count(Level::Breaking));
        }
        let wall = costs.iter().map(|cost| cost.wall.as_secs_f64() * 1e3);
        let time = median(costs.iter().map(|cost| cost.processor.as_secs_f64() * 1e3));
        documents.push(json!({
            "operations": operations,
            "runs": runs,
            "input_bytes": texts.iter().map(String::len).sum::<usize>(),
            "findings": findings,
            "breaking": breaking,
            "load_ms": milliseconds(reading.processor),
            "median_ms": rounded(time),
            "median_wall_ms": rounded(median(wall)),
            "ms_per_operation": rounded(time / operations as f64),
        }));
    }
    let largest = documents.last().map(|largest| largest["median_ms"].clone());
    Ok(json!({ "documents": documents, "largest_ms": largest }))
}

/// How the cost of a generation grows with the document: what an operation of the largest document
/// costs compared with one of the smallest.
fn growth(sources: &Sources, settings: &Settings) -> Result<Value, Failure> {
    let mut documents = Vec::new();
    for &operations in &settings.operations {
        let runs = synthetic::runs(operations, settings.runs);
        let sources = Sources {
            upstream: synthetic::document(operations).to_string(),
            overlay: synthetic::overlay(operations),
            names: String::new(),
            ..sources.clone()
        };
        let cost = GenerationCost::median_of(&sources, runs)?;
        let mut document = cost.to_json(runs);
        document["operations"] = json!(operations);
        document["input_bytes"] = json!(sources.upstream.len());
        let each = |total: f64| json!(rounded(total / operations as f64));
        document["ms_per_operation"] = each(cost.time.as_secs_f64() * 1e3);
        document["peak_bytes_per_operation"] = each(cost.peak as f64);
        documents.push(document);
    }
    let ratio = |figure: &str| {
        let of = |document: Option<&Value>| document.and_then(|document| document[figure].as_f64());
        match (of(documents.first()), of(documents.last())) {
            // What was not counted did not grow.
            (Some(smallest), Some(largest)) if smallest > 0.0 => rounded(largest / smallest),
            _ => 1.0,
        }
    };
    Ok(json!({
        "time_ratio": ratio("ms_per_operation"),
        "memory_ratio": ratio("peak_bytes_per_operation"),
        "documents": documents,
    }))
}
