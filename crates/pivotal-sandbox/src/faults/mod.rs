//! Fault injection: what networks and failing servers do to a caller, on request of a test.
//!
//! `kind` lists the faults, `fault` says where and when one applies, this module chooses the fault
//! of each request, and `injected` carries it out: instead of processing, on the response
//! (`alter`), or on the socket (`raw`). Evidence of all faults: decided.

mod alter;
mod fault;
mod injected;
mod kind;
mod raw;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;
use serde::Serialize;

pub use fault::{Fault, FaultError};
use fault::{Schedule, WEBHOOK};
use injected::InjectedFault;
pub use kind::{DRIP_BYTES, FaultKind};

use crate::{
    contract::{Contract, Route},
    random::{Random, mix},
};

/// The faults of a sandbox, from [`Sandbox::faults`](crate::Sandbox::faults).
///
/// Faults are considered in the order in which they were added. Delays add up; of all others, the
/// first that applies to a request is injected.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let _ = rustls::crypto::ring::default_provider().install_default();
/// use pivotal_sandbox::{Fault, FaultKind, Sandbox};
///
/// let sandbox = Sandbox::start().await;
/// sandbox.faults().add(Fault::new(FaultKind::Status(503)).on("get-health").times(1))?;
/// let health = format!("{}/api/v1/health", sandbox.base_url());
/// assert_eq!(reqwest::get(&health).await?.status(), 503);
/// assert_eq!(reqwest::get(&health).await?.status(), 200);
/// assert_eq!(sandbox.faults().armed()[0].applied, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Faults {
    contract: Arc<Contract>,
    seed: u64,
    initial: Vec<ArmedFault>,
    armed: Arc<Mutex<Vec<ArmedFault>>>,
}

/// A fault that is set, and how often it was used.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArmedFault {
    /// The fault.
    #[serde(flatten)]
    pub fault: Fault,
    /// The number of requests to its operation.
    pub matched: u64,
    /// The number of requests that it was applied to.
    pub applied: u64,
}

impl Faults {
    pub(crate) fn new(
        contract: Arc<Contract>,
        seed: u64,
        initial: Vec<Fault>,
    ) -> Result<Self, FaultError> {
        let mut faults = Self {
            contract,
            seed,
            initial: Vec::new(),
            armed: Arc::default(),
        };
        for fault in initial {
            faults.add(fault)?;
        }
        faults.initial = faults.armed();
        Ok(faults)
    }

    /// Adds a fault after those that are set. It counts requests from now on.
    ///
    /// # Errors
    ///
    /// [`FaultError`] if the contract has no such operation, or the fault is not valid: a
    /// probability above 1, a status that is not 5xx, a script with a count.
    pub fn add(&self, mut fault: Fault) -> Result<(), FaultError> {
        fault.check()?;
        if let Some(operation) = fault.operation().filter(|id| *id != WEBHOOK) {
            // Errors and spans of the SDK write `create_customer`.
            let kebab = operation.replace('_', "-");
            let contract = &self.contract;
            let known = contract.operation(operation).or(contract.operation(&kebab));
            let Some(known) = known else {
                return Err(FaultError::new(format!(
                    "the contract has no operation `{operation}`; use an operationId, such as create-customer"
                )));
            };
            fault = fault.on(known.id.clone());
        }
        self.lock().push(ArmedFault {
            fault,
            matched: 0,
            applied: 0,
        });
        Ok(())
    }

    /// Removes all faults. A key that a fault has revoked stays revoked.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Returns to the faults that the sandbox started with, all of them unused.
    pub(crate) fn reset(&self) {
        self.lock().clone_from(&self.initial);
    }

    /// The faults that are set, in order, with how often each was applied, including those that are
    /// used up.
    pub fn armed(&self) -> Vec<ArmedFault> {
        self.lock().clone()
    }

    /// The fault of a request. Requests that match no operation of the contract have none.
    pub(crate) fn next_for(&self, head: &Parts) -> InjectedFault {
        let mut armed = self.lock();
        if armed.is_empty() {
            return InjectedFault::default();
        }
        match self.contract.route(&head.method, head.uri.path()) {
            Route::Operation(operation, _) => choose(&mut armed, self.seed, &operation.id),
            Route::WrongMethod(_) | Route::UnknownPath => InjectedFault::default(),
        }
    }

    /// The fault of an attempt to send a webhook.
    pub(crate) fn next_for_webhook(&self) -> InjectedFault {
        choose(&mut self.lock(), self.seed, WEBHOOK)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ArmedFault>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Chooses the fault of the next request to an operation: the sum of all delays that apply, and of
/// the other faults the first that applies. Those after it are not considered, so that none is used
/// up unseen.
fn choose(armed: &mut [ArmedFault], seed: u64, operation: &str) -> InjectedFault {
    let mut chosen = InjectedFault::default();
    for (index, armed) in armed.iter_mut().enumerate() {
        let considered = chosen.kind.is_none() || armed.is_delay();
        let applies = match armed.fault.operation() {
            Some(id) => id == operation,
            None => operation != WEBHOOK,
        };
        if !applies || !considered {
            continue;
        }
        // Seed, index of the fault and number of the request alone decide.
        let mut random = Random::new(mix(mix(seed) ^ index as u64) ^ armed.matched);
        match armed.next(&mut random) {
            Some(FaultKind::Latency(delay)) => {
                chosen.latency = chosen.latency.saturating_add(delay);
            }
            Some(kind) => {
                chosen.kind = Some(kind);
                chosen.random = random.next();
            }
            None => {}
        }
    }
    chosen
}

impl ArmedFault {
    fn is_delay(&self) -> bool {
        matches!(self.fault.schedule, Schedule::Always(FaultKind::Latency(_)))
    }

    /// What happens to the next request that the fault is considered for.
    fn next(&mut self, random: &mut Random) -> Option<FaultKind> {
        let step = self.matched.checked_sub(self.fault.after);
        self.matched += 1;
        let kind = match &self.fault.schedule {
            Schedule::Script(steps) => steps.get(usize::try_from(step?).ok()?)?.clone()?,
            Schedule::Always(kind) => {
                let spent = self.fault.count.is_some_and(|count| self.applied >= count);
                if step.is_none() || spent || !random.chance(self.fault.probability) {
                    return None;
                }
                kind.clone()
            }
        };
        self.applied += 1;
        Some(kind)
    }
}
