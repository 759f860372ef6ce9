#![doc = include_str!("../README.md")]
//!
//! # How it works
//! An [`Export`] walks whole lists and writes their rows in a [`Format`]. It ends with a complete
//! file or with an [`Error`]: a file is written beside its place and moved there at the end, so that
//! a walk that breaks off leaves the file as it was. Rows are written as they arrive and not held in
//! memory; of the customers, the IDs are kept, by which their contacts are read.
//!
//! The columns and their types are those of the contract ([`Fields`]). Keys that the contract does
//! not have are kept: in place in JSON and Singer, in the column `raw` of SQLite, otherwise in the
//! column `extra`.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod export;
mod fields;
mod file;
mod format;
mod text;

pub use error::{Error, Result};
pub use export::{Event, Export, Filters, Table, accepts};
pub use fields::{Field, Fields, Kind, place};
pub use file::{AtomicFile, FileKind};
pub use format::{Format, Options};
pub use text::{cell, counted, csv_cell, escaped};
