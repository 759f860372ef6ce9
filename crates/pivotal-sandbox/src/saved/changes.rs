//! What is to be saved next.

use std::collections::BTreeMap;

use super::document::{RESPONSES, server, text};
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
    /// For each workspace, the number of its oldest response: older ones were forgotten.
    pub(super) oldest_responses: Vec<u64>,
    /// For each workspace, the number of the first response that is not collected yet.
    next_responses: Vec<u64>,
    /// `server` and `oldest_responses` of the last save.
    written: (String, Vec<u64>),
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
            let [_, next] = workspace.idempotency_keys.numbers();
            changes.next_responses.push(next);
        }
        changes
    }

    pub(super) fn collect(&mut self, state: &mut State) {
        let replaced = std::mem::take(&mut state.replaced);
        if replaced {
            self.all = true;
            self.entries.clear();
            self.next_responses = vec![0; state.workspaces.len()];
        }
        self.server = server(state);
        self.oldest_responses.clear();
        for (number, workspace) in state.workspaces.iter_mut().enumerate() {
            for kind in Kind::ALL {
                let table = workspace.table_mut(kind);
                let changed = table.take_changed();
                let mut add = |index: usize| {
                    let key = (number, kind as usize, index as u64 + 1);
                    self.entries.insert(key, text(table.row(index)));
                };
                match replaced {
                    true => (0..table.rows().len()).for_each(&mut add),
                    false => changed.into_iter().for_each(&mut add),
                }
            }
            let keys = &workspace.idempotency_keys;
            let [oldest, next] = keys.numbers();
            for saved in keys.saved_since(self.next_responses[number]) {
                let key = (number, RESPONSES, saved.number);
                self.entries.insert(key, text(&saved));
            }
            self.next_responses[number] = next;
            self.oldest_responses.push(oldest);
        }
        let oldest = &self.oldest_responses;
        self.entries.retain(|(workspace, list, number), _| {
            *list != RESPONSES || *number >= oldest[*workspace]
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.all
            && self.entries.is_empty()
            && self.written.0 == self.server
            && self.written.1 == self.oldest_responses
    }

    /// Forgets what was written.
    pub(super) fn written(&mut self) {
        self.all = false;
        self.entries.clear();
        self.written = (self.server.clone(), self.oldest_responses.clone());
    }
}
