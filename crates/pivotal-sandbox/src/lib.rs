//! An in-memory stand-in for the Pivotal API, for tests and for work without a key.
//!
//! [`Sandbox::start`] gives a server on a loopback port, with a key and an empty workspace. It
//! serves the contract, `openapi/pivotal.json`, over real HTTP: requests are validated by the
//! contract's schemas, and what the documentation promises beyond them (slugs, e-mail addresses,
//! idempotency, paging, soft delete, rate-limit headers) is done by rules that each stand in one
//! place with the evidence for them. It knows nothing of the generated client: it is a second
//! reading of the API.
//!
//! The contract decides which operations and fields there are, so a regenerated document needs no
//! change here for new fields, enum values and limits. An operation that has no rule yet is
//! answered from its schema and examples; [`stateful_operations`] lists those that have one.
//!
//! It can be [filled](SandboxBuilder::seed), have several [workspaces](NewWorkspace) and
//! [keys](NewKey), and be controlled while it runs: [reset](Sandbox::reset), a
//! [clock](Sandbox::freeze_clock) of its own, a [journal](Sandbox::requests) of requests; by other
//! languages through its [admin API](SandboxBuilder::admin).
//!
//! It misbehaves on command: a [`Fault`] delays, refuses, resets, stalls or garbles answers, by
//! operation, count, probability or script, and a seed makes it the same every time. The one that
//! matters most is [`FaultKind::ResetAfterProcessing`]: the row exists, and the caller does not
//! know.
//!
//! What is not Pivotal's: state is gone when the sandbox stops, ids repeat from one sandbox to the
//! next, creation times are at least a millisecond apart unless the clock is frozen, and no rate
//! limit is enforced unless [asked for](SandboxBuilder::rate_limit).

#![forbid(unsafe_code)]

mod admin;
mod builder;
mod clock;
mod contract;
mod error;
mod faults;
mod gzip;
mod handlers;
mod idempotency;
mod journal;
mod keys;
mod log;
mod random;
mod rate_limit;
mod sandbox;
mod seed;
mod service;
mod setup;
mod state;
mod store;
mod validate;
mod wire;

pub use builder::{SandboxBuilder, StartError};
pub use contract::ContractError;
pub use faults::{ArmedFault, DRIP_BYTES, Fault, FaultError, FaultKind, Faults};
pub use handlers::stateful_operations;
pub use journal::{JOURNAL_BYTES, JOURNAL_REQUESTS, ReceivedRequest};
pub use rate_limit::DEFAULT_PER_MINUTE;
pub use sandbox::Sandbox;
pub use service::BODY_LIMIT;
pub use setup::{NewKey, NewWorkspace, Tier};
