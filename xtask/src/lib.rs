//! The maintainer's commands as a library, so that tests call what the command line calls.
//!
//! [`codegen`] generates the client from the document and detects generated files that are out of
//! date. [`survey`] measures what it expresses of other documents. [`diff`] prints the changes between
//! two documents, [`impact`] their effect on Rust code, [`history`] the changes of all versions of one.
//! [`update`] puts a new document in place, in one [`transaction`], and has cargo check the result.
//! [`bench`](mod@bench) runs the benchmarks. [`release`] prepares a version of the published crates and rehearses its release.
//! [`cli`] defines the command line of `cargo xtask`, [`exit`] the exit codes.

pub mod bench;
mod cargo;
mod changelog;
pub mod cli;
pub mod codegen;
pub mod diff;
mod failure;
mod git;
pub mod history;
pub mod impact;
mod input;
pub mod release;
pub mod survey;
pub mod transaction;
pub mod update;
mod workspace;

/// The exit codes of `cargo xtask`. CI may branch on them; they do not change.
pub mod exit {
    /// Success.
    pub const CLEAN: u8 = 0;
    /// A generated file is out of date, or a benchmark misses a target.
    pub const DRIFT: u8 = 1;
    /// A file is missing, malformed, or holds what cannot be expressed; nothing was written.
    pub const UNUSABLE_INPUT: u8 = 2;
    /// A change breaks callers, or is at or above what `--fail-on` names.
    pub const BREAKING_CHANGE: u8 = 3;
    /// The result is written, but it is incomplete; it says what is missing.
    pub const INCOMPLETE: u8 = 4;
    /// A bug of this tool, or cargo cannot be run.
    pub const INTERNAL_ERROR: u8 = 70;
}
