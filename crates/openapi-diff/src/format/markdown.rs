//! Findings for a comment on a pull request.

use std::fmt::Write;

use super::{Comparison, text};
use crate::{Group, Level};

/// A section for each level, an entry for each change.
pub fn markdown(comparison: &Comparison) -> String {
    let mut text = format!("**API changes:** {}\n", comparison.summary());
    let groups = comparison.report.groups();
    for (level, title) in [
        (Level::Breaking, "Breaking"),
        (Level::Warning, "May break"),
        (Level::Info, "Also changed"),
    ] {
        let of_level: Vec<&Group<'_>> = groups
            .iter()
            .filter(|group| group.first().level == level)
            .collect();
        if of_level.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n### {title}\n");
        for group in of_level {
            entry(comparison, group, &mut text);
        }
    }
    if !comparison.waived.is_empty() {
        let _ = writeln!(text, "\n### Waived\n");
        for (finding, reason) in &comparison.waived {
            let _ = writeln!(
                text,
                "- `{}` at {}: {}",
                finding.id,
                line(&finding.place()),
                line(reason)
            );
        }
    }
    text
}

fn entry(comparison: &Comparison, group: &Group<'_>, text: &mut String) {
    let first = group.first();
    let _ = writeln!(text, "- {} (`{}`)", line(&first.message), first.id);
    if let Some(id) = &first.promise {
        let promise = comparison.promise(id).unwrap_or_default();
        let _ = writeln!(text, "  - **breaks the promise `{id}`**: {}", line(promise));
    }
    for place in text::places(group) {
        let _ = writeln!(text, "  - {}", line(&place));
    }
}

/// Text of a document as one line, which neither ends the list nor begins a tag.
fn line(text: &str) -> String {
    let one = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Between backticks a `<` is one; Markdown has no escapes there.
    let parts = one.split('`').enumerate();
    let parts = parts.map(|(index, part)| {
        if index % 2 == 0 {
            part.replace('<', "&lt;")
        } else {
            part.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join("`")
}
