//! Findings for programs.

use crate::Report;

/// The findings as a JSON array, one object each, with a newline at the end.
pub fn json(report: &Report) -> String {
    let text = serde_json::to_string_pretty(report).expect("findings are plain data");
    format!("{text}\n")
}
