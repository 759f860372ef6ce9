//! The operation table: what can be called, and when it may be sent again.

use pivotal_sdk::OPERATIONS;

use crate::mending::mending;

#[test]
fn the_operation_table() {
    let _mending = mending("operations");
    let rows: Vec<String> = OPERATIONS
        .iter()
        .map(|operation| {
            let paged = if operation.paged { "paged" } else { "" };
            let row = format!(
                "{:26} {:7} {:42} {:11} {:6} {}",
                operation.name,
                operation.method.as_str(),
                operation.path,
                format!("{:?}", operation.class),
                paged,
                operation.statuses.join(" "),
            );
            let limits = operation
                .constraints
                .iter()
                .map(|limit| format!("    {:?} {}: {:?}", limit.location, limit.name, limit.rule));
            std::iter::once(row)
                .chain(limits)
                .collect::<Vec<_>>()
                .join("\n")
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn the_contract_and_the_client_have_the_same_operations() {
    let mut contract: Vec<_> = pivotal_openapi::OPERATIONS
        .iter()
        .map(|operation| (operation.name, operation.method, operation.path))
        .collect();
    contract.sort_unstable();
    let client: Vec<_> = OPERATIONS
        .iter()
        .map(|operation| (operation.name, operation.method.as_str(), operation.path))
        .collect();
    assert_eq!(contract, client);
}
