//! Findings as annotations of a GitHub workflow.

use std::fmt::Write;

use super::lines::Lines;
use super::{Comparison, text};
use crate::Level;

/// One annotation for each change, on the line of the revision that says it, or the nearest above.
///
/// GitHub shows ten of each level for a step, so the same change at many places is one annotation.
pub fn github(comparison: &Comparison) -> String {
    let lines = Lines::of(&comparison.revision_text, &comparison.revision);
    let mut text = String::new();
    for group in comparison.report.groups() {
        let first = group.first();
        let command = match first.level {
            Level::Breaking => "error",
            Level::Warning => "warning",
            Level::Info => "notice",
        };
        let mut message = first.message.clone();
        if let Some(id) = &first.promise {
            let promise = comparison.promise(id).unwrap_or_default();
            let _ = write!(message, "\nbreaks the promise {id}: {promise}");
        }
        for place in text::places(&group) {
            let _ = write!(message, "\nat {place}");
        }
        let line = first
            .revision_pointer
            .as_ref()
            .map_or(1, |pointer| lines.line(pointer));
        let _ = writeln!(
            text,
            "::{command} file={},line={line},title={}::{}",
            property(&comparison.revision),
            property(first.id),
            data(&message)
        );
    }
    text
}

/// The message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
