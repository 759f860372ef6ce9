//! The Rust SDK for Pivotal, the customer-onboarding platform.
//!
//! ```no_run
//! use pivotal_sdk::{Client, CreateContact, CreateCustomer, CustomerStatus};
//!
//! # async fn run() -> pivotal_sdk::Result<()> {
//! let pivotal = Client::from_env()?; // PIVOTAL_API_KEY, PIVOTAL_BASE_URL
//! let aurora = CreateCustomer::new("Aurora Outfitters").status(CustomerStatus::Onboarding);
//! let customer = pivotal
//!     .customers()
//!     .create(aurora)
//!     .idempotency_key("first-customer-aurora-demo")
//!     .await?;
//! let mira = CreateContact::new("Mira Chen", "mira@aurora-demo.com").is_primary(true);
//! pivotal.customer(&customer).contacts().create(mira).await?;
//!
//! match pivotal.customer("cl9bn00of0000g7l8gcq8c4xk").get().await {
//!     Ok(customer) => println!("{}", customer.name),
//!     Err(error) if error.is_not_found() => println!("no such customer"),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - A **[`Client`]** leads to every operation of the API. Each gives a [`Call`], which takes
//!   options and is sent when it is awaited. [`Client::call`] takes the [request](requests) of any
//!   operation.
//! - **Ids** are what you have: `245`, `"245"`, an opaque id, or the row itself.
//! - **Bodies** are built: [`CreateCustomer::new`], setters for the rest, `clear_…` for null, and
//!   `extra` for what this version does not know.
//! - **Enums** are open: a value newer than this program is kept, not refused.
//! - **[`Error`]** is one type with a [kind](ErrorKind), a code and a field.
//! - **Lists** are streams over all of their pages: [`Call::stream`], [`Call::pages`],
//!   [`Call::collect_up_to`].
//! - **Failures** that pass are repeated, creates under one idempotency key, and calls keep below
//!   the rate limit; [`RetryPolicy`] and [`RateLimiting`] say how, for a [client](ClientBuilder) or
//!   a call.
//! - What this version does not know stays reachable: [`Response::extra`], [`Client::request`],
//!   [`Client::raw`].
//!
//! # Features
//! `rustls` (default, with ring), `rustls-aws-lc-rs` and `native-tls` choose the TLS library.
//! Without any only plain HTTP to this machine is left. `http2` adds HTTP/2; at the API's rates a
//! few HTTP/1.1 connections do as well. `blocking` lets programs that are not async wait for the
//! same calls. `schemars` implements `JsonSchema` for everything that is answered and sent, and
//! re-exports the crate.
//!
//! With `rustls`, the first [`Client`] makes ring the TLS provider of the process when it has none.
//! A program that makes a `reqwest::Client` of its own before that needs a reqwest with a provider,
//! which the feature `rustls-aws-lc-rs` gives it; else `reqwest::Client::new()` panics.

#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod call;
mod client;
mod error;
mod options;
mod recipes;
mod request;
pub mod resources;
mod response;
pub mod stream;

pub use builder::ClientBuilder;
pub use call::Call;
pub use client::Client;
pub use error::{Error, ErrorKind, Result};
pub use pivotal_api::endpoint::{ByKey, Endpoint, List, Paged, Row};
pub use recipes::{Ensured, PhaseOrder};
pub use request::Request;
pub use response::{Meta, Response};

pub use bytes::Bytes;
/// What the streams of this crate are, for code that takes any.
pub use futures_util::Stream;
pub use http::{HeaderMap, Method, StatusCode};
/// A point in time, as answers hold it and bodies take it.
pub use jiff::Timestamp;
/// The HTTP stack, for [`ClientBuilder::adjust_http`] and [`transport::Transport`].
pub use reqwest;
/// JSON Schemas of everything that is answered and sent, behind the feature `schemars`.
///
/// The schema of a response says what the SDK takes: a key that may be null may be missing too, and
/// an enum is any string, with the known values as its examples. The schema of a body says what is
/// sent, with the limits that are checked before.
///
/// ```
/// use pivotal_sdk::{CreateCustomer, Customer, schemars::schema_for};
///
/// let answered = schema_for!(Customer);
/// let mrr = &answered.as_value()["properties"]["mrr"];
/// assert_eq!(mrr["description"], "Monthly recurring revenue, in cents.");
/// assert_eq!(mrr["type"], serde_json::json!(["integer", "null"]));
/// assert_eq!(answered.as_value()["properties"]["created_at"]["format"], "date-time");
///
/// let sent = schema_for!(CreateCustomer);
/// assert_eq!(sent.as_value()["required"], serde_json::json!(["name"]));
/// assert_eq!(sent.as_value()["properties"]["name"]["maxLength"], 255);
/// ```
#[cfg(feature = "schemars")]
pub use schemars;
/// Any JSON, as bodies take it under keys of their own.
pub use serde_json::Value;

#[doc(inline)]
pub use pivotal_api::models::*;
#[doc(inline)]
pub use pivotal_runtime::{
    ApiKey, BaseUrl, Delivery, Id, KeyMode, Patch, RateLimit, RateLimiting, RetryBudget,
    RetryClass, RetryPolicy, StopReason,
};

/// Requests: a type for each operation of the contract, for [`Client::call`].
pub mod requests {
    #[doc(inline)]
    pub use pivotal_api::requests::*;
}

/// What goes over the network, for those who watch it or send it themselves.
pub mod transport {
    #[doc(inline)]
    pub use pivotal_api::{OPERATIONS, operation};
    #[doc(inline)]
    pub use pivotal_runtime::{
        Attempt, BoxFuture, Exchange, Failure, FailureKind, HttpResponse, HttpTransport, Observer,
        Operation, Outcome, RequestLine, ResponseObject, Transport,
    };
}

#[doc(hidden)]
pub use transport::*;

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
/// What a regeneration adds is here at once. The errors of this client print bodies and headers;
/// see there.
pub mod raw {
    pub use pivotal_api::*;
}

/// Compiles the program of the README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
