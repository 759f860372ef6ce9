//! Files that are replaced whole or not at all.

use std::fmt;
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// The most of a file that is read to find out what it is.
const LONGEST_START: u64 = 1024 * 1024;

/// How the names of files end that belong to a database or its lock. Some are empty, and some do not
/// exist at times.
const OF_DATABASE: [&str; 4] = ["-wal", "-shm", "-journal", "-lock"];

/// A kind of file. A file is replaced only if it is empty or of the kind that is written.
#[derive(Clone, Copy)]
pub struct FileKind<'k> {
    /// What such a file is called in errors.
    pub name: &'k str,
    /// Whether a file is one, by its beginning.
    pub is_one: &'k dyn Fn(&[u8]) -> bool,
}

impl FileKind<'_> {
    /// Checks that a file of this kind may be written to a path: that there is none, an empty one, or an
    /// earlier one of the kind.
    ///
    /// # Errors
    /// [`Error::Unusable`] if something else stands there, it cannot be read, or its name is that of a
    /// part of a database.
    pub fn check(&self, path: &Path) -> Result<()> {
        self.place(path).map(drop)
    }

    /// Writes a whole file of this kind.
    ///
    /// # Errors
    /// Those of [`AtomicFile::create`]; [`Error::File`] if it cannot be written.
    pub fn write(self, path: &Path, content: &str) -> Result<()> {
        let file = AtomicFile::create(path, self)?;
        let written = file.writer().write_all(content.as_bytes());
        let written = written.and_then(|()| file.commit());
        written.map_err(|error| Error::from(error).of_file(Some(path)))
    }

    /// The place that a link points to, which may be another folder, if it may be written, and the
    /// permissions of the file there.
    fn place(&self, path: &Path) -> Result<(PathBuf, Option<Permissions>)> {
        let refuse = |why: &str| unusable(path, &format!("{why}; name another file"));
        let unreadable = |error: io::Error| unusable(path, &error.to_string());
        let place = match fs::canonicalize(path) {
            Ok(place) => place,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(unreadable(error)),
        };
        let name = place.to_string_lossy();
        if OF_DATABASE.iter().any(|end| name.ends_with(end)) {
            return Err(refuse("a file of this name belongs to a database"));
        }
        let found = match fs::metadata(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return match folder_of(&place) {
                    folder if folder.is_dir() => Ok((place, None)),
                    folder => {
                        let folder = folder.display();
                        let why = format!("the folder {folder} does not exist; create it");
                        Err(unusable(path, &why))
                    }
                };
            }
            found => found.map_err(unreadable)?,
        };
        if !found.is_file() {
            return Err(refuse("it is not a file"));
        }
        if found.permissions().readonly() {
            return Err(refuse("it is read-only"));
        }
        let mut start = Vec::new();
        let read = File::open(&place).and_then(|file| {
            let mut file = file.take(LONGEST_START);
            file.read_to_end(&mut start)
        });
        read.map_err(unreadable)?;
        if !start.is_empty() && !(self.is_one)(&start) {
            let name = self.name;
            let why = format!("the file exists and is no {name}, so it is not replaced");
            return Err(refuse(&why));
        }
        let is_open = |end: &&str| {
            let mut beside = place.as_os_str().to_owned();
            beside.push(end);
            Path::new(&beside).exists()
        };
        if ["-wal", "-journal"].iter().any(is_open) {
            return Err(refuse("another program has this database open"));
        }
        Ok((place, Some(found.permissions())))
    }
}

impl fmt::Debug for FileKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileKind").field(&self.name).finish()
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::Unusable(format!("cannot write to {}: {why}", path.display()))
}

/// A file that is written beside its place and moved there by [`commit`](Self::commit). Without
/// that, it is removed, and what stood there stays.
#[derive(Debug)]
pub struct AtomicFile {
    written: NamedTempFile,
    path: PathBuf,
}

impl AtomicFile {
    /// A file of a kind that will stand at this path. An earlier one there keeps its permissions; a new
    /// file has those of any new file.
    ///
    /// # Errors
    /// Those of [`FileKind::check`]; [`Error::Unusable`] if the folder cannot be written to.
    pub fn create(path: &Path, kind: FileKind<'_>) -> Result<Self> {
        Self::with_mode(path, kind, None)
    }

    /// The same for a file that only its owner may read, whatever stands there.
    ///
    /// # Errors
    /// Those of [`create`](Self::create).
    pub fn private(path: &Path, kind: FileKind<'_>) -> Result<Self> {
        Self::with_mode(path, kind, Some(0o600))
    }

    fn with_mode(path: &Path, kind: FileKind<'_>, mode: Option<u32>) -> Result<Self> {
        let (place, permissions) = kind.place(path)?;
        let folder = folder_of(&place);
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
            unusable(path, why.split(" at path ").next().unwrap_or_default())
        })?;
        if let Some(permissions) = permissions.filter(|_| mode.is_none()) {
            written.as_file().set_permissions(permissions)?;
        }
        Ok(Self {
            written,
            path: place,
        })
    }

    /// What is written to.
    pub fn writer(&self) -> &File {
        self.written.as_file()
    }

    /// Where the file is while it is written.
    pub(crate) fn written(&self) -> &Path {
        self.written.path()
    }

    /// Waits until everything is on the disk, and moves the file to its place.
    ///
    /// # Errors
    /// If that fails. What stood there stays then.
    pub fn commit(self) -> io::Result<()> {
        self.written.as_file().sync_all()?;
        self.written.persist(&self.path)?;
        Ok(())
    }
}
