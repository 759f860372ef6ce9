//! The error type of the crate.

use std::io;
use std::path::{Path, PathBuf};

use crate::export::Table;
use crate::text::counted;

/// A result of the crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an export has failed. The file is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file or the format cannot be used. Nothing was sent.
    #[error("{0}")]
    Unusable(String),
    /// A list broke off.
    #[error("the export is partial: the {table} broke off after {}: {error}", counted(*rows, "row"))]
    Broken {
        /// What was being read.
        table: Table,
        /// How many rows of the export had been read before.
        rows: u64,
        /// Why.
        error: Box<pivotal_sdk::Error>,
    },
    /// A file cannot be written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: Box<Error>,
    },
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Write(#[from] io::Error),
    /// The database cannot be written.
    #[error("cannot write the database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The Parquet file cannot be written.
    #[cfg(feature = "parquet")]
    #[error("cannot write the Parquet file: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
}

impl Error {
    /// The same with the name of the file, if there is one and it is about writing.
    pub(crate) fn of_file(self, path: Option<&Path>) -> Self {
        match (self, path) {
            (error @ (Self::Unusable(_) | Self::Broken { .. } | Self::File { .. }), _)
            | (error, None) => error,
            (error, Some(path)) => Self::File {
                path: path.to_owned(),
                error: error.into(),
            },
        }
    }
}

impl From<csv::Error> for Error {
    fn from(error: csv::Error) -> Self {
        // The conversion of the crate loses the kind, such as a closed pipe.
        Self::Write(match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Write(error.into())
    }
}
