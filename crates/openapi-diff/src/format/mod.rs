//! The formats in which a comparison is printed. Every line ends with a newline.

mod lines;

use std::fmt::Write;

use openapi_pipeline::problem::printable;

use crate::finding::{Finding, Group, Report};
use crate::policies::Promises;
use crate::rules::{Level, POSITIONS, RULES, Rule};
pub use lines::Lines;

/// A report with what it takes to print it.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The findings that no waiver covers.
    pub report: Report,
    /// The waived findings, each with the reason of its waiver.
    pub waived: Vec<(Finding, String)>,
    /// The promises that findings name.
    pub promises: Promises,
    /// The file name of the revision, as annotations give it.
    pub revision: String,
    /// The text of the revision, whose lines annotations point to.
    pub revision_text: String,
}

impl Comparison {
    /// The promise that a finding breaks: its ID and text.
    fn broken_promise<'f>(&self, finding: &'f Finding) -> Option<(&'f str, &str)> {
        let id = finding.promise.as_deref()?;
        let promise = self.promises.iter().find(|promise| promise.id == id);
        Some((id, promise.map_or("", |promise| &promise.text)))
    }

    /// The promise that a change breaks and the places of the change, each a line.
    fn details(&self, group: &Group<'_>) -> Vec<String> {
        let promise = self.broken_promise(group.first());
        let promise = promise.map(|(id, text)| format!("breaks the promise {id}: {text}"));
        let places = places(group).into_iter();
        let places = places.map(|place| format!("at {place}"));
        promise.into_iter().chain(places).collect()
    }

    /// `2 breaking, 1 warning, 3 info`, and how many are waived.
    fn summary(&self) -> String {
        let levels = [Level::Breaking, Level::Warning, Level::Info];
        let counts = levels.map(|level| {
            let count = self.report.count(level);
            let plural = if level == Level::Warning && count != 1 {
                "s"
            } else {
                ""
            };
            format!("{count} {level}{plural}")
        });
        let mut summary = counts.join(", ");
        if !self.waived.is_empty() {
            summary = format!("{summary}; {} waived", self.waived.len());
        }
        summary
    }
}

/// So many places of one change are listed.
const PLACES: usize = 10;

/// One entry for each change, with the places where it can be met; breaking ones first, a summary
/// last.
pub fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for group in comparison.report.groups() {
        let first = group.first();
        let _ = writeln!(text, "{:<8} {}", first.level, first.id);
        let pointer = first.revision_pointer.as_ref();
        let pointer = pointer.or(first.base_pointer.as_ref());
        let see = pointer.map(|pointer| format!("see {pointer}"));
        let details = comparison.details(&group).into_iter().chain(see);
        for line in std::iter::once(first.message.clone()).chain(details) {
            let _ = writeln!(text, "         {}", printable(&line));
        }
        text.push('\n');
    }
    for (finding, reason) in &comparison.waived {
        let (id, place) = (finding.id, finding.place());
        let waived = format!("waived {id} at {place}: {reason}");
        let _ = writeln!(text, "{}", printable(&waived));
    }
    if !comparison.waived.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{}", comparison.summary());
    text
}

/// The places of a change, each a line, and how many are left out.
fn places(group: &Group<'_>) -> Vec<String> {
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

/// The findings as a JSON array, one object each, with a newline at the end.
pub fn json(report: &Report) -> String {
    let text = serde_json::to_string_pretty(report).expect("findings are plain data");
    format!("{text}\n")
}

/// A section for each level, an entry for each change.
pub fn markdown(comparison: &Comparison) -> String {
    let mut text = format!("**API changes:** {}\n", comparison.summary());
    let groups = comparison.report.groups();
    for (level, title) in [
        (Level::Breaking, "Breaking"),
        (Level::Warning, "May break"),
        (Level::Info, "Also changed"),
    ] {
        if comparison.report.count(level) == 0 {
            continue;
        }
        let _ = writeln!(text, "\n### {title}\n");
        for group in groups.iter().filter(|group| group.first().level == level) {
            let first = group.first();
            let _ = writeln!(text, "- {} (`{}`)", one_line(&first.message), first.id);
            if let Some((id, promise)) = comparison.broken_promise(first) {
                let promise = one_line(promise);
                let _ = writeln!(text, "  - **breaks the promise `{id}`**: {promise}");
            }
            for place in places(group) {
                let _ = writeln!(text, "  - {}", one_line(&place));
            }
        }
    }
    if !comparison.waived.is_empty() {
        let _ = writeln!(text, "\n### Waived\n");
        for (finding, reason) in &comparison.waived {
            let (place, reason) = (one_line(&finding.place()), one_line(reason));
            let _ = writeln!(text, "- `{}` at {place}: {reason}", finding.id);
        }
    }
    text
}

/// Text of a document as one line, which neither ends the list nor begins a tag.
fn one_line(text: &str) -> String {
    let one = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let one = printable(&one);
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

/// One annotation for each change, on the line of the revision that says it, or the nearest above.
///
/// GitHub shows ten of each level for a step, so the same change at many places is one annotation.
pub fn github(comparison: &Comparison) -> String {
    let lines = Lines::of(&comparison.revision_text);
    let mut text = String::new();
    for group in comparison.report.groups() {
        let first = group.first();
        let command = match first.level {
            Level::Breaking => "error",
            Level::Warning => "warning",
            Level::Info => "notice",
        };
        let mut message = vec![first.message.clone()];
        message.extend(comparison.details(&group));
        let line = first
            .revision_pointer
            .as_ref()
            .map_or(1, |pointer| lines.line(pointer));
        let _ = writeln!(
            text,
            "::{command} file={},line={line},title={}::{}",
            property(&comparison.revision),
            property(first.id),
            data(&message.join("\n"))
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

/// The rules as Markdown tables: those on parts of operations, then those on schemas, which are
/// alike wherever a schema stands.
pub fn rules() -> String {
    let (operations, schemas): (Vec<&Rule>, Vec<&Rule>) =
        RULES.iter().partition(|rule| rule.id == rule.aspect);
    let mut text = String::from(
        "| finding | level | meaning | difference from oasdiff |\n|---|---|---|---|\n",
    );
    for rule in operations {
        let (id, level) = (&rule.id, rule.level);
        let _ = writeln!(
            text,
            "| `{id}` | {level} | {} | {} |",
            rule.meaning, rule.differs
        );
    }
    let positions = POSITIONS.map(|(position, _)| format!("`{position}`"));
    let _ = writeln!(
        text,
        "\nThe names of rules on schemas begin with the position of the schema: {}.\n\n\
         | suffix of the finding | in requests | in responses | meaning | difference from oasdiff |\n|---|---|---|---|---|",
        positions.join(", ")
    );
    // Each aspect has one rule for each position, those of requests first.
    for rules in schemas.chunk_by(|left, right| left.aspect == right.aspect) {
        let (request, response) = (rules[0], rules[rules.len() - 1]);
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            request.aspect, request.level, response.level, request.meaning, request.differs
        );
    }
    text
}
