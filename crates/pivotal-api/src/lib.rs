//! The generated wire client of the Pivotal API.
//!
//! Everything under `src/generated/` is written by `cargo xtask codegen` from the documents in
//! `openapi/`; this file and `hooks.rs` are written by hand and tie it to [`pivotal_runtime`],
//! through which every request leaves.
//!
//! People who write programs depend on `pivotal-sdk`, whose `Client::raw` hands out the [`Client`]
//! of this crate. This crate makes no promise of its own about semver: a regeneration may rename,
//! and errors of its methods print headers and bodies.

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
pub mod endpoint;
mod hooks;

pub use generated::*;
pub use hooks::operation;
/// Types of the generator's runtime that appear in the signatures of [`Client`].
pub use progenitor_client::{ByteStream, ClientInfo, Error as WireError, ResponseValue};
