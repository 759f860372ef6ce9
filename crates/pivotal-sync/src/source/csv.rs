//! CSV files.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use serde_json::Value;

use super::encoding::NOT_UTF_8;
use super::{Each, MAX_RECORD, Reading, Record, Unreadable, too_large};
use crate::error::{Error, Result};
use crate::field::Values;
use crate::words::number;

/// The columns that `failed.csv` has after those of the source. They are dropped when such a file
/// is imported again.
pub(crate) const REPORT_COLUMNS: [&str; 4] = ["reason", "code", "field", "sent"];

/// The code of a record that cannot be read. In a file of failed records it is well-formed, so that this
/// code alone keeps it from being imported, until a person has corrected it and removed the code.
pub(crate) const UNREADABLE: &str = "unreadable";

/// How much is read to find out whether a source has failed records.
const MAX_HEADER: u64 = 1024 * 1024;

/// Why a record whose quotes are malformed cannot be imported.
const MALFORMED: &str =
    "text follows the quote that ends a value; double the quotes that are part of the value";

pub(super) fn read(
    name: &str,
    delimiter: u8,
    reader: impl Read,
    each: &mut Each<'_>,
) -> Result<Reading> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(Watched {
            reader,
            delimiter,
            quotes: Quotes::Start,
            read: 0,
            line: 1,
            record: (0, 1),
            malformed: VecDeque::new(),
        });
    let mut reading = Reading::default();
    let mut bytes = ByteRecord::new();
    match reader.read_byte_record(&mut bytes) {
        Ok(true) => (reading.columns, reading.is_part) = columns(name, &bytes)?,
        Ok(false) => return Ok(reading),
        Err(error) => return Err(Error::Unusable(format!("{name}: {error}"))),
    }
    let width = bytes.len();
    let end = reader.position().byte();
    if reader.get_mut().is_malformed(end) {
        return Err(Error::Unusable(format!("{name}: the header: {MALFORMED}")));
    }
    loop {
        match reader.read_byte_record(&mut bytes) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                reading.incomplete = Some(format!("{name}: {error}"));
                return Ok(reading);
            }
        }
        let end = reader.position().byte();
        let is_malformed = reader.get_mut().is_malformed(end);
        let line = bytes.position().map_or(0, csv::Position::line);
        let mut is_utf_8 = true;
        let mut texts = bytes.iter().map(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            is_utf_8 &= matches!(text, Cow::Borrowed(_));
            text.into_owned()
        });
        let columns = reading.columns.iter().cloned();
        let mut fields: Vec<String> = texts.by_ref().take(columns.len()).collect();
        let rest: Vec<String> = texts.collect();
        let problem = if bytes.len() != width {
            // What follows an unquoted delimiter stays where it was.
            if let Some(last) = fields.last_mut().filter(|_| bytes.len() > width) {
                for text in &rest {
                    last.push(delimiter.into());
                    last.push_str(text);
                }
            }
            let found = bytes.len();
            Some(format!(
                "the record has {} and the header {width}",
                number(found as u64, "field")
            ))
        } else if is_malformed {
            Some(MALFORMED.to_owned())
        } else if !is_utf_8 {
            // The encoding of the source is not that of its failed records.
            let of_report = "the record is not UTF-8; save the file as UTF-8";
            Some(
                if reading.is_part {
                    of_report
                } else {
                    NOT_UTF_8
                }
                .to_owned(),
            )
        } else if let [reason, code, ..] = &rest[..]
            && code.trim() == UNREADABLE
        {
            Some(without_place(reason).to_owned())
        } else {
            None
        };
        let values: Values = columns.zip(fields.into_iter().map(Value::String)).collect();
        let values = match problem {
            Some(reason) => Err(Unreadable { reason, values }),
            None => Ok(values),
        };
        each(Record::at_line(line, values))?;
    }
    // An open quote makes the rest of the file one value, which would go unnoticed.
    if reader.get_ref().quotes == Quotes::Quoted {
        reading.incomplete = Some(format!(
            "{name}: the file ends inside a quoted value, so it may be cut off"
        ));
    }
    Ok(reading)
}

/// A reason of a file with failed records, which begins with the place of the record in another file.
fn without_place(reason: &str) -> &str {
    let is_place = |text: &str| {
        text.rsplit_once(':').is_some_and(|(_, line)| {
            !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let mut ends = reason.match_indices(": ");
    match ends.find(|(end, _)| is_place(&reason[..*end])) {
        Some((end, _)) => &reason[end + 2..],
        None => reason,
    }
}

/// The columns of the source, and whether those of a file with failed records follow them.
fn columns(name: &str, header: &ByteRecord) -> Result<(Vec<String>, bool)> {
    let header = StringRecord::from_byte_record(header.clone()).map_err(|_| {
        Error::Unusable(format!(
            "{name}: the header is not UTF-8; set the encoding, such as windows-1252"
        ))
    })?;
    let mut columns: Vec<String> = header.iter().map(str::to_owned).collect();
    let is_report = columns.ends_with(&REPORT_COLUMNS.map(str::to_owned));
    if is_report {
        // The rest is named as in the source, which may be JSON.
        columns.truncate(columns.len() - REPORT_COLUMNS.len());
    } else {
        columns = columns_of_source(name, &columns)?;
    }
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].contains(column) {
            return Err(Error::Unusable(format!(
                "{name}: the header has {column:?} twice; rename one"
            )));
        }
    }
    Ok((columns, is_report))
}

/// Whether a file that begins like this is one of failed records, also with the delimiter of a
/// spreadsheet.
pub fn has_failed_records(start: &[u8]) -> bool {
    let mut delimiters = b",;\t|".iter();
    delimiters.any(|delimiter| has_report_columns(start, *delimiter))
}

/// Whether a file that begins like this is one of failed records with the delimiter that it was written
/// with.
pub(super) fn is_as_written(start: &[u8]) -> bool {
    has_report_columns(start, b',')
}

fn has_report_columns(start: &[u8], delimiter: u8) -> bool {
    let wanted = REPORT_COLUMNS.iter().rev().map(|column| column.as_bytes());
    let mut header = ByteRecord::new();
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .from_reader(start);
    let read = reader.read_byte_record(&mut header);
    let last = header.iter().rev().take(REPORT_COLUMNS.len());
    read.is_ok() && last.eq(wanted)
}

/// The first record of a reader, before it is known whether it is CSV.
pub(super) fn first_record(reader: impl BufRead) -> io::Result<Vec<u8>> {
    let mut reader = reader.take(MAX_HEADER);
    let mut start = Vec::new();
    let mut is_open = false;
    loop {
        let length = start.len();
        reader.read_until(b'\n', &mut start)?;
        let quotes = start[length..].iter().filter(|byte| **byte == b'"').count();
        is_open ^= quotes % 2 == 1;
        if start.len() == length || !is_open {
            return Ok(start);
        }
    }
}

/// The delimiter as a byte, or why it cannot be one.
pub(crate) fn delimiter(delimiter: char) -> Result<u8, String> {
    let byte = u8::try_from(delimiter).ok();
    let is_allowed = |byte: &u8| byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n');
    byte.filter(is_allowed).ok_or_else(|| {
        format!(
            "{delimiter:?} cannot be the delimiter; use an ASCII character, but no quote or line break"
        )
    })
}

/// The columns in the header of a file that is no report.
fn columns_of_source(name: &str, header: &[String]) -> Result<Vec<String>> {
    if header.iter().any(|text| text.contains('\0')) {
        return Err(Error::Unusable(format!(
            "{name}: the header has NUL characters, as UTF-16 without a byte order mark would; set the encoding, such as utf-16le"
        )));
    }
    let columns: Vec<String> = header.iter().map(|text| text.trim().to_owned()).collect();
    if let [only] = &columns[..]
        && let Some(other) = only.chars().find(|other| [';', '\t', '|'].contains(other))
    {
        return Err(Error::Unusable(format!(
            "{name}: the header has one column, {only:?}; set the delimiter, which may be {other:?}"
        )));
    }
    Ok(columns)
}

/// A reader that notes what is wrong with quotes, which the parser takes as they are.
struct Watched<R> {
    reader: R,
    delimiter: u8,
    quotes: Quotes,
    /// How many bytes were read.
    read: u64,
    /// The line of the next byte.
    line: u64,
    /// Where the record begins, and in which line.
    record: (u64, u64),
    /// Where text follows the quote that ends a value, until the record is read.
    malformed: VecDeque<u64>,
}

/// Where in a value a byte is.
#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    Start,
    /// In a value that does not begin with a quote, in which others are text.
    Unquoted,
    Quoted,
    /// After a quote, which ends the value or is the first of two.
    Closing,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        for &byte in &buffer[..length] {
            let is_end = byte == self.delimiter || matches!(byte, b'\r' | b'\n');
            self.quotes = match (self.quotes, byte) {
                (Quotes::Start | Quotes::Closing, b'"') => Quotes::Quoted,
                (Quotes::Quoted, b'"') => Quotes::Closing,
                (Quotes::Quoted, _) => Quotes::Quoted,
                _ if is_end => Quotes::Start,
                (before, _) => {
                    if before == Quotes::Closing {
                        self.malformed.push_back(self.read);
                    }
                    Quotes::Unquoted
                }
            };
            self.read += 1;
            self.line += u64::from(byte == b'\n');
            if self.quotes == Quotes::Start && matches!(byte, b'\r' | b'\n') {
                self.record = (self.read, self.line);
            }
        }
        let (start, line) = self.record;
        if self.read - start > MAX_RECORD {
            return Err(io::Error::other(format!("line {line}: {}", too_large())));
        }
        Ok(length)
    }
}

impl<R> Watched<R> {
    /// Whether the quotes of the record that ends here are malformed.
    fn is_malformed(&mut self, end: u64) -> bool {
        let mut found = false;
        while self.malformed.front().is_some_and(|place| *place < end) {
            self.malformed.pop_front();
            found = true;
        }
        found
    }
}
