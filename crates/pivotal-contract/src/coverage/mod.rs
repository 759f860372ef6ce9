//! Coverage: the parts of the contract that a run has exercised.

pub(crate) mod points;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::contract::Contract;
use crate::operation_cases::operation_case;
use points::{Part, Point};

/// What need not be exercised, and why. An exemption for what is exercised after all fails: it must
/// be removed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exemption {
    pub(crate) points: &'static [&'static str],
    pub(crate) reason: &'static str,
}

/// The exemptions that are made by hand.
pub(crate) const EXEMPTIONS: &[Exemption] = &[
    Exemption {
        points: &[
            "create-onboarding returns wizard_completed_at",
            "get-onboarding returns wizard_completed_at",
            "list-customer-onboardings returns data[].wizard_completed_at",
            "list-onboardings returns data[].wizard_completed_at",
            "update-onboarding returns wizard_completed_at",
        ],
        reason: "the wizard of the app sets it, and no call does",
    },
    Exemption {
        points: &["list-customer-onboardings returns next_cursor"],
        reason: "the list is not paged",
    },
    Exemption {
        points: &["create-customer returns slug = null"],
        reason: "a create without a slug gets one made from the name",
    },
];

/// What of the contract was exercised, point by point.
///
/// Points are operations, parameters, properties of bodies and of responses (with a value and,
/// where the contract allows it, with null), and documented statuses. They are counted from the
/// exchanges, as an observer saw them, and not from what the cases mean to do.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Coverage {
    /// Whether the run could have exercised everything: writes and faults were allowed. If not,
    /// nothing counts as missing.
    pub complete: bool,
    /// Every operation of the contract, in its order, and the error envelope.
    pub rows: Vec<CoverageRow>,
    /// What was not exercised and is not exempted.
    pub missing: Vec<String>,
    /// What was not exercised, with the reason why it need not be.
    pub exempted: BTreeMap<String, &'static str>,
    /// Exemptions to be removed: for what was exercised after all, or is not in the contract.
    pub unneeded_exemptions: Vec<String>,
}

/// How much of one operation was exercised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CoverageRow {
    /// The operationId.
    pub operation: String,
    /// Parameters that were sent.
    pub parameters: Share,
    /// Properties of its body that were sent, with a value and with null.
    pub body: Share,
    /// Properties of its response that came, with a value and as null.
    pub response: Share,
    /// Documented statuses that came.
    pub statuses: Share,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Share {
    /// How many were exercised.
    pub exercised: usize,
    /// How many the contract has.
    pub of: usize,
}

impl Coverage {
    /// Whether a complete run has missed something, or there is an exemption too many.
    pub fn fails(&self) -> bool {
        self.complete && !(self.missing.is_empty() && self.unneeded_exemptions.is_empty())
    }

    pub(crate) fn of(
        contract: &Contract,
        seen: &BTreeSet<Point>,
        exemptions: &[Exemption],
        left_out: &BTreeSet<String>,
        complete: bool,
    ) -> Self {
        let all = points::all(contract);
        let mut missing = BTreeSet::new();
        let mut exempted = BTreeMap::new();
        for point in all.iter().filter(|point| !seen.contains(point)) {
            match exempt_by_rule(contract, left_out, point) {
                Some(reason) => drop(exempted.insert(point.to_string(), reason)),
                None => drop(missing.insert(point.to_string())),
            }
        }
        let mut unneeded_exemptions = Vec::new();
        for exemption in exemptions {
            for point in exemption.points {
                if missing.remove(*point) {
                    exempted.insert((*point).to_owned(), exemption.reason);
                } else if complete {
                    unneeded_exemptions.push((*point).to_owned());
                }
            }
        }
        Self {
            complete,
            rows: rows(&all, seen),
            missing: missing.into_iter().filter(|_| complete).collect(),
            exempted,
            unneeded_exemptions,
        }
    }
}

fn rows(all: &[Point], seen: &BTreeSet<Point>) -> Vec<CoverageRow> {
    let operations = all.chunk_by(|one, next| one.operation == next.operation);
    let row = |points: &[Point]| {
        let mut row = CoverageRow {
            operation: points[0].operation.clone(),
            ..CoverageRow::default()
        };
        for point in points {
            let share = match point.part {
                Part::Operation => continue,
                Part::Parameter => &mut row.parameters,
                Part::Request => &mut row.body,
                Part::Response => &mut row.response,
                Part::Status => &mut row.statuses,
            };
            share.of += 1;
            share.exercised += usize::from(seen.contains(point));
        }
        row
    };
    operations.map(row).collect()
}

/// Why a point need not be exercised, by rule.
fn exempt_by_rule(
    contract: &Contract,
    left_out: &BTreeSet<String>,
    point: &Point,
) -> Option<&'static str> {
    if left_out.contains(&point.operation) {
        return Some("the operation is left out of this run");
    }
    let operation = contract.document.operation(&point.operation)?;
    if operation_case(&operation.name()).is_none() {
        return Some("the operation has no row in the case table yet");
    }
    let is_class = point.part == Part::Status && point.what == "4XX";
    (is_class && operation.body().is_none()).then_some(
        "a request without a body can be refused only with the statuses that its operation lists",
    )
}
