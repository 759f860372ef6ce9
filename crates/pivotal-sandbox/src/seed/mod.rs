//! Realistic rows for demos and tests: a workspace after a year and a half of use.
//!
//! A history of past calls is generated, and each call goes through the handler of its operation,
//! so that the rows are what Pivotal would have made of those calls.

mod history;

use std::collections::HashMap;

use jiff::Timestamp;

use crate::{
    clock::Moment,
    contract::Contract,
    handlers::Request,
    keys::{Key, Keys},
    random::Random,
    store::{Kind, Workspace},
    validate::{Body, Parameters},
};
use history::Event;

/// The time of the newest rows unless the clock is frozen: the day of the documented examples.
const NEWEST: &str = "2026-05-26T17:00:00Z";

/// Fills every workspace, each with different rows.
pub(crate) fn fill(
    contract: &Contract,
    workspaces: &mut [Workspace],
    keys: &Keys,
    seed: u64,
    newest: Option<Timestamp>,
) {
    let newest = newest.unwrap_or_else(|| NEWEST.parse().expect("the text is a time"));
    for (index, workspace) in workspaces.iter_mut().enumerate() {
        let random = Random::new(seed.wrapping_add((index as u64) << 32));
        if let Some(key) = keys.of_workspace(index) {
            replay(contract, workspace, key, history::generate(random, newest));
        }
    }
}

/// Makes the calls of a history, except for operations that the contract does not have.
fn replay(contract: &Contract, workspace: &mut Workspace, key: &Key, events: Vec<Event>) {
    // The display_id of each onboarding of the history, by its number there.
    let mut onboardings = HashMap::new();
    for event in events {
        let display_id = match event.operation {
            "create-onboarding" => {
                let display_id = workspace.table(Kind::Onboarding).next_display_id();
                onboardings.insert(event.subject, display_id);
                display_id
            }
            "update-onboarding" => onboardings[&event.subject],
            _ => event.subject,
        };
        let Some(operation) = contract.operation(event.operation) else {
            continue;
        };
        let response = Request {
            contract,
            operation,
            // Ignored by an operation whose path has no parameter.
            reference: display_id.to_string(),
            query: Parameters::default(),
            body: Body {
                fields: event.fields,
                metadata: None,
            },
            workspace,
            key,
            now: Moment::at(event.at),
            change: None,
        }
        .run();
        debug_assert!(response.is_ok(), "{}: {response:?}", operation.id);
    }
}
