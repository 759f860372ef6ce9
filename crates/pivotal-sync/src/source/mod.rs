//! Sources: what is imported, record by record.

mod csv;
mod encoding;
mod json;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

pub(crate) use self::csv::REPORT_COLUMNS;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::field::Values;

/// How a source is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SourceOptions {
    /// The format. Default: from the extension of the file, or from the first character.
    pub format: Option<Format>,
    /// The delimiter of CSV, one ASCII character. Default: a comma, or a tab for `.tsv`.
    pub delimiter: Option<char>,
    /// The encoding, such as `windows-1252`, `latin1` or `utf-16le`. Default: UTF-8. A byte order
    /// mark overrides it.
    pub encoding: Option<String>,
}

/// The format of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// CSV with a header line.
    Csv,
    /// One JSON array of objects.
    Json,
    /// JSON Lines: one object per line.
    Jsonl,
}

/// Something to import.
pub struct Source {
    name: String,
    format: Format,
    delimiter: u8,
    reader: Box<dyn BufRead + Send>,
}

/// A record of a source.
pub(crate) struct Record {
    /// Its line; in a JSON array its number, from 1.
    pub(crate) line: u64,
    /// Its values by column, or why it cannot be read.
    pub(crate) values: Result<Values, String>,
}

/// What was read of a source.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) columns: Vec<String>,
    /// Why it was not read to its end.
    pub(crate) incomplete: Option<String>,
}

/// Receives each record.
pub(crate) type Each<'a> = dyn FnMut(Record) -> Result<()> + 'a;

impl Source {
    /// A file, or standard input for `-`.
    ///
    /// # Errors
    /// [`Error::Unusable`] if it cannot be opened, or an option is invalid.
    pub fn open(path: &Path, options: &SourceOptions) -> Result<Self> {
        if path.as_os_str() == "-" {
            return Self::new("standard input", None, io::stdin(), options);
        }
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| Error::Unusable(format!("{name}: {error}")))?;
        let extension = path
            .extension()
            .map(|text| text.to_string_lossy().to_lowercase());
        Self::new(&name, extension.as_deref(), file, options)
    }

    /// Any reader. `extension` is that of a file name, from which the format follows if the options
    /// do not say it.
    ///
    /// # Errors
    /// [`Error::Unusable`] if an option is invalid or the beginning cannot be read.
    pub fn new(
        name: &str,
        extension: Option<&str>,
        reader: impl Read + Send + 'static,
        options: &SourceOptions,
    ) -> Result<Self> {
        let unusable = |what: String| Error::Unusable(format!("{name}: {what}"));
        let delimiter = match (options.delimiter, extension) {
            (Some(delimiter), _) => u8::try_from(delimiter)
                .ok()
                .filter(|byte| byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n'))
                .ok_or_else(|| {
                    unusable(format!(
                        "the delimiter {delimiter:?} is not an ASCII character"
                    ))
                })?,
            (None, Some("tsv")) => b'\t',
            (None, _) => b',',
        };
        let decoded = encoding::decode(reader, options.encoding.as_deref()).map_err(unusable)?;
        let mut reader: Box<dyn BufRead + Send> = Box::new(BufReader::new(decoded));
        let format = match (options.format, extension) {
            (Some(format), _) => format,
            (None, Some("csv" | "tsv" | "txt")) => Format::Csv,
            (None, Some("json")) => Format::Json,
            (None, Some("jsonl" | "ndjson")) => Format::Jsonl,
            (None, _) => {
                let start = reader
                    .fill_buf()
                    .map_err(|error| unusable(error.to_string()))?;
                match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
                    Some(b'[') => Format::Json,
                    Some(b'{') => Format::Jsonl,
                    _ => Format::Csv,
                }
            }
        };
        Ok(Self {
            name: name.to_owned(),
            format,
            delimiter,
            reader,
        })
    }

    /// The name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns of a CSV file.
    ///
    /// # Errors
    /// [`Error::Unusable`] if it is no CSV file, or its header is unusable.
    pub fn columns(self) -> Result<Vec<String>> {
        if self.format != Format::Csv {
            return Err(Error::Unusable(format!("{}: it is not CSV", self.name)));
        }
        Ok(self.read(&mut |_| Ok(()))?.columns)
    }

    /// Reads all records.
    pub(crate) fn read(self, each: &mut Each<'_>) -> Result<Reading> {
        match self.format {
            Format::Csv => csv::read(&self.name, self.delimiter, self.reader, each),
            Format::Json => json::read_array(&self.name, self.reader, each),
            Format::Jsonl => json::read_lines(self.reader, each),
        }
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

impl Reading {
    /// Adds the columns that are new.
    fn add_columns<'a>(&mut self, names: impl IntoIterator<Item = &'a String>) {
        for name in names {
            if !self.columns.contains(name) {
                self.columns.push(name.clone());
            }
        }
    }
}
