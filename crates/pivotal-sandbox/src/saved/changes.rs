//! What is to be saved next.

use std::collections::BTreeMap;

use super::document::{LOGS, entries, log_numbers, server, text};
use crate::{state::State, store::Kind};

/// Workspace, index of the list, number in the list.
pub(super) type EntryKey = (usize, usize, u64);

/// Changes since the last save. They are collected with the state locked and written without: if that
/// fails, they stay and are written with those that follow.
#[derive(Default)]
pub(super) struct Changes {
    /// Whether these entries are all that there is: the state is new or was reset.
    pub(super) all: bool,
    pub(super) entries: BTreeMap<EntryKey, String>,
    pub(super) server: String,
    /// For each workspace, the numbers of the oldest entries of its logs: older ones were dropped.
    pub(super) oldest: Vec<[u64; LOGS.len()]>,
    /// For each workspace, the numbers of the first entries of its logs that are not collected yet.
    next: Vec<[u64; LOGS.len()]>,
    /// `server` and `oldest` of the last save.
    written: (String, Vec<[u64; LOGS.len()]>),
}

impl Changes {
    /// Takes a state as saved: only what changes from now on is collected.
    pub(super) fn after(state: &mut State) -> Self {
        state.replaced = false;
        let mut changes = Self::default();
        for workspace in &mut state.workspaces {
            for kind in Kind::ALL {
                workspace.table_mut(kind).take_changed();
            }
            let numbers = log_numbers(workspace);
            changes.next.push(numbers.map(|[_, next]| next));
        }
        changes
    }

    pub(super) fn collect(&mut self, state: &mut State) {
        let replaced = std::mem::take(&mut state.replaced);
        if replaced {
            self.all = true;
            self.entries.clear();
            self.next = vec![[0; LOGS.len()]; state.workspaces.len()];
        }
        self.server = server(state);
        self.oldest.clear();
        for (number, workspace) in state.workspaces.iter_mut().enumerate() {
            for kind in Kind::ALL {
                for row in workspace.table_mut(kind).take_changed() {
                    let key = (number, kind as usize, row.display_id);
                    self.entries.insert(key, text(row));
                }
            }
            for (log, list) in LOGS.into_iter().enumerate() {
                for (entry, json) in entries(workspace, list, self.next[number][log]) {
                    self.entries.insert((number, list, entry), json);
                }
            }
            let numbers = log_numbers(workspace);
            self.next[number] = numbers.map(|[_, next]| next);
            self.oldest.push(numbers.map(|[oldest, _]| oldest));
        }
        let oldest = &self.oldest;
        self.entries.retain(|(workspace, list, number), _| {
            let log = list.checked_sub(LOGS[0]);
            log.is_none_or(|log| *number >= oldest[*workspace][log])
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.all
            && self.entries.is_empty()
            && self.written.0 == self.server
            && self.written.1 == self.oldest
    }

    /// Forgets what was written.
    pub(super) fn written(&mut self) {
        self.all = false;
        self.entries.clear();
        self.written = (self.server.clone(), self.oldest.clone());
    }
}
