//! Tables.

use std::io::{self, Write};

use comfy_table::{ContentArrangement, Row};
use pivotal_export::cell;
use pivotal_sdk::{Value, printable};

use super::{in_column, selected};
use crate::report::Failure;

/// A list as a table.
pub(super) struct Table {
    columns: Vec<String>,
    table: comfy_table::Table,
}

impl Table {
    pub(super) fn new(columns: Vec<String>) -> Self {
        let mut table = plain();
        table.set_header(line(columns.iter().map(|name| name.to_uppercase())));
        Self { columns, table }
    }

    pub(super) fn row(&mut self, row: &Value) {
        let cells = self.columns.iter().map(|name| shown(in_column(row, name)));
        self.table.add_row(line(cells));
    }

    pub(super) fn print(self) -> Result<(), Failure> {
        print(&self.table)
    }
}

/// A row of one line: what does not fit is cut.
pub(crate) fn line(cells: impl Iterator<Item = String>) -> Row {
    let mut row = Row::from(cells.collect::<Vec<_>>());
    row.max_height(1);
    row
}

/// Prints one object as a line per field.
pub(super) fn print_object(value: &Value, columns: &[String]) -> Result<(), Failure> {
    let mut table = plain();
    for (name, value) in selected(value, columns) {
        table.add_row([printable(&name).into_owned(), shown(value)]);
    }
    print(&table)
}

/// A table without lines. On a terminal it is as wide as that; elsewhere nothing is cut.
pub(crate) fn plain() -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    if let Some((width, _)) = terminal_size::terminal_size_of(io::stdout()) {
        table.set_width(width.0);
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table
}

fn print(table: &comfy_table::Table) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for line in table.lines() {
        writeln!(out, "{}", line.trim())?;
    }
    Ok(())
}

/// The text of a cell, in which no character from the server can control the terminal.
fn shown(value: &Value) -> String {
    printable(&cell(value)).into_owned()
}
