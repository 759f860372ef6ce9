//! Guards: what stops a run before the first write.

use std::collections::BTreeMap;
use std::fmt;

use pivotal_sdk::{Client, KeyMode};
use serde::Serialize;

use crate::error::Result;
use crate::kind::Kind;
use crate::state::{Counts, Run, RunId, State};
use crate::words::number;

/// What a run may do without asking. The default is what a nightly job needs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Allow {
    /// Write with a key that is not a test key: `--yes`.
    pub live_key: bool,
    /// How many of the customers may change, in percent: `--max-changes`. Default: 20.
    pub max_changes: u64,
    /// How many of the customers may be deleted, in percent: `--max-deletes`. Default: 10.
    pub max_deletes: u64,
    /// A source that is empty, or has less than half of the records of the last run:
    /// `--allow-shrunk-source`.
    pub shrunk_source: bool,
    /// Deletes although not all records of the source could be read: `--allow-incomplete-source`.
    pub incomplete_source: bool,
}

impl Default for Allow {
    fn default() -> Self {
        Self {
            live_key: false,
            max_changes: 20,
            max_deletes: 10,
            shrunk_source: false,
            incomplete_source: false,
        }
    }
}

/// Why a run stops before the first write. `Display` names the option that allows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "guard", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Guard {
    /// The API key is not a test key.
    LiveKey,
    /// Too many customers change.
    TooManyChanges {
        /// How many change.
        changes: u64,
        /// How many customers there are.
        customers: u64,
    },
    /// Too many customers would be deleted.
    TooManyDeletes {
        /// How many would be deleted.
        deletes: u64,
        /// How many customers there are.
        customers: u64,
    },
    /// The source has no records.
    EmptySource,
    /// The source has less than half of the records of the last run.
    ShrunkSource {
        /// How many it has.
        rows: u64,
        /// How many it had.
        before: u64,
    },
    /// Customers would be deleted, and the source may have them in records that were not read.
    IncompleteSource {
        /// What is missing.
        reason: String,
    },
}

impl Guard {
    /// The option that allows it.
    pub fn option(&self) -> &'static str {
        match self {
            Self::LiveKey => "--yes",
            Self::TooManyChanges { .. } => "--max-changes 100",
            Self::TooManyDeletes { .. } => "--max-deletes 100",
            Self::EmptySource | Self::ShrunkSource { .. } => "--allow-shrunk-source",
            Self::IncompleteSource { .. } => "--allow-incomplete-source",
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let option = self.option();
        match self {
            Self::LiveKey => write!(
                f,
                "the API key is not a test key; add {option} to write with it"
            ),
            Self::TooManyChanges { changes, customers } => write!(
                f,
                "{changes} of {customers} customers would change; add {option} to allow any number, in percent"
            ),
            Self::TooManyDeletes { deletes, customers } => write!(
                f,
                "{deletes} of {customers} customers would be deleted; add {option} to allow any number, in percent"
            ),
            Self::EmptySource => {
                write!(
                    f,
                    "the source has no records; add {option} if that is right"
                )
            }
            Self::ShrunkSource { rows, before } => write!(
                f,
                "the source has {}, and had {before} in the last run; add {option} if that is right",
                number(*rows, "record")
            ),
            Self::IncompleteSource { reason } => write!(
                f,
                "customers would be deleted, but {reason}; add {option} to delete them"
            ),
        }
    }
}

/// The guards that stop a run. Empty if it may go on.
///
/// # Errors
/// [`Error::Unusable`](crate::Error::Unusable) if there is no such run;
/// [`Error::State`](crate::Error::State).
pub fn guards(client: &Client, state: &State, run: RunId, allow: &Allow) -> Result<Vec<Guard>> {
    check(
        client,
        state,
        &state.run(run)?,
        &state.counts_by_kind(run)?,
        allow,
    )
}

/// The guards that stop a run with these items.
pub(crate) fn check(
    client: &Client,
    state: &State,
    run: &Run,
    (all, kinds): &(Counts, BTreeMap<Kind, Counts>),
    allow: &Allow,
) -> Result<Vec<Guard>> {
    let mut guards = Vec::new();
    if all.writes() > 0 && client.key_mode() != Some(KeyMode::Test) && !allow.live_key {
        guards.push(Guard::LiveKey);
    }
    // An undo was asked for by the number of its run.
    if run.kind == "undo" {
        return Ok(guards);
    }
    // Those of customers.
    let counts = kinds.get(&Kind::Customer).copied().unwrap_or_default();
    let customers = run.mirror_rows;
    let exceeds =
        |count: u64, percent: u64| count.saturating_mul(100) > customers.saturating_mul(percent);
    if exceeds(counts.update, allow.max_changes) {
        guards.push(Guard::TooManyChanges {
            changes: counts.update,
            customers,
        });
    }
    if exceeds(counts.delete, allow.max_deletes) {
        guards.push(Guard::TooManyDeletes {
            deletes: counts.delete,
            customers,
        });
    }
    let before = state.rows_before(run)?;
    match before {
        _ if allow.shrunk_source => {}
        _ if run.rows == 0 => guards.push(Guard::EmptySource),
        Some(before) if run.rows.saturating_mul(2) < before => guards.push(Guard::ShrunkSource {
            rows: run.rows,
            before,
        }),
        _ => {}
    }
    if counts.delete > 0 && !allow.incomplete_source {
        let unidentified = (run.unidentified > 0).then(|| {
            format!(
                "{} could be any of them",
                number(run.unidentified, "record")
            )
        });
        if let Some(reason) = run.incomplete.clone().or(unidentified) {
            guards.push(Guard::IncompleteSource { reason });
        }
    }
    Ok(guards)
}
