//! Prints the figures of imports as JSON, and fails if one misses its target:
//!
//! ```text
//! cargo bench -p pivotal-benches --bench sync [-- limit|throughput|plan|kills …]
//! ```
//!
//! Without arguments, all are measured. Sandboxes run on a runtime of their own; what is measured
//! or killed as a process is this program with other arguments.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a measurement, not a library"
)]

mod import;
mod kills;
mod limit;
mod plan;
mod throughput;

use std::env;
use std::process::ExitCode;

use pivotal_test_support::bench::{Report, Target};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<_> = env::args()
        .skip(1)
        .filter(|name| name != "--bench")
        .collect();
    if let [child, job, state, source] = arguments.as_slice()
        && child == import::CHILD
    {
        return import::child(job, state.as_ref(), source.as_ref());
    }
    let wants = |name: &str| arguments.is_empty() || arguments.iter().any(|given| given == name);
    let server = Runtime::new().unwrap();
    let mut report = Report::default();
    if wants("limit") {
        report.add("limit", limit::measure(&server));
        for case in 0..limit::PER_MINUTE.len() {
            report.check(
                &format!("/limit/{case}/times_the_least"),
                Target::AtMost(1.03),
            );
            report.check(&format!("/limit/{case}/refused"), Target::AtMost(0.0));
            report.check(
                &format!("/limit/{case}/writes_of_a_second_sync"),
                Target::AtMost(0.0),
            );
        }
    }
    if wants("throughput") {
        report.add("throughput", throughput::measure(&server));
        for case in 0..throughput::LATENCIES.len() {
            report.check(&format!("/throughput/{case}/ratio"), Target::AtLeast(0.9));
        }
    }
    if wants("plan") {
        report.add("plan", plan::measure(&server));
        report.check("/plan/rows_per_second", Target::AtLeast(100_000.0));
        report.check("/plan/peak_mib", Target::AtMost(150.0));
    }
    if wants("kills") {
        report.add("kills", kills::measure(&server));
        for count in [
            "doubled",
            "lost",
            "disagreeing_outcomes",
            "exit_code_of_the_last",
        ] {
            report.check(&format!("/kills/{count}"), Target::AtMost(0.0));
        }
    }
    report.print()
}
