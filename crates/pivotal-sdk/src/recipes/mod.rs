//! The tasks in Pivotal's guides, as one method each.
//!
//! The documentation of each method says what it relies on, under "Evidence": what Pivotal's
//! documentation states, what only an example shows, what is inferred, and what this project
//! decided because the documentation is silent. None fails or repeats a row if the service differs
//! from what is inferred or decided.

mod contacts;
mod customers;
mod duplicates;
mod get_or_create;
mod onboardings;

pub use duplicates::Duplicates;
pub use get_or_create::GetOrCreate;
pub use onboardings::PhaseOrder;
