//! The SDK from the outside: against the sandbox, and against a scripted server for what a
//! well-behaved one cannot do.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

#[cfg(feature = "blocking")]
mod blocking;
mod checks;
mod every_operation;
mod examples;
mod failures;
mod faults;
mod first_customer;
mod get_or_create;
mod guide;
mod invalid_rows;
mod log;
mod lossless;
mod memory;
mod raw;
mod readme;
mod recipes;
mod request;
mod responses;
mod sandbox;
mod script;
mod server;
mod settings;
mod streams;
#[cfg(feature = "opentelemetry")]
mod trace;
mod updates;
#[cfg(feature = "webhooks")]
mod webhooks;
