//! One change of a plan.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use pivotal_sdk::{Client, Delivery, HeaderMap};
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::field::{MatchKey, Values, current, differing, json, text_of};
use crate::keys::Known;
use crate::kind::{CallError, Kind};
use crate::state::outcomes::{CUSTOMER_FAILED, is_opened};
use crate::state::rows::{onboardings_of, with_email, with_key};
use crate::state::{Action, Item, ItemState, Outcome, RunId, State};

/// How often a create is repeated because the row of its idempotency key was deleted.
const MAX_CREATES: usize = 5;

const CONTACT_EXISTS: &str = "the customer has a contact with this address now";

/// What a change means for the run.
pub(super) enum Effect {
    Done,
    /// This change is not possible, which says nothing about others.
    Rejected,
    /// A call failed.
    Error(String),
    /// The API key was rejected.
    Authentication(String),
}

/// Applies changes.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) client: &'a Client,
    pub(super) state: &'a State,
    pub(super) run: RunId,
    pub(super) match_keys: &'a [MatchKey],
    /// Since when a row must not have changed.
    pub(super) since: &'a str,
    pub(super) known: &'a Known,
}

impl Change<'_> {
    /// Applies an item, which is recorded before a call that writes.
    pub(super) async fn apply(self, item: &mut Item) -> Result<(Outcome, Effect)> {
        match item.plan.action {
            Action::Create => self.create(item).await,
            Action::Update => self.update(item).await,
            Action::Delete => self.delete(item).await,
            Action::Conflict | Action::Invalid | Action::Skipped => {
                let outcome = Outcome::new(ItemState::Skipped, "there is nothing to apply");
                Ok((outcome, Effect::Done))
            }
        }
    }

    /// Records that an item is about to be sent, unless that was done when it was taken.
    fn sending(&self, item: &Item) -> Result<()> {
        match item.is_marked {
            true => Ok(()),
            false => self.state.sending(self.run, item),
        }
    }

    async fn create(&self, item: &mut Item) -> Result<(Outcome, Effect)> {
        let kind = item.plan.kind;
        if kind != Kind::Customer && item.plan.customer.is_none() {
            // The run creates it.
            match self.state.state_and_customer(self.run, item.first)? {
                (_, Some(customer)) => item.plan.customer = Some(customer),
                (ItemState::Failed, None) => {
                    let reason = "its customer was not created";
                    return Ok(conflict(CUSTOMER_FAILED, None, reason));
                }
                _ => return Ok(left("its customer is not created yet")),
            }
        }
        let customer = item.plan.customer.as_deref().unwrap_or_default();
        let nothing = Values::new();
        let wanted = item.plan.after.as_ref().unwrap_or(&nothing);
        if let Some((field, reason)) = self.existing(item, customer, wanted)? {
            return Ok(conflict("exists_now", field, reason));
        }
        let record = match kind {
            Kind::Customer => item.plan.key.clone(),
            _ => format!("{customer} {}", item.plan.key),
        };
        let mut key = idempotency_key(&record, &json(wanted));
        for _ in 0..MAX_CREATES {
            self.sending(item)?;
            let call = kind.create(self.client, customer, wanted, &key);
            let (row, meta) = match call.await {
                Ok(response) => response,
                Err(error) => return Ok(failed(&error, true)),
            };
            let id = text_of(&row, "id").unwrap_or_default();
            let headers = meta.headers();
            let is_replayed = headers.contains_key("idempotent-replayed");
            let is_known = !self.known.add_row(id);
            if !is_replayed && !is_known && !is_older_than_its_response(&row, headers) {
                return Ok(done(row, wanted));
            }
            // For 24 hours the key gives the row that it created, even if that was deleted.
            match kind.get(self.client, id).await {
                // A contact with the address may be the response, too.
                Ok(_) if kind == Kind::Contact && !is_replayed && !is_known => {
                    let (outcome, effect) = conflict("exists_now", Some("email"), CONTACT_EXISTS);
                    let sent = "yes";
                    return Ok((Outcome { sent, ..outcome }, effect));
                }
                Ok(row) => return Ok(done(row, wanted)),
                Err(error) if error.is_not_found() => key = idempotency_key(&key, id),
                Err(error) => return Ok(failed(&error.into(), true)),
            }
        }
        let reason = format!("the idempotency key belongs to a deleted {kind}; try again tomorrow");
        Ok(conflict("replayed", None, reason))
    }

    /// Why a row must not be created: the field, and what the mirror has. When the plan was made,
    /// it had nothing.
    fn existing(
        &self,
        item: &Item,
        customer: &str,
        wanted: &Values,
    ) -> Result<Option<(Option<&'static str>, String)>> {
        let kind = item.plan.kind;
        let (field, reason, exists) = match kind {
            Kind::Customer => {
                for &key in self.match_keys {
                    // Most customers need no look, for which the other thread would have to be
                    // waited for.
                    let value = key.value(wanted);
                    let Some(value) = value.filter(|value| self.known.may_have(key, value)) else {
                        continue;
                    };
                    let look = |connection: &_| with_key(connection, key, &value);
                    if let Some(found) = self.state.query(look)?.first() {
                        let number = found.get("display_id").cloned().unwrap_or_default();
                        let field = key.name();
                        let reason = format!("customer #{number} has this {field} now");
                        return Ok(Some((Some(field), reason)));
                    }
                }
                return Ok(None);
            }
            Kind::Contact => {
                let email = text_of(wanted, "email").unwrap_or_default();
                let look = |connection: &_| with_email(connection, customer, email);
                let exists = !self.state.query(look)?.is_empty();
                (Some("email"), CONTACT_EXISTS, exists)
            }
            Kind::Onboarding => {
                let exists = self.state.query(|connection| {
                    Ok(!onboardings_of(connection, customer)?.is_empty()
                        || is_opened(connection, &item.plan.key)?)
                })?;
                let reason = "the customer has an onboarding now, or had one for this deal";
                (None, reason, exists)
            }
        };
        Ok(exists.then(|| (field, reason.to_owned())))
    }

    async fn update(&self, item: &Item) -> Result<(Outcome, Effect)> {
        let kind = item.plan.kind;
        let id = item.plan.id.as_deref().unwrap_or_default();
        let before = item.plan.before.clone().unwrap_or_default();
        let after = item.plan.after.clone().unwrap_or_default();
        let row = match kind.get(self.client, id).await {
            Ok(row) => row,
            Err(error) if error.is_not_found() => {
                let reason = format!("the {kind} was deleted");
                return Ok(conflict("not_found", None, reason));
            }
            Err(error) => return Ok(failed(&error.into(), false)),
        };
        let now = current(&row, &after);
        if now == after {
            // Another program has done it, so that an undo must not take it back.
            let outcome = Outcome::new(ItemState::Skipped, "it has these values already");
            return Ok((outcome, Effect::Done));
        }
        if let Some((field, _)) = before
            .iter()
            .find(|(field, value)| now.get(*field) != Some(value))
        {
            let reason = format!("{field} has changed since {}", self.since);
            return Ok(conflict("changed_meanwhile", Some(field), reason));
        }
        self.sending(item)?;
        match kind.update(self.client, id, &after).await {
            Ok(row) => Ok(done(row, &after)),
            Err(error) => Ok(failed(&error, true)),
        }
    }

    async fn delete(&self, item: &Item) -> Result<(Outcome, Effect)> {
        let kind = item.plan.kind;
        let id = item.plan.id.as_deref().unwrap_or_default();
        // An undo deletes the contacts and onboardings of a customer before it.
        if kind == Kind::Customer
            && let Some(state) = self.state.not_done_before(self.run, item)?
        {
            return Ok(match state {
                ItemState::Failed => {
                    let reason = "a contact or an onboarding of it could not be deleted";
                    conflict("changed_meanwhile", None, reason)
                }
                _ => left("its contacts and onboardings are not deleted yet"),
            });
        }
        let mut row = match kind.get(self.client, id).await {
            Ok(row) => row,
            Err(error) if error.is_not_found() => {
                let outcome = Outcome::new(ItemState::Skipped, "it was deleted already");
                return Ok((outcome, Effect::Done));
            }
            Err(error) => return Ok(failed(&error.into(), false)),
        };
        let mut before = item.plan.before.clone().unwrap_or_default();
        // A change that was undone since is none.
        for values in [&mut row, &mut before] {
            values.remove("updated_at");
        }
        if row != before {
            let reason = format!("the {kind} has changed since {}", self.since);
            return Ok(conflict("changed_meanwhile", None, reason));
        }
        self.sending(item)?;
        match kind.delete(self.client, id).await {
            Err(error) if !error.is_not_found() => Ok(failed(&error.into(), true)),
            _ => Ok((Outcome::done(None), Effect::Done)),
        }
    }
}

/// Whether a response is that of an earlier create, or of a contact that exists. The header for
/// that is not documented, so that a row older than the response is reason enough to look.
fn is_older_than_its_response(row: &Values, headers: &HeaderMap) -> bool {
    let date = headers.get("date").and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| rfc2822::parse(date).ok());
    let responded_at = date.map_or_else(Timestamp::now, |date| date.timestamp());
    let created_at = text_of(row, "created_at").and_then(|time| time.parse::<Timestamp>().ok());
    created_at.is_some_and(|created_at| {
        responded_at.duration_since(created_at) > SignedDuration::from_mins(1)
    })
}

/// The key of a create: the same for the same record with the same content, in every run.
fn idempotency_key(record: &str, content: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(record.as_bytes());
    hash.update([0]);
    hash.update(content.as_bytes());
    let hash = hash.finalize();
    let hash = hash.first_chunk().copied().map(u128::from_be_bytes);
    format!("pivotal-sync-{:032x}", hash.unwrap_or_default())
}

/// A change that was made. If the server has stored something else, it counts as failed: a later
/// run would change it again, and again.
fn done(row: Values, wanted: &Values) -> (Outcome, Effect) {
    let Some((field, _)) = differing(&row, wanted).into_iter().next() else {
        return (Outcome::done(Some(row)), Effect::Done);
    };
    let outcome = Outcome {
        state: ItemState::Failed,
        code: Some("stored_differently".to_owned()),
        reason: Some(format!("Pivotal has stored another value of {field}")),
        field: Some(field),
        ..Outcome::done(Some(row))
    };
    (outcome, Effect::Rejected)
}

/// A change that was not made, because the row is not as planned.
fn conflict(code: &str, field: Option<&str>, reason: impl Into<String>) -> (Outcome, Effect) {
    let outcome = Outcome {
        code: Some(code.to_owned()),
        field: field.map(str::to_owned),
        ..Outcome::new(ItemState::Failed, reason)
    };
    (outcome, Effect::Rejected)
}

/// A change that stays in the plan, because one before it was not made for sure.
fn left(reason: &str) -> (Outcome, Effect) {
    (Outcome::new(ItemState::Planned, reason), Effect::Rejected)
}

/// A call that failed. A write that the server may have processed stays in doubt; what it has not
/// received stays in the plan.
fn failed(error: &CallError, is_write: bool) -> (Outcome, Effect) {
    let error = match error {
        CallError::Call(error) => error,
        CallError::Values(reason) => return conflict("invalid_value", None, reason.clone()),
    };
    let is_auth = error.is_authentication() || error.is_permission();
    let is_success = error.status().is_some_and(|status| status.is_success());
    let is_create = error
        .operation()
        .is_some_and(|name| name.starts_with("create_"));
    // Any other conflict of a create is one of the idempotency key: the first call still runs.
    let is_taken = error.is_code("slug_taken") || error.is_code("email_taken");
    let still_runs = error.is_conflict() && is_create && !is_taken;
    let may_be_done = error.delivery() == Delivery::Unknown
        || error.is_internal()
        || error.is_unexpected()
        || is_success
        || still_runs;
    let is_rejected = error.is_invalid_request() || error.is_not_found() || error.is_conflict();
    let shown = error.to_string();
    let (state, sent, effect) = if is_auth {
        (ItemState::Planned, "no", Effect::Authentication(shown))
    } else if is_write && may_be_done {
        (ItemState::Sending, "unknown", Effect::Error(shown))
    } else if is_rejected {
        let sent = if error.attempts() > 0 { "yes" } else { "no" };
        // Nothing is wrong with the server, and the next run meets it again.
        (ItemState::Failed, sent, Effect::Rejected)
    } else {
        (ItemState::Planned, "no", Effect::Error(shown))
    };
    let outcome = Outcome {
        code: error.code().map(|code| code.as_str().to_owned()),
        field: error.field().map(str::to_owned),
        sent,
        ..Outcome::new(state, error.message())
    };
    (outcome, effect)
}
