//! The Pivotal API contract: the OpenAPI document, and a reader of it.
//!
//! [`CONTRACT`] is what everything else is checked against: the vendor's document in one dialect,
//! with the overlay applied. [`Document`] reads it, or any other document in that dialect.
//!
//! ```
//! use pivotal_openapi::Document;
//!
//! let contract = Document::contract();
//! let create = contract.operation("create-customer").unwrap();
//! assert_eq!((create.method, create.path), ("POST", "/api/v1/customers"));
//! let body = create.body().unwrap();
//! assert_eq!(body.content.schema.name(), Some("CreateCustomer"));
//! ```

mod document;
mod operation;
pub mod path;
pub mod schema;

pub use document::{Document, DocumentError};
pub use operation::{Body, Content, Header, Operation, Parameter, Response};
pub use schema::Schema;

/// The contract: OpenAPI 3.1.0, generated from `upstream.json`, `overlay.yaml` and `names.toml`.
pub const CONTRACT: &str = include_str!("../pivotal.json");
