//! Coverage of altered documents, and the table of exemptions.

use std::collections::BTreeSet;

use pivotal_openapi::Document;
use serde_json::json;

use super::contract::contract;
use crate::contract::Contract;
use crate::coverage::points::{self, Point};
use crate::coverage::{Coverage, EXEMPTIONS, Exemption};

/// Everything, as if it had been seen.
fn all_seen(contract: &Contract) -> BTreeSet<Point> {
    points::all(contract).into_iter().collect()
}

#[test]
fn additions_of_a_new_document_are_missing() {
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

    let coverage = Coverage::of(&contract(document), &seen, &[], &BTreeSet::new(), true);

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
    let seen: BTreeSet<_> = points::all(contract)
        .into_iter()
        .filter(|point| point.to_string() != "get-health status 500")
        .collect();
    assert_eq!(
        Coverage::of(contract, &seen, &[], &BTreeSet::new(), true).missing,
        ["get-health status 500"]
    );
    let exempted = Coverage::of(contract, &seen, &exemptions, &BTreeSet::new(), true);
    assert!(!exempted.fails());
    assert_eq!(exempted.exempted["get-health status 500"], "a test");

    let seen = all_seen(contract);
    let unneeded = Coverage::of(contract, &seen, &exemptions, &BTreeSet::new(), true);
    assert!(unneeded.fails());
    assert_eq!(unneeded.unneeded_exemptions, ["get-health status 500"]);
    // An incomplete run reports neither.
    assert!(!Coverage::of(contract, &seen, &exemptions, &BTreeSet::new(), false).fails());
    assert!(!Coverage::of(contract, &BTreeSet::new(), &[], &BTreeSet::new(), false).fails());
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
