//! The items of a plan, and their outcomes.

use std::fmt;

use rusqlite::{Connection, Row, Transaction, params};
use serde::Serialize;

use super::customers::put;
use super::{RunId, State, now};
use crate::error::Result;
use crate::field::{Values, object};

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $( $(#[$doc:meta])* $variant:ident = $word:literal, )* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$doc])* #[serde(rename = $word)] $variant, )*
        }

        impl $name {
            /// The word in the database and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }

            fn of(word: &str) -> Option<Self> {
                match word { $( $word => Some(Self::$variant), )* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// What a plan does with a record or a customer.
    Action {
        /// Create a customer.
        Create = "create",
        /// Change fields of a customer.
        Update = "update",
        /// Delete a customer that the source does not have.
        Archive = "archive",
        /// Nothing, because it is unclear which customer is meant.
        Conflict = "conflict",
        /// Nothing, because the record cannot be used.
        Invalid = "invalid",
        /// Nothing, because of the mode.
        Skipped = "skipped",
    }
}

words! {
    /// How far an item is.
    ItemState {
        /// Not attempted.
        Planned = "planned",
        /// Being sent. After the run: it is not known whether the change was made.
        Sending = "sending",
        /// The change was made.
        Done = "done",
        /// The change was not made, or not as planned.
        Failed = "failed",
        /// There is nothing to do.
        Skipped = "skipped",
    }
}

/// An item of a plan, and its outcome.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PlanItem {
    /// What is to be done.
    pub action: Action,
    /// How far it is.
    pub state: ItemState,
    /// File and line of the record.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// The ID of the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// Its name, or the value of the match key.
    pub label: String,
    /// The match key, as `field=value`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// The fields that change, before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Values>,
    /// The fields that change, after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Values>,
    /// The code of the API or of this crate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Why it failed or was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it was sent: `no`, `yes` or `unknown`.
    pub sent: String,
}

/// An item with what only this crate needs.
pub(crate) struct Item {
    pub(crate) seq: i64,
    pub(crate) plan: PlanItem,
    pub(crate) row: Option<i64>,
    pub(crate) result: Option<Values>,
}

/// An item to insert. Fields that it does not have are empty.
#[derive(Default)]
pub(crate) struct NewItem<'a> {
    pub(crate) row: Option<i64>,
    pub(crate) place: &'a str,
    pub(crate) customer: Option<&'a str>,
    pub(crate) label: &'a str,
    pub(crate) key: &'a str,
    pub(crate) before: Option<&'a Values>,
    pub(crate) after: Option<&'a Values>,
    pub(crate) code: Option<&'a str>,
    pub(crate) field: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
}

/// What became of an item.
pub(crate) struct Outcome {
    pub(crate) state: ItemState,
    pub(crate) code: Option<String>,
    pub(crate) field: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) sent: &'static str,
    pub(crate) result: Option<Values>,
}

/// Inserts an item. Its state follows from the action.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    run: RunId,
    seq: i64,
    action: Action,
    item: &NewItem<'_>,
) -> Result<()> {
    let state = match action {
        Action::Create | Action::Update | Action::Archive => ItemState::Planned,
        Action::Conflict | Action::Invalid => ItemState::Failed,
        Action::Skipped => ItemState::Skipped,
    };
    let mut statement = transaction.prepare_cached(
        "INSERT INTO items (run, seq, action, row, place, customer, label, key, before, after, state, code, field, reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    statement.execute(params![
        run,
        seq,
        action.as_str(),
        item.row,
        item.place,
        item.customer,
        item.label,
        item.key,
        item.before.map(json),
        item.after.map(json),
        state.as_str(),
        item.code,
        item.field,
        item.reason,
    ])?;
    Ok(())
}

/// JSON text of values.
pub(crate) fn json(values: &Values) -> String {
    serde_json::Value::Object(values.clone()).to_string()
}

const COLUMNS: &str = "seq, action, state, place, customer, label, key, before, after, code, field,
    reason, sent, row, result";

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    let values = |index| -> rusqlite::Result<Option<Values>> {
        let text: Option<String> = row.get(index)?;
        Ok(text.map(|text| object(&text)))
    };
    Ok(Item {
        seq: row.get(0)?,
        plan: PlanItem {
            action: Action::of(&row.get::<_, String>(1)?).unwrap_or(Action::Skipped),
            state: ItemState::of(&row.get::<_, String>(2)?).unwrap_or(ItemState::Skipped),
            place: row.get(3)?,
            customer: row.get(4)?,
            label: row.get(5)?,
            key: row.get(6)?,
            before: values(7)?,
            after: values(8)?,
            code: row.get(9)?,
            field: row.get(10)?,
            reason: row.get(11)?,
            sent: row.get(12)?,
        },
        row: row.get(13)?,
        result: values(14)?,
    })
}

/// The number of items that are read at a time.
const BATCH: usize = 100;

impl State {
    /// Passes the items of a run to a function, in order, without holding all of them in memory.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State).
    pub fn each_item(&self, run: RunId, mut each: impl FnMut(PlanItem)) -> Result<()> {
        let mut after = -1;
        loop {
            let items = self.items_after(run, after, "1")?;
            let Some(last) = items.last() else {
                return Ok(());
            };
            after = last.seq;
            items.into_iter().for_each(|item| each(item.plan));
        }
    }

    /// The next items of a run for which a condition holds.
    pub(crate) fn items_after(
        &self,
        run: RunId,
        seq: i64,
        condition: &'static str,
    ) -> Result<Vec<Item>> {
        self.query(|connection| items_after(connection, run, seq, condition))
    }

    /// Records that an item is about to be sent.
    pub(crate) fn sending(&self, run: RunId, seq: i64) -> Result<()> {
        self.write(|transaction| {
            let mut statement = transaction.prepare_cached(
                "UPDATE items SET state = 'sending', sent = 'unknown' WHERE run = ? AND seq = ?",
            )?;
            statement.execute(params![run, seq])?;
            Ok(())
        })
    }

    /// Records what became of an item, and the customer in the mirror.
    pub(crate) fn outcome(&self, run: RunId, item: &Item, outcome: &Outcome) -> Result<()> {
        self.write(|transaction| {
            let is_gone = item.plan.action == Action::Archive && outcome.state == ItemState::Done;
            if let (true, Some(id)) = (is_gone, &item.plan.customer) {
                transaction.execute("DELETE FROM customers WHERE id = ?", [id])?;
            } else if let Some(customer) = &outcome.result {
                put(transaction, customer)?;
            }
            set_outcome(transaction, run, item.seq, outcome)
        })
    }

    /// Whether a run has created this customer before.
    pub(crate) fn has_created(&self, customer: &str) -> Result<bool> {
        self.query(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT 1 FROM items WHERE customer = ? AND action = 'create' AND result IS NOT NULL",
            )?;
            Ok(statement.exists([customer])?)
        })
    }
}

/// The next items of a run for which a condition holds.
pub(crate) fn items_after(
    connection: &Connection,
    run: RunId,
    seq: i64,
    condition: &'static str,
) -> Result<Vec<Item>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM items WHERE run = ? AND seq > ? AND ({condition})
         ORDER BY seq LIMIT {BATCH}"
    ))?;
    let items = statement.query_map(params![run, seq], item)?;
    Ok(items.collect::<Result<_, _>>()?)
}

/// Records what became of an item.
pub(crate) fn set_outcome(
    transaction: &Transaction<'_>,
    run: RunId,
    seq: i64,
    outcome: &Outcome,
) -> Result<()> {
    let id = outcome
        .result
        .as_ref()
        .and_then(|row| row.get("id")?.as_str());
    let mut statement = transaction.prepare_cached(
        "UPDATE items SET state = ?, code = ?, field = ?, reason = ?, sent = ?, result = ?,
            customer = coalesce(?, customer), ended_at = ? WHERE run = ? AND seq = ?",
    )?;
    statement.execute(params![
        outcome.state.as_str(),
        outcome.code,
        outcome.field,
        outcome.reason,
        outcome.sent,
        outcome.result.as_ref().map(json),
        id,
        now(),
        run,
        seq,
    ])?;
    Ok(())
}

/// All items that were being sent when a run ended, of all runs.
pub(crate) fn in_doubt(transaction: &Transaction<'_>) -> Result<Vec<(RunId, Item)>> {
    let mut statement = transaction.prepare(&format!(
        "SELECT {COLUMNS}, run FROM items WHERE state = 'sending'"
    ))?;
    let items = statement.query_map([], |row| Ok((row.get(15)?, item(row)?)))?;
    Ok(items.collect::<Result<_, _>>()?)
}
