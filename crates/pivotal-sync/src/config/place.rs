//! Where something is in the configuration.

use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

/// The text of a configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    pub(super) file: Option<PathBuf>,
    pub(super) text: String,
}

impl Written {
    /// The place of the value with these keys, or of the last of them that there is, as the beginning of
    /// an error.
    pub(super) fn at(&self, keys: &[&str]) -> String {
        let Ok(table) = DeTable::parse(&self.text) else {
            return String::new();
        };
        let mut start = table.span().start;
        let mut table = Some(table.get_ref());
        for key in keys {
            let Some(value) = table.and_then(|table| table.get(*key)) else {
                break;
            };
            start = value.span().start;
            table = match value.get_ref() {
                DeValue::Table(table) => Some(table),
                _ => None,
            };
        }
        let file = self.file.as_ref();
        let file = file.map_or(String::new(), |file| format!("{}: ", file.display()));
        let (line, column) = line_and_column(&self.text, start);
        format!("{file}line {line}, column {column}: ")
    }
}

/// The line and the column of a byte, from 1.
pub(super) fn line_and_column(text: &str, start: usize) -> (usize, usize) {
    let before = text.get(..start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
