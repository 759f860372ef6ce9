//! The items of plans.

use std::collections::VecDeque;

use rusqlite::{Connection, Row, Transaction, params};
use serde::Serialize;

use super::outcomes::{Outcome, mark, record};
use super::{Database, RunId, State};
use crate::error::Result;
use crate::field::{Values, object};
use crate::kind::Kind;
use crate::words::words;

words! {
    /// What a plan does with a record or a row.
    Action {
        /// Create a row.
        Create = "create",
        /// Change fields of a row.
        Update = "update",
        /// Delete a customer that the source does not have, or what an undone run has created.
        Delete = "delete",
        /// Nothing, because it is unclear which row is meant, or somebody has changed what a run wrote.
        Conflict = "conflict",
        /// Nothing, because the record cannot be used.
        Invalid = "invalid",
        /// Nothing, because of the mode, the filter or a missing address, or because it is undone already.
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
    /// What kind of row it is about.
    pub kind: Kind,
    /// What is to be done.
    pub action: Action,
    /// How far it is.
    pub state: ItemState,
    /// File and line of the record.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// The ID of the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The ID of the customer that it is or belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// Its name, or the value of the match key.
    pub label: String,
    /// The match key or the deal, as `field=value`.
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
    /// The same for all items of one customer.
    pub(crate) first: i64,
    pub(crate) plan: PlanItem,
    pub(crate) row: Option<i64>,
    pub(crate) result: Option<Values>,
    /// Whether it was recorded as being sent when it was taken.
    pub(crate) is_marked: bool,
}

/// An item to insert. Fields that it does not have are empty.
#[derive(Clone)]
pub(crate) struct NewItem<'a> {
    pub(crate) seq: i64,
    pub(crate) first: i64,
    pub(crate) kind: Kind,
    pub(crate) row: Option<i64>,
    /// The record, as JSON.
    pub(crate) raw: &'a str,
    pub(crate) place: &'a str,
    pub(crate) id: Option<&'a str>,
    pub(crate) customer: Option<&'a str>,
    pub(crate) label: &'a str,
    pub(crate) key: &'a str,
    /// JSON.
    pub(crate) before: Option<&'a str>,
    /// JSON.
    pub(crate) after: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) field: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
}

impl NewItem<'_> {
    /// An item without anything else.
    pub(crate) fn new(seq: i64, first: i64, kind: Kind) -> Self {
        Self {
            seq,
            first,
            kind,
            row: None,
            raw: "",
            place: "",
            id: None,
            customer: None,
            label: "",
            key: "",
            before: None,
            after: None,
            code: None,
            field: None,
            reason: None,
        }
    }
}

/// Inserts an item, with its record unless that is skipped.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    run: RunId,
    action: Action,
    item: &NewItem<'_>,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    statement.execute(params![
        run,
        item.seq,
        item.first,
        item.kind,
        action,
        item.row,
        item.place,
        item.id,
        item.customer,
        item.label,
        item.key,
        item.before,
        item.after,
        item.code,
        item.field,
        item.reason,
    ])?;
    if let (Some(row), false) = (item.row, action == Action::Skipped) {
        let mut statement =
            transaction.prepare_cached("INSERT OR IGNORE INTO records VALUES (?, ?, ?)")?;
        statement.execute(params![run, row, item.raw])?;
    }
    Ok(())
}

/// The columns of [`item`].
pub(super) const COLUMNS: &str =
    "seq, first, row, result, kind, action, state, place, id, customer,
    label, key, before, after, code, field, reason, sent";

pub(super) fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    let values = |index| -> rusqlite::Result<Option<Values>> {
        let text: Option<String> = row.get(index)?;
        Ok(text.map(|text| object(&text)))
    };
    Ok(Item {
        seq: row.get(0)?,
        first: row.get(1)?,
        row: row.get(2)?,
        result: values(3)?,
        is_marked: false,
        plan: PlanItem {
            kind: row.get(4)?,
            action: row.get(5)?,
            state: row.get(6)?,
            place: row.get(7)?,
            id: row.get(8)?,
            customer: row.get(9)?,
            label: row.get(10)?,
            key: row.get(11)?,
            before: values(12)?,
            after: values(13)?,
            code: row.get(14)?,
            field: row.get(15)?,
            reason: row.get(16)?,
            sent: row.get(17)?,
        },
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
            let items = self.query(|connection| items_after(connection, run, after, "1"))?;
            let Some(last) = items.last() else {
                return Ok(());
            };
            after = last.seq;
            items.into_iter().for_each(|item| each(item.plan));
        }
    }
}

/// The items of a run for which a condition holds, those of one customer at a time, read as they are
/// needed.
pub(crate) struct ByCustomer {
    database: Database,
    run: RunId,
    condition: &'static str,
    items: VecDeque<Item>,
    last: i64,
}

impl ByCustomer {
    pub(crate) fn new(state: &State, run: RunId, condition: &'static str) -> Self {
        Self {
            database: state.database.clone(),
            run,
            condition,
            items: VecDeque::new(),
            last: -1,
        }
    }

    /// Records what became of items, reads the items of so many customers, or of those that are left,
    /// and records that those are about to be sent that are the only ones of their customers.
    pub(crate) fn take(
        &mut self,
        customers: usize,
        outcomes: &[(Item, Outcome)],
    ) -> Result<VecDeque<VecDeque<Item>>> {
        let mut taken = VecDeque::new();
        while taken.len() < customers
            && let Some(items) = self.next()?
        {
            taken.push_back(items);
        }
        for items in &mut taken {
            if let [item] = items.make_contiguous() {
                item.is_marked = item.seq == item.first;
            }
        }
        self.database.write(|transaction| {
            record(transaction, self.run, outcomes)?;
            let marked = taken.iter().flatten().filter(|item| item.is_marked);
            mark(transaction, self.run, marked)
        })?;
        Ok(taken)
    }

    pub(crate) fn next(&mut self) -> Result<Option<VecDeque<Item>>> {
        let mut found: VecDeque<Item> = VecDeque::new();
        loop {
            if self.items.is_empty() {
                let next = self.database.query(|connection| {
                    items_after(connection, self.run, self.last, self.condition)
                })?;
                self.last = next.last().map_or(self.last, |item| item.seq);
                self.items = next.into();
            }
            let next = self.items.pop_front();
            match (next, found.front()) {
                (Some(item), Some(first)) if item.first != first.first => {
                    self.items.push_front(item);
                    return Ok(Some(found));
                }
                (Some(item), _) => found.push_back(item),
                (None, None) => return Ok(None),
                (None, Some(_)) => return Ok(Some(found)),
            }
        }
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
