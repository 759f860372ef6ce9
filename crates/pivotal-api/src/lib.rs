#![doc = include_str!("../README.md")]
//!
//! # Origin
//! Everything under `src/generated/` is written by `cargo xtask codegen` from the documents in
//! `openapi/`; the other files are written by hand and connect it to [`pivotal_runtime`], which
//! sends every request.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
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
