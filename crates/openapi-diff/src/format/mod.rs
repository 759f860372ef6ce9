//! The formats in which a comparison is printed. Every line ends with a newline.

mod github;
mod json;
mod lines;
mod markdown;
mod rules;
mod text;

use crate::{Finding, Level, Promises, Report};

pub use github::github;
pub use json::json;
pub use lines::Lines;
pub use markdown::markdown;
pub use rules::rules;
pub use text::text;

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
    /// The text of a promise.
    fn promise(&self, id: &str) -> Option<&str> {
        let mut promises = self.promises.iter();
        promises
            .find(|promise| promise.id == id)
            .map(|promise| promise.text.as_str())
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
