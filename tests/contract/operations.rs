//! The operation table: what can be called, and when it may be sent again.

use pivotal_openapi::Document;
use pivotal_openapi::path::filled;
use pivotal_sandbox::Sandbox;
use pivotal_sdk::{Client, transport::OPERATIONS};

use crate::fixes::on_failure;

#[test]
fn the_operation_table() {
    let _fix = on_failure("operations");
    let rows: Vec<String> = OPERATIONS
        .iter()
        .map(|operation| {
            let paged = if operation.paged { "paged" } else { "" };
            let key = if operation.authenticated {
                ""
            } else {
                "no key"
            };
            let row = format!(
                "{:26} {:7} {:42} {:11} {:6} {:6} {}",
                operation.name,
                operation.method.as_str(),
                operation.path,
                format!("{:?}", operation.class),
                paged,
                key,
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
    let mut contract: Vec<_> = Document::contract()
        .operations()
        .map(|known| (known.name(), known.method, known.path))
        .collect();
    contract.sort_unstable();
    let client: Vec<_> = OPERATIONS
        .iter()
        .map(|known| (known.name.to_owned(), known.method.as_str(), known.path))
        .collect();
    assert_eq!(contract, client);
}

#[tokio::test]
async fn the_key_is_sent_where_the_sandbox_asks_for_one() {
    let sandbox = Sandbox::start().await;
    let anonymous = Client::builder().base_url(sandbox.base_url()).anonymous();
    let anonymous = anonymous.build().unwrap();
    for operation in OPERATIONS {
        let path = filled(operation.path, |_| "1".to_owned());
        let request = anonymous.request(operation.method.clone(), path);
        let result = request.await;
        let refused = result.is_err_and(|error| error.is_authentication());
        assert_eq!(refused, operation.authenticated, "{}", operation.name);
    }
}
