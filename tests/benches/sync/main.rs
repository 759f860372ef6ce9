//! Imports: pace, throughput, memory, and recovery after kills. `about.toml` describes the method.

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

use pivotal_test_support::bench::Report;
use tokio::runtime::Runtime;

/// Adds the figures of a group. Sandboxes run on the runtime.
type Measure = fn(&Runtime, &mut Report);

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if let [child, job, state, source] = arguments.as_slice()
        && child == import::CHILD
    {
        return import::child(job, state.as_ref(), source.as_ref());
    }
    let mut report = Report::from_arguments();
    let server = Runtime::new().unwrap();
    let groups: [(&str, Measure); 4] = [
        ("limit", limit::measure),
        ("throughput", throughput::measure),
        ("plan", plan::measure),
        ("kills", kills::measure),
    ];
    for (group, measure) in groups {
        if report.wants(group) {
            measure(&server, &mut report);
        }
    }
    report.finish()
}
