//! JSON arrays and JSON Lines.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::iter;

use serde::de::{DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::Value;

use super::encoding::NOT_UTF_8;
use super::{Each, MAX_RECORD, Reading, Record, Unreadable, too_large};
use crate::error::{Error, Result};
use crate::field::Values;

/// The values of a record, which must be an object.
fn values(record: Value) -> Result<Values, Unreadable> {
    match record {
        Value::Object(values) => Ok(values),
        _ => Err("the record is not an object".to_owned().into()),
    }
}

/// Reads one array of objects. The records are never all in memory.
pub(super) fn read_array(name: &str, reader: impl Read, each: &mut Each<'_>) -> Result<Reading> {
    let mut reading = Reading::default();
    let left = Cell::new(MAX_RECORD);
    let limited = Limited {
        reader,
        left: &left,
    };
    let mut deserializer = serde_json::Deserializer::from_reader(limited);
    let mut records = Records {
        left: &left,
        each,
        reading: &mut reading,
        count: 0,
        stopped: None,
        is_array: false,
    };
    let read = (&mut records).deserialize(&mut deserializer);
    let read = read.and_then(|()| deserializer.end());
    let (stopped, is_array) = (records.stopped, records.is_array);
    if let Some(error) = stopped {
        return Err(error);
    }
    match read {
        Err(error) if !is_array && !error.is_eof() => Err(Error::Unusable(format!(
            "{name}: {error}; use JSON Lines for other than an array"
        ))),
        Err(error) => {
            reading.incomplete = Some(format!("{name}: {error}"));
            Ok(reading)
        }
        Ok(()) => Ok(reading),
    }
}

/// A reader that fails when a record is too large.
struct Limited<'a, R> {
    reader: R,
    /// How many bytes the record may still have.
    left: &'a Cell<u64>,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        let left = self.left.get().checked_sub(length as u64);
        self.left.set(left.ok_or_else(too_large)?);
        Ok(length)
    }
}

struct Records<'a, 'e> {
    left: &'a Cell<u64>,
    each: &'a mut Each<'e>,
    reading: &'a mut Reading,
    count: u64,
    stopped: Option<Error>,
    is_array: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Records<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Records<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        self.is_array = true;
        while let Some(record) = array.next_element::<Value>()? {
            self.count += 1;
            self.left.set(MAX_RECORD);
            let values = values(record);
            if let Ok(values) = &values {
                self.reading.add_columns(values.keys());
            }
            if let Err(error) = (self.each)(Record::at_line(self.count, values)) {
                self.stopped = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

/// Why a line is no record. If it is not UTF-8, what can be read of it is kept.
fn unreadable(line: &[u8], error: &serde_json::Error) -> Unreadable {
    let text = String::from_utf8_lossy(line);
    match serde_json::from_str(&text) {
        Ok(Value::Object(values)) => Unreadable {
            reason: NOT_UTF_8.to_owned(),
            values,
        },
        _ => format!("the record is not JSON: {error}").into(),
    }
}

/// The lines that are not empty, with their numbers. The last may be an error.
pub(super) fn lines(mut reader: impl BufRead) -> impl Iterator<Item = (u64, io::Result<Vec<u8>>)> {
    let mut number = 0;
    iter::from_fn(move || {
        loop {
            number += 1;
            let mut line = Vec::new();
            let mut limited = (&mut reader).take(MAX_RECORD);
            match limited.read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) if line.len() as u64 == MAX_RECORD => {
                    return Some((number, Err(too_large())));
                }
                Ok(_) if line.iter().all(u8::is_ascii_whitespace) => {}
                read => return Some((number, read.map(|_| line))),
            }
        }
    })
}

/// Reads one object per line.
pub(super) fn read_lines(name: &str, reader: impl BufRead, each: &mut Each<'_>) -> Result<Reading> {
    let mut reading = Reading::default();
    for (line, bytes) in lines(reader) {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                reading.incomplete = Some(format!("{name}: line {line}: {error}"));
                break;
            }
        };
        let values = match serde_json::from_slice(&bytes) {
            Ok(record) => values(record),
            Err(error) if error.is_eof() && !bytes.ends_with(b"\n") => {
                let why = "the source ends inside a record";
                reading.incomplete = Some(format!("{name}: line {line}: {why}"));
                break;
            }
            Err(error) => Err(unreadable(&bytes, &error)),
        };
        let (Ok(known) | Err(Unreadable { values: known, .. })) = &values;
        reading.add_columns(known.keys());
        each(Record::at_line(line, values))?;
    }
    Ok(reading)
}
