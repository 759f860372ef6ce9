//! What stops a command.

use std::fmt;
use std::io;
use std::path::Path;

use crate::exit;

/// Why a command failed. It has written nothing.
#[derive(Debug)]
pub struct Failure {
    /// The file that cannot be used, or what failed; may be empty.
    place: String,
    what: String,
    exit_code: u8,
}

impl Failure {
    fn new(place: impl fmt::Display, what: impl fmt::Display, exit_code: u8) -> Self {
        Self {
            place: place.to_string(),
            what: what.to_string(),
            exit_code,
        }
    }

    /// A file that was read and cannot be used.
    pub fn input(file: impl AsRef<Path>, what: impl fmt::Display) -> Self {
        Self::new(file.as_ref().display(), what, exit::UNUSABLE_INPUT)
    }

    /// An error that names the file itself.
    pub fn named(what: impl fmt::Display) -> Self {
        Self::new("", what, exit::UNUSABLE_INPUT)
    }

    /// A file that cannot be read.
    pub fn unreadable(file: impl AsRef<Path>, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData => Self::input(file, "cannot be read: it is not UTF-8"),
            _ => Self::input(file, format!("cannot be read: {error}")),
        }
    }

    /// A file that cannot be written or removed.
    pub fn unwritable(file: impl AsRef<Path>, error: &io::Error) -> Self {
        Self::input(file, format!("cannot be written: {error}"))
    }

    /// A bug of this tool.
    pub(crate) fn ours(place: &str, what: impl fmt::Display) -> Self {
        let what = format!(
            "{what}\nThis is a bug of xtask, not a problem of the document; please report it with the document."
        );
        Self::new(place, what, exit::INTERNAL_ERROR)
    }

    /// A program that cannot be run, or fails.
    pub(crate) fn unavailable(what: impl fmt::Display) -> Self {
        Self::new("", what, exit::INTERNAL_ERROR)
    }

    /// The exit code that says so.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.what.contains('\n') { "\n" } else { " " };
        match self.place.as_str() {
            "" => f.write_str(&self.what),
            // The name of a file may have several lines.
            place => write!(f, "{}:{separator}{}", place.replace('\n', "\\n"), self.what),
        }
    }
}

impl std::error::Error for Failure {}
