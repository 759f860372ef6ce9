#![doc = include_str!("../README.md")]
//!
//! # Contents
//! - [`ContractObserver`] checks every exchange of a client. It reports each [`Violation`] as a
//!   `tracing` event and to your callback. In a nightly job it shows API changes before they cause
//!   errors.
//! - [`ContractGuard`] does the same in a test and fails the test.
//! - [`Suite`] is a set of calls that together exercise the whole contract. It runs against the
//!   sandbox or a real server and returns a [`Report`]: each deviation with the source of the
//!   rule (the vendor's document, a decision that this project made where the document is
//!   silent, or the SDK), and the [`Coverage`] of the contract.
//!
//! None of them shows a body, a value or a key: see [`Violation`].

mod check;
mod contract;
mod coverage;
mod finding;
mod observer;
pub mod operation_cases;
mod report;
mod shown;
mod suite;
#[cfg(test)]
mod tests;

pub use coverage::{Coverage, CoverageRow, Share};
pub use finding::{Addition, AdditionKind, Evidence, Source, Violation, ViolationKind};
pub use observer::{ContractGuard, ContractObserver};
pub use report::{CaseNote, Deviation, LeftBehind, Report};
pub use suite::{Suite, SuiteError};
