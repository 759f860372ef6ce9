//! A plan that is being made.

use std::collections::BTreeMap;

use rusqlite::Transaction;
use serde_json::Value;

use crate::config::{Config, Problem};
use crate::error::{Result, shortened};
use crate::field::{Values, current, json};
use crate::kind::Kind;
use crate::state::items::insert;
use crate::state::outcomes::changed_since;
use crate::state::{Action, NewItem, RunId};

/// The code of a row that the mode leaves as it is.
pub(super) const EXISTS: &str = "exists";

/// The code of a row that somebody has changed since a run wrote it.
pub(super) const CHANGED: &str = "changed_in_pivotal";

/// What the plan does with a record, or with a contact or an onboarding of it.
pub(super) enum Decision {
    Unchanged,
    /// With the fields that change before, and after as JSON.
    Do(Action, Option<Values>, String),
    Not(Action, Problem),
}

impl Decision {
    pub(super) fn not(
        action: Action,
        code: &'static str,
        field: Option<&str>,
        reason: impl Into<String>,
    ) -> Self {
        Self::Not(action, Problem::new(code, field, reason))
    }
}

/// A plan that is being made.
pub(super) struct NewPlan<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(super) run: RunId,
    pub(super) config: &'a Config,
    /// The number of the next item.
    pub(super) seq: i64,
    pub(super) unchanged: BTreeMap<Kind, u64>,
}

impl<'a> NewPlan<'a> {
    pub(super) fn new(transaction: &'a Transaction<'a>, run: RunId, config: &'a Config) -> Self {
        Self {
            transaction,
            run,
            config,
            seq: 0,
            unchanged: BTreeMap::new(),
        }
    }

    /// What becomes of a row that has these fields otherwise: an update, unless somebody has changed one
    /// of them since a run wrote it.
    pub(super) fn update(&self, row: &Values, fields: &Values) -> Result<Decision> {
        if !self.config.sync.overwrite_changed
            && let Some((field, was, run)) = changed_since(self.transaction, row, fields)?
        {
            let is = row.get(&field).unwrap_or(&Value::Null);
            let [was, is] = [&was, is].map(|value| shortened(&value.to_string()));
            let reason = format!(
                "changed in Pivotal since run {run}: `{field}` was {was}, is {is}; --overwrite-changed overwrites it"
            );
            return Ok(Decision::not(
                Action::Conflict,
                CHANGED,
                Some(&field),
                reason,
            ));
        }
        let before = current(row, fields);
        Ok(Decision::Do(Action::Update, Some(before), json(fields)))
    }

    /// Adds an item, unless nothing changes.
    pub(super) fn add(&mut self, decision: Decision, item: &NewItem<'_>) -> Result<()> {
        let item = NewItem {
            seq: self.seq,
            ..item.clone()
        };
        match decision {
            Decision::Unchanged => {
                *self.unchanged.entry(item.kind).or_default() += 1;
                return Ok(());
            }
            Decision::Do(action, before, after) => {
                let before = before.as_ref().map(json);
                let item = NewItem {
                    before: before.as_deref(),
                    after: Some(&after),
                    ..item
                };
                insert(self.transaction, self.run, action, &item)?;
            }
            Decision::Not(action, problem) => {
                let item = NewItem {
                    code: Some(&problem.code),
                    field: problem.field.as_deref(),
                    reason: Some(&problem.reason),
                    ..item
                };
                insert(self.transaction, self.run, action, &item)?;
            }
        }
        self.seq += 1;
        Ok(())
    }
}
