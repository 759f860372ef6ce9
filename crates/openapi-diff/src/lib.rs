//! Compares two OpenAPI documents and classifies each change by its effect on clients: breaking,
//! warning or info.
//!
//! Requests and responses have separate rules: a change that allows fewer values breaks requests, and
//! one that allows more values breaks responses. References are followed, `allOf`
//! is merged into one schema, and all notations for null are equal. The order of keys and the names
//! of components and path parameters do not matter.
//!
//! Documents are compared as they are written, not in their normal form, so that findings point to
//! the text. A document and its normal form are equal.
//!
//! ```
//! use openapi_diff::{Level, Promises, diff};
//! use serde_json::json;
//!
//! let document = |kinds: &[&str]| {
//!     json!({"openapi": "3.1.0", "info": {"title": "Tea", "version": "1"}, "paths": {"/teas": {"get": {
//!         "parameters": [{"name": "kind", "in": "query", "schema": {"enum": kinds}}], "responses": {}}}}})
//! };
//! let report = diff(&document(&["black", "green"]), &document(&["black", "white"]), &Promises::none())?;
//! let found: Vec<_> = report.iter().map(|finding| (finding.id, finding.level)).collect();
//! assert_eq!(found, [
//!     ("request-parameter-enum-value-removed", Level::Breaking),
//!     ("request-parameter-enum-value-added", Level::Info),
//! ]);
//! assert_eq!(report.findings()[0].message, "the value `green` is removed; was it renamed to `white`?");
//! # Ok::<(), openapi_pipeline::Problems>(())
//! ```
//!
//! Not compared: titles, descriptions, examples, tags, and extensions other than `x-sunset`,
//! `x-stability-level` and `x-extensible-enum`.

mod bodies;
mod comparer;
mod document;
mod encoding;
mod finding;
pub mod format;
mod incoming;
mod lifecycle;
mod operations;
mod parameters;
mod paths;
mod policies;
mod responses;
mod rules;
mod schema;
mod security;
mod servers;

use openapi_pipeline::{Problems, check_depth};
use serde_json::Value;

use document::Document;

pub use finding::{Finding, Group, Report};
pub use format::Comparison;
pub use policies::{PolicyError, Promise, Promises, Waived, Waivers};
pub use rules::{Level, RULES, Rule};

/// Compares two documents, as [`load::document`](openapi_pipeline::load::document) reads them, each
/// in any dialect of OpenAPI 3.0 and 3.1.
///
/// # Errors
/// Nesting beyond [`MAX_DEPTH`](openapi_pipeline::MAX_DEPTH) levels.
pub fn diff(base: &Value, revision: &Value, promises: &Promises) -> Result<Report, Problems> {
    for document in [base, revision] {
        check_depth(document)?;
    }
    let mut comparer = comparer::Comparer::new(Document(base), Document(revision));
    servers::of_document(&mut comparer);
    operations::compare(&mut comparer);
    incoming::webhooks(&mut comparer);
    Ok(comparer.finish(promises))
}
