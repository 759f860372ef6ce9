//! The cost of code generation and of comparing documents.
//!
//! Times are processor times, because the machine may have other work. Memory is counted by the
//! allocator of the program.

mod meter;
pub mod synthetic;

use openapi_diff::{Promises, diff};
use openapi_pipeline::load;
use pivotal_test_support::bench::{Counter, Figure, Report, Stopwatch, median};

use xtask::codegen::{self, Failure, Sources, Tree};

use meter::GenerationCost;

/// The workspace, whose document is measured.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Measures every figure.
///
/// # Errors
///
/// [`Failure`] if a source of the tree cannot be used.
pub fn run(report: &mut Report) -> Result<(), Failure> {
    let sources = Tree::at(ROOT).sources()?;
    if report.wants("pivotal") {
        pivotal(report, &sources)?;
    }
    // Before the growth, which leaves the heap fragmented.
    if report.wants("diff") {
        comparisons(report)?;
    }
    if report.wants("growth") {
        growth(report, &sources)?;
    }
    Ok(())
}

/// The sizes of synthetic documents, and how often the smaller ones are measured.
fn documents(report: &Report) -> ([(&'static str, usize); 3], usize) {
    let [small, medium, large] = report.size([100, 1_000, 5_000], [5, 10, 15]);
    let documents = [("small", small), ("medium", medium), ("large", large)];
    (documents, report.size(15, 1))
}

/// The argument after which a run only generates, from a document of so many operations, so often.
const ONLY: &str = "--only-generate";

/// Generates what the arguments of this process ask for, and nothing else. Returns whether they do.
///
/// # Errors
///
/// [`Failure`] if a source of the tree cannot be used.
pub fn only_generate(mut arguments: impl Iterator<Item = String>) -> Result<bool, Failure> {
    if !arguments.any(|argument| argument == ONLY) {
        return Ok(false);
    }
    let mut number = || arguments.next()?.parse().ok();
    let (operations, times) = (number().unwrap_or(0), number().unwrap_or(0));
    let sources = synthetic_sources(&Tree::at(ROOT).sources()?, operations);
    for _ in 0..times {
        codegen::generate(&sources)?;
    }
    Ok(true)
}

/// The sources of a synthetic document of so many operations.
fn synthetic_sources(sources: &Sources, operations: usize) -> Sources {
    Sources {
        upstream: synthetic::document(operations).to_string(),
        overlay: synthetic::overlay(operations),
        names: String::new(),
        ..sources.clone()
    }
}

fn pivotal(report: &mut Report, sources: &Sources) -> Result<(), Failure> {
    let cost = GenerationCost::median_of(sources, report.size(15, 1))?;
    let what = "Generation of Pivotal's document";
    report.add(Figure::new("pivotal/time", what, cost.milliseconds(), "ms").at_most(100.0));
    let peak = format!("{what}, peak memory");
    report.add(Figure::new("pivotal/memory", peak, cost.peak as f64, "B"));
    for (stage, time) in &cost.stages {
        let (name, what) = (format!("pivotal/{stage}"), format!("{what}, stage {stage}"));
        report.add(Figure::new(name, what, time.as_secs_f64() * 1e3, "ms"));
    }
    Ok(())
}

/// What the comparison of two synthetic documents costs; reading them is not included.
fn comparisons(report: &mut Report) -> Result<(), Failure> {
    let (documents, runs) = documents(report);
    for (name, operations) in documents {
        let [base, revision] = [
            synthetic::document(operations),
            synthetic::revision(operations),
        ]
        .map(|document| load::document(&document.to_string(), "synthetic.json"))
        .map(|document| document.map_err(Failure::named));
        let (base, revision) = (base?, revision?);
        let (mut times, mut findings) = (Vec::new(), 0);
        for _ in 0..synthetic::runs(operations, runs) {
            let stopwatch = Stopwatch::start();
            let changes = diff(&base, &revision, &Promises::none()).map_err(Failure::named)?;
            times.push(stopwatch.read().cpu_us() / 1e3);
            findings = changes.len();
        }
        let what = format!("Diff of two documents of {operations} operations, {findings} findings");
        let figure = Figure::new(format!("diff/{name}"), what, median(times), "ms");
        report.add(if name == "large" {
            figure.at_most(1_000.0)
        } else {
            figure
        });
    }
    Ok(())
}

/// How the cost of a generation grows with the document: what an operation of a large document costs
/// compared with one of a smaller.
fn growth(report: &mut Report, sources: &Sources) -> Result<(), Failure> {
    let (documents, runs) = documents(report);
    let mut costs = Vec::new();
    for (name, operations) in documents {
        let sources = synthetic_sources(sources, operations);
        let cost = GenerationCost::median_of(&sources, synthetic::runs(operations, runs))?;
        let what = format!("Generation of {operations} operations, for each");
        let (time, peak) = (
            cost.milliseconds() / operations as f64,
            cost.peak / operations,
        );
        report.add(Figure::new(
            format!("growth/{name}/time"),
            &what,
            time,
            "ms",
        ));
        let what = format!("{what}, peak memory");
        report.add(Figure::new(
            format!("growth/{name}/memory"),
            what,
            peak as f64,
            "B",
        ));
        costs.push((operations, cost));
    }
    let [small, medium, large] = costs.try_into().expect("there are three documents");
    report.add(instructions(report, small.0, medium.0).at_most(1.3));
    let compare =
        |less: &(usize, GenerationCost), name: &str, part: &str, of: &dyn Fn(&_) -> f64| {
            let (few, many) = (less.0, large.0);
            let ratio = (of(&large.1) / many as f64) / (of(&less.1) / few as f64);
            let what = format!("Cost of each of {many} operations ÷ of each of {few}, {part}");
            Figure::new(format!("growth/{name}"), what, ratio, "ratio")
        };
    let time = &GenerationCost::milliseconds;
    report.add(compare(&medium, "time", "time", time).at_most(1.3));
    report.add(compare(&small, "time_from_small", "time", time));
    let peak = &|cost: &GenerationCost| cost.peak as f64;
    report.add(compare(&small, "memory", "peak memory", peak).at_most(1.5));
    for stage in small.1.stages.keys() {
        let time = |cost: &GenerationCost| cost.stages[stage].as_secs_f64();
        let part = format!("time of stage {stage}");
        report.add(compare(&medium, &stage.to_string(), &part, &time));
    }
    Ok(())
}

/// What an operation of the larger document costs compared with one of the smaller, in instructions.
fn instructions(report: &Report, few: usize, many: usize) -> Figure {
    let what = format!("Cost of each of {many} operations ÷ of each of {few}, instructions");
    let counter = match Counter::find(report) {
        Ok(counter) => counter,
        Err(reason) => return Figure::not_measured("growth/instructions", what, reason),
    };
    let count = |operations: usize, times: usize| {
        let arguments = [ONLY, &operations.to_string(), &times.to_string()].map(str::to_owned);
        counter.count_this_program(&arguments)
    };
    // Without what it takes to make the document.
    let each = |operations| (count(operations, 1) - count(operations, 0)) / operations as f64;
    let what = format!("{what} (by {})", counter.name());
    Figure::new("growth/instructions", what, each(many) / each(few), "ratio")
}
