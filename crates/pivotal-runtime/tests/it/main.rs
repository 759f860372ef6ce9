//! The seam, from the outside: over an in-memory transport and over real sockets.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

mod model;
mod operations;
mod over_sockets;
mod pacing;
mod recovery;
mod retries;
mod script;
mod seam;
mod server;
mod tracing_events;
