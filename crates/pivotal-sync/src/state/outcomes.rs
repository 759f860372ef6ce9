//! What becomes of the items of a plan.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::{Value, json};

use super::items::{COLUMNS, item};
use super::rows::put;
use super::{Action, Item, ItemState, RunId, State, now};
use crate::error::Result;
use crate::field::{Values, current, json, object, text_of};
use crate::kind::Kind;

/// The code of an item that was not sent because its customer was not created.
pub(crate) const CUSTOMER_FAILED: &str = "customer_failed";

/// What became of an item.
pub(crate) struct Outcome {
    pub(crate) state: ItemState,
    pub(crate) code: Option<String>,
    pub(crate) field: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) sent: &'static str,
    pub(crate) result: Option<Values>,
}

impl Outcome {
    /// A change that was made, with the row after it.
    pub(crate) fn done(result: Option<Values>) -> Self {
        Self {
            state: ItemState::Done,
            code: None,
            field: None,
            reason: None,
            sent: "yes",
            result,
        }
    }

    /// An outcome without a call.
    pub(crate) fn new(state: ItemState, reason: impl Into<String>) -> Self {
        Self {
            state,
            code: None,
            field: None,
            reason: Some(reason.into()),
            sent: "no",
            result: None,
        }
    }
}

impl State {
    /// Records that an item is about to be sent.
    pub(crate) fn sending(&self, run: RunId, item: &Item) -> Result<()> {
        self.write(|transaction| mark(transaction, run, [item]))
    }

    /// Records what became of items, with the rows in the mirror.
    pub(crate) fn record(&self, run: RunId, outcomes: &[(Item, Outcome)]) -> Result<()> {
        self.write(|transaction| record(transaction, run, outcomes))
    }

    /// Records that items which were about to be sent were not.
    pub(crate) fn not_sent<'i>(
        &self,
        run: RunId,
        items: impl IntoIterator<Item = &'i Item>,
    ) -> Result<()> {
        self.write(|transaction| {
            items
                .into_iter()
                .try_for_each(|item| unmark(transaction, run, item))
        })
    }

    /// The state of an item, and the ID of its customer.
    pub(crate) fn state_and_customer(
        &self,
        run: RunId,
        seq: i64,
    ) -> Result<(ItemState, Option<String>)> {
        self.query(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT state, customer FROM items WHERE run = ? AND seq = ?")?;
            Ok(statement.query_row(params![run, seq], |row| Ok((row.get(0)?, row.get(1)?)))?)
        })
    }

    /// The state of an item of the same customer that comes before an item and was not done.
    pub(crate) fn not_done_before(&self, run: RunId, item: &Item) -> Result<Option<ItemState>> {
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT first, state FROM items WHERE run = ? AND seq < ? ORDER BY seq DESC",
            )?;
            let mut rows = statement.query(params![run, item.seq])?;
            // Items of one customer follow each other.
            while let Some(row) = rows.next()? {
                let (first, state): (i64, ItemState) = (row.get(0)?, row.get(1)?);
                if first != item.first {
                    break;
                }
                if !matches!(state, ItemState::Done | ItemState::Skipped) {
                    return Ok(Some(state));
                }
            }
            Ok(None)
        })
    }
}

/// Records that items are about to be sent.
pub(super) fn mark<'i>(
    transaction: &Transaction<'_>,
    run: RunId,
    items: impl IntoIterator<Item = &'i Item>,
) -> Result<()> {
    let mut statement =
        transaction.prepare_cached("INSERT OR REPLACE INTO sending VALUES (?, ?, ?)")?;
    for item in items {
        statement.execute(params![run, item.seq, item.plan.customer])?;
    }
    Ok(())
}

fn unmark(transaction: &Transaction<'_>, run: RunId, item: &Item) -> Result<()> {
    let mut statement =
        transaction.prepare_cached("DELETE FROM sending WHERE run = ? AND seq = ?")?;
    statement.execute(params![run, item.seq])?;
    Ok(())
}

pub(super) fn record(
    transaction: &Transaction<'_>,
    run: RunId,
    outcomes: &[(Item, Outcome)],
) -> Result<()> {
    for (item, outcome) in outcomes {
        let kind = item.plan.kind;
        let is_gone = is_gone(item, outcome);
        let result = outcome.result.as_ref().map(json);
        if let (true, Some(id)) = (is_gone, &item.plan.id) {
            let sql = format!("DELETE FROM {} WHERE id = ?", kind.table());
            transaction.execute(&sql, [id])?;
        } else if let (Some(row), Some(raw)) = (&outcome.result, &result) {
            put(transaction, kind, row, raw)?;
        }
        set_outcome(transaction, run, item, outcome, result.as_deref())?;
    }
    Ok(())
}

/// Whether the row does not exist any more: it was deleted, now or before.
fn is_gone(item: &Item, outcome: &Outcome) -> bool {
    item.plan.action == Action::Delete
        && matches!(outcome.state, ItemState::Done | ItemState::Skipped)
}

/// Records what became of an item, with the JSON of its result.
pub(crate) fn set_outcome(
    transaction: &Transaction<'_>,
    run: RunId,
    item: &Item,
    outcome: &Outcome,
    result: Option<&str>,
) -> Result<()> {
    let plan = &item.plan;
    let new_id = outcome.result.as_ref().and_then(|row| text_of(row, "id"));
    let id = new_id.or(plan.id.as_deref());
    let customer = match plan.kind {
        Kind::Customer => id,
        _ => plan.customer.as_deref(),
    };
    let mut statement = transaction.prepare_cached(
        "INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    statement.execute(params![
        run,
        item.seq,
        outcome.state,
        outcome.code,
        outcome.field,
        outcome.reason,
        outcome.sent,
        id,
        customer,
        result,
        now(),
    ])?;
    if outcome.state != ItemState::Sending {
        unmark(transaction, run, item)?;
    }
    match (plan.kind, plan.action, new_id) {
        (Kind::Customer | Kind::Contact, Action::Delete, _) if is_gone(item, outcome) => {
            transaction.execute("DELETE FROM written WHERE id = ?", [id])?;
        }
        (Kind::Customer | Kind::Contact, _, Some(id)) => {
            let values = plan.after.iter().zip(&outcome.result);
            let values = values.flat_map(|(after, row)| current(row, after));
            let written: Values = values
                .map(|(field, value)| (field, json!([value, run])))
                .collect();
            let mut statement = transaction.prepare_cached(
                "INSERT INTO written VALUES (?, ?)
                 ON CONFLICT DO UPDATE SET fields = json_patch(fields, excluded.fields)",
            )?;
            statement.execute(params![id, json(&written)])?;
        }
        (Kind::Onboarding, Action::Create, Some(id)) => {
            let sql = "INSERT OR REPLACE INTO deals VALUES (?, ?)";
            transaction.execute(sql, [plan.key.as_str(), id])?;
        }
        (Kind::Onboarding, Action::Delete, _) if is_gone(item, outcome) => {
            let sql = "DELETE FROM deals WHERE onboarding = ?";
            transaction.execute(sql, [&plan.id])?;
        }
        _ => {}
    }
    Ok(())
}

/// The first of these fields of a row that is not as a run has written it last, with the value that it
/// wrote, and the run.
pub(crate) fn changed_since(
    connection: &Connection,
    row: &Values,
    fields: &Values,
) -> Result<Option<(String, Value, RunId)>> {
    let mut statement = connection.prepare_cached("SELECT fields FROM written WHERE id = ?")?;
    let written = statement.query_row([text_of(row, "id")], |row| row.get::<_, String>(0));
    let Some(mut written) = written.optional()?.map(|written| object(&written)) else {
        return Ok(None);
    };
    let mut present = current(row, fields).into_iter();
    Ok(present.find_map(|(field, present)| {
        let (value, run) = serde_json::from_value(written.remove(&field)?).ok()?;
        (value != present).then_some((field, value, run))
    }))
}

/// Whether a run has opened an onboarding for a deal.
pub(crate) fn is_opened(connection: &Connection, deal: &str) -> Result<bool> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM deals WHERE deal = ?")?;
    Ok(statement.exists([deal])?)
}

/// All items of a kind that may have been sent, of all runs.
pub(crate) fn in_doubt(transaction: &Transaction<'_>, kind: Kind) -> Result<Vec<(RunId, Item)>> {
    let mut statement = transaction.prepare(&format!(
        "SELECT {COLUMNS}, run FROM items
         WHERE (run, seq) IN (SELECT run, seq FROM sending) AND kind = ?"
    ))?;
    let items = statement.query_map([kind], |row| Ok((row.get("run")?, item(row)?)))?;
    Ok(items.collect::<Result<_, _>>()?)
}
