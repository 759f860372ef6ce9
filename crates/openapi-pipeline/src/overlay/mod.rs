//! OpenAPI Overlay 1.0 with stricter rules: an action fails once the document makes it unnecessary.
//!
//! An overlay holds actions; each has a `target`, a JSONPath (RFC 9535), and either merges its
//! `update` into each match or removes the matches. Objects are merged by key, arrays are extended,
//! other values are replaced, as the specification says. The `update` of an array is one entry to
//! append, or an array of entries.
//!
//! The additional rules: an action **fails** if
//!
//! - it has no `description`, which gives its reason;
//! - its target matches nothing;
//! - it changes nothing, because the document already has the change;
//! - it appends an entry that the array has already;
//! - it replaces a value of the document without naming it in `x-replaces: <old value>`. With
//!   `x-replaces`, an array is replaced instead of extended. To replace several different values,
//!   write several actions;
//! - its target may take too long: it is long, nests many brackets, has more than four of `?` and
//!   `..`, or a regular expression;
//! - it gives an operation two parameters with the same name and location.
//!
//! ```
//! use openapi_pipeline::overlay::{Overlay, apply};
//!
//! let overlay = Overlay::parse(
//!     "
//! overlay: 1.0.0
//! info: {title: corrections, version: 1.0.0}
//! actions:
//!   - target: $.info
//!     description: the guides call it so
//!     update: {title: Tea API}
//!     x-replaces: Tea
//!   - target: $.paths.*.get.responses
//!     description: the guides promise it for every call
//!     update: {'429': {description: Too many requests}}
//! ",
//!     "overlay.yaml",
//! )?;
//! let document = serde_json::json!({"info": {"title": "Tea"}, "paths": {"/a": {"get": {"responses": {}}}, "/b": {"get": {"responses": {}}}}});
//! let applied = apply(&document, &overlay)?;
//! assert_eq!(applied["info"]["title"], "Tea API");
//! assert_eq!(applied["paths"]["/b"]["get"]["responses"]["429"]["description"], "Too many requests");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apply;
mod parse;

use serde_json::Value;
use serde_json_path::JsonPath;

pub use apply::apply;

/// An overlay that was read and found in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    actions: Vec<Action>,
}

impl Overlay {
    /// How many actions it has.
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether it has no action.
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }
}

/// One action.
#[derive(Clone, Debug, PartialEq)]
struct Action {
    target: JsonPath,
    /// The target as the overlay writes it.
    written: String,
    description: String,
    change: Change,
}

/// What an action does to whatever its target matches.
#[derive(Clone, Debug, PartialEq)]
enum Change {
    Remove,
    Update {
        update: Value,
        /// What the update replaces, if it replaces anything.
        replaces: Option<Value>,
    },
}
