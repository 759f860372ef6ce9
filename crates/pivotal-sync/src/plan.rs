//! The plan: what the records of the source change.

use pivotal_sdk::Client;
use rusqlite::{Transaction, params};
use serde_json::json;

use crate::compare::{compare, match_rows};
use crate::config::{Config, Problem, map_row};
use crate::error::{Error, Result};
use crate::field::{MatchKey, Values};
use crate::kind::Kind;
use crate::mirror;
use crate::source::{Reading, Source};
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
        state.write(|transaction| read(transaction, run, config, sources))?;
        let customers = mirror::refresh(client, state, Kind::Customer).await?;
        state.write(|transaction| match_rows(transaction, run, config))?;
        mirror::refresh_related(client, state, run, config.onboarding.is_some()).await?;
        state.write(|transaction| compare(transaction, run, config, customers))
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

/// Writes the records of the sources, with the values that they give, to the state file.
fn read(
    transaction: &Transaction<'_>,
    run: RunId,
    config: &Config,
    sources: Vec<Source>,
) -> Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO source_rows (run, seq, place, raw, wanted, slug, key, problem)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let mut all = Reading::default();
    let mut seq = 0_i64;
    for source in sources {
        let name = source.name().to_owned();
        let reading = source.read(&mut |record| {
            let (raw, wanted, problem) = match record.values {
                Ok(raw) => {
                    let (wanted, problem) = map_row(config, &raw);
                    (raw, wanted, problem)
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
            let key = identity(&config.sync.match_keys, &wanted);
            let slug = MatchKey::Slug.value(&wanted);
            let problem = problem.map(
                |Problem {
                     code,
                     field,
                     reason,
                 }| {
                    json!({ "code": code, "field": field, "reason": reason }).to_string()
                },
            );
            insert.execute(params![
                run,
                seq,
                format!("{name}:{}", record.line),
                text(&raw),
                text(&wanted),
                slug,
                key,
                problem
            ])?;
            seq += 1;
            Ok(())
        })?;
        for column in reading.columns {
            if !all.columns.contains(&column) {
                all.columns.push(column);
            }
        }
        all.incomplete = all.incomplete.or(reading.incomplete);
    }
    config.check_columns(&all.columns)?;
    transaction.execute(
        "UPDATE runs SET columns = ?, rows = ?, incomplete = ? WHERE id = ?",
        params![json!(all.columns).to_string(), seq, all.incomplete, run],
    )?;
    Ok(())
}

/// The first match key with a value, as `field=value`.
fn identity(keys: &[MatchKey], values: &Values) -> Option<String> {
    let of_key = |key: &MatchKey| {
        let value = key.value(values)?;
        Some(format!("{}={value}", key.field()))
    };
    keys.iter().find_map(of_key)
}
