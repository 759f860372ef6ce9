//! One change of a plan.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use pivotal_sdk::{Client, Customer, Delivery, Error, HeaderMap};
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::field::{MatchKey, Values, create_body, current, differing, update_body};
use crate::mirror::values;
use crate::state::customers::with_key;
use crate::state::items::json;
use crate::state::{Action, Item, ItemState, Outcome, RunId, State};

/// How often a create is repeated because the customer of its idempotency key was deleted.
const MAX_CREATES: usize = 5;

/// What a change means for the run.
pub(super) enum Effect {
    Done,
    /// The customer is not as planned.
    Conflict,
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
}

impl Change<'_> {
    /// Applies an item, and records it before the call and after it.
    pub(super) async fn apply(self, item: Item) -> Result<Effect> {
        let (outcome, effect) = match item.plan.action {
            Action::Create => self.create(&item).await?,
            Action::Update => self.update(&item).await?,
            Action::Archive => self.archive(&item).await?,
            Action::Conflict | Action::Invalid | Action::Skipped => return Ok(Effect::Done),
        };
        self.state.outcome(self.run, &item, &outcome)?;
        Ok(effect)
    }

    async fn create(&self, item: &Item) -> Result<(Outcome, Effect)> {
        let wanted = item.plan.after.clone().unwrap_or_default();
        for key in self.match_keys {
            let Some(value) = key.value(&wanted) else {
                continue;
            };
            let found = self
                .state
                .query(|connection| with_key(connection, *key, &value))?;
            if let Some(found) = found.first() {
                let number = found.get("display_id").cloned().unwrap_or_default();
                let reason = format!("customer #{number} has this {} now", key.field());
                return Ok(conflict("exists_now", Some(key.field().name()), reason));
            }
        }
        let body = match create_body(&wanted) {
            Ok(body) => body,
            Err(error) => return Ok(conflict("invalid_value", None, error.to_string())),
        };
        let mut key = idempotency_key(&item.plan.key, &json(&wanted));
        for _ in 0..MAX_CREATES {
            self.state.sending(self.run, item.seq)?;
            let create = self.client.customers().create(body.clone());
            let response = match create.idempotency_key(&key).with_meta().await {
                Ok(response) => response,
                Err(error) => return Ok(failed(&error, true)),
            };
            let customer = response.value;
            if !self.may_be_replayed(&customer, response.meta.headers())? {
                return Ok(done(&customer, &wanted));
            }
            // For 24 hours the key gives the customer that it created, even if that was deleted.
            match self.client.customer(&customer).get().await {
                Ok(customer) => return Ok(done(&customer, &wanted)),
                Err(error) if error.is_not_found() => {
                    key = idempotency_key(&key, &customer.id);
                }
                Err(error) => return Ok(failed(&error, true)),
            }
        }
        let reason = "the idempotency key belongs to a deleted customer; try again tomorrow";
        Ok(conflict("replayed", None, reason.to_owned()))
    }

    /// Whether a response may be that of an earlier create. The header is not documented, so a
    /// customer that is known or older than the response is reason enough to look.
    fn may_be_replayed(&self, customer: &Customer, headers: &HeaderMap) -> Result<bool> {
        let date = headers.get("date").and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| rfc2822::parse(date).ok());
        let responded_at = date.map_or_else(Timestamp::now, |date| date.timestamp());
        let age = responded_at.duration_since(customer.created_at);
        Ok(headers.contains_key("idempotent-replayed")
            || age > SignedDuration::from_mins(1)
            || self.state.has_created(&customer.id)?)
    }

    async fn update(&self, item: &Item) -> Result<(Outcome, Effect)> {
        let id = item.plan.customer.as_deref().unwrap_or_default();
        let before = item.plan.before.clone().unwrap_or_default();
        let after = item.plan.after.clone().unwrap_or_default();
        let customer = match self.client.customer(id).get().await {
            Ok(customer) => customer,
            Err(error) if error.is_not_found() => {
                return Ok(conflict(
                    "not_found",
                    None,
                    "the customer was deleted".to_owned(),
                ));
            }
            Err(error) => return Ok(failed(&error, false)),
        };
        let now = current(&values(&customer), &after);
        if now == after {
            // Another program has done it, so that an undo must not take it back.
            let outcome = Outcome {
                state: ItemState::Done,
                code: None,
                field: None,
                reason: Some("it has these values already".to_owned()),
                sent: "no",
                result: None,
            };
            return Ok((outcome, Effect::Done));
        }
        if let Some((field, _)) = before
            .iter()
            .find(|(field, value)| now.get(*field) != Some(value))
        {
            let reason = format!("{field} has changed since the plan was made");
            return Ok(conflict("changed_meanwhile", Some(field), reason));
        }
        let body = match update_body(&after) {
            Ok(body) => body,
            Err(error) => return Ok(conflict("invalid_value", None, error.to_string())),
        };
        self.state.sending(self.run, item.seq)?;
        match self.client.customer(id).update(body).await {
            Ok(customer) => Ok(done(&customer, &after)),
            Err(error) => Ok(failed(&error, true)),
        }
    }

    async fn archive(&self, item: &Item) -> Result<(Outcome, Effect)> {
        let id = item.plan.customer.as_deref().unwrap_or_default();
        let gone = |reason: Option<&str>| {
            let outcome = Outcome {
                state: ItemState::Done,
                code: None,
                field: None,
                reason: reason.map(str::to_owned),
                sent: if reason.is_some() { "no" } else { "yes" },
                result: None,
            };
            Ok((outcome, Effect::Done))
        };
        let mut customer = match self.client.customer(id).get().await {
            Ok(customer) => values(&customer),
            Err(error) if error.is_not_found() => return gone(Some("it was deleted already")),
            Err(error) => return Ok(failed(&error, false)),
        };
        let mut before = item.plan.before.clone().unwrap_or_default();
        // A change that was undone since is none.
        for values in [&mut customer, &mut before] {
            values.remove("updated_at");
        }
        if customer != before {
            let reason = "the customer has changed since the plan was made".to_owned();
            return Ok(conflict("changed_meanwhile", None, reason));
        }
        self.state.sending(self.run, item.seq)?;
        match self.client.customer(id).delete().await {
            Ok(_) => gone(None),
            Err(error) if error.is_not_found() => gone(None),
            Err(error) => Ok(failed(&error, true)),
        }
    }
}

/// The key of a create: the same for the same record with the same content, in every run.
fn idempotency_key(record: &str, content: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(record.as_bytes());
    hash.update([0]);
    hash.update(content.as_bytes());
    let hash: String = hash.finalize()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("pivotal-sync-{hash}")
}

/// A change that was made. If the server has stored something else, it counts as failed: a later
/// run would change it again, and again.
fn done(customer: &Customer, wanted: &Values) -> (Outcome, Effect) {
    let customer = values(customer);
    let stored_differently = differing(&customer, wanted).into_iter().next();
    let mut outcome = Outcome {
        state: ItemState::Done,
        code: None,
        field: None,
        reason: None,
        sent: "yes",
        result: Some(customer),
    };
    if let Some((field, _)) = stored_differently {
        outcome.state = ItemState::Failed;
        outcome.code = Some("stored_differently".to_owned());
        outcome.reason = Some(format!("Pivotal has stored another value of {field}"));
        outcome.field = Some(field);
        return (outcome, Effect::Conflict);
    }
    (outcome, Effect::Done)
}

/// A change that was not made, because the customer is not as planned.
fn conflict(code: &str, field: Option<&str>, reason: String) -> (Outcome, Effect) {
    let outcome = Outcome {
        state: ItemState::Failed,
        code: Some(code.to_owned()),
        field: field.map(str::to_owned),
        reason: Some(reason),
        sent: "no",
        result: None,
    };
    (outcome, Effect::Conflict)
}

/// A call that failed. A write that the server may have processed stays in doubt; what it has not
/// received stays in the plan.
fn failed(error: &Error, is_write: bool) -> (Outcome, Effect) {
    let is_auth = error.is_authentication() || error.is_permission();
    let is_success = error.status().is_some_and(|status| status.is_success());
    // A conflict other than of the slug is one of the idempotency key: the first call still runs.
    let still_runs = error.is_conflict()
        && error.operation() == Some("create_customer")
        && !error.is_code("slug_taken");
    let may_be_done = error.delivery() == Delivery::Unknown
        || error.is_internal()
        || error.is_unexpected()
        || is_success
        || still_runs;
    let is_rejected = error.is_invalid_request() || error.is_not_found() || error.is_conflict();
    let (state, sent) = if is_auth {
        (ItemState::Planned, "no")
    } else if is_write && may_be_done {
        (ItemState::Sending, "unknown")
    } else if is_rejected {
        let sent = if error.attempts() > 0 { "yes" } else { "no" };
        (ItemState::Failed, sent)
    } else {
        (ItemState::Planned, "no")
    };
    let outcome = Outcome {
        state,
        code: error.code().map(|code| code.as_str().to_owned()),
        field: error.field().map(str::to_owned),
        reason: Some(error.message().to_owned()),
        sent,
        result: None,
    };
    let effect = if is_auth {
        Effect::Authentication(error.to_string())
    } else {
        Effect::Error(error.to_string())
    };
    (outcome, effect)
}
