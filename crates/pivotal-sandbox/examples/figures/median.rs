//! The middle of several measurements.

use serde_json::{Value, json};

/// The median; of an even number of values, the mean of the two in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) {
        f64::midpoint(values[middle - 1], values[middle])
    } else {
        values[middle]
    }
}

/// A number with as many digits as are worth reading.
pub(crate) fn rounded(value: f64) -> Value {
    let factor = if value >= 1_000.0 { 1.0 } else { 1_000.0 };
    json!((value * factor).round() / factor)
}
