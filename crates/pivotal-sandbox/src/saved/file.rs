//! The state file: a SQLite database that one sandbox at a time has open.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use serde_json::value::RawValue;

use super::{
    StateError,
    changes::Changes,
    document::{Document, LOGS, Lists, VERSION},
};

/// Marks the file as ours: `PvtB`.
const APPLICATION_ID: i64 = 0x5076_7442;

/// How long to wait for a sandbox that is about to end.
const LOCK_TIME_LIMIT: Duration = Duration::from_millis(500);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS server (saved_at TEXT NOT NULL, json TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS entries (
        workspace INTEGER, list TEXT, number INTEGER, json TEXT NOT NULL,
        PRIMARY KEY (workspace, list, number)
    ) STRICT, WITHOUT ROWID;
";

/// Why a file is not used.
pub(super) enum Refusal {
    InUse,
    /// What is wrong with it, and what to do.
    Unusable(String),
}

impl Refusal {
    pub(super) fn damaged(reason: &str) -> Self {
        // A reason can quote the file.
        let reason: String = reason.replace('\n', " ").chars().take(200).collect();
        Self::Unusable(format!(
            "it cannot be restored ({reason}); use a copy or an export of it, or name another file"
        ))
    }

    fn foreign() -> Self {
        Self::Unusable("it is not a state file of a sandbox; name another file".to_owned())
    }

    pub(super) fn of(self, path: &Path) -> StateError {
        let path = path.to_owned();
        match self {
            Self::InUse => StateError::InUse(path),
            Self::Unusable(reason) => StateError::Unusable { path, reason },
        }
    }
}

/// What an error while reading means.
impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(ErrorCode::NotADatabase) => Self::foreign(),
            Some(ErrorCode::DatabaseCorrupt) | None => Self::damaged(&error.to_string()),
            Some(_) => Self::Unusable(format!("it cannot be opened: {error}")),
        }
    }
}

pub(super) struct StateFile {
    pub(super) path: PathBuf,
    /// It holds an exclusive lock, which ends with the process.
    connection: Connection,
}

impl StateFile {
    /// Opens a file, and creates it, empty, if it does not exist. Only its owner may read it, as it has
    /// API keys.
    pub(super) fn open(path: &Path) -> Result<Self, StateError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        // Closed here: a file that is closed later would end the lock, which is the process's.
        match options.open(path).map(drop) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(Refusal::Unusable(format!("it cannot be created: {error}")).of(path))
            }
            Ok(()) | Err(_) => Self::open_existing(path),
        }
    }

    pub(super) fn open_existing(path: &Path) -> Result<Self, StateError> {
        let unusable = |reason| Refusal::Unusable(reason).of(path);
        match fs::metadata(path) {
            Ok(found) if found.is_file() => {}
            Ok(_) => return Err(unusable("it is not a file; name a file".to_owned())),
            Err(error) => return Err(unusable(error.to_string())),
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags);
        let file = Self {
            path: path.to_owned(),
            connection: connection.map_err(|error| unusable(error.to_string()))?,
        };
        file.check().map_err(|refusal| refusal.of(path))?;
        Ok(file)
    }

    /// Locks the file and checks what it is, without writing to it.
    fn check(&self) -> Result<(), Refusal> {
        self.connection.busy_timeout(LOCK_TIME_LIMIT)?;
        let number = |pragma| (self.connection).pragma_query_value(None, pragma, |row| row.get(0));
        let (application, version): (i64, i64) =
            (number("application_id")?, number("user_version")?);
        let tables: i64 =
            self.connection
                .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let new = tables == 0;
        if !new && application != APPLICATION_ID {
            return Err(Refusal::foreign());
        }
        if !new && version != i64::from(VERSION) {
            return Err(Refusal::Unusable(format!(
                "it is of version {version}, and this program reads version {VERSION}; use the program that wrote it, or name another file"
            )));
        }
        self.connection
            .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT")?;
        let sound: String =
            (self.connection).query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        match sound.as_str() {
            "ok" => Ok(()),
            problem => Err(Refusal::damaged(problem)),
        }
    }

    /// What is in the file, and when it was saved; `None` if the file is new.
    pub(super) fn read(&self) -> Result<Option<(Document, Timestamp)>, StateError> {
        self.document().map_err(|refusal| refusal.of(&self.path))
    }

    fn document(&self) -> Result<Option<(Document, Timestamp)>, Refusal> {
        let damaged = |reason: String| Refusal::damaged(&reason);
        if !self.connection.table_exists(None, "server")? {
            return Ok(None);
        }
        let (saved_at, server): (String, String) =
            self.connection
                .query_row("SELECT saved_at, json FROM server", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
        let mut workspaces: Vec<Lists> = Vec::new();
        let mut entries = self.connection.prepare(
            "SELECT workspace, list, number, json FROM entries ORDER BY workspace, list, number",
        )?;
        let mut entries = entries.query([])?;
        while let Some(row) = entries.next()? {
            let (workspace, list): (usize, String) = (row.get(0)?, row.get(1)?);
            let (number, json): (usize, String) = (row.get(2)?, row.get(3)?);
            let list = Lists::NAMES.iter().position(|name| *name == list);
            let (Some(list), Ok(json)) = (list, RawValue::from_string(json)) else {
                return Err(damaged(format!("entry {number} of a list is not one")));
            };
            // A sandbox has few workspaces.
            if workspace > 1_000 {
                return Err(damaged(format!("there is a workspace {workspace}")));
            }
            if workspaces.len() <= workspace {
                workspaces.resize_with(workspace + 1, Lists::default);
            }
            let entries = workspaces[workspace].list(list);
            entries.push(json);
            if list < LOGS[0] && entries.len() != number {
                let missing = format!("row {} of a list is missing", entries.len());
                return Err(damaged(missing));
            }
        }
        let document = Document::new(server, workspaces).map_err(damaged)?;
        let saved_at = saved_at.parse();
        let saved_at = saved_at.map_err(|error| damaged(format!("saved_at: {error}")))?;
        Ok(Some((document, saved_at)))
    }

    /// Writes all changes or nothing.
    pub(super) fn write(&mut self, changes: &Changes, at: Timestamp) -> Result<(), StateError> {
        self.transact(changes, at)
            .map_err(|error| StateError::NotSaved {
                path: self.path.clone(),
                reason: error.to_string(),
            })
    }

    fn transact(&mut self, changes: &Changes, at: Timestamp) -> rusqlite::Result<()> {
        let transaction =
            (self.connection).transaction_with_behavior(TransactionBehavior::Exclusive)?;
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        if changes.all {
            transaction.execute("DELETE FROM entries", [])?;
        }
        let mut write = transaction.prepare_cached("REPLACE INTO entries VALUES (?, ?, ?, ?)")?;
        for ((workspace, list, number), json) in &changes.entries {
            write.execute((workspace, Lists::NAMES[*list], number, json))?;
        }
        drop(write);
        for (workspace, oldest) in changes.oldest.iter().enumerate() {
            for (list, oldest) in LOGS.into_iter().zip(oldest) {
                transaction.execute(
                    "DELETE FROM entries WHERE workspace = ? AND list = ? AND number < ?",
                    (workspace, Lists::NAMES[list], oldest),
                )?;
            }
        }
        transaction.execute("DELETE FROM server", [])?;
        let server = (at.to_string(), &changes.server);
        transaction.execute("INSERT INTO server VALUES (?, ?)", server)?;
        transaction.commit()
    }
}
