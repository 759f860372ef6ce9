//! Undoes a run.

use pivotal_sdk::Client;
use rusqlite::Transaction;

use crate::error::{Error, Result};
use crate::field::{current, json, text_of};
use crate::mirror;
use crate::state::items::{insert, items_after};
use crate::state::{Action, Item, NewItem, NewRun, RunId, State};

/// Plans to undo a run, last change first: rows that it created are deleted, and fields that it
/// changed get their old values. [`apply`](crate::apply) leaves alone what has changed since, and
/// does not delete a customer of which a contact or an onboarding has changed.
///
/// A customer that was deleted cannot be restored, because the API has no way to: it is a conflict of
/// the plan. The mirror is read again, which also shows what an interrupted run has done.
///
/// # Errors
/// [`Error::Unusable`] if there is no such run, or it changed nothing; the errors of
/// [`refresh`](crate::refresh).
pub async fn undo(client: &Client, state: &State, run: RunId) -> Result<RunId> {
    let undone = state.run(run)?;
    undone.check_kept()?;
    mirror::refresh_for(client, state, run).await?;
    const CHANGED: &str = "result IS NOT NULL OR (action = 'delete' AND state = 'done')";
    let changed = state.query(|connection| items_after(connection, run, -1, CHANGED))?;
    if changed.is_empty() {
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
    let plan = &item.plan;
    let result = item.result.clone().unwrap_or_default();
    let before = plan.before.clone().unwrap_or_default();
    let (action, before, after) = match plan.action {
        Action::Create => (Action::Delete, json(&result), None),
        Action::Update => {
            let now = json(&current(&result, &before));
            (Action::Update, now, Some(json(&before)))
        }
        _ => (Action::Conflict, json(&before), None),
    };
    let reason = (action == Action::Conflict).then(|| {
        format!(
            "the API cannot restore a deleted {}; its values are in the state file",
            plan.kind
        )
    });
    // The last change comes first, so that a customer is deleted after its contacts.
    let reverse = NewItem {
        id: plan.id.as_deref(),
        // The run may have created the customer.
        customer: text_of(&result, "customer_id").or(plan.customer.as_deref()),
        label: &plan.label,
        before: Some(&before),
        after: after.as_deref(),
        code: reason.as_ref().map(|_| "not_restorable"),
        reason: reason.as_deref(),
        ..NewItem::new(i64::MAX - item.seq, i64::MAX - item.first, plan.kind)
    };
    insert(transaction, undo, action, &reverse)
}
