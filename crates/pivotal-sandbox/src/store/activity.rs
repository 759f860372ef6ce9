//! What was done with rows.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Kind;

/// The maximum number of entries of a workspace. The oldest are dropped first.
const LIMIT: usize = 2_000;

/// A row that a request has changed.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) kind: Kind,
    /// Index of the row in its table.
    pub(crate) index: usize,
    pub(crate) verb: Verb,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verb {
    Created,
    /// With the keys that have other values than before, and these if they are short.
    Updated(Vec<String>),
    Deleted,
}

impl Verb {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated(_) => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// What was done with one row, and by whom.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityEntry {
    /// Entries are counted from 0.
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    /// The safe part of the key.
    pub(crate) key: String,
    /// Index of the customer that the row is or belongs to.
    pub(crate) customer: Option<usize>,
    pub(crate) kind: Kind,
    pub(crate) display_id: u64,
    pub(crate) verb: Verb,
}

/// The most recent changes of a workspace.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    entries: VecDeque<ActivityEntry>,
    next_number: u64,
}

impl Activity {
    /// Adds an entry, and gives it its number.
    pub(crate) fn record(&mut self, entry: ActivityEntry) {
        if self.entries.len() == LIMIT {
            self.entries.pop_front();
        }
        let number = self.next_number;
        self.entries.push_back(ActivityEntry { number, ..entry });
        self.next_number += 1;
    }

    /// What was done with a customer and its rows, newest first.
    #[cfg(feature = "pages")]
    pub(crate) fn of(&self, customer: usize) -> impl Iterator<Item = &ActivityEntry> {
        let newest_first = self.entries.iter().rev();
        newest_first.filter(move |entry| entry.customer == Some(customer))
    }
}

#[cfg(feature = "state")]
impl Activity {
    /// The entries with this number or a higher one.
    pub(crate) fn since(&self, number: u64) -> impl Iterator<Item = &ActivityEntry> {
        let from = self.entries.partition_point(|entry| entry.number < number);
        self.entries.range(from..)
    }

    /// The numbers of the oldest entry and of the next one.
    pub(crate) fn numbers(&self) -> [u64; 2] {
        let oldest = self
            .entries
            .front()
            .map_or(self.next_number, |entry| entry.number);
        [oldest, self.next_number]
    }

    /// Adds a saved entry. They come in the order of their numbers.
    pub(crate) fn restore(&mut self, entry: ActivityEntry) -> Result<(), &'static str> {
        if entry.number < self.next_number || entry.number >= i64::MAX as u64 {
            return Err("the numbers of the activity are not in order");
        }
        self.next_number = entry.number;
        self.record(entry);
        Ok(())
    }
}
