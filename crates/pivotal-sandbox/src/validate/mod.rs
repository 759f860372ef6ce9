//! Validation of requests by the schemas of the contract, with the codes of the documentation.
//!
//! The first finding is the response: parameters before the body, what is missing before what is
//! wrong.

mod body;
mod format;
mod parameters;
mod schema;

pub(crate) use body::{Body, read_body};
pub(crate) use format::date_time;
pub(crate) use parameters::{Parameters, read_parameters};
