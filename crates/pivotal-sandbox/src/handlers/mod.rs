//! What the operations do: one function per operation, and the rules that several of them share.
//!
//! Each rule stands once and ends with its evidence: *stated* in Pivotal's documentation, seen in
//! an *example* there, *inferred*, or *decided* by this project where the documentation is silent.
//!
//! Rules that hold for every operation stand elsewhere: `keys`, `rate_limit`, `idempotency`,
//! `validate`, `clock` (times), `store::ids`, `store::table` (what an id in a path means),
//! `store::workspace` (what lists show).

mod account;
mod contacts;
mod customers;
mod email;
mod onboardings;
mod paging;
mod phase;
mod rows;
mod slug;
mod stateless;

use bytes::Bytes;

use crate::{
    clock::Moment,
    contract::{Contract, Operation},
    error::ApiError,
    keys::Key,
    store::Workspace,
    validate::{Body, Parameters},
};
pub(crate) use slug::slugify;

/// A validated request on its way through a rule.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) operation: &'a Operation,
    pub(crate) path: Parameters,
    pub(crate) query: Parameters,
    pub(crate) body: Body,
    pub(crate) workspace: &'a mut Workspace,
    pub(crate) key: &'a Key,
    pub(crate) now: Moment,
}

/// Does what an operation does and returns the JSON of its success response; the contract knows the
/// status.
pub(crate) type Rule = fn(&mut Call<'_>) -> Result<Bytes, ApiError>;

/// The rule of each operation that has one.
const RULES: [(&str, Rule); 18] = [
    ("get-me", account::me),
    ("get-health", account::health),
    ("list-customers", customers::list),
    ("create-customer", customers::create),
    ("get-customer", customers::get),
    ("update-customer", customers::update),
    ("delete-customer", customers::delete),
    ("list-customer-contacts", contacts::list),
    ("create-customer-contact", contacts::create),
    ("get-contact", contacts::get),
    ("update-contact", contacts::update),
    ("delete-contact", contacts::delete),
    ("list-onboardings", onboardings::list),
    ("create-onboarding", onboardings::create),
    ("list-customer-onboardings", onboardings::list_of_customer),
    ("get-onboarding", onboardings::get),
    ("update-onboarding", onboardings::update),
    ("delete-onboarding", onboardings::delete),
];

/// The rule of an operation: its own, or that of operations which regeneration has added and nobody
/// has given one.
pub(crate) fn rule(operation: &str) -> Rule {
    RULES
        .iter()
        .find(|(id, _)| *id == operation)
        .map_or(stateless::answer, |(_, rule)| *rule)
}

/// The ids of the operations that have a rule of their own, and with it state. Any other operation
/// of a [contract](crate::SandboxBuilder::contract) is answered from its schema and examples.
pub fn stateful_operations() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(id, _)| *id)
}
