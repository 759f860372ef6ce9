//! Believable rows for demos and tests: a workspace as it looks after a year and a half.
//!
//! The history is made up of calls at past times, and each goes through the rule of its operation:
//! what the rows hold is what Pivotal would have made of those calls.

mod history;
mod words;

use jiff::Timestamp;

use crate::{
    clock::Moment,
    contract::Contract,
    handlers::{Call, rule},
    keys::Key,
    random::Random,
    state::State,
    store::Workspace,
    validate::{Body, Parameters},
};
use history::{Act, Event};

/// When the newest rows are from, unless the clock is frozen at another time: the day of the
/// documented examples.
const NEWEST: &str = "2026-05-26T17:00:00Z";

/// Fills every workspace, each with rows of its own.
pub(crate) fn fill(contract: &Contract, state: &mut State, seed: u64, newest: Option<Timestamp>) {
    let newest = newest.unwrap_or_else(|| NEWEST.parse().expect("the text is a time"));
    let State { keys, tenants, .. } = state;
    for (place, tenant) in tenants.iter_mut().enumerate() {
        let random = Random::new(seed.wrapping_add((place as u64) << 32));
        let Some(key) = keys.of_workspace(place) else {
            continue;
        };
        replay(
            contract,
            &mut tenant.workspace,
            key,
            history::write(random, newest),
        );
    }
}

/// Makes the calls of a history. An operation that a contract does not have is left out.
fn replay(contract: &Contract, workspace: &mut Workspace, key: &Key, events: Vec<Event>) {
    // The display_id of each onboarding of the history, by its number there.
    let mut onboardings = Vec::new();
    for Event { at, act, fields } in events {
        let (operation, subject) = match act {
            Act::CreateCustomer => ("create-customer", None),
            Act::UpdateCustomer { customer } => ("update-customer", Some(customer)),
            Act::CreateContact { customer } => ("create-customer-contact", Some(customer)),
            Act::CreateOnboarding { number } => {
                onboardings.resize(onboardings.len().max(number + 1), 0);
                onboardings[number] = workspace.onboardings.next_display_id();
                ("create-onboarding", None)
            }
            Act::UpdateOnboarding { number } => ("update-onboarding", Some(onboardings[number])),
        };
        let Some(operation) = contract.operation(operation) else {
            continue;
        };
        let answer = rule(&operation.id)(&mut Call {
            contract,
            operation,
            path: subject
                .map(|display_id| Parameters::one("id", display_id.to_string()))
                .unwrap_or_default(),
            query: Parameters::default(),
            body: Body {
                fields,
                metadata: None,
            },
            workspace,
            key,
            now: Moment::at(at),
        });
        debug_assert!(answer.is_ok(), "{}: {answer:?}", operation.id);
    }
}
