//! Loads, normalises, names, overlays, lowers and shapes OpenAPI documents of any API.
//!
//! The stages work on [`serde_json::Value`]. They use no files, network or clock, and their output
//! does not depend on the order of keys. There is no typed model of OpenAPI, because a typed model
//! drops what it does not know. A stage reports what it cannot represent, with the place and a
//! remedy.
//!
//! | Stage | In | Out |
//! |---|---|---|
//! | [`load`] | the text of an OpenAPI 3.0 or 3.1 document, JSON or YAML | a checked [`Value`](serde_json::Value) |
//! | [`normalise`] | any dialect of 3.0 and 3.1, or a mix of them | one dialect, OpenAPI 3.1 |
//! | [`naming`] | a normalised document and the names chosen by hand | operations, bodies and responses under stable names |
//! | [`overlay`] | a document and an OpenAPI Overlay | the document with the overlay's actions applied |
//! | [`lower`] | a document in any of these dialects | OpenAPI 3.0.3, for tools that know nothing newer |
//! | [`omission`] | a document, and problems of the stage after it | the document without what these are about |
//! | [`shape`] | a lowered document | one that progenitor takes, and tables of what it does not generate |
//!
//! Stages report with [`Problems`]: every problem of one run, each with the place, what was found,
//! why the stage cannot process it and, where there is one, the overlay action that resolves it.
//!
//! ```
//! let document = openapi_pipeline::load::document(
//!     r#"{"openapi": "3.1.0", "info": {"title": "Tea", "version": "1"}, "paths": {},
//!         "components": {"schemas": {"Tea": {"type": ["string", "null"]}}}}"#,
//!     "tea.json",
//! )?;
//! let lowered = openapi_pipeline::lower::lower(&document)?;
//! assert_eq!(lowered["openapi"], "3.0.3");
//! assert_eq!(lowered["components"]["schemas"]["Tea"]["nullable"], true);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod canonical;
mod keywords;
pub mod load;
pub mod lower;
pub mod naming;
pub mod normalise;
pub mod omission;
pub mod overlay;
mod pointer;
pub mod problem;
pub mod resolve;
pub mod shape;

pub use canonical::{MAX_DEPTH, check_depth};
pub use pointer::Pointer;
pub use problem::{Problem, Problems, Remedy};
