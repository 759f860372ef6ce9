//! Runs.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, ToSql, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Action, ItemState, State, now};
use crate::error::{Error, Result};
use crate::field::MatchKey;
use crate::kind::Kind;

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
    /// `reading`, `planned` or `applying`, or `interrupted` if the process has ended in between; at
    /// the end `complete`, `partial`, `failed`, or `stopped` if a guard did so before the first write.
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
    /// Whether the source is a file of records that an earlier run has not done.
    pub is_part: bool,
    /// Why the source was not read to its end.
    pub incomplete: Option<String>,
    /// The last state of the Singer tap that is the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub singer_state: Option<serde_json::Value>,
    /// How many records could be any customer, because they are unreadable or have no match key.
    pub unidentified: u64,
    /// How many records are customers that need no change.
    pub unchanged: u64,
    /// How many contacts need no change.
    pub unchanged_contacts: u64,
    /// How many deals have an onboarding, or had one.
    pub unchanged_onboardings: u64,
    /// How many customers there were.
    pub mirror_rows: u64,
    /// The run that this one undoes.
    pub undoes: Option<RunId>,
    /// Whether its items are no longer kept: only those of the last 30 runs are.
    pub pruned: bool,
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

/// Of how many runs the items are kept.
const KEPT_RUNS: i64 = 30;

/// How many items a run has, by action and state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Creates in the plan.
    pub create: u64,
    /// Updates in the plan.
    pub update: u64,
    /// Deletes in the plan.
    pub delete: u64,
    /// Records for which it is unclear which row is meant, or whose row somebody has changed since a run
    /// wrote it.
    pub conflict: u64,
    /// Records that cannot be used.
    pub invalid: u64,
    /// Records that the mode or the filter leaves out.
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

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get("id")?,
        kind: row.get("kind")?,
        state: row.get("state")?,
        exit_code: row.get("exit_code")?,
        reason: row.get("reason")?,
        source: row.get("source")?,
        mode: row.get("mode")?,
        rows: row.get("rows")?,
        is_part: row.get("is_part")?,
        incomplete: row.get("incomplete")?,
        singer_state: from_json(row.get("singer_state")?),
        unidentified: row.get("unidentified")?,
        unchanged: row.get("unchanged")?,
        unchanged_contacts: row.get("unchanged_contacts")?,
        unchanged_onboardings: row.get("unchanged_onboardings")?,
        mirror_rows: row.get("mirror_rows")?,
        undoes: row.get("undoes")?,
        pruned: row.get("pruned")?,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
        columns: from_json(row.get("columns")?).unwrap_or_default(),
        match_keys: from_json(row.get("match_keys")?).unwrap_or_default(),
    })
}

fn from_json<T: DeserializeOwned>(text: Option<String>) -> Option<T> {
    serde_json::from_str(&text?).ok()
}

impl Run {
    /// Whether its source is being read, or it is being applied.
    fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "reading" | "applying")
    }

    /// Checks that its items are kept.
    pub(crate) fn check_kept(&self) -> Result<()> {
        if self.pruned {
            return Err(Error::Unusable(format!(
                "the plan of run {} is no longer kept; only those of the last {KEPT_RUNS} runs are",
                self.id
            )));
        }
        Ok(())
    }
}

impl Counts {
    /// How many changes the plan has.
    pub fn writes(&self) -> u64 {
        self.create + self.update + self.delete
    }

    /// How many changes the plan has that were not made for sure.
    pub fn open(&self) -> u64 {
        self.left + self.in_doubt
    }

    fn add(&mut self, action: Action, state: ItemState, count: u64) {
        match action {
            Action::Create => self.create += count,
            Action::Update => self.update += count,
            Action::Delete => self.delete += count,
            Action::Conflict => self.conflict += count,
            Action::Invalid => self.invalid += count,
            Action::Skipped => self.skipped += count,
        }
        match state {
            ItemState::Planned => self.left += count,
            ItemState::Sending => self.in_doubt += count,
            ItemState::Done => self.done += count,
            ItemState::Failed => self.failed += count,
            ItemState::Skipped => {}
        }
    }
}

impl State {
    /// A run.
    ///
    /// # Errors
    /// [`Error::Unusable`] if there is none with this number.
    pub fn run(&self, id: RunId) -> Result<Run> {
        let found = self.runs_where("id = ?", &[&id])?.pop();
        found.ok_or_else(|| Error::Unusable(format!("there is no run {id}")))
    }

    /// All runs, newest first.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn runs(&self) -> Result<Vec<Run>> {
        self.runs_where("true", &[])
    }

    fn runs_where(&self, condition: &str, values: &[&dyn ToSql]) -> Result<Vec<Run>> {
        let read = || {
            self.query(|connection| {
                let sql = format!("SELECT * FROM runs WHERE {condition} ORDER BY id DESC");
                let mut statement = connection.prepare_cached(&sql)?;
                let runs = statement.query_map(values, run)?;
                Ok(runs.collect::<Result<Vec<_>, _>>()?)
            })
        };
        let mut runs = read()?;
        if runs.iter().any(Run::is_open) && !self.is_locked()? {
            // A run may have ended in between.
            runs = read()?;
            for run in runs.iter_mut().filter(|run| run.is_open()) {
                run.state = "interrupted".to_owned();
                run.reason = Some("the process ended".to_owned());
            }
        }
        Ok(runs)
    }

    /// How many items a run has, of all kinds.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn counts(&self, id: RunId) -> Result<Counts> {
        Ok(self.counts_by_kind(id)?.0)
    }

    /// How many items a run has, of all kinds and of each.
    ///
    /// # Errors
    /// [`Error::State`].
    pub fn counts_by_kind(&self, id: RunId) -> Result<(Counts, BTreeMap<Kind, Counts>)> {
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT kind, action, state, count(*) FROM items WHERE run = ?
                 GROUP BY kind, action, state",
            )?;
            let mut rows = statement.query([id])?;
            let mut all = Counts::default();
            let mut kinds: BTreeMap<_, _> = Kind::ALL.map(|kind| (kind, all)).into();
            while let Some(row) = rows.next()? {
                for counts in [&mut all, kinds.entry(row.get(0)?).or_default()] {
                    counts.add(row.get(1)?, row.get(2)?, row.get(3)?);
                }
            }
            Ok((all, kinds))
        })
    }

    /// How many records the source of the last run had that read the same source to its end. A part
    /// of a source is neither compared nor compared with.
    pub(crate) fn rows_before(&self, run: &Run) -> Result<Option<u64>> {
        if run.is_part {
            return Ok(None);
        }
        self.query(|connection| {
            let rows = connection.query_row(
                "SELECT rows FROM runs
                 WHERE source = ? AND id < ? AND incomplete IS NULL AND NOT is_part
                    AND kind = 'import' AND state IN ('complete', 'partial')
                 ORDER BY id DESC LIMIT 1",
                params![run.source, run.id],
                |row| row.get(0),
            );
            Ok(rows.optional()?)
        })
    }

    pub(crate) fn begin_run(&self, new: &NewRun<'_>) -> Result<RunId> {
        let match_keys = serde_json::json!(new.match_keys).to_string();
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
            let run = transaction.last_insert_rowid();
            prune(transaction, run)?;
            Ok(run)
        })
    }

    pub(crate) fn set_run_state(&self, id: RunId, state: &str) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("UPDATE runs SET state = ? WHERE id = ?", params![state, id])?;
            Ok(())
        })
    }

    /// Ends a run, and drops the records of its source that need no second import.
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
            drop_records(transaction, id)
        })
    }
}

/// Drops what a run that begins makes superfluous: the items of all but the last runs, unless some
/// are in doubt.
fn prune(transaction: &Transaction<'_>, new: RunId) -> Result<()> {
    let mut runs = transaction.prepare(
        "UPDATE runs SET pruned = 1 WHERE id <= ? AND NOT pruned
            AND id NOT IN (SELECT run FROM sending)
         RETURNING id",
    )?;
    let runs = runs.query_map([new - KEPT_RUNS], |row| row.get(0))?;
    for run in runs.collect::<Result<Vec<RunId>, _>>()? {
        for table in ["plans", "outcomes", "records"] {
            transaction.execute(&format!("DELETE FROM {table} WHERE run = ?"), [run])?;
        }
    }
    Ok(())
}

/// Drops the records of the source that need no second import.
fn drop_records(transaction: &Transaction<'_>, run: RunId) -> Result<()> {
    transaction.execute(
        "DELETE FROM records WHERE run = ?1 AND seq NOT IN
            (SELECT row FROM items WHERE run = ?1 AND row IS NOT NULL
                AND state IN ('failed', 'sending', 'planned'))",
        [run],
    )?;
    Ok(())
}
