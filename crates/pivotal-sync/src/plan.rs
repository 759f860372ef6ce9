//! The plan: the records of the source compared with the customers of the mirror.

use pivotal_sdk::Client;
use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::{Value, json};

use crate::config::{Config, Mode, Problem, map_row};
use crate::error::{Error, Result, shortened};
use crate::field::{MatchKey, Values, current, differing, object};
use crate::mirror;
use crate::source::{Each, Input, Reading, Source};
use crate::state::customers::{with_id, with_key};
use crate::state::items::{insert, json as text};
use crate::state::{Action, NewItem, NewRun, RunId, State};

/// Reads the sources, then all customers, and records what has to be done. Nothing is written to
/// Pivotal.
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
        read(state, run, config, sources).await?;
        let rows = mirror::refresh(client, state).await?;
        state.write(|transaction| compare(transaction, run, config, rows))
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
async fn read(state: &State, run: RunId, config: &Config, sources: Vec<Source>) -> Result<()> {
    let mut all = Reading::default();
    let mut rows = Rows {
        run,
        config,
        next: 0,
        replaced: 0,
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
    })
}

/// The records of a run that are written.
struct Rows<'c> {
    run: RunId,
    config: &'c Config,
    /// The number of the next record.
    next: i64,
    /// How many were replaced by later ones.
    replaced: i64,
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
            "INSERT INTO source_rows (run, seq, place, raw, wanted, slug, key, problem)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )?;
        read(&mut |record| {
            let (raw, wanted, problem) = match record.values {
                Ok(raw) => {
                    let (wanted, problem) = map_row(config, &raw);
                    (raw, wanted, record.problem.or(problem))
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
            if let Some(key) = record.replaces {
                self.replaced += replace(transaction, run, &key, self.next)?;
            }
            insert.execute(params![
                run,
                self.next,
                format!("{name}:{}", record.position),
                text(&raw),
                text(&wanted),
                slug,
                key,
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

/// The first match key with a value, as `field=value`.
fn identity(keys: &[MatchKey], values: &Values) -> Option<String> {
    let of_key = |key: &MatchKey| {
        let value = key.value(values)?;
        Some(format!("{}={value}", key.field()))
    };
    keys.iter().find_map(of_key)
}

/// A record of the source.
struct SourceRow {
    seq: i64,
    place: String,
    wanted: Values,
    key: Option<String>,
    problem: Option<Values>,
}

/// What the plan does with a record.
enum Decision {
    Unchanged,
    Do(Action, Option<Values>, Values),
    Not(Action, &'static str, Option<String>, String),
}

/// Compares all records with the mirror.
fn compare(
    transaction: &Transaction<'_>,
    run: RunId,
    config: &Config,
    mirror_rows: u64,
) -> Result<()> {
    let mut unidentified = 0_u64;
    each_row(transaction, run, |row| {
        let found = find(transaction, &config.sync.match_keys, &row.wanted)?;
        if found.is_empty() && (row.problem.is_some() || row.key.is_none()) {
            unidentified += 1;
        }
        let mut insert = transaction.prepare_cached("INSERT INTO matches VALUES (?, ?, ?)")?;
        for id in found {
            insert.execute(params![run, row.seq, id])?;
        }
        Ok(())
    })?;
    let mut unchanged = 0_u64;
    let mut items = 0_i64;
    each_row(transaction, run, |row| {
        let customer = matched(transaction, run, &row)?;
        let decision = decide(transaction, run, config, &row, customer.as_ref())?;
        let label = label(&row, customer.as_ref());
        let item = NewItem {
            row: Some(row.seq),
            place: &row.place,
            customer: customer.as_ref().and_then(|row| row.get("id")?.as_str()),
            label: &label,
            key: row.key.as_deref().unwrap_or_default(),
            ..NewItem::default()
        };
        match decision {
            Decision::Unchanged => {
                unchanged += 1;
                return Ok(());
            }
            Decision::Do(action, before, after) => {
                let item = NewItem {
                    before: before.as_ref(),
                    after: Some(&after),
                    ..item
                };
                insert(transaction, run, items, action, &item)?;
            }
            Decision::Not(action, code, field, reason) => {
                let item = NewItem {
                    code: Some(code),
                    field: field.as_deref(),
                    reason: Some(&reason),
                    ..item
                };
                insert(transaction, run, items, action, &item)?;
            }
        }
        items += 1;
        Ok(())
    })?;
    if config.sync.mode == Mode::Mirror {
        archive_absent(transaction, run, items)?;
    }
    transaction.execute(
        "UPDATE runs SET state = 'planned', mirror_rows = ?, unidentified = ?, unchanged = ?
         WHERE id = ?",
        params![mirror_rows, unidentified, unchanged, run],
    )?;
    Ok(())
}

/// Passes each record of the source to a function.
fn each_row(
    transaction: &Transaction<'_>,
    run: RunId,
    mut each: impl FnMut(SourceRow) -> Result<()>,
) -> Result<()> {
    let mut statement = transaction.prepare(
        "SELECT seq, place, wanted, key, problem FROM source_rows WHERE run = ? ORDER BY seq",
    )?;
    let mut rows = statement.query([run])?;
    while let Some(row) = rows.next()? {
        each(SourceRow {
            seq: row.get(0)?,
            place: row.get(1)?,
            wanted: object(&row.get::<_, String>(2)?),
            key: row.get(3)?,
            problem: row
                .get::<_, Option<String>>(4)?
                .map(|problem| object(&problem)),
        })?;
    }
    Ok(())
}

/// The IDs of the customers that the first match key with a hit finds.
fn find(transaction: &Transaction<'_>, keys: &[MatchKey], wanted: &Values) -> Result<Vec<String>> {
    for key in keys {
        if let Some(value) = key.value(wanted) {
            let found = with_key(transaction, *key, &value)?;
            if !found.is_empty() {
                let id = |row: &Values| Some(row.get("id")?.as_str()?.to_owned());
                return Ok(found.iter().filter_map(id).collect());
            }
        }
    }
    Ok(Vec::new())
}

/// The customer of a record, the first if it is ambiguous.
fn matched(transaction: &Transaction<'_>, run: RunId, row: &SourceRow) -> Result<Option<Values>> {
    let mut statement = transaction.prepare_cached(
        "SELECT customer FROM matches WHERE run = ? AND seq = ? ORDER BY customer",
    )?;
    let id: Option<String> = statement
        .query_row(params![run, row.seq], |row| row.get(0))
        .optional()?;
    match id {
        Some(id) => with_id(transaction, &id),
        None => Ok(None),
    }
}

fn label(row: &SourceRow, customer: Option<&Values>) -> String {
    let name = |values: &Values| Some(values.get("name")?.as_str()?.to_owned());
    let known = customer.and_then(|customer| {
        let number = customer.get("display_id")?.as_i64()?;
        Some(format!("#{number} {}", name(customer)?))
    });
    let name = known
        .or_else(|| name(&row.wanted))
        .or_else(|| row.key.clone());
    shortened(&name.unwrap_or_default())
}

fn decide(
    transaction: &Transaction<'_>,
    run: RunId,
    config: &Config,
    row: &SourceRow,
    customer: Option<&Values>,
) -> Result<Decision> {
    let not = |action, code, field: Option<&str>, reason: String| {
        Ok(Decision::Not(
            action,
            code,
            field.map(str::to_owned),
            reason,
        ))
    };
    if let Some(problem) = &row.problem {
        let of = |name: &str| problem.get(name).and_then(Value::as_str);
        let code = match of("code") {
            Some("unreadable") => "unreadable",
            Some("exceeds_limit") => "exceeds_limit",
            _ => "invalid_value",
        };
        let reason = of("reason").unwrap_or_default().to_owned();
        return not(Action::Invalid, code, of("field"), reason);
    }
    let Some(key) = &row.key else {
        let names: Vec<_> = config
            .sync
            .match_keys
            .iter()
            .map(|key| key.field().name())
            .collect();
        let reason = format!("it has none of {}", names.join(", "));
        return not(Action::Invalid, "no_match_key", None, reason);
    };
    let field = key.split('=').next();
    if let Some(other) = other_row(transaction, run, row, "key", key)? {
        let reason = format!("{other} has the same {key}");
        return not(Action::Conflict, "duplicate_in_source", field, reason);
    }
    let slug = MatchKey::Slug.value(&row.wanted);
    if let Some(slug) = &slug
        && let Some(other) = other_row(transaction, run, row, "slug", slug)?
    {
        let reason = format!("{other} has the same slug {slug}");
        return not(
            Action::Conflict,
            "duplicate_in_source",
            Some("slug"),
            reason,
        );
    }
    let mut statement = transaction.prepare_cached(
        "SELECT group_concat('#' || display_id, ', ') FROM customers
         WHERE id IN (SELECT customer FROM matches WHERE run = ? AND seq = ?) HAVING count(*) > 1",
    )?;
    let several: Option<String> = statement
        .query_row(params![run, row.seq], |row| row.get(0))
        .optional()?;
    if let Some(several) = several {
        let reason = format!("several customers match: {several}");
        return not(Action::Conflict, "ambiguous_match", field, reason);
    }
    let holder = match &slug {
        Some(slug) => with_key(transaction, MatchKey::Slug, slug)?.pop(),
        None => None,
    };
    let id = |row: Option<&Values>| row.and_then(|row| row.get("id")).cloned();
    if let Some(holder) = holder.filter(|holder| id(Some(holder)) != id(customer)) {
        let number = holder.get("display_id").cloned().unwrap_or_default();
        let reason = format!("customer #{number} has this slug");
        return not(Action::Conflict, "slug_taken", Some("slug"), reason);
    }
    let Some(customer) = customer else {
        if config.sync.mode == Mode::Update {
            let reason = "there is no such customer, and the mode is update".to_owned();
            return not(Action::Skipped, "not_found", None, reason);
        }
        if row.wanted.get("name").is_none_or(Value::is_null) {
            let reason = "a new customer needs a name".to_owned();
            return not(Action::Invalid, "missing_field", Some("name"), reason);
        }
        let mut values = row.wanted.clone();
        values.retain(|_, value| !value.is_null());
        return Ok(Decision::Do(Action::Create, None, values));
    };
    let mut statement = transaction.prepare_cached(
        "SELECT r.place FROM matches m JOIN source_rows r ON r.run = m.run AND r.seq = m.seq
         WHERE m.run = ? AND m.customer = ? AND m.seq <> ?",
    )?;
    let other: Option<String> = statement
        .query_row(
            params![run, customer.get("id").and_then(Value::as_str), row.seq],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(other) = other {
        let reason = format!("{other} is the same customer");
        return not(Action::Conflict, "duplicate_in_source", field, reason);
    }
    let differing = differing(customer, &row.wanted);
    for key in config
        .sync
        .match_keys
        .iter()
        .filter(|key| key.is_identity())
    {
        let known = key.value(customer);
        if known.is_some() && differing.contains_key(key.field().name()) {
            let reason = "the customer that matches has another one".to_owned();
            let field = Some(key.field().name());
            return not(Action::Conflict, "other_identity", field, reason);
        }
    }
    if differing.is_empty() {
        return Ok(Decision::Unchanged);
    }
    if config.sync.mode == Mode::Create {
        let reason = "the customer exists, and the mode is create".to_owned();
        return not(Action::Skipped, "exists", None, reason);
    }
    let before = current(customer, &differing);
    Ok(Decision::Do(Action::Update, Some(before), differing))
}

/// The place of another record with the same value. Without a hint, SQLite reads all records of the
/// run for each of them.
fn other_row(
    transaction: &Transaction<'_>,
    run: RunId,
    row: &SourceRow,
    column: &'static str,
    value: &str,
) -> Result<Option<String>> {
    let mut statement = transaction.prepare_cached(&format!(
        "SELECT place FROM source_rows INDEXED BY source_rows_{column}
         WHERE run = ? AND {column} = ? AND seq <> ? LIMIT 1"
    ))?;
    let other = statement.query_row(params![run, value, row.seq], |row| row.get(0));
    Ok(other.optional()?)
}

/// Plans to delete the customers that no record may be.
fn archive_absent(transaction: &Transaction<'_>, run: RunId, first: i64) -> Result<()> {
    let mut statement = transaction.prepare(
        "SELECT raw FROM customers WHERE id NOT IN (SELECT customer FROM matches WHERE run = ?)
         ORDER BY display_id",
    )?;
    let mut rows = statement.query([run])?;
    let mut seq = first;
    while let Some(row) = rows.next()? {
        let customer = object(&row.get::<_, String>(0)?);
        insert_archive(transaction, run, seq, &customer)?;
        seq += 1;
    }
    Ok(())
}

/// An item that deletes a customer.
pub(crate) fn insert_archive(
    transaction: &Transaction<'_>,
    run: RunId,
    seq: i64,
    customer: &Values,
) -> Result<()> {
    let of = |name: &str| customer.get(name).and_then(Value::as_str);
    let number = customer.get("display_id").cloned().unwrap_or_default();
    let label = format!("#{number} {}", of("name").unwrap_or_default());
    let item = NewItem {
        customer: of("id"),
        label: &label,
        before: Some(customer),
        ..NewItem::default()
    };
    insert(transaction, run, seq, Action::Archive, &item)
}
