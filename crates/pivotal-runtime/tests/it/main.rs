//! The executor, from the outside: over an in-memory transport and over real sockets.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

mod executor;
mod model;
mod operations;
mod over_sockets;
mod pacing;
mod recovery;
mod retries;
mod script;
mod tracing_events;
