//! Sources: what is imported, record by record.

mod csv;
mod encoding;
mod http;
mod hubspot;
mod json;
mod mrr;
mod pages;
mod singer;
mod stripe;

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

pub use self::csv::has_failed_records;
pub(crate) use self::csv::{REPORT_COLUMNS, UNREADABLE, delimiter};
pub(crate) use self::encoding::encoding;
pub use self::http::{HttpOptions, WrapTransport};
pub(crate) use self::pages::Pages;

use crate::config::{Config, Format, Problem, SourceKind, SourceOptions};
use crate::error::{Error, Result};
use crate::field::Values;

/// How many bytes a record may have in a file. What is larger is rather the rest of the file after an
/// open quote, and all of it would be in memory several times.
const MAX_RECORD: u64 = 64 * 1024 * 1024;

/// Why a record is not read.
fn too_large() -> io::Error {
    io::Error::other("the record is larger than 64 MiB; a quote in it may be open")
}

/// Something to import.
pub struct Source {
    pub(crate) name: String,
    pub(crate) input: Input,
}

/// Where the records come from.
pub(crate) enum Input {
    Text(Text),
    Pages(Box<Pages>),
}

/// A file or a stream.
pub(crate) struct Text {
    syntax: Syntax,
    reader: Box<dyn BufRead + Send>,
}

enum Syntax {
    Csv { delimiter: u8 },
    Json,
    Jsonl,
    Singer { stream: String },
}

/// A record of a source.
pub(crate) struct Record {
    pub(crate) position: Position,
    /// Its values by column, or why it cannot be read.
    pub(crate) values: Result<Values, Unreadable>,
    /// Why it cannot be imported although it can be read.
    pub(crate) problem: Option<Problem>,
    /// The key by which it replaces an earlier record.
    pub(crate) replaces: Option<String>,
}

/// A record that cannot be read.
pub(crate) struct Unreadable {
    pub(crate) reason: String,
    /// What can be read of it, for the file with the records that failed.
    pub(crate) values: Values,
}

impl From<String> for Unreadable {
    fn from(reason: String) -> Self {
        Self {
            reason,
            values: Values::new(),
        }
    }
}

/// Where a record is in its source.
pub(crate) enum Position {
    /// Its line; in a JSON array its number, from 1.
    Line(u64),
    /// Its ID.
    Id(String),
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => line.fmt(f),
            Self::Id(id) => f.write_str(id),
        }
    }
}

impl Record {
    /// A record of a file.
    fn at_line(line: u64, values: Result<Values, Unreadable>) -> Self {
        Self {
            position: Position::Line(line),
            values,
            problem: None,
            replaces: None,
        }
    }

    /// A record that was read from a service.
    fn with_id(id: &str, values: Values, problem: Option<Problem>) -> Self {
        Self {
            position: Position::Id(id.to_owned()),
            values: Ok(values),
            problem,
            // A list that moves while it is read may have a row twice.
            replaces: Some(id.to_owned()),
        }
    }
}

/// What was read of a source.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) columns: Vec<String>,
    /// Whether it is a file of records that an earlier run has not done, a part of another source.
    pub(crate) is_part: bool,
    /// Why it was not read to its end.
    pub(crate) incomplete: Option<String>,
    /// Why it is not known whether it was.
    pub(crate) unsure: Option<String>,
    /// The last state of a Singer tap.
    pub(crate) state: Option<serde_json::Value>,
}

/// The columns that a configuration reads. A service is asked for nothing else.
#[derive(Debug, Default)]
pub(crate) struct ColumnsUsed {
    pub(crate) of_record: BTreeSet<String>,
    /// Of the contacts in the column `contacts`. Empty: the usual ones.
    pub(crate) of_contact: BTreeSet<String>,
}

impl ColumnsUsed {
    fn of(config: &Config) -> Self {
        let used = config.columns_used().into_iter();
        let contacts = config.contacts.iter();
        let of_contacts = contacts.filter(|contacts| contacts.list.is_some());
        let of_contacts = of_contacts.flat_map(|contacts| contacts.fields.values());
        Self {
            of_record: used.map(|used| used.column.clone()).collect(),
            of_contact: of_contacts
                .flat_map(|mapping| mapping.column.iter().cloned())
                .collect(),
        }
    }
}

/// Receives each record.
pub(crate) type Each<'a> = dyn FnMut(Record) -> Result<()> + 'a;

impl Source {
    /// The source in the section `[source]` of the configuration.
    ///
    /// # Errors
    /// [`Error::Unusable`] if it has none, or it is invalid; [`Error::Source`] if there is no key.
    pub fn configured(config: &Config, http: &HttpOptions) -> Result<Self> {
        let options = &config.source;
        let path = match (options.kind, options.path.as_deref()) {
            (SourceKind::Hubspot | SourceKind::Stripe, _) => {
                return Pages::new(config, &ColumnsUsed::of(config), http).map(Self::of_pages);
            }
            (SourceKind::File | SourceKind::Singer, Some(path)) => path,
            (SourceKind::Singer, None) => Path::new("-"),
            (SourceKind::File, None) => {
                return Err(Error::unusable(
                    "no source is configured; name a file, or write a configuration with `pivotal sync init`",
                ));
            }
        };
        Self::open(path, options)
    }

    fn of_pages(pages: Pages) -> Self {
        Self {
            name: pages.name.to_owned(),
            input: Input::Pages(Box::new(pages)),
        }
    }

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
    /// do not say it. For a Singer tap, what is not CSV or a JSON array by one of them is its messages.
    /// A file that a run has written with [`write_failed`](crate::write_failed) is read as such,
    /// whatever the options say.
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
        let mut reader = BufReader::new(reader);
        let start = csv::first_record(&mut reader).map_err(|error| unusable(error.to_string()))?;
        // The options are about the source, and a run writes its failed records in one way.
        let of_failed = csv::is_as_written(&start).then(|| SourceOptions {
            format: Some(Format::Csv),
            delimiter: Some(','),
            ..SourceOptions::default()
        });
        let options = of_failed.as_ref().unwrap_or(options);
        let reader = io::Cursor::new(start).chain(reader);
        let delimiter = match (options.delimiter, extension) {
            (Some(delimiter), _) => csv::delimiter(delimiter).map_err(unusable)?,
            (None, Some("tsv")) => b'\t',
            (None, _) => b',',
        };
        let decoded = encoding::decode(reader, options.encoding.as_deref()).map_err(unusable)?;
        let mut reader: Box<dyn BufRead + Send> = Box::new(BufReader::new(decoded));
        let is_singer = options.kind == SourceKind::Singer;
        let format = match (options.format, extension) {
            (Some(format @ (Format::Csv | Format::Json)), _) => Some(format),
            (None, Some("csv" | "tsv")) => Some(Format::Csv),
            // The messages are JSON Lines.
            _ if is_singer => None,
            (Some(format), _) => Some(format),
            (None, Some("txt")) => Some(Format::Csv),
            (None, Some("json")) => Some(Format::Json),
            (None, Some("jsonl" | "ndjson")) => Some(Format::Jsonl),
            (None, _) => {
                let start = reader
                    .fill_buf()
                    .map_err(|error| unusable(error.to_string()))?;
                let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
                Some(match first {
                    Some(b'[') => Format::Json,
                    Some(b'{') => Format::Jsonl,
                    _ => Format::Csv,
                })
            }
        };
        let syntax = match format {
            Some(Format::Csv) => Syntax::Csv { delimiter },
            Some(Format::Json) => Syntax::Json,
            Some(Format::Jsonl) => Syntax::Jsonl,
            None => Syntax::Singer {
                stream: options.stream.clone().unwrap_or_default(),
            },
        };
        Ok(Self {
            name: name.to_owned(),
            input: Input::Text(Text { syntax, reader }),
        })
    }

    /// The name of the file or the service.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns of a CSV file.
    ///
    /// # Errors
    /// [`Error::Unusable`] if it is no CSV file, or its header is unusable.
    pub fn columns(self) -> Result<Vec<String>> {
        match self.input {
            Input::Text(text) if matches!(text.syntax, Syntax::Csv { .. }) => {
                Ok(text.read(&self.name, &mut |_| Ok(()))?.columns)
            }
            _ => Err(Error::Unusable(format!("{}: it is not CSV", self.name))),
        }
    }
}

impl Text {
    /// Reads all records. Errors begin with the name of the source.
    pub(crate) fn read(self, name: &str, each: &mut Each<'_>) -> Result<Reading> {
        let reader = self.reader;
        match self.syntax {
            Syntax::Csv { delimiter } => csv::read(name, delimiter, reader, each),
            Syntax::Json => json::read_array(name, reader, each),
            Syntax::Jsonl => json::read_lines(name, reader, each),
            Syntax::Singer { stream } => singer::read(name, &stream, reader, each),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Reading {
    /// Adds the columns that are new.
    pub(crate) fn add_columns<'a>(&mut self, names: impl IntoIterator<Item = &'a String>) {
        for name in names {
            if !self.columns.contains(name) {
                self.columns.push(name.clone());
            }
        }
    }
}
