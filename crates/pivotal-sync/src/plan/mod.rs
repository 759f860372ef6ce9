//! The plan: what the records of the source change.

mod compare;
mod new_plan;
mod records;
mod related;

use std::mem;
use std::panic::resume_unwind;
use std::sync::mpsc;
use std::thread;

use pivotal_sdk::Client;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use crate::config::{Config, Mode};
use crate::error::{Error, Result};
use crate::keys::Shared;
use crate::kind::Kind;
use crate::mirror;
use crate::progress::Progress;
use crate::source::{Input, Reading, Source, Text};
use crate::state::{NewRun, RunId, State};
use compare::{compare, match_rows};
use records::{Records, SourceRow};

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
    let run = state.begin_run(&NewRun {
        kind: "import",
        source: &names.join(", "),
        mode: config.sync.mode.as_str(),
        match_keys: &config.sync.match_keys,
        undoes: None,
    })?;
    let planned = async {
        let (mut records, shared) = read(state, run, config, sources).await?;
        let customers = mirror::refresh(client, state, Kind::Customer).await?;
        let found = state
            .write(|transaction| match_rows(transaction, run, config, &mut records, shared))?;
        mirror::refresh_related(client, state, run, config.onboarding.is_some()).await?;
        // After a power failure, a plan is simply made again.
        state.survive_power_failures(false)?;
        state.stay_in_log(true)?;
        let mut config = config.clone();
        if config.sync.mode == Mode::Mirror && state.run(run)?.is_part {
            // Nothing is known about the customers that a part of a source does not have.
            config.sync.mode = Mode::Upsert;
        }
        state.write(|transaction| {
            compare(transaction, run, &config, customers, &found, &mut records)
        })
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

/// Reads the records of the sources, with the values that they give.
async fn read(
    state: &State,
    run: RunId,
    config: &Config,
    sources: Vec<Source>,
) -> Result<(Records, Shared)> {
    state.reset_temporary_tables()?;
    let mut all = Reading::default();
    let mut reader = Reader {
        state,
        config,
        records: Records::new(state.folder())?,
        shared: Shared::default(),
    };
    for Source { name, input } in sources {
        let reading = match input {
            Input::Text(text) => reader.add_text(&name, text)?,
            Input::Pages(mut pages) => {
                while let Some(page) = pages.next().await? {
                    for record in page {
                        reader.add(&SourceRow::new(config, &name, record))?;
                    }
                }
                pages.reading()
            }
        };
        config.check_names(&name, &reading.columns)?;
        all.add_columns(&reading.columns);
        all.is_part |= reading.is_part;
        // What is not known only matters where records that are missing lead to deletes.
        let unsure = reading.unsure.filter(|_| config.sync.mode == Mode::Mirror);
        all.incomplete = all.incomplete.or(reading.incomplete).or(unsure);
        all.state = reading.state.or(all.state);
    }
    config.check_columns(&all.columns)?;
    state.write(|transaction| {
        transaction.execute(
            "UPDATE runs SET columns = ?, rows = ?, is_part = ?, incomplete = ?, singer_state = ?
             WHERE id = ?",
            params![
                json!(all.columns).to_string(),
                reader.records.len(),
                all.is_part,
                all.incomplete,
                all.state.map(|state| state.to_string()),
                run
            ],
        )?;
        Ok(())
    })?;
    Ok((reader.records, reader.shared))
}

/// How many records are handed over at a time.
const BATCH: usize = 250;
/// From how many bytes on a batch is handed over earlier.
const BATCH_BYTES: usize = 1024 * 1024;
/// How many batches wait to be written.
const QUEUED_BATCHES: usize = 4;

/// Writes the records that are read.
struct Reader<'c> {
    state: &'c State,
    config: &'c Config,
    records: Records,
    shared: Shared,
}

impl Reader<'_> {
    /// Adds the records of a file. Another thread reads and maps them. If they cannot be written, that
    /// thread is not waited for, because it may wait for standard input itself.
    fn add_text(&mut self, name: &str, text: Text) -> Result<Reading> {
        let (config, name) = (self.config.clone(), name.to_owned());
        let (sender, receiver) = mpsc::sync_channel(QUEUED_BATCHES);
        let reader = thread::spawn(move || {
            let (mut batch, mut bytes) = (Vec::new(), 0);
            let reading = text.read(&name, &mut |record| {
                let row = SourceRow::new(&config, &name, record);
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
            Ok(reading)
        });
        for row in receiver.into_iter().flatten() {
            self.add(&row)?;
        }
        reader.join().unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn add(&mut self, row: &SourceRow<'_>) -> Result<()> {
        if !row.is_filtered() {
            for (key, value) in &row.keys {
                self.shared.add(key.name(), value);
            }
        }
        let seq = self.records.add(row)?;
        if let Some(key) = &row.replaces
            && let Some(earlier) = self
                .state
                .query(|connection| replace(connection, key, seq))?
        {
            self.records.drop(earlier);
        }
        if (seq + 1) % 1_000 == 0 {
            self.state.progress(&Progress::Records(seq as u64 + 1));
        }
        Ok(())
    }
}

/// Notes that a record has this key, and returns the earlier one with it.
fn replace(connection: &Connection, key: &str, seq: i64) -> Result<Option<i64>> {
    let mut earlier =
        connection.prepare_cached("SELECT seq FROM temp.record_keys WHERE key = ?")?;
    let mut known =
        connection.prepare_cached("INSERT OR REPLACE INTO temp.record_keys VALUES (?, ?)")?;
    let earlier = earlier.query_row([key], |row| row.get(0)).optional()?;
    known.execute(params![key, seq])?;
    Ok(earlier)
}
