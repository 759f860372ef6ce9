//! What each operation makes of each way in which a server or a network can fail.
//!
//! The sandbox does what it can be told to do wrong; what no well-formed server can do, a proxy
//! before it does. Every case runs for every operation of the table at once, each in a sandbox of
//! its own.

mod failures;
mod log;
mod operations;
mod proxy;
mod recoveries;
mod stage;
mod unreachable;
