//! Undoes a run.

use pivotal_sdk::Client;
use rusqlite::Transaction;

use crate::error::{Error, Result};
use crate::field::current;
use crate::mirror;
use crate::plan::insert_archive;
use crate::state::items::{insert, items_after};
use crate::state::{Action, Item, NewItem, NewRun, RunId, State};

/// Plans to undo a run, last change first: customers that it created are deleted, and fields that it
/// changed get their old values. [`apply`](crate::apply) leaves alone what has changed since.
///
/// A customer that was deleted cannot be restored, because the API has no way to: it is a conflict of
/// the plan. The mirror is read again, which also shows what an interrupted run has done.
///
/// # Errors
/// [`Error::Unusable`] if there is no such run, or it changed nothing; the errors of
/// [`refresh`](crate::refresh).
pub async fn undo(client: &Client, state: &State, run: RunId) -> Result<RunId> {
    let undone = state.run(run)?;
    mirror::refresh(client, state).await?;
    const CHANGED: &str = "result IS NOT NULL OR (action = 'archive' AND state = 'done')";
    if state.items_after(run, -1, CHANGED)?.is_empty() {
        return Err(Error::Unusable(format!("run {run} has changed nothing")));
    }
    let undo = state.begin_run(&NewRun {
        kind: "undo",
        source: &format!("run {run}"),
        mode: "",
        match_keys: &undone.match_keys,
        undoes: Some(run),
    })?;
    state.write(|transaction| {
        let mut last = -1;
        loop {
            let items = items_after(transaction, run, last, CHANGED)?;
            let Some(item) = items.last() else {
                break;
            };
            last = item.seq;
            for item in &items {
                insert_reverse(transaction, undo, item)?;
            }
        }
        transaction.execute("UPDATE runs SET state = 'planned' WHERE id = ?", [undo])?;
        Ok(())
    })?;
    state.set_fresh(undo);
    Ok(undo)
}

/// The item that undoes an item.
fn insert_reverse(transaction: &Transaction<'_>, undo: RunId, item: &Item) -> Result<()> {
    // The last change comes first.
    let seq = i64::MAX - item.seq;
    let plan = &item.plan;
    let result = item.result.clone().unwrap_or_default();
    let reverse = NewItem {
        customer: plan.customer.as_deref(),
        label: &plan.label,
        ..NewItem::default()
    };
    match plan.action {
        Action::Create => insert_archive(transaction, undo, seq, &result),
        Action::Update => {
            let before = plan.before.clone().unwrap_or_default();
            let reverse = NewItem {
                before: Some(&current(&result, &before)),
                after: Some(&before),
                ..reverse
            };
            insert(transaction, undo, seq, Action::Update, &reverse)
        }
        _ => {
            let reverse = NewItem {
                before: plan.before.as_ref(),
                code: Some("not_restorable"),
                reason: Some(
                    "the API cannot restore a deleted customer; its values are in the state file",
                ),
                ..reverse
            };
            insert(transaction, undo, seq, Action::Conflict, &reverse)
        }
    }
}
