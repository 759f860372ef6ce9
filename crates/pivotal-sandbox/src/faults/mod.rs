//! Misbehaviour on command: what a network and a failing server do to a caller, when a test wants
//! it.
//!
//! `kind` is what can go wrong, `fault` is what, where and when, `plan` chooses for each request,
//! and `fate` carries it out: in the place of processing, on the response (`alter`), or on the
//! socket (`raw`). Evidence of all faults: decided.

mod alter;
mod duration;
mod fate;
mod fault;
mod kind;
mod plan;
mod raw;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

pub(crate) use fate::Fate;
pub use fault::{Fault, FaultError};
pub use kind::{DRIP_BYTES, FaultKind};
pub use plan::ArmedFault;

use http::request::Parts;

use crate::contract::{Contract, Route};
use plan::Plan;

/// The faults of a sandbox; had from [`Sandbox::faults`](crate::Sandbox::faults).
///
/// Faults are considered in the order in which they were added. Delays add up; of all others, the
/// first that applies to a request is carried out.
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
pub struct Faults(Arc<Shelf>);

#[derive(Debug)]
struct Shelf {
    contract: Arc<Contract>,
    seed: u64,
    /// The faults that it starts with.
    first: Vec<Fault>,
    /// Whether any fault is set: requests without faults stop here.
    any: AtomicBool,
    plan: Mutex<Plan>,
}

impl Faults {
    pub(crate) fn new(
        contract: Arc<Contract>,
        seed: u64,
        first: Vec<Fault>,
    ) -> Result<Self, FaultError> {
        let faults = Self(Arc::new(Shelf {
            contract,
            seed,
            first,
            any: AtomicBool::new(false),
            plan: Mutex::new(Plan::new(seed)),
        }));
        for fault in &faults.0.first {
            faults.add(fault.clone())?;
        }
        Ok(faults)
    }

    /// Adds a fault behind those that are set. It counts requests from now on.
    ///
    /// # Errors
    ///
    /// When the contract has no such operation, or the fault is none that can be: a probability
    /// beyond 1, a status that is not 5xx, a script with a count.
    pub fn add(&self, fault: Fault) -> Result<(), FaultError> {
        fault.check()?;
        if let Some(operation) = &fault.operation
            && self.0.contract.operation(operation).is_none()
        {
            return Err(FaultError::new(format!(
                "the contract has no operation `{operation}`; operations are called by their operationId, such as create-customer"
            )));
        }
        let mut plan = self.plan();
        plan.add(fault);
        self.0.any.store(true, Ordering::Release);
        Ok(())
    }

    /// Removes all faults. A key that a fault has revoked stays revoked.
    pub fn clear(&self) {
        let mut plan = self.plan();
        plan.clear();
        self.0.any.store(false, Ordering::Release);
    }

    /// Back to the faults that the sandbox started with, none of them used.
    pub(crate) fn reset(&self) {
        let mut plan = self.plan();
        *plan = Plan::new(self.0.seed);
        self.0
            .first
            .iter()
            .for_each(|fault| plan.add(fault.clone()));
        self.0
            .any
            .store(!self.0.first.is_empty(), Ordering::Release);
    }

    /// The faults that are set, in order, with how often each was applied; those that are used up
    /// too.
    pub fn armed(&self) -> Vec<ArmedFault> {
        self.plan().armed().to_vec()
    }

    /// What is to happen to a request. Those that are for no operation of the contract have no
    /// faults.
    pub(crate) fn fate(&self, head: &Parts) -> Fate {
        if !self.0.any.load(Ordering::Acquire) {
            return Fate::default();
        }
        match self.0.contract.route(&head.method, head.uri.path()) {
            Route::Operation(operation, _) => Fate::new(self.plan().choose(&operation.id)),
            Route::WrongMethod(_) | Route::UnknownPath => Fate::default(),
        }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
