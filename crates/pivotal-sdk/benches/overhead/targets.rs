//! What the figures are to be, and the verdict.

use serde_json::{Value, json};

/// A figure of the report and its bound.
struct Target {
    /// Where it stands in the report.
    figure: &'static str,
    bound: Bound,
}

enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

const TARGETS: &[Target] = &[
    at_most("/get_customer/sdk_more_cpu_us", 5.0),
    at_most("/get_customer/allocations_ratio", 1.15),
    at_most("/list_100/cpu_ratio", 1.05),
    at_least("/stream_100000_rows/throughput_ratio", 0.95),
    at_least("/stream_20ms_pages_10ms_work/throughput_ratio", 1.0),
    // The cursors met so far are remembered, eight bytes a page.
    at_most("/peak_memory/bytes_a_further_row", 1.0),
];

const fn at_most(figure: &'static str, bound: f64) -> Target {
    let bound = Bound::AtMost(bound);
    Target { figure, bound }
}

const fn at_least(figure: &'static str, bound: f64) -> Target {
    let bound = Bound::AtLeast(bound);
    Target { figure, bound }
}

/// Adds the targets to the report; gives a line for each that is missed.
pub(crate) fn judge(report: &mut Value) -> Vec<String> {
    let mut missed = Vec::new();
    let mut judged = Vec::new();
    for Target { figure, bound } in TARGETS {
        // A figure that is not there meets nothing.
        let measured = report.pointer(figure).and_then(Value::as_f64);
        let measured = measured.unwrap_or(f64::NAN);
        let (met, words, key, bound) = match *bound {
            Bound::AtMost(most) => (measured <= most, "at most", "at_most", most),
            Bound::AtLeast(least) => (measured >= least, "at least", "at_least", least),
        };
        judged.push(json!({ "figure": figure, key: bound, "measured": measured, "met": met }));
        if !met {
            missed.push(format!(
                "missed: {figure} is {measured}, should be {words} {bound}"
            ));
        }
    }
    report["targets"] = json!(judged);
    missed
}
