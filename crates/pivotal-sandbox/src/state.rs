//! Everything that requests share, behind one lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{
    clock::Clock,
    contract::{Contract, ContractError},
    faults::{Fault, FaultError, Faults},
    idempotency::{Scope, Store},
    journal::Journal,
    keys::{Key, Keys},
    log::AccessLog,
    rate_limit::RateLimits,
    seed,
    setup::NewWorkspace,
    store::{IdSequence, Workspace},
};
use jiff::Timestamp;

/// What a sandbox begins with, and goes back to.
#[derive(Debug)]
pub(crate) struct Setup {
    /// The first is the one of [`api_key`](crate::Sandbox::api_key).
    pub(crate) workspaces: Vec<NewWorkspace>,
    pub(crate) rate_limits: RateLimits,
    pub(crate) seed: Option<u64>,
    pub(crate) frozen_at: Option<Timestamp>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) fault_seed: u64,
}

/// Why there is no state for a setup.
#[derive(Debug)]
pub(crate) enum SetupError {
    Key(&'static str),
    RateLimit,
    Contract(ContractError),
    Fault(FaultError),
}

/// What every connection of a server holds.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Everything>);

/// What is behind [`Shared`].
#[derive(Debug)]
pub(crate) struct Everything {
    pub(crate) contract: Arc<Contract>,
    /// Whether the admin API is served.
    pub(crate) admin: bool,
    pub(crate) log: Option<AccessLog>,
    pub(crate) faults: Faults,
    setup: Setup,
    state: Mutex<State>,
}

/// What a request can change.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) journal: Journal,
}

/// A workspace and its idempotency keys.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) workspace: Workspace,
    pub(crate) idempotency: Store,
}

impl State {
    fn new(contract: &Contract, setup: &Setup) -> Result<Self, SetupError> {
        if setup.rate_limits == RateLimits::Each(0) {
            return Err(SetupError::RateLimit);
        }
        let (mut keys, mut tenants) = (Vec::new(), Vec::new());
        for (place, workspace) in setup.workspaces.iter().enumerate() {
            let mut ids = IdSequence::new(place as u64);
            for key in &workspace.keys {
                if key.rate_limit == Some(0) {
                    return Err(SetupError::RateLimit);
                }
                let enforced = |tier| setup.rate_limits.of(tier);
                let key = Key::new(ids.next(), place, key, enforced).map_err(SetupError::Key)?;
                keys.push(key);
            }
            tenants.push(Tenant {
                workspace: Workspace::new(contract, ids, &workspace.name)
                    .map_err(SetupError::Contract)?,
                idempotency: Store::default(),
            });
        }
        let mut state = Self {
            clock: Clock::new(setup.frozen_at),
            keys: Keys::new(keys, setup.rate_limits.of_nobody()).map_err(SetupError::Key)?,
            tenants,
            journal: Journal::default(),
        };
        if let Some(seed) = setup.seed {
            let newest = setup.frozen_at.map(|_| state.clock.now());
            seed::fill(contract, &mut state, seed, newest);
        }
        Ok(state)
    }
}

impl Shared {
    pub(crate) fn new(
        contract: Arc<Contract>,
        setup: Setup,
        admin: bool,
        log: Option<AccessLog>,
    ) -> Result<Self, SetupError> {
        let state = Mutex::new(State::new(&contract, &setup)?);
        let (seed, first) = (setup.fault_seed, setup.faults.clone());
        let faults = Faults::new(Arc::clone(&contract), seed, first).map_err(SetupError::Fault)?;
        Ok(Self(Arc::new(Everything {
            contract,
            faults,
            admin,
            log,
            setup,
            state,
        })))
    }

    /// Locks the state. It is never held across an await, and a rule validates before it changes
    /// anything, so what a panic has left behind is whole.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to how it started. What is being answered is answered, and an idempotency key in use
    /// stays so until then.
    pub(crate) fn reset(&self) {
        let Ok(fresh) = State::new(&self.contract, &self.setup) else {
            // It started with the same.
            return;
        };
        self.faults.reset();
        let mut state = self.lock();
        let before = std::mem::replace(&mut *state, fresh);
        for (tenant, before) in state.tenants.iter_mut().zip(before.tenants) {
            tenant.idempotency = before.idempotency.without_answers();
        }
    }
}

impl std::ops::Deref for Shared {
    type Target = Everything;

    fn deref(&self) -> &Everything {
        &self.0
    }
}

/// A claimed idempotency key, given up when dropped: by a response that is not kept, or a caller
/// that goes away.
#[derive(Debug)]
pub(crate) struct ClaimedKey {
    pub(crate) scope: Scope,
    pub(crate) tenant: usize,
    pub(crate) shared: Shared,
}

impl Drop for ClaimedKey {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.tenants[self.tenant].idempotency.release(&self.scope);
    }
}
