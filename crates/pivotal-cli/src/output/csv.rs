//! CSV.

use std::io::{self, IsTerminal, Stdout};

use pivotal_export::csv_cell;
use pivotal_sdk::{Value, printable};

use super::selected;
use crate::report::Failure;

/// A list as CSV.
pub(super) struct CsvRows {
    columns: Vec<String>,
    raw: bool,
    writer: csv::Writer<Stdout>,
}

impl CsvRows {
    /// Prints the line of names.
    pub(super) fn new(columns: Vec<String>, raw: bool) -> Result<Self, Failure> {
        let mut writer = csv::Writer::from_writer(io::stdout());
        write(&mut writer, columns.iter().cloned())?;
        Ok(Self {
            columns,
            raw,
            writer,
        })
    }

    pub(super) fn row(&mut self, row: &Value) -> Result<(), Failure> {
        let cells = self.columns.iter().map(|name| text(&row[name], self.raw));
        write(&mut self.writer, cells)
    }
}

/// Prints one object as a line of names and a line of values.
pub(super) fn print_object(value: &Value, columns: &[String], raw: bool) -> Result<(), Failure> {
    let fields = selected(value, columns);
    let mut writer = csv::Writer::from_writer(io::stdout());
    // The names are text of the server as well.
    let names = fields.iter().map(|(name, _)| Value::from(name.as_str()));
    write(&mut writer, names.map(|name| text(&name, raw)))?;
    let values = fields.iter().map(|(_, value)| *value);
    write(&mut writer, values.map(|value| text(value, raw)))
}

/// Writes a line at once, so that a row is printed when it arrives.
fn write(
    writer: &mut csv::Writer<Stdout>,
    cells: impl Iterator<Item = String>,
) -> Result<(), Failure> {
    let written = writer.write_record(cells.map(String::into_bytes));
    written.map_err(pivotal_export::Error::from)?;
    writer.flush()?;
    Ok(())
}

/// The text of a cell. A terminal gets no character that could control it.
fn text(value: &Value, raw: bool) -> String {
    let text = csv_cell(value, raw);
    if io::stdout().is_terminal() {
        return printable(&text).into_owned();
    }
    text
}
