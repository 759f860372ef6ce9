//! The sandbox through its front door: each rule over real HTTP, each answer held against the contract.

// Clippy lets a test function unwrap, and what test functions share not.
#![allow(clippy::unwrap_used)]

mod client;
mod contacts;
mod customers;
mod deletion;
mod growth;
mod http_surface;
mod idempotency;
mod journal;
mod keys;
mod lifecycle;
mod onboardings;
mod paging;
mod rate_limit;
mod validation;
