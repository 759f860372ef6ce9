//! Checks of what a Pivotal server answers against the contract, `openapi/pivotal.json`.
//!
//! - [`ContractObserver`] watches a client at work: every exchange is checked, and what parts from
//!   the contract becomes a [`Violation`], a `tracing` event and a call of your callback. Switch it
//!   on in a nightly job, and learn of drift first.
//! - [`ContractGuard`] is the same for a test, which it fails.
//! - [`Suite`] is a table of calls that together exercise the whole contract. It runs against the
//!   sandbox or a real server and gives a [`Report`]: each deviation with the witness that it
//!   contradicts (the vendor's document, a decision that this project made where the document is
//!   silent, or the SDK), and the [`Coverage`] of the contract.
//!
//! Neither shows a body, a value or a key: see [`Violation`].

mod check;
mod contract;
mod coverage;
mod finding;
mod guard;
mod observer;
pub mod operation_cases;
mod report;
mod shown;
mod suite;

pub use coverage::{Coverage, CoverageRow, Share};
pub use finding::{Addition, AdditionKind, Evidence, Source, Violation, ViolationKind};
pub use guard::ContractGuard;
pub use observer::ContractObserver;
pub use report::{CaseNote, Deviation, LeftBehind, Report};
pub use suite::{Suite, SuiteError};
