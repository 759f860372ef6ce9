//! Runs.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::{State, now};
use crate::error::{Error, Result};
use crate::field::MatchKey;

/// The number of a run.
pub type RunId = i64;

/// A run: a plan, and what became of it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Run {
    /// Its number.
    #[serde(rename = "run")]
    pub id: RunId,
    /// `import` or `undo`.
    pub kind: String,
    /// `reading`, `planned` or `applying`; at the end `complete`, `partial` or `failed`.
    pub state: String,
    /// The exit code of the command; `None` before the end and after a kill.
    pub exit_code: Option<u8>,
    /// Why it is not complete.
    pub reason: Option<String>,
    /// The names of the sources.
    pub source: String,
    /// The mode.
    pub mode: String,
    /// How many records the source has.
    pub rows: u64,
    /// Why the source was not read to its end.
    pub incomplete: Option<String>,
    /// The last state of the Singer tap that is the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub singer_state: Option<serde_json::Value>,
    /// How many records could be any customer, because they are unreadable.
    pub unidentified: u64,
    /// How many records are customers that need no change.
    pub unchanged: u64,
    /// How many customers there were.
    pub mirror_rows: u64,
    /// The run that this one undoes.
    pub undoes: Option<RunId>,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// The columns of the source.
    #[serde(skip)]
    pub(crate) columns: Vec<String>,
    #[serde(skip)]
    pub(crate) match_keys: Vec<MatchKey>,
}

/// How many items a run has, by action and state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Creates in the plan.
    pub create: u64,
    /// Updates in the plan.
    pub update: u64,
    /// Deletes in the plan.
    pub archive: u64,
    /// Records for which it is unclear which customer is meant.
    pub conflict: u64,
    /// Records that cannot be used.
    pub invalid: u64,
    /// Records that the mode leaves out.
    pub skipped: u64,
    /// Changes that were made.
    pub done: u64,
    /// Records that failed, with conflicts and invalid ones.
    pub failed: u64,
    /// Changes that may have been made: no response was received.
    pub in_doubt: u64,
    /// Changes that were not attempted.
    pub left: u64,
}

/// A run that begins.
pub(crate) struct NewRun<'a> {
    pub(crate) kind: &'a str,
    pub(crate) source: &'a str,
    pub(crate) mode: &'a str,
    pub(crate) match_keys: &'a [MatchKey],
    pub(crate) undoes: Option<RunId>,
}

const COLUMNS: &str = "id, kind, state, exit_code, reason, source, mode, rows, incomplete,
    unidentified, unchanged, mirror_rows, undoes, started_at, ended_at, columns, match_keys,
    singer_state";

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        kind: row.get(1)?,
        state: row.get(2)?,
        exit_code: row.get(3)?,
        reason: row.get(4)?,
        source: row.get(5)?,
        mode: row.get(6)?,
        rows: row.get(7)?,
        incomplete: row.get(8)?,
        unidentified: row.get(9)?,
        unchanged: row.get(10)?,
        mirror_rows: row.get(11)?,
        undoes: row.get(12)?,
        started_at: row.get(13)?,
        ended_at: row.get(14)?,
        columns: serde_json::from_str(&row.get::<_, String>(15)?).unwrap_or_default(),
        match_keys: serde_json::from_str(&row.get::<_, String>(16)?).unwrap_or_default(),
        singer_state: row
            .get::<_, Option<String>>(17)?
            .and_then(|state| serde_json::from_str(&state).ok()),
    })
}

impl Counts {
    /// How many changes the plan has that were not made for sure.
    pub fn open(&self) -> u64 {
        self.left + self.in_doubt
    }
}

impl State {
    /// A run.
    ///
    /// # Errors
    /// [`Error::Unusable`] if there is none with this number.
    pub fn run(&self, id: RunId) -> Result<Run> {
        self.query(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM runs WHERE id = ?");
            let found = connection.query_row(&sql, [id], run).optional()?;
            found.ok_or_else(|| Error::Unusable(format!("there is no run {id}")))
        })
    }

    /// All runs, newest first.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn runs(&self) -> Result<Vec<Run>> {
        self.query(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM runs ORDER BY id DESC");
            let mut statement = connection.prepare(&sql)?;
            let runs = statement.query_map([], run)?.collect::<Result<_, _>>()?;
            Ok(runs)
        })
    }

    /// How many items a run has.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn counts(&self, id: RunId) -> Result<Counts> {
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT action, state, count(*) FROM items WHERE run = ? GROUP BY action, state",
            )?;
            let mut rows = statement.query([id])?;
            let mut counts = Counts::default();
            while let Some(row) = rows.next()? {
                let (action, state): (String, String) = (row.get(0)?, row.get(1)?);
                let count: u64 = row.get(2)?;
                match action.as_str() {
                    "create" => counts.create += count,
                    "update" => counts.update += count,
                    "archive" => counts.archive += count,
                    "conflict" => counts.conflict += count,
                    "invalid" => counts.invalid += count,
                    _ => counts.skipped += count,
                }
                match state.as_str() {
                    "done" => counts.done += count,
                    "failed" => counts.failed += count,
                    "sending" => counts.in_doubt += count,
                    "planned" => counts.left += count,
                    _ => {}
                }
            }
            Ok(counts)
        })
    }

    /// How many records the source of the last run had that read the same source to its end.
    pub(crate) fn rows_before(&self, run: &Run) -> Result<Option<u64>> {
        self.query(|connection| {
            let rows = connection.query_row(
                "SELECT rows FROM runs WHERE source = ? AND id < ? AND incomplete IS NULL
                    AND kind = 'import' AND state IN ('complete', 'partial')
                 ORDER BY id DESC LIMIT 1",
                params![run.source, run.id],
                |row| row.get(0),
            );
            Ok(rows.optional()?)
        })
    }

    pub(crate) fn begin_run(&self, new: &NewRun<'_>) -> Result<RunId> {
        let match_keys = serde_json::to_string(new.match_keys)
            .map_err(|error| Error::unusable(error.to_string()))?;
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO runs (kind, state, source, mode, match_keys, undoes, started_at)
                 VALUES (?, 'reading', ?, ?, ?, ?, ?)",
                params![
                    new.kind,
                    new.source,
                    new.mode,
                    match_keys,
                    new.undoes,
                    now()
                ],
            )?;
            Ok(transaction.last_insert_rowid())
        })
    }

    pub(crate) fn set_run_state(&self, id: RunId, state: &str) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("UPDATE runs SET state = ? WHERE id = ?", params![state, id])?;
            Ok(())
        })
    }

    /// Ends a run, and drops the rows of its source that need no second import.
    pub(crate) fn end_run(
        &self,
        id: RunId,
        state: &str,
        exit_code: u8,
        reason: Option<&str>,
    ) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE runs SET state = ?, exit_code = ?, reason = ?, ended_at = ? WHERE id = ?",
                params![state, exit_code, reason, now(), id],
            )?;
            transaction.execute(
                "DELETE FROM source_rows WHERE run = ?1 AND seq NOT IN
                    (SELECT row FROM items WHERE run = ?1 AND row IS NOT NULL
                        AND state IN ('failed', 'sending', 'planned'))",
                [id],
            )?;
            transaction.execute("DELETE FROM matches WHERE run = ?", [id])?;
            Ok(())
        })
    }
}
