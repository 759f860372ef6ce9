//! The low-level HTTP client of the Pivotal API, generated from the contract.
//!
//! Everything under `src/generated/` is written by `cargo xtask codegen` from the documents in
//! `openapi/`; the other files are written by hand and connect it to [`pivotal_runtime`], which
//! sends every request.
//!
//! Applications depend on `pivotal-sdk`, whose `Client::raw` returns the [`Client`] of this crate.
//! This crate does not promise semver compatibility: a regeneration may rename items. The errors of
//! its methods print headers and bodies.

// serde_json reads JSON that nests 127 values deep, and the compiler goes up to five types deep for
// each of them.
#![recursion_limit = "512"]

// The pretty-printer of the generator is not rustfmt, and the generator's style is not ours.
#[rustfmt::skip]
#[allow(
    missing_docs,
    unused_imports,
    rust_2018_idioms,
    clippy::all,
    clippy::restriction,
    clippy::pedantic,
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]
mod generated;
pub mod any_list;
mod client;
pub mod endpoint;

pub use client::{Client, operation};
pub use generated::*;
/// Types of the generator's runtime that appear in the signatures of [`Client`].
pub use progenitor_client::{ByteStream, Error as WireError, ResponseValue};
