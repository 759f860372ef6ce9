//! What stops a generation.

use std::fmt;
use std::io;
use std::path::Path;

use crate::exit;

/// Why nothing was generated. Nothing was written either.
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

    /// A file that cannot be read or written.
    pub fn unreadable(file: impl AsRef<Path>, error: &io::Error) -> Self {
        Self::input(file, error)
    }

    /// A fault of this tool.
    pub(crate) fn ours(place: &str, what: impl fmt::Display) -> Self {
        Self {
            place: place.to_owned(),
            what: format!("{what}\nThis is a fault of xtask, not of the document; please report it with the document."),
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
        write!(f, "{}:{separator}{}", self.place, self.what)
    }
}

impl std::error::Error for Failure {}
