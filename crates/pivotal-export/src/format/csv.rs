//! CSV.

use pivotal_sdk::{Value, printable};

use super::{Options, Out, RowWriter};
use crate::error::Result;
use crate::export::Table;
use crate::fields::{Fields, are_exported};
use crate::text::csv_cell;

/// The column with the keys that are no fields.
const EXTRA: &str = "extra";

pub(super) struct Csv {
    writer: csv::Writer<Out>,
    options: Options,
    is_terminal: bool,
}

impl Csv {
    pub(super) fn new(out: Out, options: Options, is_terminal: bool) -> Self {
        Self {
            writer: csv::Writer::from_writer(out),
            options,
            is_terminal,
        }
    }
}

/// Whether the header is that of exported rows.
pub(super) fn is_export(start: &[u8]) -> bool {
    let mut reader = csv::Reader::from_reader(start);
    let header = reader.headers();
    header.is_ok_and(|header| are_exported(&header.iter().collect::<Vec<_>>()))
}

impl RowWriter for Csv {
    fn begin(&mut self, _: Table, fields: &Fields) -> Result<()> {
        let names = fields.iter().map(|field| field.name);
        Ok(self.writer.write_record(names.chain([EXTRA]))?)
    }

    fn row(&mut self, fields: &Fields, row: &Value) -> Result<()> {
        let extra = fields.extra(row);
        let values = fields.iter().map(|field| &row[field.name]);
        for value in values.chain([&extra]) {
            let text = csv_cell(value, self.options.raw_csv);
            let text = if self.is_terminal {
                printable(&text)
            } else {
                text.into()
            };
            self.writer.write_field(text.as_bytes())?;
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        Ok(self.writer.flush()?)
    }
}
