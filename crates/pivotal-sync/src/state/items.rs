//! The items of a plan, and their outcomes.

use std::collections::VecDeque;
use std::fmt;

use rusqlite::{Connection, Row, Transaction, params};
use serde::Serialize;

use super::rows::put;
use super::{RunId, State, now};
use crate::error::Result;
use crate::field::{Values, object, text_of};
use crate::kind::Kind;

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
    /// What a plan does with a record or a row.
    Action {
        /// Create a row.
        Create = "create",
        /// Change fields of a row.
        Update = "update",
        /// Delete a customer that the source does not have, or what an undone run has created.
        Delete = "delete",
        /// Nothing, because it is unclear which row is meant.
        Conflict = "conflict",
        /// Nothing, because the record cannot be used.
        Invalid = "invalid",
        /// Nothing, because of the mode, the filter or a missing address.
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
}

/// An item to insert. Fields that it does not have are empty.
#[derive(Clone)]
pub(crate) struct NewItem<'a> {
    pub(crate) seq: i64,
    pub(crate) first: i64,
    pub(crate) kind: Kind,
    pub(crate) row: Option<i64>,
    pub(crate) place: &'a str,
    pub(crate) id: Option<&'a str>,
    pub(crate) customer: Option<&'a str>,
    pub(crate) label: &'a str,
    pub(crate) key: &'a str,
    pub(crate) before: Option<&'a Values>,
    pub(crate) after: Option<&'a Values>,
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

/// Inserts an item. Its state follows from the action.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    run: RunId,
    action: Action,
    item: &NewItem<'_>,
) -> Result<()> {
    let state = match action {
        Action::Create | Action::Update | Action::Delete => ItemState::Planned,
        Action::Conflict | Action::Invalid => ItemState::Failed,
        Action::Skipped => ItemState::Skipped,
    };
    let mut statement = transaction.prepare_cached(
        "INSERT INTO items (run, seq, first, kind, action, row, place, id, customer, label, key, before, after, state, code, field, reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    statement.execute(params![
        run,
        item.seq,
        item.first,
        item.kind.as_str(),
        action.as_str(),
        item.row,
        item.place,
        item.id,
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
    serde_json::to_string(values).unwrap_or_default()
}

const COLUMNS: &str = "seq, action, state, place, customer, label, key, before, after, code, field,
    reason, sent, row, result, kind, id, first";

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    let values = |index| -> rusqlite::Result<Option<Values>> {
        let text: Option<String> = row.get(index)?;
        Ok(text.map(|text| object(&text)))
    };
    Ok(Item {
        seq: row.get(0)?,
        first: row.get(17)?,
        plan: PlanItem {
            kind: Kind::of(&row.get::<_, String>(15)?).unwrap_or(Kind::Customer),
            id: row.get(16)?,
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

    /// Records that an item is about to be sent, for which customer.
    pub(crate) fn sending(&self, run: RunId, seq: i64, customer: &str) -> Result<()> {
        self.write(|transaction| {
            let mut statement = transaction.prepare_cached(
                "UPDATE items SET state = 'sending', sent = 'unknown',
                    customer = coalesce(nullif(?, ''), customer) WHERE run = ? AND seq = ?",
            )?;
            statement.execute(params![customer, run, seq])?;
            Ok(())
        })
    }

    /// Records what became of items, which are taken, with the rows in the mirror; and that other
    /// items are about to be sent.
    pub(crate) fn record(
        &self,
        run: RunId,
        outcomes: &mut Vec<(Item, Outcome)>,
        sending: &[i64],
    ) -> Result<()> {
        if outcomes.is_empty() && sending.is_empty() {
            return Ok(());
        }
        self.write(|transaction| {
            for (item, outcome) in outcomes.iter() {
                let kind = item.plan.kind;
                let is_gone =
                    item.plan.action == Action::Delete && outcome.state == ItemState::Done;
                if let (true, Some(id)) = (is_gone, &item.plan.id) {
                    let sql = format!("DELETE FROM {} WHERE id = ?", kind.table());
                    transaction.execute(&sql, [id])?;
                } else if let Some(row) = &outcome.result {
                    put(transaction, kind, row)?;
                }
                set_outcome(transaction, run, item, outcome)?;
            }
            let mut mark = transaction.prepare_cached(
                "UPDATE items SET state = 'sending', sent = 'unknown' WHERE run = ? AND seq = ?",
            )?;
            for seq in sending {
                mark.execute(params![run, seq])?;
            }
            Ok(())
        })?;
        outcomes.clear();
        Ok(())
    }

    /// Records that items which were about to be sent were not.
    pub(crate) fn not_sent(&self, run: RunId, items: &[i64]) -> Result<()> {
        self.write(|transaction| {
            let mut statement = transaction.prepare_cached(
                "UPDATE items SET state = 'planned', sent = 'no' WHERE run = ? AND seq = ?",
            )?;
            for seq in items {
                statement.execute(params![run, seq])?;
            }
            Ok(())
        })
    }

    /// The state of an item, and the ID of its customer.
    pub(crate) fn state_of(&self, run: RunId, seq: i64) -> Result<(ItemState, Option<String>)> {
        self.query(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT state, customer FROM items WHERE run = ? AND seq = ?")?;
            let found = statement.query_row(params![run, seq], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?))
            });
            let (state, customer) = found?;
            Ok((
                ItemState::of(&state).unwrap_or(ItemState::Planned),
                customer,
            ))
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
                let state = ItemState::of(&row.get::<_, String>(1)?);
                if row.get::<_, i64>(0)? != item.first {
                    break;
                }
                if state != Some(ItemState::Done) {
                    return Ok(state);
                }
            }
            Ok(None)
        })
    }
}

/// The items of a run for which a condition holds, those of one customer at a time, read as they are
/// needed.
pub(crate) struct ByCustomer<'a> {
    state: &'a State,
    run: RunId,
    condition: &'static str,
    items: VecDeque<Item>,
    last: i64,
}

impl<'a> ByCustomer<'a> {
    pub(crate) fn new(state: &'a State, run: RunId, condition: &'static str) -> Self {
        Self {
            state,
            run,
            condition,
            items: VecDeque::new(),
            last: -1,
        }
    }

    /// The items of so many customers, or of those that are left.
    pub(crate) fn take(&mut self, customers: usize) -> Result<VecDeque<VecDeque<Item>>> {
        let mut taken = VecDeque::new();
        while taken.len() < customers
            && let Some(items) = self.next()?
        {
            taken.push_back(items);
        }
        Ok(taken)
    }

    pub(crate) fn next(&mut self) -> Result<Option<VecDeque<Item>>> {
        let mut found: VecDeque<Item> = VecDeque::new();
        loop {
            if self.items.is_empty() {
                let next = self
                    .state
                    .items_after(self.run, self.last, self.condition)?;
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

/// Records what became of an item.
pub(crate) fn set_outcome(
    transaction: &Transaction<'_>,
    run: RunId,
    item: &Item,
    outcome: &Outcome,
) -> Result<()> {
    let kind = item.plan.kind;
    let id = outcome.result.as_ref().and_then(|row| text_of(row, "id"));
    let mut statement = transaction.prepare_cached(
        "UPDATE items SET state = ?, code = ?, field = ?, reason = ?, sent = ?, result = ?,
            id = coalesce(?, id), customer = coalesce(?, customer), ended_at = ?
         WHERE run = ? AND seq = ?",
    )?;
    statement.execute(params![
        outcome.state.as_str(),
        outcome.code,
        outcome.field,
        outcome.reason,
        outcome.sent,
        outcome.result.as_ref().map(json),
        id,
        id.filter(|_| kind == Kind::Customer),
        now(),
        run,
        item.seq,
    ])?;
    match (kind, item.plan.action, id) {
        (Kind::Onboarding, Action::Create, Some(id)) => {
            let sql = "INSERT OR REPLACE INTO deals VALUES (?, ?)";
            transaction.execute(sql, [item.plan.key.as_str(), id])?;
        }
        (Kind::Onboarding, Action::Delete, _) if outcome.state == ItemState::Done => {
            let sql = "DELETE FROM deals WHERE onboarding = ?";
            transaction.execute(sql, [&item.plan.id])?;
        }
        _ => {}
    }
    Ok(())
}

/// Whether a run has opened an onboarding for a deal.
pub(crate) fn is_opened(connection: &Connection, deal: &str) -> Result<bool> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM deals WHERE deal = ?")?;
    Ok(statement.exists([deal])?)
}

/// All items of a kind that were being sent when a run ended, of all runs.
pub(crate) fn in_doubt(transaction: &Transaction<'_>, kind: Kind) -> Result<Vec<(RunId, Item)>> {
    let mut statement = transaction.prepare(&format!(
        "SELECT {COLUMNS}, run FROM items WHERE state = 'sending' AND kind = ?"
    ))?;
    let items = statement.query_map([kind.as_str()], |row| Ok((row.get(18)?, item(row)?)))?;
    Ok(items.collect::<Result<_, _>>()?)
}
