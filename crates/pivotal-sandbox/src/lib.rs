//! An in-memory stand-in for the Pivotal API, for tests and for work without a key.
//!
//! [`Sandbox::start`] gives a server on a loopback port, with a key and an empty workspace. It serves the contract,
//! `openapi/pivotal.json`, over real HTTP: requests are validated by the contract's schemas, and what the documentation
//! promises beyond them (slugs, e-mail addresses, idempotency, paging, soft delete, rate-limit headers) is done by rules
//! that each stand in one place with the evidence for them. It knows nothing of the generated client: it is a second
//! reading of the API.
//!
//! The contract decides which operations and fields there are, so a regenerated document needs no change here for new
//! fields, enum values and limits.
//!
//! What is not Pivotal's: state is gone when the sandbox stops, ids repeat from one sandbox to the next, creation times
//! are at least a millisecond apart, and no rate limit is enforced unless [asked for](SandboxBuilder::rate_limit).

#![forbid(unsafe_code)]

mod builder;
mod clock;
mod contract;
mod error;
mod exchange;
mod idempotency;
mod journal;
mod keys;
mod rate_limit;
mod rules;
mod sandbox;
mod state;
mod store;
mod validate;

pub use builder::{SandboxBuilder, StartError};
pub use contract::ContractError;
pub use exchange::BODY_LIMIT;
pub use journal::{JOURNAL_BYTES, JOURNAL_REQUESTS, ReceivedRequest};
pub use rate_limit::DEFAULT_PER_MINUTE;
pub use sandbox::Sandbox;
