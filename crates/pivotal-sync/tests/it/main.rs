//! The crate against the sandbox, over HTTP.

// A helper that cannot unwrap hides its point, like a test.
#![allow(clippy::unwrap_used)]

mod apply;
mod changed;
mod config;
mod contacts;
mod filters;
mod guards;
mod history;
mod hubspot;
mod import;
mod mirror;
mod onboardings;
mod plan_model;
mod plans;
mod service;
mod service_faults;
mod singer;
mod sources;
mod stripe;
mod undo;
mod vendors;
mod world;
mod write_back;
