//! The sandbox over HTTP, with each response checked against the contract.

// Clippy allows unwrap in test functions only, not in what they share.
#![allow(clippy::unwrap_used)]

mod access_log;
mod admin;
mod client;
mod clock;
mod concurrency;
mod conformance;
mod conformance_test;
mod contacts;
mod customers;
mod deletion;
mod fault_plan;
mod fault_text;
mod fault_wire;
mod faults;
mod fixtures;
mod growth;
mod http_surface;
mod idempotency;
mod isolation;
mod journal;
mod keys;
mod lifecycle;
mod limits;
mod onboardings;
#[cfg(feature = "pages")]
mod pages;
#[cfg(feature = "pages")]
mod pages_security;
mod paging;
mod rate_limit;
mod redaction;
mod seed;
#[cfg(feature = "state")]
mod state_file;
mod stateless;
mod table;
mod table_rows;
mod undocumented;
mod validation;
mod webhooks;
mod workspaces;
