//! The generated wire client of the codegen fixtures: a document that holds every shape a generator
//! has to get right.
//!
//! The document is `tests/codegen-fixtures/openapi/upstream.json`; everything under
//! `src/generated/` is written from it by `cargo xtask codegen --root tests/codegen-fixtures`. That
//! this crate compiles is half of the test; the other half, that the code is right, is in
//! `tests/it/`.

// As in pivotal-api.
#![recursion_limit = "512"]
// As in pivotal-api.
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
#[path = "../../../../../crates/pivotal-api/src/client.rs"]
#[allow(
    dead_code,
    reason = "`cargo xtask survey` compiles documents in which no response has a body"
)]
mod client;
#[path = "../../../../../crates/pivotal-api/src/endpoint.rs"]
pub mod endpoint;

pub use client::{Client, operation};
pub use generated::*;
/// Types of the generator's runtime that appear in the signatures of [`Client`].
pub use progenitor_client::{ByteStream, Error as WireError, ResponseValue};

// What the SDK would make of it: setters on a call.
#[rustfmt::skip]
#[path = "../../pivotal-sdk/src/generated/setters.rs"]
mod setters;
#[allow(
    clippy::wildcard_imports,
    unused_imports,
    reason = "the setters, if there are any, name request types by `super`"
)]
use generated::requests::*;

/// Stands in for the SDK's module of that name.
pub mod call {
    /// A call of a request.
    #[derive(Debug)]
    pub struct Call<R> {
        /// The request.
        pub request: R,
    }
}
