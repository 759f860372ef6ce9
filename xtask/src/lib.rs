//! The maintainer's commands as a library, so that tests call what the command line calls.
//!
//! [`codegen`] turns the document into the wire client and notices when the two drift apart; [`cli`] is the grammar of
//! `cargo xtask`; [`bench`] measures; [`exit`] names the exit codes.

pub mod bench;
pub mod cli;
pub mod codegen;
mod contract;
pub mod diff;
pub mod exit;
mod places;
pub mod rust;
pub mod surface;
pub mod transaction;
pub mod update;
