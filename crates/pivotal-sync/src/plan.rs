//! The plan: what the records of the source change.

use pivotal_sdk::Client;
use rusqlite::{Transaction, params};
use serde_json::json;

use crate::compare::{Found, compare, identity, match_rows};
use crate::config::{Config, FILTERED, Mode, Problem, map_row};
use crate::error::{Error, Result};
use crate::field::{Field, Values, text_of};
use crate::keys::Shared;
use crate::kind::Kind;
use crate::mirror;
use crate::source::{Each, Input, Reading, Source};
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
        let t0 = std::time::Instant::now();
        let shared = read(state, run, config, sources).await?;
        eprintln!("read {:?}", t0.elapsed());
        let customers = mirror::refresh(client, state, Kind::Customer).await?;
        eprintln!("mirror {:?}", t0.elapsed());
        let known = state.write(|transaction| match_rows(transaction, run, config))?;
        mirror::refresh_related(client, state, run, config.onboarding.is_some()).await?;
        eprintln!("match {:?}", t0.elapsed());
        let found = Found { customers, known };
        state.write(|transaction| compare(transaction, run, config, &found, shared))
    };
    match planned.await {
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

/// Writes the records of the sources, with the values that they give, to the state file: a file in one
/// transaction, a service page by page. If it fails, the records are dropped with the run.
async fn read(state: &State, run: RunId, config: &Config, sources: Vec<Source>) -> Result<Shared> {
    let mut all = Reading::default();
    let mut rows = Rows {
        run,
        config,
        next: 0,
        replaced: 0,
        shared: Shared::default(),
    };
    for Source { name, input } in sources {
        let reading = match input {
            Input::Text(text) => state
                .write(|transaction| rows.insert(transaction, &name, |each| text.read(each)))?,
            Input::Pages(mut pages) => {
                while let Some(page) = pages.next().await? {
                    state.write(|transaction| {
                        rows.insert(transaction, &name, |each| {
                            page.into_iter().try_for_each(each)
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

/// The records of a run that are written.
struct Rows<'c> {
    run: RunId,
    config: &'c Config,
    /// The number of the next record.
    next: i64,
    /// How many were replaced by later ones.
    replaced: i64,
    shared: Shared,
}

impl Rows<'_> {
    /// Writes the records that `read` passes on.
    fn insert<T>(
        &mut self,
        transaction: &Transaction<'_>,
        name: &str,
        read: impl FnOnce(&mut Each<'_>) -> Result<T>,
    ) -> Result<T> {
        let (run, config) = (self.run, self.config);
        let mut insert = transaction.prepare_cached(
            "INSERT INTO source_rows (run, seq, place, raw, wanted, problem)
             VALUES (?, ?, ?, ?, ?, ?)",
        )?;
        read(&mut |record| {
            let (raw, wanted, problem) = match record.values {
                Ok(raw) => {
                    let (wanted, problem) = map_row(config, &raw);
                    let is_filtered = problem.as_ref().is_some_and(|it| it.code == FILTERED);
                    let of_source = record.problem.filter(|_| !is_filtered);
                    (raw, wanted, of_source.or(problem))
                }
                Err(reason) => {
                    let problem = Problem {
                        code: "unreadable",
                        field: None,
                        reason,
                    };
                    (Values::new(), Values::new(), Some(problem))
                }
            };
            self.shared.add(
                identity(&config.sync.match_keys, &wanted).as_deref(),
                text_of(&wanted, Field::Slug.name()),
            );
            let problem = problem.map(
                |Problem {
                     code,
                     field,
                     reason,
                 }| {
                    json!({ "code": code, "field": field, "reason": reason }).to_string()
                },
            );
            if let Some(key) = record.replaces {
                self.replaced += replace(transaction, run, &key, self.next)?;
            }
            insert.execute(params![
                run,
                self.next,
                format!("{name}:{}", record.position),
                text(&raw),
                text(&wanted),
                problem
            ])?;
            self.next += 1;
            Ok(())
        })
    }
}

/// Drops the earlier record with this key, and returns how many there were. The keys are in a table
/// that ends with the connection.
fn replace(transaction: &Transaction<'_>, run: RunId, key: &str, seq: i64) -> Result<i64> {
    transaction.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS record_keys
            (run INTEGER, key TEXT, seq INTEGER, PRIMARY KEY (run, key)) WITHOUT ROWID",
    )?;
    let mut earlier = transaction.prepare_cached(
        "DELETE FROM source_rows WHERE run = ?1
            AND seq = (SELECT seq FROM record_keys WHERE run = ?1 AND key = ?2)",
    )?;
    let dropped = earlier.execute(params![run, key])?;
    let mut known =
        transaction.prepare_cached("INSERT OR REPLACE INTO record_keys VALUES (?, ?, ?)")?;
    known.execute(params![run, key, seq])?;
    Ok(dropped as i64)
}
