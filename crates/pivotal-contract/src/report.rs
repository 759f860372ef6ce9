//! What a run of the suite found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::coverage::{Coverage, Share};
use crate::finding::{Addition, Source, Violation};
use crate::shown::counted;

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
    /// Where the server differs from the contract, or the SDK from the server.
    pub deviations: Vec<Deviation>,
    /// Cases without a result, because a call had no response or the server failed.
    pub failures: Vec<CaseNote>,
    /// Cases that the server has no records for.
    pub skipped: Vec<CaseNote>,
    /// What the server has and the contract does not. The vendor may add it at any time.
    pub additions: Vec<Addition>,
    /// Records of the run that could not be removed.
    pub left_behind: Vec<LeftBehind>,
    /// Which parts of the contract were exercised.
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

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = match self.writes {
            true => "read and write",
            false => "read-only",
        };
        writeln!(f, "Contract check of {}, {access}", self.server)?;
        for deviation in &self.deviations {
            write_deviation(f, deviation)?;
        }
        for failure in &self.failures {
            writeln!(f, "\nfailed: {}\n  {}", failure.case, failure.reason)?;
        }
        for left in &self.left_behind {
            writeln!(f, "\nleft behind: {}\n  {}", left.record, left.reason)?;
        }
        for note in &self.skipped {
            writeln!(f, "\nskipped: {}\n  {}", note.case, note.reason)?;
        }
        write_additions(f, &self.additions)?;
        match self.coverage.missing.len() {
            // A deviation can end its case early.
            missing if missing > 0 && !self.deviations.is_empty() => {
                let points = counted(missing, "point");
                writeln!(f, "\nnot exercised: {points} of the contract")?;
            }
            _ => write_gaps(f, &self.coverage)?,
        }
        writeln!(
            f,
            "\n{}, {}: {}, {}, {}, {}.",
            counted(self.cases, "case"),
            counted(self.exchanges, "call"),
            counted(self.deviations.len(), "deviation"),
            counted(self.failures.len(), "failed case"),
            counted(self.additions.len(), "addition"),
            counted(self.left_behind.len(), "record") + " left behind",
        )?;
        let verdict = if self.interrupted {
            "Interrupted before its end."
        } else if !self.deviations.is_empty() {
            let is_decision = |found: &Deviation| found.violation.source == Source::ProjectDecision;
            match self.deviations.iter().all(is_decision) {
                true => {
                    "They do not agree, but only on what this project inferred or decided.\n\
                     Nothing contradicts what Pivotal documents."
                }
                false => "They do not agree.",
            }
        } else if !self.agrees() {
            "No deviation, but something was left undone."
        } else if self.coverage.complete {
            "Document, SDK and server agree on all of the contract."
        } else {
            "Document, SDK and server agree on what was tried."
        };
        writeln!(f, "{verdict}")
    }
}

fn write_deviation(f: &mut fmt::Formatter<'_>, deviation: &Deviation) -> fmt::Result {
    let found = &deviation.violation;
    let places = match found.count {
        1 => String::new(),
        places => format!(" and {} more", places - 1),
    };
    let cases = match deviation.cases.split_first() {
        None => String::new(),
        Some((first, [])) => first.clone(),
        Some((first, more)) => format!("{first}, and {}", counted(more.len(), "more case")),
    };
    writeln!(
        f,
        "\ndeviation: {} returned {}: {} ({})\n  contradicts the {} ({})\n  at {}{places}\n  rule {}\n  case {cases}",
        found.operation,
        found.status,
        found.message,
        found.kind,
        found.source,
        found.evidence,
        found.place,
        found.rule,
    )
}

/// What is new, each once, with the number of other responses that have it.
fn write_additions(f: &mut fmt::Formatter<'_>, additions: &[Addition]) -> fmt::Result {
    fn what(known: &Addition) -> [&str; 3] {
        [&known.name, &known.place, &known.schema]
    }
    let mut responses = BTreeMap::new();
    for addition in additions {
        *responses.entry(what(addition)).or_insert(0) += 1;
    }
    for addition in additions {
        let more = match responses.remove(&what(addition)) {
            None => continue,
            Some(1) => String::new(),
            Some(all) => format!(", and in {}", counted(all - 1, "more response")),
        };
        writeln!(f, "\nnew: {addition}{more}")?;
    }
    Ok(())
}

/// Where a point that a run has missed belongs. What is sent is in the rows of the case table.
fn what_exercises(point: &str) -> &'static str {
    let is_sent = [" sends ", " query ", " header "];
    if is_sent.iter().any(|sent| point.contains(sent)) {
        "add it to the row of its operation in crates/pivotal-contract/src/operation_cases.rs"
    } else {
        "add a case in crates/pivotal-contract/src/suite/cases, or an exemption with its reason in crates/pivotal-contract/src/coverage/mod.rs"
    }
}

/// What is wrong with the coverage.
fn write_gaps(f: &mut fmt::Formatter<'_>, coverage: &Coverage) -> fmt::Result {
    for point in &coverage.missing {
        writeln!(f, "\nnot exercised: {point}\n  {}", what_exercises(point))?;
    }
    for point in &coverage.unneeded_exemptions {
        writeln!(
            f,
            "\nexemption not needed: {point}\n  remove it from crates/pivotal-contract/src/coverage/mod.rs"
        )?;
    }
    Ok(())
}

/// The table of what was exercised, and the exemptions.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:28} {:>10} {:>10} {:>10} {:>10}",
            "operation", "parameters", "body", "response", "statuses"
        )?;
        let mut total = [Share::default(); 4];
        for row in &self.rows {
            let shares = [row.parameters, row.body, row.response, row.statuses];
            for (sum, share) in total.iter_mut().zip(shares) {
                sum.exercised += share.exercised;
                sum.of += share.of;
            }
            write_row(f, &row.operation, shares)?;
        }
        write_row(f, "all", total)?;
        let reasons: BTreeSet<&str> = self.exempted.values().copied().collect();
        for reason in reasons {
            writeln!(f, "\nexempted: {reason}")?;
            for (point, _) in self.exempted.iter().filter(|(_, why)| **why == reason) {
                writeln!(f, "  {point}")?;
            }
        }
        if !self.complete {
            writeln!(
                f,
                "\nNot a complete run: it takes a sandbox, with writes and faults."
            )?;
        }
        Ok(())
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, operation: &str, shares: [Share; 4]) -> fmt::Result {
    let [parameters, body, response, statuses] = shares.map(|share| match share {
        Share { of: 0, .. } => "-".to_owned(),
        Share { exercised, of } => format!("{exercised}/{of}"),
    });
    writeln!(
        f,
        "{operation:28} {parameters:>10} {body:>10} {response:>10} {statuses:>10}"
    )
}
