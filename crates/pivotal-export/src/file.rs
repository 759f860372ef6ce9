//! Files that are replaced whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// A file that is written beside its place and moved there by [`commit`](Self::commit). Without
/// that, it is removed, and what stood there stays.
#[derive(Debug)]
pub struct AtomicFile {
    written: NamedTempFile,
    path: PathBuf,
}

impl AtomicFile {
    /// A file that will stand at this path. What stands there keeps its permissions; a new file has
    /// those of any new file.
    ///
    /// # Errors
    /// [`Error::Unusable`] if something other than a file that may be written stands there, or the
    /// folder cannot be written to.
    pub fn create(path: &Path) -> Result<Self> {
        Self::with_mode(path, None)
    }

    /// The same for a file that only its owner may read, whatever stands there.
    ///
    /// # Errors
    /// Those of [`create`](Self::create).
    pub fn private(path: &Path) -> Result<Self> {
        Self::with_mode(path, Some(0o600))
    }

    fn with_mode(path: &Path, mode: Option<u32>) -> Result<Self> {
        let unusable =
            |why: String| Error::Unusable(format!("cannot write to {}: {why}", path.display()));
        // The place that a link points to, which may be another folder.
        let place = match fs::canonicalize(path) {
            Ok(place) => place,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(unusable(error.to_string())),
        };
        let permissions = match fs::metadata(&place) {
            Ok(found) if !found.is_file() => {
                return Err(unusable("it is not a file".to_owned()));
            }
            Ok(found) if found.permissions().readonly() => {
                return Err(unusable("it is read-only".to_owned()));
            }
            found => found.ok().map(|found| found.permissions()),
        };
        let folder = match place.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".pivotal-").suffix(".partial");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(mode.unwrap_or(0o666)));
        }
        let written = builder.tempfile_in(folder);
        let written = written.map_err(|error| {
            // Without the name of the temporary file.
            let why = error.to_string();
            unusable(why.split(" at path ").next().unwrap_or_default().to_owned())
        })?;
        if let Some(permissions) = permissions.filter(|_| mode.is_none()) {
            written.as_file().set_permissions(permissions)?;
        }
        Ok(Self {
            written,
            path: place,
        })
    }

    /// A handle to write with.
    ///
    /// # Errors
    /// If the process has too many open files.
    pub fn writer(&self) -> io::Result<File> {
        self.written.as_file().try_clone()
    }

    /// Where the file is while it is written.
    pub(crate) fn written(&self) -> &Path {
        self.written.path()
    }

    /// Where the file will be.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until everything is on the disk, and moves the file to its place.
    ///
    /// # Errors
    /// If that fails. What stood there stays then.
    pub fn commit(self) -> io::Result<()> {
        self.written.as_file().sync_all()?;
        self.written
            .persist(&self.path)
            .map_err(|failed| failed.error)?;
        Ok(())
    }
}
