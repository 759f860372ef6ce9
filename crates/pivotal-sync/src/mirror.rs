//! The mirror: a complete local copy of all customers.

use pivotal_sdk::{Client, Customer};
use rusqlite::{Transaction, params};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::field::{MatchKey, Values, current, differing, object};
use crate::state::customers::{put, with_id, with_key};
use crate::state::items::{in_doubt, json, set_outcome};
use crate::state::{Action, Item, ItemState, Outcome, State, now};

/// How many rows are written at a time.
const BATCH: usize = 100;

/// Reads all customers into the state file, with one request per 100, and returns how many there
/// are.
///
/// The copy is replaced when the list has been read to its end: every customer that existed
/// throughout is in it. If the list breaks off, the last complete copy stays, and the walk is marked
/// as broken. A walk also resolves what earlier runs left in doubt.
///
/// # Errors
/// [`Error::Mirror`] if the list breaks off, [`Error::Unusable`] if the state file belongs to another
/// workspace, [`Error::Call`] if the workspace cannot be read, [`Error::State`].
pub async fn refresh(client: &Client, state: &State) -> Result<u64> {
    let organization = client.me().await?.organization;
    state.bind_workspace(&organization.id, &organization.slug)?;
    let walk = state.write(|transaction| {
        transaction.execute("DELETE FROM incoming", [])?;
        transaction.execute(
            "INSERT INTO walks (state, started_at) VALUES ('running', ?)",
            [now()],
        )?;
        Ok(transaction.last_insert_rowid())
    })?;
    let mut customers = client.customers().list().stream();
    let mut batch = Vec::with_capacity(BATCH);
    let mut read = 0;
    loop {
        let customer = match customers.try_next().await {
            Ok(customer) => customer,
            Err(error) => {
                let reason = error.to_string();
                broken(state, walk, read, &reason)?;
                return Err(Error::Mirror {
                    read,
                    reason,
                    authentication: error.is_authentication() || error.is_permission(),
                });
            }
        };
        let ended = customer.is_none();
        batch.extend(customer);
        if batch.len() == BATCH || ended {
            read += batch.len() as u64;
            state.write(|transaction| add(transaction, &batch))?;
            batch.clear();
        }
        if ended {
            break;
        }
    }
    state.write(|transaction| {
        replace(transaction)?;
        transaction.execute(
            "UPDATE walks SET state = 'complete', rows = ?, ended_at = ? WHERE id = ?",
            params![read, now(), walk],
        )?;
        resolve(transaction)
    })?;
    Ok(read)
}

fn broken(state: &State, walk: i64, read: u64, reason: &str) -> Result<()> {
    state.write(|transaction| {
        transaction.execute(
            "UPDATE walks SET state = 'broken', rows = ?, reason = ?, ended_at = ? WHERE id = ?",
            params![read, reason, now(), walk],
        )?;
        Ok(())
    })
}

fn add(transaction: &Transaction<'_>, customers: &[Customer]) -> Result<()> {
    let mut insert =
        transaction.prepare_cached("INSERT OR REPLACE INTO incoming (id, raw) VALUES (?, ?)")?;
    for customer in customers {
        insert.execute(params![customer.id, json(&values(customer))])?;
    }
    Ok(())
}

/// A customer as JSON. Keys that are null are not in it.
pub(crate) fn values(customer: &Customer) -> Values {
    match serde_json::to_value(customer) {
        Ok(Value::Object(values)) => values,
        _ => Values::new(),
    }
}

/// Makes the rows of a complete walk the mirror.
fn replace(transaction: &Transaction<'_>) -> Result<()> {
    transaction.execute("DELETE FROM customers", [])?;
    let mut rows = transaction.prepare("SELECT raw FROM incoming")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        put(transaction, &object(&row.get::<_, String>(0)?))?;
    }
    transaction.execute("DELETE FROM incoming", [])?;
    Ok(())
}

/// Decides from a complete mirror what became of the changes that were being sent when a process
/// ended or no response arrived.
fn resolve(transaction: &Transaction<'_>) -> Result<()> {
    for (run, item) in in_doubt(transaction)? {
        let outcome = match item.plan.action {
            Action::Create => created(transaction, &item)?,
            Action::Update => updated(transaction, &item)?,
            _ => {
                let id = item.plan.customer.as_deref().unwrap_or_default();
                let is_gone = with_id(transaction, id)?.is_none();
                if is_gone { done(None) } else { open() }
            }
        };
        set_outcome(transaction, run, item.seq, &outcome)?;
    }
    Ok(())
}

/// When the plan was made, no customer had the match key.
fn created(transaction: &Transaction<'_>, item: &Item) -> Result<Outcome> {
    let wanted = item.plan.after.clone().unwrap_or_default();
    for key in MatchKey::ALL {
        let Some(value) = key.value(&wanted) else {
            continue;
        };
        // Of customers with one domain, it is the one with all of the values.
        let found = with_key(transaction, key, &value)?;
        let mut same = found
            .into_iter()
            .filter(|customer| differing(customer, &wanted).is_empty());
        if let Some(customer) = same.next() {
            return Ok(done(Some(customer)));
        }
    }
    Ok(open())
}

fn updated(transaction: &Transaction<'_>, item: &Item) -> Result<Outcome> {
    let after = item.plan.after.clone().unwrap_or_default();
    let id = item.plan.customer.as_deref().unwrap_or_default();
    let customer = with_id(transaction, id)?.filter(|row| current(row, &after) == after);
    Ok(customer.map_or_else(open, |customer| done(Some(customer))))
}

fn done(result: Option<Values>) -> Outcome {
    Outcome {
        state: ItemState::Done,
        code: None,
        field: None,
        reason: Some("found by the next walk of the mirror".to_owned()),
        sent: "yes",
        result,
    }
}

fn open() -> Outcome {
    Outcome {
        state: ItemState::Planned,
        code: None,
        field: None,
        reason: Some("was being sent, and was not processed".to_owned()),
        sent: "no",
        result: None,
    }
}
