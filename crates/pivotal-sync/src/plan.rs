//! The plan: what the records of the source change.

use std::mem;
use std::panic::resume_unwind;
use std::sync::mpsc;
use std::thread;

use pivotal_sdk::Client;
use rusqlite::{Transaction, params};
use serde_json::json;

use crate::compare::{Found, compare, identities, match_rows};
use crate::config::{Config, FILTERED, Mode, Problem, map_row};
use crate::error::{Error, Result};
use crate::field::Values;
use crate::keys::Shared;
use crate::kind::Kind;
use crate::mirror;
use crate::progress::Progress;
use crate::source::{Input, Reading, Record, Source, Text, Unreadable};
use crate::state::items::json as text;
use crate::state::{NewRun, RunId, State};

/// Reads the sources, then all customers, and records what has to be done. Nothing is written to
/// Pivotal.
///
/// With contacts in the configuration, those of each customer for which the source has some are
/// read as well, with one request each. With onboardings, all of them are, with one per 100.
///
/// # Errors
/// [`Error::Unusable`] if a source or the configuration cannot be used; nothing was sent then. The
/// errors of [`refresh`](crate::refresh): without a complete mirror there is no plan.
pub async fn plan(
    client: &Client,
    state: &State,
    config: &Config,
    sources: Vec<Source>,
) -> Result<RunId> {
    let names: Vec<_> = sources.iter().map(Source::name).collect();
    let mode = serde_json::to_value(config.sync.mode)
        .map_err(|error| Error::unusable(error.to_string()))?;
    let run = state.begin_run(&NewRun {
        kind: "import",
        source: &names.join(", "),
        mode: mode.as_str().unwrap_or_default(),
        match_keys: &config.sync.match_keys,
        undoes: None,
    })?;
    let planned = async {
        let shared = read(state, run, config, sources).await?;
        let customers = mirror::refresh(client, state, Kind::Customer).await?;
        let known = state.write(|transaction| match_rows(transaction, run, config))?;
        mirror::refresh_related(client, state, run, config.onboarding.is_some()).await?;
        let found = Found { customers, known };
        // After a power failure, a plan is simply made again.
        state.survive_power_failures(false)?;
        state.stay_in_log(true)?;
        state.write(|transaction| compare(transaction, run, config, &found, shared))
    };
    let planned = planned.await;
    state.survive_power_failures(true)?;
    state.stay_in_log(false)?;
    match planned {
        Ok(()) => {
            state.set_fresh(run);
            Ok(run)
        }
        Err(error) => {
            state.end_run(run, "failed", error.exit_code(), Some(&error.to_string()))?;
            Err(error)
        }
    }
}

/// Writes the records of the sources, with the values that they give, to tables that end with the
/// connection.
async fn read(state: &State, run: RunId, config: &Config, sources: Vec<Source>) -> Result<Shared> {
    state.begin_source()?;
    let mut all = Reading::default();
    let mut rows = Rows {
        state,
        config,
        next: 0,
        replaced: 0,
        shared: Shared::default(),
    };
    for Source { name, input } in sources {
        let reading = match input {
            Input::Text(text) => {
                state.write(|transaction| rows.insert_text(transaction, &name, text))?
            }
            Input::Pages(mut pages) => {
                while let Some(page) = pages.next().await? {
                    state.write(|transaction| {
                        page.into_iter().try_for_each(|record| {
                            let row = SourceRow::new(config, &name, record, &mut rows.shared);
                            rows.insert(transaction, row)
                        })
                    })?;
                }
                pages.reading()
            }
        };
        for column in reading.columns {
            if !all.columns.contains(&column) {
                all.columns.push(column);
            }
        }
        // What is not known only matters where records that are missing lead to deletes.
        let unsure = reading.unsure.filter(|_| config.sync.mode == Mode::Mirror);
        all.incomplete = all.incomplete.or(reading.incomplete).or(unsure);
        all.state = reading.state.or(all.state);
    }
    config.check_columns(&all.columns)?;
    state.write(|transaction| {
        transaction.execute(
            "UPDATE runs SET columns = ?, rows = ?, incomplete = ?, singer_state = ? WHERE id = ?",
            params![
                json!(all.columns).to_string(),
                rows.next - rows.replaced,
                all.incomplete,
                all.state.map(|state| state.to_string()),
                run
            ],
        )?;
        Ok(())
    })?;
    Ok(rows.shared)
}

/// How many records are written at a time, and from how many bytes on fewer.
const BATCH: usize = 250;
const BATCH_BYTES: usize = 1024 * 1024;
/// How many batches wait to be written.
const QUEUED_BATCHES: usize = 4;

/// The records of a run that are written.
struct Rows<'c> {
    state: &'c State,
    config: &'c Config,
    /// The number of the next record.
    next: i64,
    /// How many were replaced by later ones.
    replaced: i64,
    shared: Shared,
}

impl Rows<'_> {
    /// Writes the records of a file. Another thread reads and maps them. If they cannot be written, it
    /// is left behind: it may wait for standard input.
    fn insert_text(
        &mut self,
        transaction: &Transaction<'_>,
        name: &str,
        text: Text,
    ) -> Result<Reading> {
        let (config, name) = (self.config.clone(), name.to_owned());
        let mut shared = mem::take(&mut self.shared);
        let (sender, receiver) = mpsc::sync_channel(QUEUED_BATCHES);
        let reader = thread::spawn(move || {
            let (mut batch, mut bytes) = (Vec::new(), 0);
            let reading = text.read(&mut |record| {
                let row = SourceRow::new(&config, &name, record, &mut shared);
                bytes += row.raw.len();
                batch.push(row);
                if batch.len() < BATCH && bytes < BATCH_BYTES {
                    return Ok(());
                }
                bytes = 0;
                let unwanted = |_| Error::unusable("the records could not be written");
                sender.send(mem::take(&mut batch)).map_err(unwanted)
            })?;
            // If nobody receives it, writing has failed.
            let _ = sender.send(batch);
            Ok::<_, Error>((reading, shared))
        });
        for row in receiver.into_iter().flatten() {
            self.insert(transaction, row)?;
        }
        let read = reader.join().unwrap_or_else(|panic| resume_unwind(panic));
        let (reading, shared) = read?;
        self.shared = shared;
        Ok(reading)
    }

    fn insert(&mut self, transaction: &Transaction<'_>, row: SourceRow) -> Result<()> {
        if let Some(key) = row.replaces {
            self.replaced += replace(transaction, &key, self.next)?;
        }
        let mut insert = transaction.prepare_cached(
            "INSERT INTO temp.source_rows (seq, place, raw, wanted, problem) VALUES (?, ?, ?, ?, ?)",
        )?;
        let SourceRow {
            place,
            raw,
            wanted,
            problem,
            ..
        } = row;
        insert.execute(params![self.next, place, raw, wanted, problem])?;
        self.next += 1;
        if self.next % 1_000 == 0 {
            self.state.progress(&Progress::Records(self.next as u64));
        }
        Ok(())
    }
}

/// A record as it is written.
struct SourceRow {
    place: String,
    raw: String,
    wanted: String,
    problem: Option<String>,
    replaces: Option<String>,
}

impl SourceRow {
    fn new(config: &Config, source: &str, record: Record, shared: &mut Shared) -> Self {
        let (raw, wanted, found) = match record.values {
            Ok(raw) => {
                let (wanted, problem) = map_row(config, &raw);
                let is_filtered = problem.as_ref().is_some_and(|it| it.code == FILTERED);
                let of_source = record.problem.filter(|_| !is_filtered);
                (raw, wanted, of_source.or(problem))
            }
            Err(Unreadable { reason, values }) => {
                let problem = Problem {
                    code: "unreadable",
                    field: None,
                    reason,
                };
                (values, Values::new(), Some(problem))
            }
        };
        if found.as_ref().is_none_or(|it| it.code != FILTERED) {
            shared.add(&identities(&config.sync.match_keys, &wanted));
        }
        let problem = |it: Problem| {
            json!({ "code": it.code, "field": it.field, "reason": it.reason }).to_string()
        };
        Self {
            place: format!("{source}:{}", record.position),
            raw: text(&raw),
            wanted: text(&wanted),
            problem: found.map(problem),
            replaces: record.replaces,
        }
    }
}

/// Drops the earlier record with this key, and returns how many there were.
fn replace(transaction: &Transaction<'_>, key: &str, seq: i64) -> Result<i64> {
    let mut earlier = transaction.prepare_cached(
        "DELETE FROM temp.source_rows
         WHERE seq = (SELECT seq FROM temp.record_keys WHERE key = ?)",
    )?;
    let dropped = earlier.execute([key])?;
    let mut known =
        transaction.prepare_cached("INSERT OR REPLACE INTO temp.record_keys VALUES (?, ?)")?;
    known.execute(params![key, seq])?;
    Ok(dropped as i64)
}
