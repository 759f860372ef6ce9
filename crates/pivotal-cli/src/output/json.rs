//! JSON.

use std::borrow::Cow;
use std::io::{self, Write};

use pivotal_sdk::{Value, printable};

use crate::report::Failure;

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

pub(super) fn print_line(value: &Value) -> Result<(), Failure> {
    writeln!(io::stdout().lock(), "{}", escaped(&value.to_string()))?;
    Ok(())
}

pub(super) fn print_pretty(value: &Value) -> Result<(), Failure> {
    writeln!(io::stdout().lock(), "{}", escaped(&format!("{value:#}")))?;
    Ok(())
}

/// JSON in which what could control a terminal is escaped: JSON itself permits some control
/// characters and the marks that change the order of text.
pub(super) fn escaped(json: &str) -> Cow<'_, str> {
    let is_printable = |line: &str| matches!(printable(line), Cow::Borrowed(_));
    if json.split('\n').all(is_printable) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 8);
    for character in json.chars() {
        if character == '\n' || is_printable(character.encode_utf8(&mut [0; 4])) {
            escaped.push(character);
        } else {
            escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
        }
    }
    Cow::Owned(escaped)
}
