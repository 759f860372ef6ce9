//! An unofficial Rust SDK for Pivotal, the customer-onboarding platform.
//!
//! ```
//! # pivotal_tests::on_sandbox(async |pivotal| {
//! use pivotal_sdk::{CreateContact, CreateCustomer, CustomerStatus};
//!
//! // let pivotal = pivotal_sdk::Client::from_env()?; // PIVOTAL_API_KEY, PIVOTAL_BASE_URL
//! let aurora = CreateCustomer::new("Aurora Outfitters")
//!     .slug("aurora-demo")
//!     .status(CustomerStatus::Onboarding);
//! let aurora = pivotal.customers().get_or_create(aurora).await?.into_inner();
//! let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com").is_primary(true);
//! pivotal.customer(&aurora).contacts().get_or_create(mira).await?;
//!
//! match pivotal.customer(&aurora).get().await {
//!     Ok(customer) => println!("{}", customer.name),
//!     Err(error) if error.is_not_found() => println!("no such customer"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(()) });
//! ```
//!
//! - A **[`Client`]** has every operation of the API. Each method returns a [`Call`], which takes
//!   options and is sent when it is awaited. [`Client::call`] accepts the [request](requests) of
//!   any operation.
//! - **IDs** can be numbers (`245`), strings (`"245"` or an opaque ID), or the row itself, in bodies
//!   as in paths and filters.
//! - **Bodies** have a constructor for required fields, such as [`CreateCustomer::new`], and setters
//!   for the others: `plan("Growth")`, `maybe_plan(option)` for data that may lack a value, and
//!   `clear_plan()` to send null. Dates and times can be text. `extra` sends keys that this version
//!   does not know, and `validate` checks a body without sending it.
//! - **Enums** are open: a value that this version does not know is kept, not rejected. They are
//!   ordered as in the contract, so that phases can be compared; unknown values come last.
//! - **[`Error`]** is one type with a [kind](ErrorKind), a code and a field.
//! - **Lists** are streams over all of their pages: [`Call::stream`], [`Call::pages`],
//!   [`Call::collect_up_to`]. [`stream::Rows::results`] goes on after a row that does not decode.
//! - **Recipes** do a task in several calls, such as `get_or_create`. Each says what it relies on:
//!   what Pivotal's documentation states, what an example shows, or what this project decided.
//! - **Retries** repeat calls after temporary failures, creates with the same idempotency key.
//!   Calls stay below the rate limit. [`RetryPolicy`] and [`RateLimiting`] configure this.
//! - **Unknown** keys of a response, a page or a row are in its field `extra`. [`Call::query`] sends
//!   other query parameters. Other operations are called through [`Client::request`] and
//!   [`Client::raw`].
//!
//! # Features
//! `rustls` (default, with ring), `rustls-aws-lc-rs` and `native-tls` select the TLS library.
//! Without any of them, only plain HTTP works. `http2` adds HTTP/2; at the API's rate limits, a few
//! HTTP/1.1 connections are enough. `blocking` adds blocking calls. `webhooks` verifies signed events:
//! see the module `webhooks`. `schemars` implements `JsonSchema` for all request and response types and
//! re-exports the crate. `opentelemetry` sends the header `traceparent` if the caller is in a trace: the
//! parent is the span of the call if the program uses `tracing-opentelemetry`, or else OpenTelemetry's
//! current context. `tracestate` and baggage are not sent.
//!
//! With `rustls`, the first [`Client`] installs ring as the TLS provider of the process if there is
//! none. A program that creates its own `reqwest::Client` before that needs a reqwest with a
//! provider, which the feature `rustls-aws-lc-rs` adds. Otherwise `reqwest::Client::new()` panics.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod call;
mod client;
mod error;
mod recipes;
mod request;
pub mod resources;
mod response;
pub mod stream;
#[cfg(test)]
mod tests;
#[cfg(feature = "webhooks")]
pub mod webhooks;

pub use builder::ClientBuilder;
pub use call::Call;
pub use client::Client;
pub use error::{Error, ErrorKind, Result};
pub use pivotal_api::endpoint::{ByKey, Endpoint, ErrorBody, List, Paged, Row};
pub use recipes::{Duplicates, GetOrCreate, PhaseOrder};
pub use request::Request;
pub use response::{Meta, Response};

pub use bytes::Bytes;
/// The trait that the streams of this crate implement.
pub use futures_util::Stream;
pub use http::{HeaderMap, Method, StatusCode};
/// A point in time, in responses and request bodies. It does not keep the offset that it was written
/// with: `2026-01-01T02:00:00+02:00` is sent back as `2026-01-01T00:00:00Z`.
pub use jiff::Timestamp;
/// The HTTP stack, for [`ClientBuilder::adjust_http`] and [`transport::Transport`].
pub use reqwest;
/// JSON Schemas of all request and response types. Requires the feature `schemars`.
///
/// The schema of a response describes what the SDK accepts: a nullable key may also be missing, and
/// an enum is any string, with the known values as examples. The schema of a body describes what is
/// sent, including the limits that are checked before sending.
///
/// ```
/// use pivotal_sdk::{CreateCustomer, Customer, schemars::schema_for};
///
/// let response = schema_for!(Customer);
/// let mrr = &response.as_value()["properties"]["mrr"];
/// assert!(mrr["description"].is_string());
/// assert_eq!(mrr["type"], serde_json::json!(["integer", "null"]));
/// assert_eq!(response.as_value()["properties"]["created_at"]["format"], "date-time");
///
/// let body = schema_for!(CreateCustomer);
/// assert_eq!(body.as_value()["required"], serde_json::json!(["name"]));
/// assert_eq!(body.as_value()["properties"]["name"]["maxLength"], 255);
/// ```
#[cfg(feature = "schemars")]
pub use schemars;
/// Any JSON value, for the keys that `extra` adds to a body.
pub use serde_json::Value;

#[doc(inline)]
pub use pivotal_api::models::*;
#[doc(inline)]
pub use pivotal_runtime::{
    ApiKey, BaseUrl, Delivery, Id, KeyMode, OrText, Patch, RateLimit, RateLimiting, RetryBudget,
    RetryClass, RetryPolicy, StopReason, Violation, Wait, WaitReason, printable,
};

/// The request types, one for each operation of the contract, for [`Client::call`], and [`AnyList`]
/// for all lists.
///
/// [`AnyList`]: requests::AnyList
pub mod requests {
    #[doc(inline)]
    pub use pivotal_api::any_list::{AnyList, AnyPage, AnyRow};
    #[doc(inline)]
    pub use pivotal_api::requests::*;
}

/// Transports, observers and the types that they use.
pub mod transport {
    #[doc(inline)]
    pub use pivotal_api::{OPERATIONS, operation};
    #[doc(inline)]
    pub use pivotal_runtime::{
        Attempt, BoxFuture, Exchange, Failure, FailureKind, HttpResponse, HttpTransport, Observer,
        Operation, Outcome, RequestLine, Transport, redact_body,
    };
}

/// Written by `cargo xtask codegen`.
#[allow(
    clippy::all,
    clippy::pedantic,
    rustdoc::bare_urls,
    rustdoc::invalid_html_tags
)]
mod generated {
    use pivotal_api::models::*;
    use pivotal_api::requests::*;

    // The pretty-printer of the generator is not rustfmt.
    #[rustfmt::skip]
    mod setters;
}

/// The generated client with all of its types, for [`Client::raw`].
///
/// It contains everything that a regeneration adds. Its errors print bodies and headers; see
/// [`Client::raw`].
pub mod raw {
    pub use pivotal_api::*;
}
