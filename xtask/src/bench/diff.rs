//! What the comparison of two synthetic documents costs.

use openapi_diff::{Level, Promises, diff};
use openapi_pipeline::load;
use serde_json::{Value, json};

use super::meter::{Clocks, Time, milliseconds, rounded};
use super::synthetic;
use crate::codegen::Failure;

/// Milliseconds that the comparison of the two largest documents may take, reading them not
/// included.
const TARGET: f64 = 1_000.0;

pub(super) fn measure(operations: &[usize], runs: usize) -> Result<Value, Failure> {
    let mut documents = Vec::new();
    let mut largest = Time::default();
    for &count in operations {
        let runs = synthetic::runs(count, runs);
        let texts = [synthetic::document(count), synthetic::revision(count)]
            .map(|document| document.to_string());
        let reading = Clocks::start();
        let [base, revision] = texts
            .each_ref()
            .map(|text| load::document(text, "synthetic.json").map_err(Failure::named));
        let (base, revision) = (base?, revision?);
        let reading = reading.read();

        let mut times = Vec::new();
        let mut breaking = 0;
        let mut findings = 0;
        for _ in 0..runs {
            let clocks = Clocks::start();
            let report = diff(&base, &revision, &Promises::none()).map_err(Failure::named)?;
            times.push(clocks.read());
            (findings, breaking) = (report.len(), report.count(Level::Breaking));
        }
        largest = Time::median(&times);
        documents.push(json!({
            "operations": count,
            "runs": runs,
            "input_bytes": texts.iter().map(String::len).sum::<usize>(),
            "findings": findings,
            "breaking": breaking,
            "load_ms": milliseconds(reading.processor),
            "median_ms": milliseconds(largest.processor),
            "median_wall_ms": milliseconds(largest.wall),
            "ms_per_operation": rounded(of_one(largest, count)),
        }));
    }
    Ok(json!({
        "documents": documents,
        "target": format!("at most {TARGET} ms of processor time for the largest"),
        "met": largest.is_within(TARGET),
    }))
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn of_one(time: Time, operations: usize) -> f64 {
    time.processor.as_secs_f64() * 1e3 / operations as f64
}
