#![doc = include_str!("../README.md")]
//!
//! # What it does
//! [`Sandbox::start`] starts a server on a loopback port, with a key and an empty workspace. It
//! serves the contract, `openapi/pivotal.json`, over HTTP: requests are validated against the
//! contract's schemas, and behaviour that the documentation describes beyond them (slugs, e-mail
//! addresses, idempotency, paging, soft delete, rate-limit headers) has one implementation each,
//! whose comment names the evidence. It shares no code with the generated client.
//!
//! The contract determines the operations and fields, so a regenerated document needs no change
//! here for new fields, enum values and limits. An operation without a handler responds from its
//! schema and examples, or with the record that its path names, unchanged; [`stateful_operations`]
//! lists those that have one.
//!
//! A sandbox can be [seeded](SandboxBuilder::seed), have several [workspaces](NewWorkspace) and
//! [keys](NewKey), and be controlled while it runs: [reset](Sandbox::reset), its own
//! [clock](Sandbox::freeze_clock), a [journal](Sandbox::requests) of requests. Other languages use
//! its [admin API](SandboxBuilder::admin).
//!
//! With the feature `pages` it can serve pages for people: `SandboxBuilder::pages`.
//!
//! It injects faults: a [`Fault`] delays, refuses, resets, stalls or corrupts responses, by
//! operation, count, probability or script, and reproducibly by a seed. The most important one is
//! [`FaultKind::ResetAfterProcessing`]: the row is stored, but the client gets no
//! response.
//!
//! It sends signed [webhooks](SandboxBuilder::webhook) about changes to a receiver on this machine.
//!
//! Much of the API is not documented. What the sandbox does there is a guess of this project, unless
//! it is started in [strict mode](SandboxBuilder::undocumented).
//!
//! A sandbox can start with the rows of [fixtures](SandboxBuilder::load). With the feature `state`, it
//! can keep its state in a file (`SandboxBuilder::state`).
//!
//! Differences from Pivotal: without such a file, state is lost when the sandbox stops, IDs repeat from one sandbox to
//! the next, creation times are at least a millisecond apart unless the clock is frozen, and no
//! rate limit is enforced unless [configured](SandboxBuilder::rate_limit).

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod admin;
mod clock;
mod connection;
mod contract;
mod error;
mod faults;
mod fixtures;
mod handlers;
mod idempotency;
mod journal;
mod keys;
#[cfg(feature = "pages")]
mod pages;
mod random;
mod rate_limit;
mod redact;
mod response;
mod sandbox;
#[cfg(feature = "state")]
mod saved;
mod seed;
mod server;
mod service;
mod setup;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod validate;
mod webhooks;

pub use contract::ContractError;
pub use faults::{ArmedFault, DRIP_BYTES, Fault, FaultError, FaultKind, Faults};
pub use fixtures::FixtureError;
pub use handlers::stateful_operations;
pub use idempotency::IDEMPOTENCY_BYTES;
pub use journal::{JOURNAL_BYTES, JOURNAL_REQUESTS, ReceivedRequest, SentResponse};
pub use rate_limit::{DEFAULT_PER_MINUTE, Tier};
pub use sandbox::{Sandbox, SandboxBuilder};
#[cfg(feature = "state")]
pub use saved::{StateError, export, import};
pub use service::BODY_LIMIT;
pub use setup::{NewKey, NewWorkspace, StartError};
pub use webhooks::{Attempt, DeliveryState, PENDING_EVENTS, SentEvent, WebhookError, Webhooks};
