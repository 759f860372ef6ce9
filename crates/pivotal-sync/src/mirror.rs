//! The mirror: a complete local copy of customers, and of contacts and onboardings as needed.

use futures_util::stream::{self, StreamExt};
use pivotal_sdk::stream::{RowOf, Rows};
use pivotal_sdk::{Client, Paged};
use rusqlite::{Transaction, params};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::field::{MatchKey, Values, current, differing, json, object, text_of};
use crate::kind::{Kind, row};
use crate::progress::{Cost, Progress, per_minute};
use crate::state::outcomes::{in_doubt, set_outcome};
use crate::state::rows::{onboardings_of, put, with_email, with_id, with_key};
use crate::state::{Action, Item, ItemState, Outcome, RunId, State, now};

/// How many rows are written at a time, and the contacts of how many customers.
const BATCH: usize = 100;
/// How many lists of contacts are read at a time. The rate limiter of the client paces them.
const CONCURRENCY: usize = 8;

/// Reads all rows of a kind into the state file, and returns how many there are. Customers and
/// onboardings cost one request per 100. Contacts cost at least one request for each customer of
/// the mirror, which has to be read before them.
///
/// The copy is replaced when the list has been read to its end: every row that existed throughout
/// is in it. If the list breaks off, the last complete copy stays, and the walk is marked as broken.
/// A walk also resolves what earlier runs left in doubt about its rows.
///
/// # Errors
/// [`Error::Mirror`] if the list breaks off, [`Error::Unusable`] if the state file belongs to another
/// workspace, [`Error::Call`] if the workspace cannot be read, [`Error::State`].
pub async fn refresh(client: &Client, state: &State, kind: Kind) -> Result<u64> {
    let organization = client.me().await?.organization;
    state.bind_workspace(&organization.id, &organization.slug)?;
    state.write(|transaction| {
        transaction.execute("DELETE FROM scope", [])?;
        if kind == Kind::Contact {
            transaction.execute("INSERT INTO scope SELECT id FROM customers", [])?;
        }
        Ok(())
    })?;
    walk(client, state, kind, None).await
}

/// Reads the customers, and what the rest of a run needs.
pub(crate) async fn refresh_for(client: &Client, state: &State, run: RunId) -> Result<()> {
    refresh(client, state, Kind::Customer).await?;
    refresh_related(client, state, run, false).await
}

/// Reads the contacts of the customers in `scope`, and the onboardings if they are wanted; both also
/// if the run has yet to create some, or one is in doubt.
pub(crate) async fn refresh_related(
    client: &Client,
    state: &State,
    run: RunId,
    onboardings: bool,
) -> Result<()> {
    let (customers, onboardings) = state.write(|transaction| {
        // The customer of a contact may have been created by the run.
        transaction.execute(
            "INSERT OR IGNORE INTO scope
             SELECT customer FROM items
             WHERE (run, seq) IN (SELECT run, seq FROM sending) AND kind = 'contact'
             UNION
             SELECT coalesce(i.customer, o.customer) AS owner
             FROM items i LEFT JOIN outcomes o ON o.run = i.run AND o.seq = i.first
             WHERE i.run = ? AND i.kind = 'contact' AND i.action = 'create'
                AND i.state = 'planned' AND owner IS NOT NULL",
            [run],
        )?;
        let count = "SELECT count(*) FROM scope";
        let customers: u64 = transaction.query_row(count, [], |row| row.get(0))?;
        let mut needed = transaction.prepare_cached(
            "SELECT 1 FROM items
             WHERE (run, seq) IN (SELECT run, seq FROM sending) AND kind = 'onboarding'
             UNION ALL
             SELECT 1 FROM items
             WHERE (run, seq) IN (SELECT run, seq FROM plans INDEXED BY plans_deal
                    WHERE run = ? AND kind = 'onboarding')
                AND state = 'planned' AND action = 'create'",
        )?;
        Ok((customers, onboardings || needed.exists([run])?))
    })?;
    if customers > 0 {
        walk(client, state, Kind::Contact, Some(customers)).await?;
    }
    if onboardings {
        walk(client, state, Kind::Onboarding, None).await?;
    }
    Ok(())
}

/// Reads a list, and replaces its copy when it is complete; of contacts those of the customers in
/// `scope`, of which `customers` is the number unless these are all.
async fn walk(client: &Client, state: &State, kind: Kind, customers: Option<u64>) -> Result<u64> {
    state.progress(&Progress::List(&cost(client, state, kind)?));
    let walk = state.write(|transaction| {
        transaction.execute("DELETE FROM incoming", [])?;
        transaction.execute(
            "INSERT INTO walks (mirror, customers, state, started_at) VALUES (?, ?, 'running', ?)",
            params![kind.table(), customers, now()],
        )?;
        Ok(transaction.last_insert_rowid())
    })?;
    let mut read = 0;
    let ended = match kind {
        Kind::Customer => list(state, kind, client.customers().list().stream(), &mut read).await,
        Kind::Contact => contacts(client, state, &mut read).await,
        Kind::Onboarding => {
            list(state, kind, client.onboardings().list().stream(), &mut read).await
        }
    };
    match ended {
        Err(Error::Call(error)) => {
            let reason = error.to_string();
            state.write(|transaction| end(transaction, walk, "broken", read, Some(&reason)))?;
            return Err(Error::Mirror {
                kind,
                read,
                reason,
                authentication: error.is_authentication() || error.is_permission(),
            });
        }
        ended => ended?,
    }
    state.write(|transaction| {
        replace(transaction, kind)?;
        end(transaction, walk, "complete", read, None)?;
        resolve(transaction, kind)
    })?;
    Ok(read)
}

/// What a walk costs, for customers and onboardings from what the last one has read.
fn cost(client: &Client, state: &State, kind: Kind) -> Result<Cost> {
    let counted = state.query(|connection| {
        let sql = match kind {
            Kind::Contact => "SELECT count(*) FROM scope".to_owned(),
            _ => format!("SELECT count(*) FROM {}", kind.table()),
        };
        Ok(connection.query_row(&sql, [], |row| row.get::<_, u64>(0))?)
    })?;
    Ok(Cost {
        kind,
        customers: (kind == Kind::Contact).then_some(counted),
        requests: match kind {
            Kind::Contact => Some(counted),
            _ => (counted > 0).then(|| counted.div_ceil(100)),
        },
        per_minute: per_minute(client),
    })
}

/// Reads a list of the workspace.
async fn list<O: Paged>(state: &State, kind: Kind, mut rows: Rows<O>, read: &mut u64) -> Result<()>
where
    RowOf<O>: Serialize,
{
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let next = rows.try_next().await?;
        let ended = next.is_none();
        batch.extend(next.as_ref().map(row));
        if batch.len() == BATCH || ended {
            *read += batch.len() as u64;
            state.write(|transaction| add(transaction, &batch))?;
            state.progress(&Progress::Rows { kind, read: *read });
            batch.clear();
        }
        if ended {
            return Ok(());
        }
    }
}

/// Reads the contacts of the customers in `scope`.
async fn contacts(client: &Client, state: &State, read: &mut u64) -> Result<()> {
    let mut last = String::new();
    loop {
        let customers = state.query(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT customer FROM scope WHERE customer > ? ORDER BY customer LIMIT {BATCH}"
            ))?;
            let rows = statement.query_map([&last], |row| row.get::<_, String>(0))?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })?;
        let Some(end) = customers.last() else {
            return Ok(());
        };
        last.clone_from(end);
        let lists = customers.into_iter().map(|id| contacts_of(client, id));
        let mut lists = stream::iter(lists).buffer_unordered(CONCURRENCY);
        let mut batch = Vec::new();
        while let Some(list) = lists.next().await {
            batch.extend(list?);
        }
        *read += batch.len() as u64;
        state.write(|transaction| add(transaction, &batch))?;
        let kind = Kind::Contact;
        state.progress(&Progress::Rows { kind, read: *read });
    }
}

/// The contacts of a customer; none if the customer was deleted meanwhile.
async fn contacts_of(client: &Client, customer: String) -> Result<Vec<Values>> {
    let mut rows = client.customer(&customer).contacts().list().stream();
    let mut contacts = Vec::new();
    loop {
        match rows.try_next().await {
            Ok(Some(contact)) => contacts.push(row(&contact)),
            Ok(None) => return Ok(contacts),
            Err(error) if error.is_not_found() => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Records how a walk ended.
fn end(
    transaction: &Transaction<'_>,
    walk: i64,
    state: &str,
    read: u64,
    reason: Option<&str>,
) -> Result<()> {
    transaction.execute(
        "UPDATE walks SET state = ?, rows = ?, reason = ?, ended_at = ? WHERE id = ?",
        params![state, read, reason, now(), walk],
    )?;
    Ok(())
}

fn add(transaction: &Transaction<'_>, rows: &[Values]) -> Result<()> {
    let mut insert =
        transaction.prepare_cached("INSERT OR REPLACE INTO incoming (id, raw) VALUES (?, ?)")?;
    for row in rows {
        insert.execute(params![text_of(row, "id"), json(row)])?;
    }
    Ok(())
}

/// Makes the rows of a complete walk the mirror.
fn replace(transaction: &Transaction<'_>, kind: Kind) -> Result<()> {
    let delete = match kind {
        Kind::Customer => "DELETE FROM customers",
        Kind::Contact => "DELETE FROM contacts WHERE customer_id IN (SELECT customer FROM scope)",
        Kind::Onboarding => "DELETE FROM onboardings",
    };
    transaction.execute(delete, [])?;
    let mut rows = transaction.prepare("SELECT raw FROM incoming")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let raw: String = row.get(0)?;
        put(transaction, kind, &object(&raw), &raw)?;
    }
    transaction.execute_batch("DELETE FROM incoming; DELETE FROM scope;")?;
    if kind == Kind::Customer {
        // A deleted customer takes its contacts and onboardings with it.
        transaction.execute_batch(
            "DELETE FROM contacts WHERE customer_id NOT IN (SELECT id FROM customers);
             DELETE FROM onboardings WHERE customer_id NOT IN (SELECT id FROM customers);",
        )?;
    }
    Ok(())
}

/// Decides from a complete mirror what became of the changes that were being sent when a process
/// ended or no response arrived.
fn resolve(transaction: &Transaction<'_>, kind: Kind) -> Result<()> {
    for (run, item) in in_doubt(transaction, kind)? {
        let id = item.plan.id.as_deref().unwrap_or_default();
        let outcome = match item.plan.action {
            Action::Create => created(transaction, &item)?,
            Action::Update => {
                let after = item.plan.after.clone().unwrap_or_default();
                let row = with_id(transaction, kind, id)?;
                let row = row.filter(|row| current(row, &after) == after);
                row.map_or_else(open, |row| done(Some(row)))
            }
            _ => {
                let is_gone = with_id(transaction, kind, id)?.is_none();
                if is_gone { done(None) } else { open() }
            }
        };
        let result = outcome.result.as_ref().map(json);
        set_outcome(transaction, run, &item, &outcome, result.as_deref())?;
    }
    Ok(())
}

/// When the plan was made, no customer had the match key, the customer had no contact with the
/// address, or it had no onboarding.
fn created(transaction: &Transaction<'_>, item: &Item) -> Result<Outcome> {
    let wanted = item.plan.after.clone().unwrap_or_default();
    let customer = item.plan.customer.as_deref().unwrap_or_default();
    let found = match item.plan.kind {
        Kind::Customer => {
            let mut found = Vec::new();
            for key in MatchKey::ALL {
                if let Some(value) = key.value(&wanted) {
                    found.extend(with_key(transaction, key, &value)?);
                }
            }
            found
        }
        Kind::Contact => {
            let email = text_of(&wanted, "email").unwrap_or_default();
            with_email(transaction, customer, email)?
        }
        Kind::Onboarding => onboardings_of(transaction, customer)?,
    };
    // Of customers with one domain, it is the one with all of the values.
    let mut found = found.into_iter();
    let same = found.find(|row| differing(row, &wanted).is_empty());
    Ok(same.map_or_else(open, |row| done(Some(row))))
}

fn done(result: Option<Values>) -> Outcome {
    Outcome {
        reason: Some("found by the next walk of the mirror".to_owned()),
        ..Outcome::done(result)
    }
}

fn open() -> Outcome {
    Outcome::new(ItemState::Planned, "was being sent, and was not processed")
}
