//! The contract, as snapshots that a reviewer reads.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

mod answers;
mod calls;
mod documented_errors;
mod errors;
mod forward;
mod mending;
mod operations;
mod requests;
mod schemas;
mod spelling;
