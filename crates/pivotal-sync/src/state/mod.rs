//! The state file: one SQLite database. Everything is written to it before the call it concerns.

pub(crate) mod items;
pub(crate) mod outcomes;
pub(crate) mod rows;
mod runs;

use std::cmp;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

pub use items::{Action, ItemState, PlanItem};
pub(crate) use items::{Item, NewItem};
pub(crate) use outcomes::Outcome;
pub(crate) use runs::NewRun;
pub use runs::{Counts, Run, RunId};

use crate::error::{Error, Result};
use crate::progress::Progress;

/// Marks the file as ours: `PvtS`.
const APPLICATION_ID: i64 = 0x5076_7453;
/// The version of the tables.
const VERSION: i64 = 6;
const SCHEMA: &str = include_str!("schema.sql");
const TEMPORARY: &str = include_str!("temporary.sql");

/// What is called as a run advances.
type Listener = Box<dyn Fn(&Progress<'_>) + Send + Sync>;

/// The connection, which several threads use in turn.
#[derive(Clone)]
pub(crate) struct Database {
    connection: Arc<Mutex<Connection>>,
    /// Holds the lock of a run as an open transaction, until the last thread that writes has ended.
    lock: Option<Arc<Mutex<Connection>>>,
    path: PathBuf,
}

/// The state file of imports: the mirror, the runs, their plans and outcomes.
///
/// The database is in WAL mode, so that other programs can read it at any time. A run holds a lock
/// on it, for which an empty file with the suffix `-lock` lies beside it. A killed process leaves no
/// lock.
pub struct State {
    database: Database,
    /// The run that was planned by this process on a mirror which is still fresh.
    fresh: AtomicI64,
    on_progress: Option<Listener>,
}

impl State {
    /// Opens the file for a run, and creates it if it does not exist.
    ///
    /// # Errors
    /// [`Error::Locked`] if another run has it open; [`Error::Unusable`] if it is another kind of
    /// file or of another version; [`Error::State`] if it cannot be read or written.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_to_write(path).map_err(|error| error.in_file(path))
    }

    fn open_to_write(path: &Path) -> Result<Self> {
        refuse_folder(path)?;
        let lock = lock(path)?;
        create_private(path).map_err(|error| unusable(path, &error))?;
        let connection = Connection::open(path).map_err(|error| unusable(path, &error))?;
        if connection.is_readonly("main")? {
            return Err(unusable(path, &"it is read-only"));
        }
        connection.busy_timeout(Duration::from_secs(10))?;
        let is_new = check(&connection, path)?;
        // Most of what is written is long rows in order: larger pages cost a fifth less. This holds
        // for a new file only.
        connection.pragma_update(None, "page_size", 16384)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // Plans of many records search the mirror; in kibibytes.
        connection.pragma_update(None, "cache_size", -32 * 1024)?;
        connection
            .execute_batch("PRAGMA temp.cache_size = -16384; PRAGMA temp.journal_mode = MEMORY")?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.pragma_update(None, "synchronous", "FULL")?;
        if is_new {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {SCHEMA}
                 PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT;"
            ))?;
        }
        let state = Self {
            database: Database::new(connection, Some(lock), path),
            fresh: AtomicI64::new(0),
            on_progress: None,
        };
        state.end_open_runs()?;
        Ok(state)
    }

    /// Opens an existing file to read it, also during a run.
    ///
    /// # Errors
    /// As for [`open`](Self::open), and [`Error::Unusable`] if there is no such file.
    pub fn read(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::Unusable(format!(
                "{}: no such state file; the first import, plan or mirror creates it",
                path.display()
            )));
        }
        Self::open_to_read(path).map_err(|error| error.in_file(path))
    }

    fn open_to_read(path: &Path) -> Result<Self> {
        refuse_folder(path)?;
        File::open(path).map_err(|error| unusable(path, &error))?;
        let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let mut connection = Connection::open_with_flags(path, read_only)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        let mut is_empty = check(&connection, path);
        // SQLite creates files beside the database even to read it, unless it is told that nobody writes
        // it. Then it does not see what is in the log only.
        if let Err(Error::State { error, .. }) = &is_empty
            && let Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) = error.sqlite_error_code()
        {
            if beside(path, "-wal").exists() {
                return Err(unusable(
                    path,
                    &"no files can be created in its folder, which reading it needs; copy it and its -wal file to another folder, and name the copy with --state",
                ));
            }
            let flags = read_only | OpenFlags::SQLITE_OPEN_URI;
            connection = Connection::open_with_flags(immutable(path), flags)?;
            is_empty = check(&connection, path);
        }
        if is_empty? {
            return Err(foreign(path));
        }
        Ok(Self {
            database: Database::new(connection, None, path),
            fresh: AtomicI64::new(0),
            on_progress: None,
        })
    }

    /// Calls a function as a run advances.
    #[must_use]
    pub fn on_progress(mut self, listener: impl Fn(&Progress<'_>) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Box::new(listener));
        self
    }

    pub(crate) fn progress(&self, step: &Progress<'_>) {
        if let Some(listener) = &self.on_progress {
            listener(step);
        }
    }

    /// The folder of the file.
    pub(crate) fn folder(&self) -> &Path {
        match self.database.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// Creates the temporary tables that a new plan needs, or empties them.
    pub(crate) fn reset_temporary_tables(&self) -> Result<()> {
        self.query(|connection| Ok(connection.execute_batch(TEMPORARY)?))
    }

    /// Whether what is written from now on survives a power failure as soon as it is written. What a
    /// killed process has written survives in any case.
    pub(crate) fn survive_power_failures(&self, at_once: bool) -> Result<()> {
        let value = if at_once { "FULL" } else { "NORMAL" };
        self.query(|connection| Ok(connection.pragma_update(None, "synchronous", value)?))
    }

    /// Whether what is written stays in the log of the database for now, which does not wait for the
    /// disk.
    pub(crate) fn stay_in_log(&self, stay: bool) -> Result<()> {
        let pages = if stay { 0 } else { 1000 };
        self.query(|connection| Ok(connection.pragma_update(None, "wal_autocheckpoint", pages)?))
    }

    /// Reads.
    pub(crate) fn query<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.database.query(read)
    }

    /// Writes everything or nothing.
    pub(crate) fn write<T>(&self, write: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.database.write(write)
    }

    /// Whether a run holds the lock.
    fn is_locked(&self) -> Result<bool> {
        let path = lock_file(&self.database.path);
        if self.database.lock.is_some() || !path.exists() {
            return Ok(self.database.lock.is_some());
        }
        let lock = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        lock.busy_timeout(Duration::ZERO)?;
        match lock.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(true),
            read => Ok(read.map(|()| false)?),
        }
    }

    /// Binds the file to a workspace, or checks that it is the same.
    pub(crate) fn bind_workspace(&self, id: &str, slug: &str) -> Result<()> {
        self.write(|transaction| {
            let mut known = transaction.prepare("SELECT id, slug FROM workspace")?;
            let mut known = known.query([])?;
            if let Some(row) = known.next()? {
                let (known, name): (String, String) = (row.get(0)?, row.get(1)?);
                if known != id {
                    return Err(Error::Unusable(format!(
                        "the state file belongs to the workspace {name:?}, and the API key to {slug:?}; use another file with --state"
                    )));
                }
                return Ok(());
            }
            transaction.execute("INSERT INTO workspace VALUES (?, ?)", [id, slug])?;
            Ok(())
        })
    }

    /// Whether the run was planned by this process and is applied for the first time. Then the
    /// mirror is fresh.
    pub(crate) fn take_fresh(&self, run: RunId) -> bool {
        self.fresh.swap(0, Ordering::Relaxed) == run
    }

    pub(crate) fn set_fresh(&self, run: RunId) {
        self.fresh.store(run, Ordering::Relaxed);
    }

    /// Ends the runs and walks that are open, as after a kill or an interruption. What was being
    /// sent is resolved by the next complete walk of the mirror.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn end_open_runs(&self) -> Result<()> {
        self.write(|transaction| {
            for sql in [
                "UPDATE walks SET state = 'broken', reason = 'the process ended', ended_at = ?
                 WHERE state = 'running'",
                "UPDATE runs SET state = 'failed', reason = 'the process ended before the plan was made', ended_at = ?
                 WHERE state = 'reading'",
                "UPDATE runs SET state = 'partial', reason = 'the process ended', ended_at = ?
                 WHERE state = 'applying'",
            ] {
                transaction.execute(sql, [now()])?;
            }
            Ok(())
        })
    }
}

impl Database {
    fn new(connection: Connection, lock: Option<Connection>, path: &Path) -> Self {
        Self {
            connection: Arc::new(Mutex::new(connection)),
            lock: lock.map(|lock| Arc::new(Mutex::new(lock))),
            path: path.to_owned(),
        }
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn query<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        read(&self.connection()).map_err(|error| error.in_file(&self.path))
    }

    fn write<T>(&self, write: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.connection();
        let written = || {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = write(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        written().map_err(|error: Error| error.in_file(&self.path))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

/// Now, as it is stored.
pub(crate) fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An exclusive transaction on a file beside the state, which the operating system ends with the
/// process. The state itself stays readable.
fn lock(path: &Path) -> Result<Connection> {
    let lock = lock_file(path);
    let cannot_create = |_| {
        unusable(
            path,
            &"its folder does not exist, or files cannot be created in it",
        )
    };
    let lock = Connection::open(&lock).map_err(cannot_create)?;
    // A process that looks whether there is a lock has it for an instant.
    lock.busy_timeout(Duration::from_millis(500))?;
    match lock.execute_batch("BEGIN EXCLUSIVE") {
        Ok(()) => Ok(lock),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
            Err(Error::Locked(path.to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

fn lock_file(path: &Path) -> PathBuf {
    beside(path, "-lock")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(suffix);
    beside.into()
}

/// The address of a file that nobody writes.
fn immutable(path: &Path) -> String {
    let mut address = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                address.push(char::from(*byte));
            }
            _ => address.push_str(&format!("%{byte:02x}")),
        }
    }
    address + "?immutable=1"
}

fn refuse_folder(path: &Path) -> Result<()> {
    match path.is_dir() {
        true => Err(unusable(path, &"it is a folder; name a file with --state")),
        false => Ok(()),
    }
}

/// Creates a file that only its owner may read, as it has customer data, unless it exists. SQLite gives
/// its other files the same permissions.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created.map(drop),
    }
}

fn unusable(path: &Path, why: &dyn fmt::Display) -> Error {
    Error::Unusable(format!("the state file {}: {why}", path.display()))
}

fn foreign(path: &Path) -> Error {
    Error::Unusable(format!(
        "{} is not a state file of this program; name another file with --state",
        path.display()
    ))
}

/// Checks that a database is ours and of this version, and returns whether it is a new file.
fn check(connection: &Connection, path: &Path) -> Result<bool> {
    let number = |sql: &str| -> Result<i64> {
        let number = connection.query_row(sql, [], |row| row.get(0));
        number.map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => foreign(path),
            _ => error.into(),
        })
    };
    if number("SELECT count(*) FROM sqlite_schema")? == 0 {
        return Ok(true);
    }
    if number("PRAGMA application_id")? != APPLICATION_ID {
        return Err(foreign(path));
    }
    let what = match number("PRAGMA user_version")?.cmp(&VERSION) {
        cmp::Ordering::Equal => return Ok(false),
        cmp::Ordering::Greater => "was written by a newer version of this program",
        cmp::Ordering::Less => {
            "was written by an older version of this program; name another file with --state, and customers are recognized by their match keys"
        }
    };
    Err(Error::Unusable(format!("{} {what}", path.display())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_lock_is_held_until_the_last_thread_that_writes_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pivotal.db");
        let state = State::open(&path).unwrap();
        let of_thread = state.database.clone();
        drop(state);
        assert!(matches!(State::open(&path), Err(Error::Locked(_))));
        drop(of_thread);
        State::open(&path).unwrap();
    }
}
