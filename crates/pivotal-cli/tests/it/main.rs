//! The binary as a user runs it.

mod demo;
mod guide;
mod running;
mod server;
