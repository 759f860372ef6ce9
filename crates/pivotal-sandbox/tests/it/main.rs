//! The sandbox through its front door: each rule over real HTTP, each response held against the
//! contract.

// Clippy lets a test function unwrap, and what test functions share not.
#![allow(clippy::unwrap_used)]

mod access_log;
mod admin;
mod client;
mod clock;
mod concurrency;
mod contacts;
mod customers;
mod deletion;
mod fault_plan;
mod fault_wire;
mod faults;
mod growth;
mod http_surface;
mod idempotency;
mod isolation;
mod journal;
mod judge;
mod judging;
mod keys;
mod lifecycle;
mod onboardings;
mod paging;
mod rate_limit;
mod seed;
mod stateless;
mod table;
mod table_rows;
mod validation;
mod workspaces;
