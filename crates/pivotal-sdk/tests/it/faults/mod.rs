//! Every operation under every fault of a server or a network.
//!
//! The sandbox injects the faults that it supports. A proxy in front of it causes those that a
//! well-formed server cannot cause. Every case runs for all operations of the table at once, each
//! with its own sandbox.

mod failures;
mod log;
mod operations;
mod proxy;
mod recoveries;
mod server;
mod table;
mod unreachable;
