//! What the operations do: one handler for each, and what several of them share.
//!
//! Each behaviour is documented with its evidence: *stated* in Pivotal's documentation, seen in an
//! *example* there, *inferred*, or *decided* by this project where the documentation is silent. With
//! `Contract::undocumented` off, only the first two kinds are served;
//! [`SandboxBuilder::undocumented`](crate::SandboxBuilder::undocumented) lists all of the others.
//!
//! What holds for every operation is elsewhere: `keys`, `rate_limit`, `idempotency`, `validate`,
//! `clock` (times), `random` (IDs), `store::table` (what an ID in a path means), `store::workspace`
//! (what lists show, and whose a slug or an address is).

mod account;
mod contacts;
mod customers;
mod onboardings;
mod paging;
mod rows;

use bytes::Bytes;
#[cfg(feature = "pages")]
pub(crate) use onboardings::{LAST_PHASE, WAITING, is_in_state};

use crate::{
    clock::Moment,
    contract::{Contract, Operation, example},
    error::ApiError,
    keys::Key,
    response::json,
    store::{Change, Kind, Workspace},
    validate::{Body, Parameters},
};

/// A validated request.
pub(crate) struct Request<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) operation: &'a Operation,
    /// The row that the path names. A path names at most one, whatever its parameter is called.
    pub(crate) reference: String,
    pub(crate) query: Parameters,
    pub(crate) body: Body,
    pub(crate) workspace: &'a mut Workspace,
    pub(crate) key: &'a Key,
    pub(crate) now: Moment,
    /// What the handler has changed.
    pub(crate) change: Option<Change>,
}

impl Request<'_> {
    /// Carries out its operation, and records what that has changed.
    pub(crate) fn run(&mut self) -> Result<Bytes, ApiError> {
        let response = handler(&self.operation.id)(self)?;
        if let Some(change) = &self.change {
            self.workspace.record(change, self.key, self.now);
        }
        Ok(response)
    }
}

/// Carries out an operation and returns the body of its success; the contract has the status.
type Handler = fn(&mut Request<'_>) -> Result<Bytes, ApiError>;

/// The handler of each operation that has state.
const HANDLERS: [(&str, Handler); 18] = [
    ("get-me", account::me),
    ("get-health", account::health),
    ("list-customers", customers::list),
    ("create-customer", customers::create),
    ("get-customer", |request| rows::get(request, Kind::Customer)),
    ("update-customer", customers::update),
    ("delete-customer", |request| {
        rows::delete(request, Kind::Customer)
    }),
    ("list-customer-contacts", contacts::list),
    ("create-customer-contact", contacts::create),
    ("get-contact", |request| rows::get(request, Kind::Contact)),
    ("update-contact", contacts::update),
    ("delete-contact", |request| {
        rows::delete(request, Kind::Contact)
    }),
    ("list-onboardings", onboardings::list),
    ("create-onboarding", onboardings::create),
    ("list-customer-onboardings", onboardings::list_of_customer),
    ("get-onboarding", |request| {
        rows::get(request, Kind::Onboarding)
    }),
    ("update-onboarding", onboardings::update),
    ("delete-onboarding", |request| {
        rows::delete(request, Kind::Onboarding)
    }),
];

/// The handler of an operation: its own, or the one for operations that only a document describes.
fn handler(operation: &str) -> Handler {
    #[cfg(test)]
    if operation == "panic-for-a-test" {
        return |_| panic!("for a test");
    }
    HANDLERS
        .iter()
        .find(|(id, _)| *id == operation)
        .map_or(from_document, |(_, handler)| *handler)
}

/// Handles an operation without a handler of its own: responds with the first example of the
/// document, else a value made from the schema. If its path names a record, that must exist; if it
/// responds with such a record, it responds with this one, unchanged. Nothing is stored. Evidence:
/// decided.
fn from_document(request: &mut Request<'_>) -> Result<Bytes, ApiError> {
    let collection = request.operation.collection();
    let mut kinds = Kind::ALL.into_iter();
    let named = kinds.find(|kind| Some(kind.collection()) == collection);
    let record = named.map(|kind| rows::get(request, kind)).transpose()?;
    let Some(content) = &request.operation.success.content else {
        return Ok(Bytes::new());
    };
    if let (Some(kind), Some(record)) = (named, record)
        && content.component.as_deref() == Some(kind.component())
    {
        return Ok(record);
    }
    let value = match &content.example {
        Some(value) => value.clone(),
        None => example(&request.contract.document, &content.schema),
    };
    Ok(match value.as_str().filter(|_| !content.is_json()) {
        Some(text) => Bytes::copy_from_slice(text.as_bytes()),
        None => json(&value),
    })
}

/// The IDs of the operations that the sandbox implements with state. Any other operation of a
/// [contract](crate::SandboxBuilder::contract) responds from its schema and examples.
pub fn stateful_operations() -> impl Iterator<Item = &'static str> {
    HANDLERS.iter().map(|(id, _)| *id)
}
