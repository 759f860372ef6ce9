//! A plan that is being made.

use std::collections::BTreeMap;

use rusqlite::Transaction;

use crate::config::{Config, Problem};
use crate::error::Result;
use crate::field::{Values, json};
use crate::kind::Kind;
use crate::state::items::insert;
use crate::state::{Action, NewItem, RunId};

/// The code of a row that the mode leaves as it is.
pub(super) const EXISTS: &str = "exists";

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
