//! The whole generation of the shipped document.

use serde_json::{Value, json};

use super::meter::{median_of, milliseconds};
use crate::codegen::{Failure, Sources};

/// Milliseconds that a generation may take once the generator is built.
const TARGET: f64 = 300.0;

pub(super) fn measure(sources: &Sources, runs: usize) -> Result<Value, Failure> {
    let cost = median_of(sources, runs)?;
    Ok(json!({
        "runs": runs,
        "median_ms": milliseconds(cost.time.processor),
        "median_wall_ms": milliseconds(cost.time.wall),
        "peak_bytes": cost.peak,
        "output_bytes": cost.output,
        "stages": cost.stages(),
        "target": format!("at most {TARGET} ms of processor time"),
        "met": cost.time.is_within(TARGET),
    }))
}
