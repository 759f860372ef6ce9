#![doc = include_str!("../README.md")]
//!
//! # Contents
//! The [`Executor`] sends each request of the generated client. [`Patch`], [`open_enum!`], [`Id`] and
//! [`Operation`] are types that the client is built from.
//!
//! # TLS
//! The default feature `rustls` uses rustls with ring, `rustls-aws-lc-rs` uses rustls with
//! aws-lc-rs, and `native-tls` uses the TLS library of the operating system. Without any of them
//! only plain HTTP works, which is enough for a server on loopback. If the program has installed a
//! rustls provider, that one is used. Otherwise the first [`http_client`] installs one for the
//! process; `docs/tls.md` in the repository explains why. The feature `http2` adds HTTP/2.
//!
//! # JSON Schema
//! The feature `schemars` implements `schemars::JsonSchema` for [`Patch`], for every
//! [`open_enum!`], and, through the module `schema`, for the generated types.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api_key;
mod base_url;
mod body;
mod constraint;
mod date;
mod exchange;
mod executor;
mod failure;
mod http_client;
mod id;
mod idempotency;
mod open_enum;
mod operation;
mod options;
mod or_text;
mod patch;
mod printable;
mod rate_limit;
mod rate_limiter;
mod redact;
mod request_format;
mod response_object;
mod retry;
mod runtime;
#[cfg(feature = "schemars")]
pub mod schema;
#[cfg(test)]
mod tests;
mod transport;
pub mod union;
mod wait;

pub use api_key::{ApiKey, InvalidApiKey, KeyMode};
pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use body::BodyWriter;
pub use constraint::{Constraint, ConstraintKind, Location, Violation};
pub use date::Date;
pub use exchange::{Attempt, Exchange, ExchangeSlot, HttpResponse, Observer, Outcome, RequestLine};
pub use executor::Executor;
pub use failure::{Delivery, Failure, FailureKind, InvalidOption, InvalidRequest};
pub use http_client::{HttpClientError, http_client, http_client_builder};
pub use id::{Id, InvalidId, encode_path};
pub use idempotency::{IdempotencyKey, InvalidIdempotencyKey};
pub use operation::{Operation, RetryClass};
pub use options::CallOptions;
pub use or_text::OrText;
pub use patch::Patch;
pub use printable::printable;
pub use rate_limit::RateLimit;
pub use rate_limiter::RateLimiting;
pub use redact::redact_body;
pub use request_format::{BodyFormat, Bracketed, Credential, FieldStyle, Part, RequestFormat};
pub use retry::{RetryBudget, RetryPolicy, StopReason};
pub use runtime::{ClientConfig, Runtime};
pub use transport::{BoxFuture, HttpTransport, Transport};
pub use wait::{OnWait, Wait, WaitReason};

/// What the code that the macros generate refers to. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "schemars")]
    pub use schemars;
    pub use serde;
    pub use serde_json;

    pub use crate::response_object::Integer;
}
