//! What was done with rows, for the pages.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::Kind;

/// The maximum number of entries of a workspace. The oldest are dropped first.
const LIMIT: usize = 10_000;

/// What was done with one row.
#[derive(Debug)]
pub(crate) struct ActivityEntry {
    pub(crate) at: Timestamp,
    /// The safe part of the key.
    pub(crate) key: String,
    /// Index of the customer that the row is or belongs to.
    pub(crate) customer: Option<usize>,
    pub(crate) kind: Kind,
    /// Index of the row.
    pub(crate) index: usize,
    pub(crate) change: Change,
}

#[derive(Debug)]
pub(crate) enum Change {
    Created,
    /// With the keys that have other values than before, and these if they are short.
    Updated(Vec<String>),
    Deleted,
}

/// The most recent changes of a workspace.
#[derive(Debug, Default)]
pub(crate) struct Activity(VecDeque<ActivityEntry>);

impl Activity {
    pub(crate) fn record(&mut self, entry: ActivityEntry) {
        if self.0.len() == LIMIT {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    /// What was done with a customer and its rows, newest first.
    pub(crate) fn of(&self, customer: usize) -> impl Iterator<Item = &ActivityEntry> {
        let newest_first = self.0.iter().rev();
        newest_first.filter(move |entry| entry.customer == Some(customer))
    }
}
