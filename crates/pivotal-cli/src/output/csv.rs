//! CSV.

use std::io::{self, IsTerminal, Stdout};

use pivotal_export::csv_cell;
use pivotal_sdk::{Value, printable};

use super::{in_column, selected};
use crate::report::Failure;

/// Rows as CSV.
pub(super) struct CsvRows {
    columns: Vec<String>,
    raw: bool,
    is_terminal: bool,
    writer: csv::Writer<Stdout>,
}

impl CsvRows {
    /// Prints the line of names.
    pub(super) fn new(columns: Vec<String>, raw: bool) -> Result<Self, Failure> {
        // Of an object, they are text of the server as well.
        let names: Vec<_> = columns.iter().map(|name| Value::from(&**name)).collect();
        let mut rows = Self {
            columns,
            raw,
            is_terminal: io::stdout().is_terminal(),
            writer: csv::Writer::from_writer(io::stdout()),
        };
        rows.line(&names.iter().collect::<Vec<_>>())?;
        Ok(rows)
    }

    pub(super) fn row(&mut self, row: &Value) -> Result<(), Failure> {
        let cells: Vec<_> = self
            .columns
            .iter()
            .map(|name| in_column(row, name))
            .collect();
        self.line(&cells)
    }

    /// Prints a line at once. A terminal gets no character that could control it.
    fn line(&mut self, cells: &[&Value]) -> Result<(), Failure> {
        for value in cells {
            let text = csv_cell(value, self.raw);
            let text = match self.is_terminal {
                true => printable(&text),
                false => text.into(),
            };
            let written = self.writer.write_field(text.as_bytes());
            written.map_err(pivotal_export::Error::from)?;
        }
        let written = self.writer.write_record(None::<&[u8]>);
        written.map_err(pivotal_export::Error::from)?;
        Ok(self.writer.flush()?)
    }
}

/// Prints one object as a line of names and a line of values.
pub(super) fn print_object(value: &Value, columns: &[String], raw: bool) -> Result<(), Failure> {
    let (names, values): (Vec<_>, Vec<_>) = selected(value, columns).into_iter().unzip();
    CsvRows::new(names, raw)?.line(&values)
}
