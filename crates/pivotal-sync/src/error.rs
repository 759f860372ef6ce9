//! The error type of the crate.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::kind::Kind;
use crate::words::number;

/// A result of the crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a step could not be done. Records that fail are not errors: the [report](crate::Report) has
/// them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A source, the configuration or an argument cannot be used. Nothing was sent.
    #[error("{0}")]
    Unusable(String),
    /// Another run holds the lock of the state file.
    #[error("{} is in use by another run; wait until it has ended", .0.display())]
    Locked(PathBuf),
    /// A list of the mirror broke off, so that nothing can be planned.
    #[error("the mirror is incomplete after {}: {reason}; the last complete copy is kept, and nothing was written to Pivotal", number(*read, kind.as_str()))]
    Mirror {
        /// What was read.
        kind: Kind,
        /// How many rows were read.
        read: u64,
        /// Why the list broke off.
        reason: String,
        /// Whether the API key was rejected.
        authentication: bool,
    },
    /// A service that is the source refuses the key, or nothing of it could be read.
    #[error("{name}: {reason}")]
    Source {
        /// The service, such as `HubSpot`.
        name: &'static str,
        /// Why. Text of the service in it is bounded and printable.
        reason: String,
        /// Whether the key was refused or is missing.
        authentication: bool,
    },
    /// The state file cannot be read or written.
    #[error("the state file {}: {error}{}{}", path.display(), if_full(error), if_damaged(error))]
    State {
        /// The file.
        path: PathBuf,
        /// What failed.
        error: rusqlite::Error,
    },
    /// The records of the source cannot be kept in a temporary file while the plan is made.
    #[error("the records of the source cannot be kept in a temporary file in the folder {}: {error}; it needs about as much room there as the source", folder.display())]
    Records {
        /// The folder of the state file.
        folder: PathBuf,
        /// What failed.
        error: std::io::Error,
    },
    /// The records that failed cannot be written.
    #[error("cannot write the records that failed: {0}")]
    Write(#[from] std::io::Error),
    /// A call failed that belongs to no list and to no change, such as the one for the workspace.
    #[error(transparent)]
    Call(#[from] pivotal_sdk::Error),
}

impl Error {
    /// The [exit code](exit_code) of a command that ends with this error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unusable(_) | Self::Locked(_) => exit_code::UNUSABLE,
            Self::State { error, .. } if is_damage(error) => exit_code::UNUSABLE,
            Self::Mirror { authentication, .. } | Self::Source { authentication, .. }
                if *authentication =>
            {
                exit_code::AUTHENTICATION
            }
            Self::Call(error) if error.is_authentication() || error.is_permission() => {
                exit_code::AUTHENTICATION
            }
            Self::Call(error) if error.is_config() => exit_code::UNUSABLE,
            Self::Mirror { .. }
            | Self::Source { .. }
            | Self::State { .. }
            | Self::Records { .. }
            | Self::Write(_)
            | Self::Call(_) => exit_code::PARTIAL,
        }
    }

    pub(crate) fn unusable(what: impl Into<String>) -> Self {
        Self::Unusable(what.into())
    }

    /// Names the state file in an error of SQLite.
    pub(crate) fn in_file(self, file: &Path) -> Self {
        match self {
            Self::State { error, .. } => Self::State {
                path: file.to_owned(),
                error,
            },
            other => other,
        }
    }
}

/// `in_file` names the file.
impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::State {
            path: PathBuf::new(),
            error,
        }
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt)
}

fn if_damaged(error: &rusqlite::Error) -> &'static str {
    match is_damage(error) {
        true => {
            "; the file is damaged: move it away or put a backup in its place, and run the command again, which finds the customers by their match keys"
        }
        false => "",
    }
}

/// SQLite does not say which of its files has no room.
fn if_full(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "; free some space on its disk, or on that of its temporary files (SQLITE_TMPDIR), and run the command again"
        }
        _ => "",
    }
}

/// The exit codes of a run.
pub mod exit_code {
    /// Everything was done.
    pub const COMPLETE: u8 = 0;
    /// Everything was attempted, and some records failed.
    pub const RECORDS_FAILED: u8 = 1;
    /// A source, the configuration or an argument cannot be used.
    pub const UNUSABLE: u8 = 2;
    /// The API key was rejected.
    pub const AUTHENTICATION: u8 = 4;
    /// Not everything was read or attempted.
    pub const PARTIAL: u8 = 5;
    /// A guard stopped the run before its first write.
    pub const GUARD: u8 = 6;
    /// The run was interrupted.
    pub const INTERRUPTED: u8 = 130;
}

/// The first characters of a text of the source, for an error or a label.
pub(crate) fn shortened(text: &str) -> String {
    const SHOWN: usize = 100;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// ` (did you mean ...?)` if one of the names is close to what was written.
pub(crate) fn did_you_mean<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(written, names) {
        Some(name) => format!(" (did you mean {name:?}?)"),
        None => String::new(),
    }
}

/// The name that is close to what was written, for a suggestion.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let near = names.into_iter().map(|name| (distance(name), name));
    let (distance, name) = near.min()?;
    (distance <= written.chars().count().div_ceil(3)).then_some(name)
}
