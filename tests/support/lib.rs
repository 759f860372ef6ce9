//! Shared support for tests and benchmarks: a [scripted HTTP server](ScriptedServer) on loopback, command lines and,
//! with the feature `bench`, a harness that measures figures and compares them with targets.
//!
//! It depends on no crate of the workspace, so that all of them can use it.

#[cfg(feature = "bench")]
pub mod bench;
#[cfg(feature = "bench")]
mod cores;
#[cfg(feature = "bench")]
mod counter;
#[cfg(feature = "bench")]
mod figure;
mod prepared;
mod server;
mod words;

pub use prepared::PreparedServer;
pub use server::{Reply, Request, ScriptedServer, response};
pub use words::words;
