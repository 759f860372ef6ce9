//! Validation of requests by the schemas of the contract, with the codes of the documentation.
//!
//! Only the first problem is reported: parameters before the body, missing values before invalid
//! ones.

mod body;
mod format;
mod parameters;
mod schema;

pub(crate) use body::{Body, read_body};
#[cfg(feature = "pages")]
pub(crate) use format::date_time;
pub(crate) use format::read_date_time;
pub(crate) use parameters::{Parameters, read_parameters};
