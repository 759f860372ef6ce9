//! The public API of the runtime: the executor over an in-memory transport and over real sockets,
//! and the types of generated code.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

mod bodies;
mod constraints;
mod executor;
mod model;
mod operations;
mod over_sockets;
mod rate_limiting;
mod recovery;
mod retries;
#[cfg(feature = "schemars")]
mod schemas;
mod script;
mod tracing_events;
mod unions;
mod values;
mod waits;
