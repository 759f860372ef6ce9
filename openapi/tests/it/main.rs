//! The reader of the contract.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

mod document;
mod path;
