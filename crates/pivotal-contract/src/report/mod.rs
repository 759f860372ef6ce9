//! What a run of the suite found.

mod text;

use serde::Serialize;

use crate::coverage::Coverage;
use crate::finding::{Addition, Violation};

/// What a run of the [`Suite`](crate::Suite) found. `Display` is for people; as JSON it is for
/// programs.
///
/// It holds no body and no key; see [`Violation`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The address of the server.
    pub server: String,
    /// Whether the suite was allowed to write.
    pub writes: bool,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// How many cases were run.
    pub cases: usize,
    /// How many calls they made.
    pub exchanges: usize,
    /// Where server and contract, or server and SDK, part.
    pub deviations: Vec<Deviation>,
    /// Cases that told nothing, since a call had no response or the server failed.
    pub failures: Vec<CaseNote>,
    /// Cases that the server has no records for.
    pub skipped: Vec<CaseNote>,
    /// What the server has and the contract does not. The vendor may add it at any time.
    pub additions: Vec<Addition>,
    /// Records of the run that could not be removed.
    pub left_behind: Vec<LeftBehind>,
    /// What of the contract was exercised.
    pub coverage: Coverage,
}

/// A violation, and the cases in which it came up.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Deviation {
    /// The names of the cases.
    pub cases: Vec<String>,
    /// What was found; its place and count are those of the first time.
    #[serde(flatten)]
    pub violation: Violation,
}

/// A case, and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CaseNote {
    /// The name of the case.
    pub case: String,
    /// Why.
    pub reason: String,
}

/// A record that was made and could not be removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftBehind {
    /// Its kind and id.
    pub record: String,
    /// What its removal came to.
    pub reason: String,
}

impl Report {
    /// Whether document, SDK and server agree: no deviation, no failed case, nothing left behind, no gap
    /// in the coverage of a complete run.
    pub fn agrees(&self) -> bool {
        self.deviations.is_empty()
            && self.failures.is_empty()
            && self.left_behind.is_empty()
            && !self.interrupted
            && !self.coverage.fails()
    }
}

/// What the cases came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) run: usize,
    /// The name of the case that is being run.
    pub(crate) present: String,
    pub(crate) deviations: Vec<Deviation>,
    pub(crate) failures: Vec<CaseNote>,
    pub(crate) skipped: Vec<CaseNote>,
}

impl Tally {
    /// Adds what was found in the present case; what was known already gets the case beside it.
    pub(crate) fn found(&mut self, violations: Vec<Violation>) {
        for violation in violations {
            let same = |known: &&mut Deviation| {
                let known = &known.violation;
                known.operation == violation.operation
                    && known.status == violation.status
                    && known.kind == violation.kind
                    && known.rule == violation.rule
            };
            match self.deviations.iter_mut().find(same) {
                Some(known) if known.cases.contains(&self.present) => {}
                Some(known) => known.cases.push(self.present.clone()),
                None => self.deviations.push(Deviation {
                    cases: vec![self.present.clone()],
                    violation,
                }),
            }
        }
    }
}
