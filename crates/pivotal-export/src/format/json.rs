//! JSON and JSON Lines.

use std::io::Write;

use pivotal_sdk::Value;

use super::{Out, RowWriter};
use crate::error::Result;
use crate::export::Table;
use crate::fields::Fields;
use crate::text::escaped;

pub(super) struct Lines(Out);

impl Lines {
    pub(super) fn new(out: Out) -> Self {
        Self(out)
    }
}

impl RowWriter for Lines {
    fn begin(&mut self, _: Table, _: &Fields) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Value) -> Result<()> {
        Ok(writeln!(self.0, "{}", escaped(&row.to_string()))?)
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        Ok(self.0.flush()?)
    }
}

pub(super) struct Array {
    out: Out,
    has_rows: bool,
}

impl Array {
    pub(super) fn new(out: Out) -> Self {
        Self {
            out,
            has_rows: false,
        }
    }
}

impl RowWriter for Array {
    fn begin(&mut self, _: Table, _: &Fields) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Value) -> Result<()> {
        let before = if self.has_rows { ",\n" } else { "[\n" };
        self.has_rows = true;
        Ok(write!(self.out, "{before}{}", escaped(&row.to_string()))?)
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        let end = if self.has_rows { "\n]\n" } else { "[]\n" };
        self.out.write_all(end.as_bytes())?;
        Ok(self.out.flush()?)
    }
}
