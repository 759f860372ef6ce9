//! How the cost of a generation grows with the document.

use serde_json::{Value, json};

use super::meter::{Cost, median_of, milliseconds, rounded};
use super::synthetic;
use crate::codegen::{Failure, Sources};

/// How much more an operation of the largest document may cost than one of the smallest.
const TARGET: f64 = 1.5;
pub(super) fn measure(
    sources: &Sources,
    operations: &[usize],
    runs: usize,
) -> Result<Value, Failure> {
    let mut documents = Vec::new();
    let mut each = Vec::new();
    for &count in operations {
        let runs = synthetic::runs(count, runs);
        let sources = Sources {
            upstream: synthetic::document(count).to_string(),
            overlay: synthetic::overlay(count),
            names: String::new(),
            ..sources.clone()
        };
        let cost = median_of(&sources, runs)?;
        let of_one = PerOperation::of(&cost, count);
        documents.push(json!({
            "operations": count,
            "runs": runs,
            "input_bytes": sources.upstream.len(),
            "output_bytes": cost.output,
            "median_ms": milliseconds(cost.time.processor),
            "median_wall_ms": milliseconds(cost.time.wall),
            "ms_per_operation": rounded(of_one.milliseconds),
            "peak_bytes": cost.peak,
            "peak_bytes_per_operation": rounded(of_one.bytes),
            "stages": cost.stages(),
        }));
        each.push(of_one);
    }
    let ratio = |cost: fn(&PerOperation) -> f64| match each.as_slice() {
        [least, .., most] => growth(cost(least), cost(most)),
        _ => 1.0,
    };
    let (time, memory) = (ratio(|cost| cost.milliseconds), ratio(|cost| cost.bytes));
    Ok(json!({
        "documents": documents,
        "time_ratio": rounded(time),
        "memory_ratio": rounded(memory),
        "target": format!("an operation of the largest costs at most {TARGET} times one of the smallest, in time and memory"),
        "met": time <= TARGET && memory <= TARGET,
    }))
}

/// What one operation of a document costs.
struct PerOperation {
    milliseconds: f64,
    bytes: f64,
}

impl PerOperation {
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn of(cost: &Cost, operations: usize) -> Self {
        let operations = operations as f64;
        Self {
            milliseconds: cost.time.processor.as_secs_f64() * 1e3 / operations,
            bytes: cost.peak as f64 / operations,
        }
    }
}

/// What was not counted did not grow.
fn growth(least: f64, most: f64) -> f64 {
    if least > 0.0 { most / least } else { 1.0 }
}
