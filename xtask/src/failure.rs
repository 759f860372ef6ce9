//! What stops a command.

use std::fmt;
use std::io;
use std::path::Path;

use crate::exit;

/// Why a command failed. It has written nothing.
#[derive(Debug)]
pub struct Failure {
    /// The file that cannot be used, or what failed.
    place: String,
    what: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Input,
    Ours,
}

impl Failure {
    /// A file that was read and cannot be used.
    pub fn input(file: impl AsRef<Path>, what: impl fmt::Display) -> Self {
        Self {
            place: file.as_ref().display().to_string(),
            what: what.to_string(),
            kind: Kind::Input,
        }
    }

    /// An error that names the file itself.
    pub fn named(what: impl fmt::Display) -> Self {
        Self {
            place: String::new(),
            what: what.to_string(),
            kind: Kind::Input,
        }
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

    /// A fault of this tool.
    pub(crate) fn ours(place: &str, what: impl fmt::Display) -> Self {
        Self {
            place: place.to_owned(),
            what: format!(
                "{what}\nThis is a fault of xtask, not of the document; please report it with the document."
            ),
            kind: Kind::Ours,
        }
    }

    /// A program that is needed and cannot be run, or fails.
    pub(crate) fn unavailable(what: impl fmt::Display) -> Self {
        Self {
            place: String::new(),
            what: what.to_string(),
            kind: Kind::Ours,
        }
    }

    /// The exit code that says so.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Input => exit::UNUSABLE_INPUT,
            Kind::Ours => exit::OUR_FAULT,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.what.contains('\n') { "\n" } else { " " };
        match self.place.as_str() {
            "" => f.write_str(&self.what),
            place => write!(f, "{place}:{separator}{}", self.what),
        }
    }
}

impl std::error::Error for Failure {}
