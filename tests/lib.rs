//! Shared code of the contract tests: the examples of the documentation, and a sandbox whose
//! responses are checked against the contract.
//!
//! The tests themselves are in `contract/`. They use the SDK over HTTP on loopback; responses that
//! the sandbox never sends come from `pivotal_test_support::ScriptedServer`.

mod watched;

use pivotal_openapi::Document;
use serde_json::Value;

pub use watched::{Watched, on_sandbox, watched};

/// The contract after a change.
///
/// # Panics
///
/// If the changed document cannot be read.
pub fn changed_contract(change: impl FnOnce(&mut Value)) -> Document {
    let mut document = Document::contract().value().clone();
    change(&mut document);
    Document::new(document).expect("the changed document is read")
}

/// The documentation's example of a component schema.
///
/// # Panics
///
/// When the contract has none.
pub fn example(schema: &str) -> Value {
    Document::contract()
        .schema(schema)
        .and_then(|schema| schema["examples"].get(0))
        .unwrap_or_else(|| panic!("the contract has an example of {schema}"))
        .clone()
}
