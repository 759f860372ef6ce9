//! The binary as a user runs it.

mod contract;
mod demo;
mod docs;
mod guide;
mod page;
mod running;
mod server;
mod sync;
