//! JSON.

use std::io::{self, Write};

use pivotal_sdk::Value;

use crate::report::{Failure, escaped};

/// A list as one array, printed row by row.
#[derive(Default)]
pub(super) struct Array {
    has_rows: bool,
}

impl Array {
    pub(super) fn row(&mut self, row: &Value) -> Result<(), Failure> {
        let before = if self.has_rows { "," } else { "[" };
        self.has_rows = true;
        let mut out = io::stdout().lock();
        // The line of a row ends with the next one, so that an array that breaks off is no JSON.
        write!(out, "{before}\n{}", escaped(&row.to_string()))?;
        out.flush()?;
        Ok(())
    }

    pub(super) fn end(self) -> Result<(), Failure> {
        let end = if self.has_rows { "\n]" } else { "[]" };
        writeln!(io::stdout().lock(), "{end}")?;
        Ok(())
    }
}

/// Prints a value that is written as this JSON.
pub(super) fn print(json: &str) -> Result<(), Failure> {
    writeln!(io::stdout().lock(), "{}", escaped(json))?;
    Ok(())
}
