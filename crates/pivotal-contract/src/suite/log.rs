//! An observer that keeps what the exchanges of a run have shown.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pivotal_sdk::{Exchange, Observer, RequestLine};
use serde_json::Value;

use crate::check;
use crate::contract::Contract;
use crate::coverage::Seen;
use crate::finding::{Addition, Violation};
use crate::observer::ContractObserver;

pub(crate) struct Log {
    contract: &'static Contract,
    muted: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Of the present case.
    violations: Vec<Violation>,
    /// Whether the last exchange was without any.
    clean: bool,
    /// The last request body.
    body: Option<Value>,
    summary: Summary,
}

/// What is known at the end of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    pub(crate) exchanges: usize,
    pub(crate) additions: Vec<Addition>,
    pub(crate) seen: Seen,
}

impl Log {
    pub(crate) fn new(contract: &'static Contract) -> Self {
        Self {
            contract,
            muted: AtomicBool::new(false),
            kept: Mutex::default(),
        }
    }

    /// Adds a violation that no single exchange shows.
    pub(crate) fn add(&self, violation: Violation) {
        self.kept().violations.push(violation);
    }

    /// Whether the last exchange satisfied the contract.
    pub(crate) fn last_was_clean(&self) -> bool {
        self.kept().clean
    }

    /// The body of the last request, if it was JSON.
    pub(crate) fn last_body(&self) -> Option<Value> {
        self.kept().body.clone()
    }

    /// The violations since the last time.
    pub(crate) fn take(&self) -> Vec<Violation> {
        mem::take(&mut self.kept().violations)
    }

    /// Ignores all further exchanges.
    pub(crate) fn mute(&self) {
        self.muted.store(true, Ordering::Relaxed);
    }

    pub(crate) fn summary(&self) -> Summary {
        self.kept().summary.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Log {
    fn observe(&self, request: &RequestLine, exchange: &Exchange) {
        if self.muted.load(Ordering::Relaxed) {
            return;
        }
        let limit = ContractObserver::DEFAULT_BODY_LIMIT;
        let checked = check::exchange(self.contract, request, exchange, limit);
        let mut kept = self.kept();
        kept.summary.exchanges += 1;
        kept.clean = false;
        let body = request.body.as_deref();
        kept.body = body.and_then(|body| serde_json::from_slice(body).ok());
        let Some(checked) = checked else {
            return;
        };
        kept.clean = checked.violations.is_empty();
        kept.summary
            .seen
            .add(self.contract, &checked, request, exchange);
        kept.violations.extend(checked.violations);
        for addition in checked.additions {
            if !kept.summary.additions.contains(&addition) {
                kept.summary.additions.push(addition);
            }
        }
    }
}
