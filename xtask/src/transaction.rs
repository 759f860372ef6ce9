//! Several files written all together or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::failure::Failure;

/// Files to write and to remove in one go.
///
/// Every new text is on disk beside its place before the first one takes it. When one cannot take
/// its place, those that have are put back: the tree is as it was. Dropped without
/// [`commit`](Self::commit), nothing happens.
#[derive(Debug)]
pub struct Transaction {
    root: PathBuf,
    /// Each file, and what takes its place; nothing, to remove it.
    steps: Vec<(PathBuf, Option<NamedTempFile>)>,
    /// Folders that were made for new files, the outer before the inner.
    made: Vec<PathBuf>,
}

impl Transaction {
    /// In a tree, with nothing to do yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            steps: Vec::new(),
            made: Vec::new(),
        }
    }

    /// Adds the new text of a file, by its path from the root.
    ///
    /// # Errors
    ///
    /// [`Failure`] when it cannot be written there.
    pub fn write(&mut self, path: &str, text: &str) -> Result<(), Failure> {
        let target = self.root.join(path);
        let new = self
            .write_beside(&target, text)
            .map_err(|error| Failure::unwritable(&target, &error))?;
        self.steps.push((target, Some(new)));
        Ok(())
    }

    /// Marks a file to be removed, by its path from the root.
    pub fn remove(&mut self, path: &str) {
        self.steps.push((self.root.join(path), None));
    }

    /// Puts everything in its place.
    ///
    /// # Errors
    ///
    /// [`Failure`] for the first file that cannot take its place, after all others were put back.
    pub fn commit(mut self) -> Result<(), Failure> {
        let mut kept = Vec::new();
        for (target, _) in &self.steps {
            kept.push(keep(target).map_err(|error| Failure::unwritable(target, &error))?);
        }
        let steps = std::mem::take(&mut self.steps);
        let mut done: Vec<(PathBuf, Option<TempPath>)> = Vec::new();
        for ((target, new), backup) in steps.into_iter().zip(kept) {
            let taken = match new {
                Some(new) => new.persist(&target).map(drop).map_err(io::Error::from),
                None => fs::remove_file(&target),
            };
            if let Err(error) = taken {
                let failure = Failure::unwritable(&target, &error);
                return Err(put_back(done, failure));
            }
            done.push((target, backup));
        }
        // They hold files now.
        self.made.clear();
        Ok(())
    }

    fn write_beside(&mut self, target: &Path, text: &str) -> io::Result<NamedTempFile> {
        let folder = target.parent().unwrap_or(Path::new("."));
        self.make(folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".xtask-");
        #[cfg(unix)]
        {
            // A temporary file is private by default; a source file is not.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o644));
        }
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        Ok(file)
    }

    fn make(&mut self, folder: &Path) -> io::Result<()> {
        if folder.exists() || folder.as_os_str().is_empty() {
            return Ok(());
        }
        if let Some(parent) = folder.parent() {
            self.make(parent)?;
        }
        fs::create_dir(folder)?;
        self.made.push(folder.to_owned());
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.steps.clear();
        for folder in self.made.iter().rev() {
            // One that somebody else has put something into stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A second name for a file as it is now; `None` when there is no such file.
fn keep(target: &Path) -> io::Result<Option<TempPath>> {
    if !target.exists() {
        return Ok(None);
    }
    let folder = target.parent().unwrap_or(Path::new("."));
    let path = tempfile::Builder::new()
        .prefix(".xtask-")
        .tempfile_in(folder)?
        .into_temp_path();
    fs::remove_file(&path)?;
    // Not every file system has links.
    if fs::hard_link(target, &path).is_err() {
        fs::copy(target, &path)?;
    }
    Ok(Some(path))
}

fn put_back(done: Vec<(PathBuf, Option<TempPath>)>, failure: Failure) -> Failure {
    let mut stuck = Vec::new();
    for (target, backup) in done.into_iter().rev() {
        let back = match backup {
            Some(backup) => backup.persist(&target).map_err(|error| {
                let at = error.path.display().to_string();
                // The old text must not go with the name.
                let _ = error.path.keep();
                format!("{} (its old text is {at})", target.display())
            }),
            None => fs::remove_file(&target).map_err(|_| target.display().to_string()),
        };
        stuck.extend(back.err());
    }
    if stuck.is_empty() {
        return failure;
    }
    let stuck = stuck.join(", ");
    Failure::named(format!(
        "{failure}\nand these could not be put back: {stuck}"
    ))
}
