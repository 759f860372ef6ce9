//! JSON and JSON Lines.

use std::io::Write;

use pivotal_sdk::Value;
use serde_json::{Deserializer, Map};

use super::{Out, RowWriter};
use crate::error::Result;
use crate::export::Table;
use crate::fields::{Fields, are_exported};
use crate::text::escaped;

pub(super) struct Json {
    out: Out,
    is_array: bool,
    has_rows: bool,
}

impl Json {
    pub(super) fn new(out: Out, is_array: bool) -> Self {
        Self {
            out,
            is_array,
            has_rows: false,
        }
    }
}

/// Whether JSON begins with an exported row.
pub(super) fn is_export(start: &[u8]) -> bool {
    let rows = Deserializer::from_slice(start).into_iter::<Map<String, Value>>();
    let first = rows.into_iter().next();
    let first = first.and_then(Result::ok).unwrap_or_default();
    are_exported(&first.keys().map(String::as_str).collect::<Vec<_>>())
}

/// The same for an array, which may have no rows.
pub(super) fn is_array(start: &[u8]) -> bool {
    let rows = start.trim_ascii_start().strip_prefix(b"[");
    rows.is_some_and(|rows| rows.trim_ascii() == b"]" || is_export(rows))
}

impl RowWriter for Json {
    fn begin(&mut self, _: Table, _: &Fields) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, _: &Fields, row: &Value) -> Result<()> {
        let (before, after) = match (self.is_array, self.has_rows) {
            (false, _) => ("", "\n"),
            (true, false) => ("[\n", ""),
            (true, true) => (",\n", ""),
        };
        self.has_rows = true;
        let row = row.to_string();
        Ok(write!(self.out, "{before}{}{after}", escaped(&row))?)
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        match (self.is_array, self.has_rows) {
            (false, _) => {}
            (true, false) => self.out.write_all(b"[]\n")?,
            (true, true) => self.out.write_all(b"\n]\n")?,
        }
        Ok(self.out.flush()?)
    }
}
