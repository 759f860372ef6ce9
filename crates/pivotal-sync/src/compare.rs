//! The records of the source compared with the mirror.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::Value;

use crate::config::{Config, FILTERED, Mode, contacts};
use crate::error::{Result, shortened};
use crate::field::{Field, MatchKey, Values, current, differing, object, text_of};
use crate::kind::Kind;
use crate::new_plan::{Decision, EXISTS, NewPlan};
use crate::related::{add_contacts, add_onboarding};
use crate::state::items::insert;
use crate::state::rows::{with_id, with_key};
use crate::state::{Action, NewItem, RunId};

/// A record of the source.
struct SourceRow {
    seq: i64,
    place: String,
    /// Empty unless contacts or an onboarding come from it.
    raw: Values,
    wanted: Values,
    key: Option<String>,
    problem: Option<Values>,
}

/// Finds the customers that the records may be, and of which customers contacts have to be read.
pub(crate) fn match_rows(transaction: &Transaction<'_>, run: RunId, config: &Config) -> Result<()> {
    let mut unidentified = 0_u64;
    each_row(transaction, run, config, |row| {
        let found = find(transaction, &config.sync.match_keys, &row.wanted)?;
        if found.is_empty() && row.may_be_anyone() {
            unidentified += 1;
        }
        if let ([customer], Some(options)) = (found.as_slice(), &config.contacts)
            && row.problem("code") != Some(FILTERED)
            && contacts(options, &row.raw).is_ok_and(|contacts| !contacts.is_empty())
        {
            let mut insert =
                transaction.prepare_cached("INSERT OR IGNORE INTO scope VALUES (?)")?;
            insert.execute([customer])?;
        }
        let mut insert = transaction.prepare_cached("INSERT INTO matches VALUES (?, ?, ?)")?;
        for id in found {
            insert.execute(params![run, row.seq, id])?;
        }
        Ok(())
    })?;
    let sql = "UPDATE runs SET unidentified = ? WHERE id = ?";
    transaction.execute(sql, params![unidentified, run])?;
    Ok(())
}

/// Compares all records with the mirror.
pub(crate) fn compare(
    transaction: &Transaction<'_>,
    run: RunId,
    config: &Config,
    customers: u64,
) -> Result<()> {
    let mut plan = NewPlan::new(transaction, run, config);
    each_row(transaction, run, config, |row| {
        let customer = matched(transaction, run, &row)?;
        let decision = decide(transaction, run, config, &row, customer.as_ref())?;
        let label = label(&row, customer.as_ref());
        let id = customer.as_ref().and_then(|row| text_of(row, "id"));
        let first = plan.seq;
        let item = NewItem {
            row: Some(row.seq),
            place: &row.place,
            id,
            customer: id,
            label: &label,
            key: row.key.as_deref().unwrap_or_default(),
            ..NewItem::new(first, first, Kind::Customer)
        };
        let is_known = match &decision {
            Decision::Unchanged | Decision::Do(..) => true,
            Decision::Not(_, code, ..) => *code == EXISTS,
        };
        plan.add(decision, &item)?;
        if is_known {
            add_contacts(&mut plan, &row.raw, &item)?;
            add_onboarding(&mut plan, &row.raw, &item)?;
        }
        Ok(())
    })?;
    if config.sync.mode == Mode::Mirror {
        archive_absent(&mut plan)?;
    }
    let unchanged = |kind| plan.unchanged.get(&kind).copied().unwrap_or_default();
    let sql = "UPDATE runs SET state = 'planned', mirror_rows = ?, unchanged = ?,
        unchanged_contacts = ?, unchanged_onboardings = ? WHERE id = ?";
    let [of_customers, of_contacts, of_onboardings] = Kind::ALL.map(unchanged);
    let values = params![customers, of_customers, of_contacts, of_onboardings, run];
    transaction.execute(sql, values)?;
    Ok(())
}

/// Passes each record of the source to a function.
fn each_row(
    transaction: &Transaction<'_>,
    run: RunId,
    config: &Config,
    mut each: impl FnMut(SourceRow) -> Result<()>,
) -> Result<()> {
    let needs_raw = config.contacts.is_some() || config.onboarding.is_some();
    let mut statement = transaction.prepare(
        "SELECT seq, place, wanted, key, problem, raw FROM source_rows WHERE run = ? ORDER BY seq",
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
            raw: match needs_raw {
                true => object(&row.get::<_, String>(5)?),
                false => Values::new(),
            },
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
        Some(id) => with_id(transaction, Kind::Customer, &id),
        None => Ok(None),
    }
}

fn label(row: &SourceRow, customer: Option<&Values>) -> String {
    let name = match customer {
        Some(customer) => customer_label(customer),
        None => {
            let name = text_of(&row.wanted, "name").or(row.key.as_deref());
            name.unwrap_or_default().to_owned()
        }
    };
    shortened(&name)
}

/// A customer for people: `#7 Aurora`.
fn customer_label(customer: &Values) -> String {
    let number = customer.get("display_id").cloned().unwrap_or_default();
    format!(
        "#{number} {}",
        text_of(customer, "name").unwrap_or_default()
    )
}

impl SourceRow {
    fn problem(&self, part: &str) -> Option<&str> {
        text_of(self.problem.as_ref()?, part)
    }

    /// Whether a record that no customer matches may be any of them, because values are missing by
    /// which it could be recognized.
    fn may_be_anyone(&self) -> bool {
        let is_readable = match self.problem("code") {
            None => true,
            Some(code) => code == FILTERED && self.problem("field").is_none(),
        };
        self.key.is_none() || !is_readable
    }
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
    let code = match row.problem("code") {
        Some(FILTERED) => {
            let reason = row.problem("reason").unwrap_or_default().to_owned();
            return not(Action::Skipped, FILTERED, None, reason);
        }
        // Only a create sends the owner.
        Some(_) if customer.is_some() && row.problem("field") == Some(Field::OwnerId.name()) => {
            None
        }
        Some("unreadable") => Some("unreadable"),
        Some("exceeds_limit") => Some("exceeds_limit"),
        Some(_) => Some("invalid_value"),
        None => None,
    };
    if let Some(code) = code {
        let reason = row.problem("reason").unwrap_or_default().to_owned();
        return not(Action::Invalid, code, row.problem("field"), reason);
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
        return not(Action::Skipped, EXISTS, None, reason);
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
fn archive_absent(plan: &mut NewPlan<'_>) -> Result<()> {
    let mut statement = plan.transaction.prepare(
        "SELECT raw FROM customers WHERE id NOT IN (SELECT customer FROM matches WHERE run = ?)
         ORDER BY display_id",
    )?;
    let mut rows = statement.query([plan.run])?;
    while let Some(row) = rows.next()? {
        let customer = object(&row.get::<_, String>(0)?);
        let item = NewItem {
            id: text_of(&customer, "id"),
            customer: text_of(&customer, "id"),
            label: &customer_label(&customer),
            before: Some(&customer),
            ..NewItem::new(plan.seq, plan.seq, Kind::Customer)
        };
        insert(plan.transaction, plan.run, Action::Archive, &item)?;
        plan.seq += 1;
    }
    Ok(())
}
