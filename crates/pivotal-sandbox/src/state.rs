//! Everything that requests share, behind one lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{
    clock::Clock,
    contract::Contract,
    idempotency::{Scope, Store},
    journal::Journal,
    keys::Key,
    rate_limit::Window,
    store::Workspace,
};

/// What every connection of a server holds.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) contract: Arc<Contract>,
    pub(crate) clock: Clock,
    state: Arc<Mutex<State>>,
}

/// What a request can change.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) key: Key,
    pub(crate) window: Window,
    pub(crate) workspace: Workspace,
    pub(crate) idempotency: Store,
    pub(crate) journal: Journal,
}

impl Shared {
    pub(crate) fn new(contract: Arc<Contract>, state: State) -> Self {
        Self {
            contract,
            clock: Clock,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Locks the state. It is never held across an await, and a rule validates before it changes anything, so what a
    /// panic has left behind is whole.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A claimed idempotency key, given up when dropped: by an answer that is not kept, or a caller that goes away.
#[derive(Debug)]
pub(crate) struct ClaimedKey {
    pub(crate) scope: Scope,
    pub(crate) shared: Shared,
}

impl Drop for ClaimedKey {
    fn drop(&mut self) {
        self.shared.lock().idempotency.release(&self.scope);
    }
}
