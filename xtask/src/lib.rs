//! The maintainer's commands as a library, so that tests call what the command line calls.
//!
//! [`codegen`] turns the document into the wire client and notices when the two drift apart.
//! [`diff`] prints what changed between two documents, [`rust`] what that does to Rust code, by the
//! [`surface`] of the crates; [`update`] puts a new document in place, in one [`transaction`].
//! [`mod@bench`] measures. [`cli`] is the grammar of `cargo xtask`, [`exit`] names the exit codes.

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
