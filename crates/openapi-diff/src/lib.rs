//! Compares two documents: what changed for those who send requests and read answers, and whether
//! it breaks them.
//!
//! The comparison is structural and knows directions. What a client sends may not become narrower,
//! what a server answers may not become wider; what breaks in one is harmless in the other.
//! References are followed, `allOf` is one schema, null is null however a dialect writes it, and
//! neither the order of things nor the names of components and path parameters mean anything.
//!
//! Unlike the other stages it reads the documents as they are written and not in their normal form,
//! so that its findings point to the places that people wrote. A normalised document has no
//! findings against its original.
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
//! assert_eq!(report.findings()[0].message, "the value `green` is gone; was it renamed to `white`?");
//! # Ok::<(), openapi_pipeline::Problems>(())
//! ```
//!
//! Not compared: words for readers, examples, tags, links, callbacks, the encoding of parts of a
//! form, and extensions other than `x-sunset` and `x-extensible-enum`.

mod bodies;
mod compare;
mod finding;
pub mod format;
mod operations;
mod parameters;
mod pattern;
mod place;
mod promises;
mod report;
mod responses;
mod rules;
mod schema;
mod security;
mod waivers;

use serde_json::Value;

use openapi_pipeline::{Problems, check_depth};
use place::Document;

pub use finding::{Finding, Level};
pub use format::Comparison;
pub use promises::{Promise, Promises, PromisesError};
pub use report::{Group, Report};
pub use rules::{RULES, Rule};
pub use waivers::{Date, DateError, Waived, Waivers, WaiversError};

/// The location of what concerns an operation as a whole.
const OPERATION: &str = "operation";

/// Compares two documents that [`load::document`](openapi_pipeline::load::document) has read, each in any
/// dialect of OpenAPI 3.0 and 3.1.
///
/// # Errors
/// Nesting beyond [`MAX_DEPTH`](openapi_pipeline::MAX_DEPTH) levels.
pub fn diff(base: &Value, revision: &Value, promises: &Promises) -> Result<Report, Problems> {
    for document in [base, revision] {
        check_depth(document)?;
    }
    let mut comparison = compare::Comparison::new(Document(base), Document(revision));
    operations::servers(&mut comparison);
    operations::compare(&mut comparison);
    operations::webhooks(&mut comparison);
    Ok(comparison.finish(promises))
}

/// The line of a byte of a text, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}
