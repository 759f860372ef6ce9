//! The binary as a user runs it.

mod demo;
mod running;
mod server;
