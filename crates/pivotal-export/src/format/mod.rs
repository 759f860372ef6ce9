//! The formats.

mod csv;
mod json;
#[cfg(feature = "parquet")]
mod parquet;
mod singer;
mod sqlite;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::str::FromStr;

use pivotal_sdk::Value;

use crate::error::{Error, Result};
use crate::export::Table;
use crate::fields::Fields;
use crate::file::AtomicFile;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A line of names, then a line per row.
    Csv,
    /// An object per line.
    Jsonl,
    /// One array.
    Json,
    /// A table with typed columns per kind of row. Needs a file.
    Sqlite,
    /// Typed columns. Needs the feature `parquet`.
    Parquet,
    /// Messages for a Singer target: SCHEMA, RECORD, and STATE when everything was read.
    Singer,
}

impl Format {
    const ALL: [Self; 6] = [
        Self::Csv,
        Self::Jsonl,
        Self::Json,
        Self::Sqlite,
        Self::Parquet,
        Self::Singer,
    ];

    /// Its name, which is also the extension of a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Json => "json",
            Self::Sqlite => "sqlite",
            Self::Parquet => "parquet",
            Self::Singer => "singer",
        }
    }

    /// The format that the extension of a file stands for.
    pub fn of_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "ndjson" => Some(Self::Jsonl),
            "db" | "sqlite3" => Some(Self::Sqlite),
            other => other.parse().ok(),
        }
    }

    /// Whether rows of several kinds fit into one output.
    pub fn has_tables(self) -> bool {
        matches!(self, Self::Sqlite | Self::Singer)
    }

    /// Whether a file that begins like this is an earlier export, which a new one may replace.
    pub(crate) fn has_written(self, start: &[u8]) -> bool {
        match self {
            Self::Csv => csv::is_export(start),
            Self::Jsonl => json::is_export(start),
            Self::Json => json::is_array(start),
            Self::Sqlite => sqlite::is_export(start),
            Self::Parquet => start.starts_with(b"PAR1"),
            Self::Singer => singer::is_export(start),
        }
    }

    pub(crate) fn writer(
        self,
        file: Option<&AtomicFile>,
        options: Options,
    ) -> Result<Box<dyn RowWriter>> {
        let unusable = |why: &str| Err(Error::Unusable(why.to_owned()));
        let is_terminal = file.is_none() && io::stdout().is_terminal();
        let out = || -> Result<Out> {
            let out: Box<dyn Write + Send> = match file {
                Some(file) => Box::new(file.writer().try_clone()?),
                None => Box::new(io::stdout()),
            };
            Ok(BufWriter::new(out))
        };
        Ok(match (self, file) {
            (Self::Csv, _) => Box::new(csv::Csv::new(out()?, options, is_terminal)),
            (Self::Jsonl, _) => Box::new(json::Json::new(out()?, false)),
            (Self::Json, _) => Box::new(json::Json::new(out()?, true)),
            (Self::Singer, _) => Box::new(singer::Singer::new(out()?)),
            (Self::Sqlite, Some(file)) => Box::new(sqlite::Sqlite::create(file)?),
            (Self::Sqlite, None) => return unusable("SQLite needs a file"),
            #[cfg(feature = "parquet")]
            (Self::Parquet, _) if !is_terminal => Box::new(parquet::Parquet::new(out()?)),
            #[cfg(feature = "parquet")]
            (Self::Parquet, _) => return unusable("Parquet is not for a terminal"),
            #[cfg(not(feature = "parquet"))]
            (Self::Parquet, _) => {
                return unusable("this build has no Parquet; build it with the feature parquet");
            }
        })
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name);
            format!("use {}", names.join(", "))
        })
    }
}

/// Options of formats.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Write CSV cells as they are, even those that a spreadsheet would take for formulas.
    pub raw_csv: bool,
}

/// Where bytes go.
pub(crate) type Out = BufWriter<Box<dyn Write + Send>>;

/// Writes rows in a format.
pub(crate) trait RowWriter {
    /// Starts the rows of a kind.
    fn begin(&mut self, table: Table, fields: &Fields) -> Result<()>;

    /// Writes a row of the kind that was started last, with its fields.
    fn row(&mut self, fields: &Fields, row: &Value) -> Result<()>;

    /// Ends the output, of which everything was written.
    fn end(self: Box<Self>) -> Result<()>;
}
