//! The case table.

mod contacts;
mod customers;
mod onboardings;
mod probes;
mod reading;
mod refusals;

use super::case::{Access, Case};
use crate::contract::Contract;

/// A row of the table that is a function.
macro_rules! case {
    ($name:literal, $access:ident, $run:path) => {
        Case::new($name, Access::$access, |stage| Box::pin($run(stage)))
    };
}

/// All cases, in the order in which they are run: reads first, then stories, then what is refused,
/// then faults.
pub(super) fn all(contract: &Contract) -> Vec<Case> {
    let mut cases = vec![
        case!(
            "account: whose key it is, and whether the service is up",
            Reads,
            reading::account
        ),
        case!(
            "customers: lists, pages, filters",
            Reads,
            reading::customers
        ),
        case!("contacts: lists, pages, one", Reads, reading::contacts),
        case!(
            "onboardings: lists, pages, filters, one",
            Reads,
            reading::onboardings
        ),
        case!("reads: what cannot be asked", Reads, reading::refused),
        case!(
            "customers: with the least, changed, cleared, deleted",
            Writes,
            customers::least
        ),
        case!(
            "customers: with the most, once under its key",
            Writes,
            customers::most
        ),
        case!(
            "contacts: with the least, changed, cleared, deleted",
            Writes,
            contacts::least
        ),
        case!(
            "contacts: with the most, once under its key",
            Writes,
            contacts::most
        ),
        case!(
            "onboardings: with the least, changed, cleared, deleted",
            Writes,
            onboardings::least
        ),
        case!(
            "onboardings: with the most, once under its key",
            Writes,
            onboardings::most
        ),
    ];
    cases.extend(refusals::of(contract));
    cases
}
