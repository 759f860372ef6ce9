//! Findings for a terminal.

use std::fmt::Write;

use super::Comparison;
use crate::Group;

/// So many places of one change are listed.
pub(super) const PLACES: usize = 10;

/// One entry for each change, with the places where it can be met; breaking ones first, a summary
/// last.
pub fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for group in comparison.report.groups() {
        let _ = writeln!(text, "{}\n", entry(comparison, &group));
    }
    for (finding, reason) in &comparison.waived {
        let _ = writeln!(
            text,
            "waived {} at {}: {reason}",
            finding.id,
            finding.place()
        );
    }
    if !comparison.waived.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{}", comparison.summary());
    text
}

fn entry(comparison: &Comparison, group: &Group<'_>) -> String {
    let first = group.first();
    let mut entry = format!(
        "{:<8} {}\n         {}",
        first.level, first.id, first.message
    );
    if let Some(id) = &first.promise {
        let text = comparison.promise(id).unwrap_or_default();
        let _ = write!(entry, "\n         breaks the promise {id}: {text}");
    }
    for line in places(group) {
        let _ = write!(entry, "\n         at {line}");
    }
    let pointer = first
        .revision_pointer
        .as_ref()
        .or(first.base_pointer.as_ref());
    if let Some(pointer) = pointer {
        let _ = write!(entry, "\n         see {pointer}");
    }
    entry
}

/// The places of a change, each a line, and how many are left out.
pub(super) fn places(group: &Group<'_>) -> Vec<String> {
    let findings = group.findings();
    let mut places: Vec<String> = findings
        .iter()
        .take(PLACES)
        .map(|finding| finding.place())
        .collect();
    if findings.len() > PLACES {
        places.push(format!("{} more places", findings.len() - PLACES));
    }
    places
}
