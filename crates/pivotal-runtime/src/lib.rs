//! The ground floor of the Pivotal SDK: what happens to every request, whatever the endpoint.
//!
//! This crate knows no endpoint of the API. It holds the types that the generated wire client
//! (`pivotal-api`) is made of ([`Patch`], [`open_enum!`], [`Id`], [`Operation`]) and the
//! [`Executor`] through which each of its requests leaves: an idempotency key, a turn under the
//! rate limit, an attempt, a decision whether to repeat it, a record. People who write programs
//! depend on `pivotal-sdk`, which shows all they need of it.
//!
//! # TLS
//! The default feature `rustls` brings TLS through rustls and its ring provider, `rustls-aws-lc-rs`
//! with the other provider; `native-tls` takes the operating system's library instead. Without any,
//! only plain HTTP is left, which is enough for a server on loopback. A program that has installed
//! a provider for the whole process gets that one; if none has been, the first [`http_client`]
//! installs ours. `docs/tls.md` of the repository has the reasons. `http2` adds HTTP/2.
//!
//! # JSON Schema
//! The feature `schemars` implements `schemars::JsonSchema` for what has a JSON form: [`Patch`],
//! every [`open_enum!`], and the generated types by way of the module `schema`.

mod api_key;
mod base_url;
mod body;
mod constraint;
mod deprecation;
mod exchange;
mod executor;
mod failure;
mod http_client;
mod id;
mod idempotency;
mod open_enum;
mod operation;
mod options;
mod patch;
mod path;
mod rate_limiter;
mod response_object;
mod retry;
mod rule;
mod runtime;
#[cfg(feature = "schemars")]
pub mod schema;
mod transport;
mod undeclared;

pub use api_key::{ApiKey, InvalidKey, KeyMode};
pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use body::BodyWriter;
pub use constraint::{Constraint, Location, Violation};
pub use exchange::{
    Attempt, Delivery, Exchange, ExchangeSlot, HttpResponse, Observer, Outcome, RequestLine,
};
pub use executor::Executor;
pub use failure::{Failure, FailureKind, Refusal};
pub use http_client::{HttpClientError, http_client, http_client_builder};
pub use id::{Id, InvalidId};
pub use idempotency::{IdempotencyKey, InvalidIdempotencyKey};
pub use operation::{Operation, RetryClass};
pub use options::CallOptions;
pub use patch::Patch;
pub use path::encode_path;
pub use rate_limiter::{RateLimit, RateLimiting};
pub use response_object::{ResponseObject, unknown_keys};
pub use retry::{RetryBudget, RetryPolicy, StopReason};
pub use rule::ConstraintKind;
pub use runtime::{Runtime, RuntimeBuilder};
pub use transport::{BoxFuture, HttpTransport, Transport};

/// What the code that [`open_enum!`] writes refers to. Not part of the public surface.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "schemars")]
    pub use schemars;
    pub use serde;
}
