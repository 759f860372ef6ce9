//! What of the contract the exchanges of a run have touched.

mod exemptions;
mod points;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::contract::Contract;
pub(crate) use exemptions::{EXEMPTIONS, Exemption};
pub(crate) use points::Seen;
use points::{Part, Point};

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
        seen: &Seen,
        exemptions: &[Exemption],
        complete: bool,
    ) -> Self {
        let all = points::all(contract);
        let mut missing = BTreeSet::new();
        let mut exempted = BTreeMap::new();
        for point in all.iter().filter(|point| !seen.has(point)) {
            match exemptions::by_rule(contract, point) {
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
                response: Share::default(),
                statuses: Share::default(),
            });
        }
        let row = rows.last_mut().expect("one was just put there");
        let share = match point.part {
            Part::Operation => continue,
            Part::Parameter => &mut row.parameters,
            Part::Request => &mut row.body,
            Part::Response => &mut row.response,
            Part::Status => &mut row.statuses,
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
    fn what_a_new_document_adds_is_missing() {
        let mut document = Document::contract().value().clone();
        let seen = all_seen(Contract::shipped());
        let get_me = &mut document["paths"]["/api/v1/me"]["get"];
        get_me["parameters"] = json!([{ "in": "query", "name": "year" }]);
        get_me["responses"]["202"] = json!({});
        document["components"]["schemas"]["Me"]["properties"]["rows"] =
            json!({ "type": ["integer", "null"] });
        document["paths"]["/api/v1/reports"]["get"] =
            json!({ "operationId": "get-report", "responses": { "200": {} } });
        document["components"]["schemas"]["CreateCustomer"]["properties"]["region"] =
            json!({ "type": "string" });

        let coverage = Coverage::of(&contract(document), &seen, &[], true);

        assert!(coverage.fails());
        assert_eq!(
            coverage.missing,
            [
                "create-customer sends region",
                "get-me query year",
                "get-me returns rows",
                "get-me returns rows = null",
                "get-me status 202",
            ]
        );
        let reason = "the operation has no row in the case table yet";
        assert_eq!(coverage.exempted["get-report status 200"], reason);
    }

    #[test]
    fn an_exemption_is_needed_or_fails() {
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
            Coverage::of(contract, &seen, &[], true).missing,
            ["get-health status 500"]
        );
        let exempted = Coverage::of(contract, &seen, &exemptions, true);
        assert!(!exempted.fails());
        assert_eq!(exempted.exempted["get-health status 500"], "a test");

        let seen = all_seen(contract);
        let unneeded = Coverage::of(contract, &seen, &exemptions, true);
        assert!(unneeded.fails());
        assert_eq!(unneeded.unneeded_exemptions, ["get-health status 500"]);
        // A run that could not exercise everything judges neither.
        assert!(!Coverage::of(contract, &seen, &exemptions, false).fails());
        assert!(!Coverage::of(contract, &Seen::default(), &[], false).fails());
    }

    #[test]
    fn exemptions_name_points_of_the_contract_once_and_have_reasons() {
        let contract = Contract::shipped();
        let known: BTreeSet<_> = points::all(contract)
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut named = BTreeSet::new();
        for exemption in EXEMPTIONS {
            assert!(!exemption.reason.is_empty());
            for point in exemption.points {
                assert!(known.contains(*point), "{point} is not in the contract");
                assert!(named.insert(*point), "{point} is exempted twice");
            }
        }
    }
}
