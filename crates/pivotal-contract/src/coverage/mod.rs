//! What of the contract the exchanges of a run have touched.

mod exemptions;
mod points;
mod seen;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::contract::Contract;
pub(crate) use exemptions::{EXCUSES, Exemption};
pub(crate) use points::{Point, What};
pub(crate) use seen::Seen;

/// What of the contract was exercised, point by point.
///
/// Points are operations, parameters, properties of bodies and of responses (with a value and,
/// where the contract allows it, with null), and documented statuses. They are counted from the
/// exchanges, as an observer saw them, and not from what the cases mean to do.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Coverage {
    /// Whether the run could have exercised everything: writes and faults were allowed. If not,
    /// nothing is a hole.
    pub complete: bool,
    /// Every operation of the contract, in its order, and the error envelope.
    pub rows: Vec<CoverageRow>,
    /// What was not exercised and is not exempted.
    pub holes: Vec<String>,
    /// What was not exercised, with the reason why it need not be.
    pub exempted: BTreeMap<String, &'static str>,
    /// Excuses that must go: for what was exercised after all, or is not in the contract.
    pub unneeded: Vec<String>,
}

/// How much of one operation was exercised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CoverageRow {
    /// The operationId.
    pub operation: String,
    /// Parameters that were sent.
    pub parameters: Share,
    /// Properties of its body that were sent, with a value and with null.
    pub body: Share,
    /// Properties of its response that came, with a value and as null.
    pub answer: Share,
    /// Documented statuses that were answered.
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
    /// Whether a complete run has left a hole, or there is an exemption too many.
    pub fn fails(&self) -> bool {
        self.complete && !(self.holes.is_empty() && self.unneeded.is_empty())
    }

    pub(crate) fn of(
        contract: &Contract,
        seen: &Seen,
        exemptions: &[Exemption],
        complete: bool,
    ) -> Self {
        let all = points::all(contract);
        let missing: BTreeSet<String> = all
            .iter()
            .filter(|point| !seen.has(point))
            .map(ToString::to_string)
            .collect();
        let mut exempted = BTreeMap::new();
        let mut unneeded = Vec::new();
        for exemption in exemptions {
            for point in exemption.points {
                if missing.contains(*point) {
                    exempted.insert((*point).to_owned(), exemption.reason);
                } else if complete {
                    unneeded.push((*point).to_owned());
                }
            }
        }
        let holes = missing
            .into_iter()
            .filter(|point| complete && !exempted.contains_key(point))
            .collect();
        Self {
            complete,
            rows: rows(&all, seen),
            holes,
            exempted,
            unneeded,
        }
    }
}

fn rows(all: &[Point], seen: &Seen) -> Vec<CoverageRow> {
    let mut rows: Vec<CoverageRow> = Vec::new();
    for point in all {
        if rows
            .last()
            .is_none_or(|row| row.operation != point.operation)
        {
            rows.push(CoverageRow {
                operation: point.operation.clone(),
                parameters: Share::default(),
                body: Share::default(),
                answer: Share::default(),
                statuses: Share::default(),
            });
        }
        let row = rows.last_mut().expect("one was just put there");
        let share = match point.what {
            What::Operation => continue,
            What::Parameter { .. } => &mut row.parameters,
            What::Sent { .. } => &mut row.body,
            What::Received { .. } => &mut row.answer,
            What::Status(_) => &mut row.statuses,
        };
        share.of += 1;
        share.exercised += usize::from(seen.has(point));
    }
    rows
}

#[cfg(test)]
mod tests {
    use pivotal_openapi::Document;
    use serde_json::json;

    use super::*;
    use crate::contract::tests::contract;

    /// Everything, as if it had been seen.
    fn all_seen(contract: &Contract) -> Seen {
        points::all(contract).into_iter().collect()
    }

    #[test]
    fn what_a_new_document_adds_is_a_hole() {
        let mut document = Document::contract().value().clone();
        let seen = all_seen(Contract::shipped());
        document["paths"]["/api/v1/reports/{id}"]["get"] = json!({
            "operationId": "get-report",
            "parameters": [{ "in": "query", "name": "year", "schema": { "type": "integer" } }],
            "responses": { "200": { "description": "", "content": { "application/json": { "schema": {
                "type": "object", "properties": { "rows": { "type": ["integer", "null"] } },
            } } } } },
        });
        document["components"]["schemas"]["CreateCustomer"]["properties"]["region"] =
            json!({ "type": "string" });

        let coverage = Coverage::of(&contract(document), &seen, &[], true);

        assert!(coverage.fails());
        assert_eq!(
            coverage.holes,
            [
                "create-customer sends region",
                "get-report",
                "get-report answers rows",
                "get-report answers rows = null",
                "get-report query year",
                "get-report status 200",
            ]
        );
    }

    #[test]
    fn an_excuse_is_needed_or_fails() {
        let contract = Contract::shipped();
        let hole = Exemption {
            points: &["get-health status 500"],
            reason: "a test",
        };
        let exemptions = [hole];
        let seen: Seen = points::all(contract)
            .into_iter()
            .filter(|point| point.to_string() != "get-health status 500")
            .collect();
        assert_eq!(
            Coverage::of(contract, &seen, &[], true).holes,
            ["get-health status 500"]
        );
        let exempted = Coverage::of(contract, &seen, &exemptions, true);
        assert!(!exempted.fails());
        assert_eq!(exempted.exempted["get-health status 500"], "a test");

        let seen = all_seen(contract);
        let unneeded = Coverage::of(contract, &seen, &exemptions, true);
        assert!(unneeded.fails());
        assert_eq!(unneeded.unneeded, ["get-health status 500"]);
        // A run that could not exercise everything judges neither.
        assert!(!Coverage::of(contract, &seen, &exemptions, false).fails());
        assert!(!Coverage::of(contract, &Seen::default(), &[], false).fails());
    }

    #[test]
    fn excuses_name_points_of_the_contract_once_and_have_reasons() {
        let contract = Contract::shipped();
        let known: BTreeSet<_> = points::all(contract)
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut named = BTreeSet::new();
        for exemption in EXCUSES {
            assert!(!exemption.reason.is_empty());
            for point in exemption.points {
                assert!(known.contains(*point), "{point} is not in the contract");
                assert!(named.insert(*point), "{point} is exempted twice");
            }
        }
    }
}
