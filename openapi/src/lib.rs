//! The Pivotal API contract as data.
//!
//! [`CONTRACT`] is what everything else is checked against: the vendor's document in one dialect,
//! with the overlay applied. [`OPERATIONS`] lists what it holds. The crate depends on nothing, so
//! that whatever needs the contract can have it.
//!
//! ```
//! assert!(pivotal_openapi::CONTRACT.contains("\"openapi\": \"3.1.0\""));
//! let create = pivotal_openapi::operation("create-customer").unwrap();
//! assert_eq!((create.method, create.path), ("POST", "/api/v1/customers"));
//! ```

#[rustfmt::skip]
mod operations;

/// The vendor's document as it was put in place, never edited.
pub const UPSTREAM: &str = include_str!("../upstream.json");

/// What the guides promise and the document omits: an OpenAPI Overlay 1.0.0.
pub const OVERLAY: &str = include_str!("../overlay.yaml");

/// The Rust names that are chosen by hand.
pub const NAMES: &str = include_str!("../names.toml");

/// The contract: OpenAPI 3.1.0, generated from the three above.
pub const CONTRACT: &str = include_str!("../pivotal.json");

/// What the generated files were made from.
pub const LOCK: &str = include_str!("../pivotal.lock");

/// Every operation of the contract, by path and method.
pub static OPERATIONS: &[Operation] = operations::OPERATIONS;

/// One operation of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The operationId in the contract: `create-customer`.
    pub id: &'static str,
    /// The name of its method in the wire client: `create_customer`.
    pub name: &'static str,
    /// The HTTP method: `POST`.
    pub method: &'static str,
    /// The path template: `/api/v1/customers/{id}`.
    pub path: &'static str,
}

/// The operation with an operationId of the contract.
pub fn operation(id: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.id == id)
}
