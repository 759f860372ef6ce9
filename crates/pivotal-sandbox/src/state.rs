//! The state that all requests share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "state")]
use crate::saved::SaveStatus;
use crate::{
    clock::Clock,
    contract::Contract,
    faults::Faults,
    fixtures,
    idempotency::ScopedKey,
    journal::Journal,
    keys::{Key, Keys},
    random::IdSequence,
    rate_limit::RateLimits,
    seed,
    setup::{Setup, StartError},
    store::Workspace,
    webhooks::Webhooks,
};

/// The state of a sandbox, shared by its connections.
pub(crate) struct Shared {
    pub(crate) contract: Arc<Contract>,
    pub(crate) setup: Setup,
    pub(crate) faults: Faults,
    pub(crate) webhooks: Webhooks,
    state: Mutex<State>,
    #[cfg(feature = "state")]
    save_status: Mutex<Option<SaveStatus>>,
}

/// The state that requests change.
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    pub(crate) workspaces: Vec<Workspace>,
    pub(crate) journal: Journal,
    /// Whether it is new or was reset, so that all of it has to be saved.
    #[cfg(feature = "state")]
    pub(crate) replaced: bool,
}

impl State {
    pub(crate) fn new(contract: &Contract, setup: &Setup) -> Result<Self, StartError> {
        let new_keys = setup.workspaces.iter().flat_map(|new| &new.keys);
        let mut limits = new_keys.filter_map(|key| key.rate_limit);
        if setup.rate_limits == RateLimits::Each(0) || limits.any(|limit| limit == 0) {
            return Err(StartError::RateLimit);
        }
        let (mut keys, mut workspaces) = (Vec::new(), Vec::new());
        for (index, new) in setup.workspaces.iter().enumerate() {
            let mut ids = IdSequence::new(index as u64);
            for key in &new.keys {
                let key = Key::new(ids.next(), index, key, setup.rate_limits);
                keys.push(key.map_err(StartError::ApiKey)?);
            }
            workspaces.push(Workspace::new(contract, ids, &new.name)?);
        }
        let keys = Keys::new(keys, setup.rate_limits).map_err(StartError::ApiKey)?;
        let clock = Clock::new(setup.frozen_at);
        let now = clock.moment(contract.undocumented);
        if let Some(seed) = setup.seed {
            let newest = setup.frozen_at.map(|_| clock.now());
            seed::fill(contract, &mut workspaces, &keys, seed, newest);
        }
        if let Some(key) = keys.of_workspace(0) {
            fixtures::load(contract, &mut workspaces[0], key, now, &setup.fixtures)?;
        }
        Ok(Self {
            clock,
            keys,
            workspaces,
            journal: Journal::default(),
            #[cfg(feature = "state")]
            replaced: true,
        })
    }
}

impl Shared {
    pub(crate) fn new(contract: Arc<Contract>, setup: Setup) -> Result<Arc<Self>, StartError> {
        let state = Mutex::new(State::new(&contract, &setup)?);
        let initial = setup.faults.clone();
        let faults = Faults::new(Arc::clone(&contract), setup.fault_seed, initial)?;
        Ok(Arc::new(Self {
            webhooks: Webhooks::new(&setup)?,
            contract,
            setup,
            faults,
            state,
            #[cfg(feature = "state")]
            save_status: Mutex::default(),
        }))
    }

    /// Locks the state. The lock is never held across an await, and a handler validates before it
    /// changes anything, so the state is consistent even after a panic.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(feature = "state")]
    pub(crate) fn save_status(&self) -> MutexGuard<'_, Option<SaveStatus>> {
        (self.save_status.lock()).unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns to the initial state. Running requests complete, and keep their idempotency keys
    /// until then.
    pub(crate) fn reset(&self) {
        let fresh = State::new(&self.contract, &self.setup)
            .expect("the sandbox was started with the same setup");
        self.faults.reset();
        self.webhooks.reset();
        let mut state = self.lock();
        let before = std::mem::replace(&mut *state, fresh);
        for (workspace, before) in state.workspaces.iter_mut().zip(before.workspaces) {
            workspace.idempotency_keys = before.idempotency_keys.into_running();
        }
    }
}

/// A claimed idempotency key. It is released when dropped unless a response was stored: because the
/// request failed, or the caller went away.
pub(crate) struct ClaimedKey {
    pub(crate) key: ScopedKey,
    /// Index of the workspace.
    pub(crate) workspace: usize,
    pub(crate) shared: Arc<Shared>,
}

impl Drop for ClaimedKey {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let keys = &mut state.workspaces[self.workspace].idempotency_keys;
        keys.release(&self.key);
    }
}
