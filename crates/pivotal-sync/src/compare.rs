//! The records of the source compared with the mirror.

use rusqlite::{Transaction, params};
use serde_json::Value;

use crate::config::{Config, FILTERED, Mode, contacts};
use crate::error::{Result, shortened};
use crate::field::{Field, MatchKey, Values, current, differing, object, text_of};
use crate::keys::{CUSTOMER, KEY, KeySet, Shared};
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
    /// The match key by which it is recognized.
    key: Option<String>,
    problem: Option<Values>,
    /// The IDs of the customers that it may be, in order.
    matches: Vec<String>,
}

/// Finds the customers that the records may be, and of which customers contacts have to be read.
pub(crate) fn match_rows(
    transaction: &Transaction<'_>,
    run: RunId,
    config: &Config,
) -> Result<KeySet> {
    let known = KeySet::of_mirror(transaction)?;
    let mut unidentified = 0_u64;
    each_row(transaction, config, |row| {
        let found = find(transaction, &known, &config.sync.match_keys, &row.wanted)?;
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
        let mut insert = transaction.prepare_cached("INSERT INTO temp.matches VALUES (?, ?)")?;
        for id in found {
            insert.execute(params![row.seq, id])?;
        }
        Ok(())
    })?;
    let sql = "UPDATE runs SET unidentified = ? WHERE id = ?";
    transaction.execute(sql, params![unidentified, run])?;
    Ok(known)
}

/// What the mirror has.
pub(crate) struct Found {
    /// How many customers.
    pub(crate) customers: u64,
    /// Their match keys.
    pub(crate) known: KeySet,
}

/// Compares all records with the mirror.
pub(crate) fn compare(
    transaction: &Transaction<'_>,
    run: RunId,
    config: &Config,
    found: &Found,
    mut shared: Shared,
) -> Result<()> {
    shared.list(transaction, |each| {
        each_row(transaction, config, |row| {
            if row.problem("code") == Some(FILTERED) {
                return Ok(());
            }
            let keys = identities(&config.sync.match_keys, &row.wanted);
            each(row.seq, &row.place, &keys)
        })
    })?;
    let mut plan = NewPlan::new(transaction, run, config);
    each_row(transaction, config, |row| {
        let customer = match row.matches.first() {
            Some(id) => with_id(transaction, Kind::Customer, id)?,
            None => None,
        };
        let decision = decide(&plan, &found.known, &shared, &row, customer.as_ref())?;
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
        delete_absent(&mut plan)?;
    }
    let unchanged = |kind| plan.unchanged.get(&kind).copied().unwrap_or_default();
    let sql = "UPDATE runs SET state = 'planned', mirror_rows = ?, unchanged = ?,
        unchanged_contacts = ?, unchanged_onboardings = ? WHERE id = ?";
    let [of_customers, of_contacts, of_onboardings] = Kind::ALL.map(unchanged);
    let values = params![
        found.customers,
        of_customers,
        of_contacts,
        of_onboardings,
        run
    ];
    transaction.execute(sql, values)?;
    Ok(())
}

/// Passes each record of the source to a function.
fn each_row(
    transaction: &Transaction<'_>,
    config: &Config,
    mut each: impl FnMut(SourceRow) -> Result<()>,
) -> Result<()> {
    let needs_raw = config.contacts.is_some() || config.onboarding.is_some();
    let mut statement = transaction
        .prepare("SELECT seq, place, wanted, problem, raw FROM temp.source_rows ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut matches =
        transaction.prepare("SELECT seq, customer FROM temp.matches ORDER BY seq, customer")?;
    let mut matches = matches.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut next_match: Option<(i64, String)> = matches.next().transpose()?;
    while let Some(row) = rows.next()? {
        let seq = row.get(0)?;
        let values =
            |index| -> rusqlite::Result<Values> { Ok(object(row.get_ref(index)?.as_str()?)) };
        let wanted = values(2)?;
        let mut found = Vec::new();
        while let Some((_, customer)) = next_match.take_if(|(of, _)| *of == seq) {
            found.push(customer);
            next_match = matches.next().transpose()?;
        }
        let mut keys = config.sync.match_keys.iter();
        each(SourceRow {
            seq,
            place: row.get(1)?,
            key: keys.find_map(|key| identity(*key, &wanted)),
            wanted,
            problem: row
                .get::<_, Option<String>>(3)?
                .map(|problem| object(&problem)),
            raw: match needs_raw {
                true => values(4)?,
                false => Values::new(),
            },
            matches: found,
        })?;
    }
    Ok(())
}

/// The values by which records are told apart, as `field=value`: the match keys, the first first, and
/// the slug, which is unique in any case.
pub(crate) fn identities(keys: &[MatchKey], values: &Values) -> Vec<String> {
    let slug = (!keys.contains(&MatchKey::Slug)).then_some(&MatchKey::Slug);
    let keys = keys.iter().chain(slug);
    keys.filter_map(|key| identity(*key, values)).collect()
}

fn identity(key: MatchKey, values: &Values) -> Option<String> {
    Some(format!("{}={}", key.field(), key.value(values)?))
}

/// The IDs of the customers that the first match key with a hit finds.
fn find(
    transaction: &Transaction<'_>,
    known: &KeySet,
    keys: &[MatchKey],
    wanted: &Values,
) -> Result<Vec<String>> {
    for key in keys {
        let value = key.value(wanted);
        let value = value.filter(|value| known.may_contain(key.field().name(), value));
        if let Some(value) = value {
            let found = with_key(transaction, *key, &value)?;
            if !found.is_empty() {
                let id = |row: &Values| text_of(row, "id").map(str::to_owned);
                return Ok(found.iter().filter_map(id).collect());
            }
        }
    }
    Ok(Vec::new())
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
        self.key.as_deref().is_none() || !is_readable
    }
}

fn decide(
    plan: &NewPlan<'_>,
    known: &KeySet,
    shared: &Shared,
    row: &SourceRow,
    customer: Option<&Values>,
) -> Result<Decision> {
    let (transaction, config) = (plan.transaction, plan.config);
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
    let Some(key) = row.key.as_deref() else {
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
    if let Some(other) = shared.other(transaction, KEY, key, row.seq)? {
        let reason = format!("{other} has the same {key}");
        return not(Action::Conflict, "duplicate_in_source", field, reason);
    }
    let slug = MatchKey::Slug.value(&row.wanted);
    if let Some(slug) = &slug
        && let Some(other) = shared.other(transaction, KEY, &format!("slug={slug}"), row.seq)?
    {
        let reason = format!("{other} has the same slug {slug}");
        return not(
            Action::Conflict,
            "duplicate_in_source",
            Some("slug"),
            reason,
        );
    }
    if row.matches.len() > 1 {
        let number = |id| {
            let customer = with_id(transaction, Kind::Customer, id)?.unwrap_or_default();
            Ok(format!(
                "#{}",
                customer.get("display_id").unwrap_or_default()
            ))
        };
        let several: Result<Vec<_>> = row.matches.iter().map(|id| number(id)).collect();
        let reason = format!("several customers match: {}", several?.join(", "));
        return not(Action::Conflict, "ambiguous_match", field, reason);
    }
    let holder = match slug.filter(|slug| known.may_contain(Field::Slug.name(), slug)) {
        Some(slug) => with_key(transaction, MatchKey::Slug, &slug)?.pop(),
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
    let id = text_of(customer, "id").unwrap_or_default();
    if let Some(other) = shared.other(transaction, CUSTOMER, id, row.seq)? {
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

/// Plans to delete the customers that no record may be.
fn delete_absent(plan: &mut NewPlan<'_>) -> Result<()> {
    let mut statement = plan.transaction.prepare(
        "SELECT raw FROM customers WHERE id NOT IN (SELECT customer FROM temp.matches)
         ORDER BY display_id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let customer = object(&row.get::<_, String>(0)?);
        let item = NewItem {
            id: text_of(&customer, "id"),
            customer: text_of(&customer, "id"),
            label: &customer_label(&customer),
            before: Some(&customer),
            ..NewItem::new(plan.seq, plan.seq, Kind::Customer)
        };
        insert(plan.transaction, plan.run, Action::Delete, &item)?;
        plan.seq += 1;
    }
    Ok(())
}
