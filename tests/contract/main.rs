//! The contract, as snapshots that a reviewer reads.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

mod documented_errors;
mod errors;
mod fixes;
mod forward;
mod operations;
mod pages;
mod requests;
mod responses;
mod schemas;
mod serving;
mod spelling;
