//! The case table holds every operation.

use std::collections::BTreeSet;

use pivotal_contract::operation_cases::{Inputs, OPERATION_CASES, operation_case};
use pivotal_openapi::{Document, Operation};
use pivotal_sdk::transport::OPERATIONS;

/// A row for the case table, to be completed with what the body requires.
fn row(operation: &Operation<'_>) -> String {
    let name = operation.name();
    let pascal: String = name
        .split('_')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect();
    let segments: Vec<&str> = operation.path.split('/').collect();
    let ids = segments
        .windows(2)
        .filter(|pair| pair[1].starts_with('{'))
        .map(|pair| format!("i.id(\"{}\")", pair[0]));
    let body = operation.body();
    let body = body.as_ref().and_then(|body| body.content.schema.name());
    let body = body.map(|body| format!("{body}::new(…)"));
    let arguments: Vec<String> = ids.chain(body).collect();
    let takes_key = operation.parameter("header", "Idempotency-Key").is_some();
    let by_key = if takes_key { "by_key " } else { "" };
    let inputs = if arguments.is_empty() { "_" } else { "i" };
    let arguments = arguments.join(", ");
    format!("    case!({by_key}{pascal}Request, |{inputs}| {pascal}Request::new({arguments})),")
}

/// The only test that fails when an operation has no row.
#[test]
fn every_operation_has_a_row() {
    let missing: Vec<String> = Document::contract()
        .operations()
        .filter(|operation| operation_case(&operation.name()).is_none())
        .map(|operation| row(&operation))
        .collect();
    assert!(
        missing.is_empty(),
        "\nAdd to OPERATION_CASES in crates/pivotal-contract/src/operation_cases.rs:\n{}\n",
        missing.join("\n")
    );
}

#[test]
fn every_operation_has_exactly_one_row() {
    let mut named = BTreeSet::new();
    for case in OPERATION_CASES {
        let known = OPERATIONS.iter().any(|known| known.name == case.operation);
        assert!(known, "{} is no operation", case.operation);
        assert!(
            named.insert(case.operation),
            "{} has two rows",
            case.operation
        );
    }
}

#[test]
fn the_id_in_a_path_belongs_to_its_collection() {
    let inputs = Inputs::new("name", "nobody").with_id("customers", "c1");
    assert_eq!(inputs.path("/v1/customers/{id}"), "/v1/customers/c1");
    let template = "/v1/customers/{customerId}/contacts/{id}";
    assert_eq!(inputs.path(template), "/v1/customers/c1/contacts/nobody");
}
