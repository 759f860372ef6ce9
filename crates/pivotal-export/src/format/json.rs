//! JSON and JSON Lines.

use std::io::Write;

use pivotal_sdk::Value;

use super::{Out, RowWriter};
use crate::error::Result;
use crate::export::Table;
use crate::fields::Fields;
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
