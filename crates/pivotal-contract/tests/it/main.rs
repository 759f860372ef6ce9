//! The observer and the suite against the sandbox, and against servers that do not keep to the
//! contract.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

mod altered;
mod any_body;
mod coverage;
mod deviations;
mod docs;
mod guard;
mod observer;
mod operation_cases;
#[allow(
    dead_code,
    reason = "its main is run by those who copy the page, the rest by a test"
)]
mod page;
mod quiet;
mod report;
mod scripted;
mod suite;
