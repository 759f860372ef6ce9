//! Undoes a run.

use pivotal_sdk::Client;
use rusqlite::Transaction;

use crate::error::{Error, Result};
use crate::field::{Values, current, json, text_of};
use crate::kind::Kind;
use crate::mirror;
use crate::state::items::{insert, items_after};
use crate::state::rows::with_id;
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
                insert_reverse(transaction, undo, run, item)?;
            }
        }
        transaction.execute("UPDATE runs SET state = 'planned' WHERE id = ?", [undo])?;
        Ok(())
    })?;
    state.set_fresh(undo);
    Ok(undo)
}

/// The item that undoes an item of a run.
fn insert_reverse(
    transaction: &Transaction<'_>,
    undo: RunId,
    run: RunId,
    item: &Item,
) -> Result<()> {
    let plan = &item.plan;
    let result = item.result.clone().unwrap_or_default();
    let before = plan.before.clone().unwrap_or_default();
    // The run may have created the customer.
    let customer = text_of(&result, "customer_id").or(plan.customer.as_deref());
    let present = with_id(transaction, Kind::Customer, customer.unwrap_or_default())?;
    let obstacle = obstacle(item, present, run);
    let (action, old, new, problem) = match (plan.action, obstacle) {
        (_, Some((action, code, reason))) => (action, None, None, Some((code, reason))),
        (Action::Create, None) => (Action::Delete, Some(json(&result)), None, None),
        (Action::Update, None) => {
            let now = json(&current(&result, &before));
            (Action::Update, Some(now), Some(json(&before)), None)
        }
        _ => {
            let reason = format!(
                "the API cannot restore a deleted {}; its values are in the state file",
                plan.kind
            );
            let problem = Some(("not_restorable", reason));
            (Action::Conflict, Some(json(&before)), None, problem)
        }
    };
    // The last change comes first, so that a customer is deleted after its contacts.
    let reverse = NewItem {
        id: plan.id.as_deref(),
        customer,
        label: &plan.label,
        before: old.as_deref(),
        after: new.as_deref(),
        code: problem.as_ref().map(|(code, _)| *code),
        reason: problem.as_ref().map(|(_, reason)| reason.as_str()),
        ..NewItem::new(i64::MAX - item.seq, i64::MAX - item.first, plan.kind)
    };
    insert(transaction, undo, action, &reverse)
}

/// Why a change is not undone, as far as the customer shows, which the mirror has just read: it is undone
/// already, or somebody has changed it since. Contacts and onboardings are looked at when they are undone.
fn obstacle(
    item: &Item,
    present: Option<Values>,
    run: RunId,
) -> Option<(Action, &'static str, String)> {
    let plan = &item.plan;
    let (result, before) = (item.result.as_ref()?, plan.before.as_ref());
    let Some(mut present) = present else {
        let reason = format!("the {} was deleted already", plan.kind);
        return Some((Action::Skipped, "not_found", reason));
    };
    if plan.kind != Kind::Customer {
        return None;
    }
    let what = match before {
        None => {
            let mut result = result.clone();
            // A change that was undone since is none.
            for values in [&mut present, &mut result] {
                values.remove("updated_at");
            }
            (present != result).then(|| "the customer".to_owned())
        }
        Some(before) if current(&present, before) == *before => {
            let reason = "it has these values already".to_owned();
            return Some((Action::Skipped, "unchanged", reason));
        }
        Some(before) => {
            let (now, written) = (current(&present, before), current(result, before));
            let mut changed = now.into_iter();
            let changed = changed.find(|(field, value)| written.get(field) != Some(value));
            changed.map(|(field, _)| field)
        }
    };
    let reason = format!("{} has changed since run {run}", what?);
    Some((Action::Conflict, "changed_meanwhile", reason))
}
