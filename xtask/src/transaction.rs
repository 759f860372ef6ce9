//! Several files written all together or not at all.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fd_lock::RwLock;

use crate::failure::Failure;

/// The folder at the root of a tree that holds the new texts until they take their place, and the
/// old ones until all have.
const STAGING: &str = ".xtask-staging";
const LOCK: &str = "lock";

/// Files to write and to remove in one go, in the order in which they were added.
///
/// Every new text is on disk before the first one takes its place. When one cannot take its place,
/// those that have are put back. When the process ends in between, those that have taken their place
/// stay; the next [`begin`](Self::begin) or [`sweep`] in the tree removes the rest. So the file that
/// says that all others are in place is added last.
#[derive(Debug)]
pub struct Transaction {
    root: PathBuf,
    /// Each file, by its path from the root, and its new text; nothing, to remove it.
    steps: Vec<(String, Option<String>)>,
}

impl Transaction {
    /// In a tree, with nothing to do yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            steps: Vec::new(),
        }
    }

    /// Adds the new text of a file, by its path from the root.
    pub fn write(&mut self, path: &str, text: &str) {
        self.steps.push((path.to_owned(), Some(text.to_owned())));
    }

    /// Marks a file to be removed, by its path from the root.
    pub fn remove(&mut self, path: &str) {
        self.steps.push((path.to_owned(), None));
    }

    /// Puts everything in its place.
    ///
    /// # Errors
    ///
    /// [`Failure`] for the first file that cannot take its place, after all others were put back, or
    /// when another process writes in the tree.
    pub fn commit(self) -> Result<(), Failure> {
        if self.steps.is_empty() {
            return Ok(());
        }
        self.begin()?.complete()
    }

    /// Puts every new text on disk beside the tree, and none in its place yet.
    ///
    /// # Errors
    ///
    /// [`Failure`] when one cannot be written, or a place leads out of the tree through a link.
    pub fn begin(self) -> Result<Commit, Failure> {
        for (path, _) in &self.steps {
            owned(&self.root, path)?;
        }
        sweep(&self.root)?;
        let staging = owned(&self.root, STAGING)?;
        let unwritable = |error: io::Error| Failure::unwritable(&staging, &error);
        fs::create_dir(&staging).map_err(unwritable)?;
        let lock = File::create(staging.join(LOCK)).map_err(unwritable)?;
        let lock = locked(lock, &staging)?;
        let mut commit = Commit {
            root: self.root,
            staging,
            steps: Vec::new(),
            done: 0,
            made: Vec::new(),
            _lock: lock,
        };
        match commit.stage(self.steps) {
            Ok(()) => Ok(commit),
            Err(failure) => Err(commit.undo(failure)),
        }
    }
}

/// A transaction whose files take their places one after the other.
///
/// Dropped in between, it leaves the tree as the end of the process would.
#[derive(Debug)]
pub struct Commit {
    root: PathBuf,
    staging: PathBuf,
    steps: Vec<Step>,
    /// How many files are in their place.
    done: usize,
    /// Folders that were made for new files, the outer before the inner.
    made: Vec<PathBuf>,
    /// Tells a process that writes from one that was killed.
    _lock: RwLock<File>,
}

/// A file that changes.
#[derive(Debug)]
struct Step {
    path: String,
    /// Its new text; nothing, to remove it.
    new: Option<PathBuf>,
    /// Its old text, if there is any.
    old: Option<PathBuf>,
}

impl Commit {
    /// Puts one more file in its place; `false` when all are.
    ///
    /// # Errors
    ///
    /// [`Failure`] when it cannot take its place.
    pub fn step(&mut self) -> Result<bool, Failure> {
        let Some(step) = self.steps.get(self.done) else {
            return Ok(false);
        };
        let target = owned(&self.root, &step.path)?;
        let unwritable = |error: io::Error| Failure::unwritable(&target, &error);
        // What the last one stands for is on disk before it.
        if self.done + 1 == self.steps.len() {
            self.sync(..self.done).map_err(unwritable)?;
        }
        let taken = match &step.new {
            Some(new) => fs::rename(new, &target),
            None => fs::remove_file(&target),
        };
        taken.map_err(unwritable)?;
        self.done += 1;
        Ok(true)
    }

    /// Puts everything in its place.
    ///
    /// # Errors
    ///
    /// [`Failure`] for the first file that cannot take its place, after all others were put back.
    pub fn complete(mut self) -> Result<(), Failure> {
        loop {
            match self.step() {
                Ok(true) => {}
                Ok(false) => return self.finish(),
                Err(failure) => return Err(self.undo(failure)),
            }
        }
    }

    fn finish(self) -> Result<(), Failure> {
        let unwritable = |error: io::Error| Failure::unwritable(&self.staging, &error);
        self.sync(self.done.saturating_sub(1)..self.done)
            .map_err(unwritable)?;
        fs::remove_dir_all(&self.staging).map_err(unwritable)
    }

    fn stage(&mut self, steps: Vec<(String, Option<String>)>) -> Result<(), Failure> {
        let unwritable = |error: io::Error| Failure::unwritable(&self.staging, &error);
        write_through(&self.staging.join(".gitignore"), "*\n").map_err(unwritable)?;
        for (index, (path, text)) in steps.into_iter().enumerate() {
            let target = self.root.join(&path);
            let failed = |error: io::Error| Failure::unwritable(&target, &error);
            let old = self.staging.join(format!("{index}.old"));
            let old = keep(&target, &old).map_err(failed)?.then_some(old);
            let new = match text {
                Some(text) => {
                    let new = self.staging.join(format!("{index}.new"));
                    write_through(&new, &text).map_err(failed)?;
                    make(target.parent(), &mut self.made).map_err(failed)?;
                    Some(new)
                }
                None => None,
            };
            self.steps.push(Step { path, new, old });
        }
        sync_folder(&self.staging).map_err(|error| Failure::unwritable(&self.staging, &error))
    }

    /// Has the disk know the names in the folders of some steps.
    fn sync(&self, steps: impl std::slice::SliceIndex<[Step], Output = [Step]>) -> io::Result<()> {
        let folders: BTreeSet<_> = self.steps[steps]
            .iter()
            .filter_map(|step| self.root.join(&step.path).parent().map(Path::to_owned))
            .collect();
        folders.iter().try_for_each(|folder| sync_folder(folder))
    }

    /// Puts the old files back.
    fn undo(self, failure: Failure) -> Failure {
        let mut stuck = Vec::new();
        for step in self.steps[..self.done].iter().rev() {
            let target = self.root.join(&step.path);
            let back = match &step.old {
                Some(old) => fs::rename(old, &target).map_err(|_| {
                    let old = old.display();
                    format!("{} (its old text is {old})", target.display())
                }),
                None => fs::remove_file(&target).map_err(|_| target.display().to_string()),
            };
            stuck.extend(back.err());
        }
        for folder in self.made.iter().rev() {
            // One that somebody else has put something into stays.
            let _ = fs::remove_dir(folder);
        }
        if !stuck.is_empty() {
            let stuck = stuck.join(", ");
            return Failure::named(format!(
                "{failure}\nand these could not be put back: {stuck}. The next run of xtask removes {}",
                self.staging.display()
            ));
        }
        // What cannot be removed now is swept by the next run.
        let _ = fs::remove_dir_all(&self.staging);
        failure
    }
}

/// Removes what a run that was killed has left in a tree.
///
/// # Errors
///
/// [`Failure`] when another process writes in the tree, or the rest cannot be removed.
pub fn sweep(root: &Path) -> Result<(), Failure> {
    let staging = owned(root, STAGING)?;
    if !staging.exists() {
        return Ok(());
    }
    // Without its lock it was left in the moment after it was made.
    let lock = File::options().write(true).open(staging.join(LOCK));
    let _held = lock.ok().map(|lock| locked(lock, &staging)).transpose()?;
    fs::remove_dir_all(&staging).map_err(|error| Failure::unwritable(&staging, &error))
}

/// The place of a file that xtask writes or removes.
///
/// # Errors
///
/// [`Failure`] when a part of the path is a link: what lies behind it does not belong to the tree.
pub(crate) fn owned(root: &Path, path: &str) -> Result<PathBuf, Failure> {
    let mut place = root.to_owned();
    for name in Path::new(path) {
        place.push(name);
        if place.is_symlink() {
            return Err(Failure::input(
                &place,
                "is a link; xtask writes and removes files only in the tree itself, so put a real file or folder there",
            ));
        }
    }
    Ok(place)
}

/// Locks a file until it is closed.
fn locked(file: File, staging: &Path) -> Result<RwLock<File>, Failure> {
    let mut lock = RwLock::new(file);
    let guard = lock.try_write().map_err(|_| {
        let what = "another xtask writes in this tree; run the command again when it has ended";
        Failure::input(staging, what)
    })?;
    // The guard would unlock it and cannot be stored beside it.
    std::mem::forget(guard);
    Ok(lock)
}

/// Replaces one file, or leaves it as it was.
///
/// # Errors
///
/// It cannot be written.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = PathBuf::from(name);
    write_through(&new, text)
        .and_then(|()| fs::rename(&new, path))
        .inspect_err(|_| {
            // What is left is ours, and the error says what happened.
            let _ = fs::remove_file(&new);
        })
}

fn write_through(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Makes a folder and those around it.
fn make(folder: Option<&Path>, made: &mut Vec<PathBuf>) -> io::Result<()> {
    // The folder of a name alone is empty.
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let Some(folder) = folder.filter(is_missing) else {
        return Ok(());
    };
    make(folder.parent(), made)?;
    fs::create_dir(folder)?;
    made.push(folder.to_owned());
    Ok(())
}

/// Gives a file as it is now a second name; `false` when there is no such file.
fn keep(target: &Path, name: &Path) -> io::Result<bool> {
    if !target.exists() {
        return Ok(false);
    }
    // Not every file system has links.
    if fs::hard_link(target, name).is_err() {
        fs::copy(target, name)?;
    }
    Ok(true)
}
