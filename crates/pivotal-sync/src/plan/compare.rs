//! The records of the source compared with the mirror.

use std::collections::BTreeSet;

use rusqlite::{Transaction, params};

use super::new_plan::{CHANGED, Decision, EXISTS, NewPlan};
use super::records::{Records, SourceRow};
use super::related::{add_contacts, add_onboarding};
use crate::config::{Config, FILTERED, Mode, contacts};
use crate::error::{Result, shortened};
use crate::field::{Field, MatchKey, Values, differing, json, object, text_of};
use crate::keys::{CUSTOMER, KeySet, Shared};
use crate::kind::Kind;
use crate::state::items::insert;
use crate::state::rows::{MAX_FOUND, ids_with_key, with_key};
use crate::state::{Action, NewItem, RunId};

/// What finds the customer that a record is, and records that are the same.
pub(super) struct Found {
    /// The match keys of the customers.
    known: KeySet,
    /// What several records have in common.
    shared: Shared,
}

/// Finds the customers that the records may be, and the customers whose contacts have to be read.
pub(super) fn match_rows(
    transaction: &Transaction<'_>,
    run: RunId,
    config: &Config,
    records: &mut Records,
    mut shared: Shared,
) -> Result<Found> {
    shared.free_seen();
    let known = KeySet::of_mirror(transaction)?;
    let mut unidentified = 0_u64;
    // The match keys of several customers. One record with such a key keeps all of them from a delete.
    let mut ambiguous = BTreeSet::new();
    let mut note = transaction.prepare("INSERT INTO temp.shared VALUES (?, ?, ?, ?)")?;
    let mut scope = transaction.prepare("INSERT OR IGNORE INTO scope VALUES (?)")?;
    records.each(|row| {
        let found = find(transaction, config, &known, &row)?;
        if found.is_empty() && row.may_be_anyone(config) {
            unidentified += 1;
        }
        let place = (!row.is_filtered()).then_some(&row.place);
        if let ([customer], Some(options), Some(_)) = (found.as_slice(), &config.contacts, place)
            && contacts(options, &object(&row.raw)).is_ok_and(|contacts| !contacts.is_empty())
        {
            scope.execute([id(customer)])?;
        }
        let customers = match found.as_slice() {
            [first, _, ..] => {
                let mut keys = row.match_keys(config);
                match keys.find(|(key, value)| key.value(first).as_deref() == Some(*value)) {
                    Some((key, value))
                        if ambiguous.insert((key.field(), value.to_owned(), place.is_some())) =>
                    {
                        ids_with_key(transaction, key, value)?
                    }
                    _ => Vec::new(),
                }
            }
            found => found
                .iter()
                .map(|customer| id(customer).to_owned())
                .collect(),
        };
        for customer in &customers {
            if place.is_some() {
                shared.add(CUSTOMER, customer);
            }
            note.execute(params![CUSTOMER, customer, row.seq, place])?;
        }
        for (key, value) in row.keys.iter().filter(|_| place.is_some()) {
            if shared.may_contain(key.name(), value) {
                note.execute(params![key.name(), value, row.seq, place])?;
            }
        }
        Ok(())
    })?;
    shared.free_seen();
    let sql = "UPDATE runs SET unidentified = ? WHERE id = ?";
    transaction.execute(sql, params![unidentified, run])?;
    Ok(Found { known, shared })
}

/// Compares all records with the mirror, which has so many customers.
pub(super) fn compare(
    transaction: &Transaction<'_>,
    run: RunId,
    config: &Config,
    customers: u64,
    found: &Found,
    records: &mut Records,
) -> Result<()> {
    let mut plan = NewPlan::new(transaction, run, config);
    records.each(|row| {
        let customers = find(transaction, config, &found.known, &row)?;
        let customer = customers.first();
        let decision = decide(&plan, found, &row, &customers)?;
        let key = row.key(config);
        let label = label(&row, key.as_deref(), customer);
        let first = plan.seq;
        let item = NewItem {
            row: Some(row.seq),
            raw: &row.raw,
            place: &row.place,
            id: customer.map(id),
            customer: customer.map(id),
            label: &label,
            key: key.as_deref().unwrap_or_default(),
            ..NewItem::new(first, first, Kind::Customer)
        };
        let is_known = match &decision {
            Decision::Unchanged | Decision::Do(..) => true,
            Decision::Not(_, problem) => problem.code == EXISTS || problem.code == CHANGED,
        };
        plan.add(decision, &item)?;
        if is_known {
            add_contacts(&mut plan, &item)?;
            add_onboarding(&mut plan, &item)?;
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
    let values = params![customers, of_customers, of_contacts, of_onboardings, run];
    transaction.execute(sql, values)?;
    Ok(())
}

/// The customers that the first match key with a hit finds, by ID, at most [`MAX_FOUND`].
fn find(
    transaction: &Transaction<'_>,
    config: &Config,
    known: &KeySet,
    row: &SourceRow<'_>,
) -> Result<Vec<Values>> {
    for (key, value) in row.match_keys(config) {
        if known.may_contain(key.name(), value) {
            let mut found = with_key(transaction, key, value)?;
            if !found.is_empty() {
                found.sort_by(|one, other| id(one).cmp(id(other)));
                return Ok(found);
            }
        }
    }
    Ok(Vec::new())
}

fn id(row: &Values) -> &str {
    text_of(row, "id").unwrap_or_default()
}

fn label(row: &SourceRow<'_>, key: Option<&str>, customer: Option<&Values>) -> String {
    match customer {
        Some(customer) => shortened(&customer_label(customer)),
        None => shortened(row.name.as_deref().or(key).unwrap_or_default()),
    }
}

/// A customer for people: `#7 Aurora`.
fn customer_label(customer: &Values) -> String {
    let name = text_of(customer, "name").unwrap_or_default();
    format!("{} {name}", number(customer))
}

/// The number of a customer: `#7`.
fn number(customer: &Values) -> String {
    format!("#{}", customer.get("display_id").unwrap_or_default())
}

/// What the plan does with a record that these customers match.
fn decide(
    plan: &NewPlan<'_>,
    found: &Found,
    row: &SourceRow<'_>,
    customers: &[Values],
) -> Result<Decision> {
    let (transaction, config) = (plan.transaction, plan.config);
    let Found { known, shared } = found;
    let customer = customers.first();
    let not = |action, code, field, reason: String| Ok(Decision::not(action, code, field, reason));
    if let Some(problem) = &row.problem {
        if row.is_filtered() {
            return not(Action::Skipped, FILTERED, None, problem.reason.clone());
        }
        if customer.is_none() || !problem.is_about_owner() {
            return Ok(Decision::Not(Action::Invalid, problem.clone()));
        }
    }
    let Some((key, value)) = row.match_keys(config).next() else {
        let names: Vec<_> = config
            .sync
            .match_keys
            .iter()
            .map(|key| key.name())
            .collect();
        let reason = format!("it has none of {}", names.join(", "));
        return not(Action::Invalid, "no_match_key", None, reason);
    };
    let field = Some(key.name());
    let slug = row.slug();
    let of_slug = slug.map(|slug| (MatchKey::Slug, slug));
    for (key, value) in [(key, value)].into_iter().chain(of_slug) {
        let name = key.name();
        if let Some(other) = shared.other(transaction, name, value, row.seq)? {
            let reason = format!("{other} has the same {name}={value}{}", one_record(config));
            return not(Action::Conflict, "duplicate_in_source", Some(name), reason);
        }
    }
    if customers.len() > 1 {
        let mut several: Vec<_> = customers.iter().map(number).collect();
        if several.len() == MAX_FOUND {
            several[MAX_FOUND - 1] = "and more".to_owned();
        }
        let reason = format!("several customers match: {}", several.join(", "));
        return not(Action::Conflict, "ambiguous_match", field, reason);
    }
    let holder = match slug.filter(|slug| known.may_contain(Field::Slug.name(), slug)) {
        Some(slug) => with_key(transaction, MatchKey::Slug, slug)?.pop(),
        None => None,
    };
    if let Some(holder) = holder.filter(|holder| customer.map(id) != Some(id(holder))) {
        let reason = format!("customer {} has this slug", number(&holder));
        return not(Action::Conflict, "slug_taken", Some("slug"), reason);
    }
    let Some(customer) = customer else {
        return Ok(decide_new(config.sync.mode, row));
    };
    if let Some(other) = shared.other(transaction, CUSTOMER, id(customer), row.seq)? {
        let reason = format!("{other} is the same customer{}", one_record(config));
        return not(Action::Conflict, "duplicate_in_source", field, reason);
    }
    decide_existing(plan, row, customer)
}

/// How several contacts of a customer are given, if each record is one contact.
fn one_record(config: &Config) -> &'static str {
    let contacts = config.contacts.as_ref();
    match contacts.is_some_and(|contacts| contacts.list.is_none()) {
        true => {
            "; give several contacts of a customer in one record, as a list: `list` in [contacts] names its column, which has JSON in a CSV file"
        }
        false => "",
    }
}

fn decide_new(mode: Mode, row: &SourceRow<'_>) -> Decision {
    if mode == Mode::Update {
        let reason = "there is no such customer, and the mode is update";
        return Decision::not(Action::Skipped, "not_found", None, reason);
    }
    if row.name.is_none() {
        let reason = "a new customer needs a name";
        return Decision::not(Action::Invalid, "missing_field", Some("name"), reason);
    }
    // Without a null, which a create does not take, the values are as they have to be.
    let mut values = row.wanted.clone().into_owned();
    if values.contains("null") {
        let mut wanted = object(&values);
        wanted.retain(|_, value| !value.is_null());
        values = json(&wanted);
    }
    Decision::Do(Action::Create, None, values)
}

fn decide_existing(plan: &NewPlan<'_>, row: &SourceRow<'_>, customer: &Values) -> Result<Decision> {
    let options = &plan.config.sync;
    let not = |action, code, field, reason| Ok(Decision::not(action, code, field, reason));
    let differing = differing(customer, &object(&row.wanted));
    for key in options.match_keys.iter().filter(|key| key.is_identity()) {
        if key.value(customer).is_some() && differing.contains_key(key.name()) {
            let reason = "the customer that matches has another one";
            return not(Action::Conflict, "other_identity", Some(key.name()), reason);
        }
    }
    if differing.is_empty() {
        return Ok(Decision::Unchanged);
    }
    if options.mode == Mode::Create {
        let reason = "the customer exists, and the mode is create";
        return not(Action::Skipped, EXISTS, None, reason);
    }
    plan.update(customer, &differing)
}

/// Plans to delete the customers that no record may be.
fn delete_absent(plan: &mut NewPlan<'_>) -> Result<()> {
    let mut statement = plan.transaction.prepare(
        "SELECT raw FROM customers
         WHERE id NOT IN (SELECT value FROM temp.shared WHERE name = ?)
         ORDER BY display_id",
    )?;
    let mut rows = statement.query([CUSTOMER])?;
    while let Some(row) = rows.next()? {
        let raw: String = row.get(0)?;
        let customer = object(&raw);
        let item = NewItem {
            id: Some(id(&customer)),
            customer: Some(id(&customer)),
            label: &customer_label(&customer),
            before: Some(&raw),
            ..NewItem::new(plan.seq, plan.seq, Kind::Customer)
        };
        insert(plan.transaction, plan.run, Action::Delete, &item)?;
        plan.seq += 1;
    }
    Ok(())
}
