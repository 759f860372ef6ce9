//! The SDK from the outside: against the sandbox, and against a scripted server for what a
//! well-behaved one cannot do.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

mod answers;
mod checks;
mod every_operation;
mod failures;
mod first_customer;
mod memory;
mod raw;
mod sandbox;
mod server;
mod settings;
