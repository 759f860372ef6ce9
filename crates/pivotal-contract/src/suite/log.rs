//! What a run finds: an observer that collects what its exchanges show.

use std::collections::BTreeSet;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pivotal_sdk::transport::{Exchange, Observer, RequestLine};
use serde_json::Value;

use crate::check;
use crate::contract::Contract;
use crate::coverage::points::{Point, touched};
use crate::finding::{Addition, Violation};
use crate::observer::ContractObserver;
use crate::report::{CaseNote, Deviation};

pub(crate) struct Log {
    contract: &'static Contract,
    kept: Mutex<Kept>,
}

/// What a run has found so far.
#[derive(Default)]
pub(crate) struct Kept {
    /// Whether further exchanges are ignored.
    ended: bool,
    /// The name of the case that is being run.
    pub(crate) case: String,
    /// Whether the last exchange satisfied the contract.
    pub(crate) last_was_clean: bool,
    /// The body of the last request; null if it was not JSON.
    pub(crate) last_body: Value,
    /// How many cases have ended.
    pub(crate) cases: usize,
    pub(crate) exchanges: usize,
    pub(crate) deviations: Vec<Deviation>,
    pub(crate) failures: Vec<CaseNote>,
    pub(crate) skipped: Vec<CaseNote>,
    pub(crate) additions: Vec<Addition>,
    pub(crate) seen: BTreeSet<Point>,
}

impl Log {
    pub(crate) fn new(contract: &'static Contract) -> Self {
        Self {
            contract,
            kept: Mutex::default(),
        }
    }

    /// Returns what was collected, and ignores all further exchanges.
    pub(crate) fn end(&self) -> Kept {
        let ended = Kept {
            ended: true,
            ..Kept::default()
        };
        mem::replace(&mut self.kept(), ended)
    }

    /// What was collected so far; locked while it is held.
    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Adds a violation of the present case. One that is known already only gets the case.
    pub(crate) fn add(&mut self, violation: Violation) {
        let key = |of: &Violation| (of.operation.clone(), of.status, of.kind, of.rule.clone());
        let new = key(&violation);
        let mut deviations = self.deviations.iter_mut();
        match deviations.find(|known| key(&known.violation) == new) {
            Some(known) if known.cases.contains(&self.case) => {}
            Some(known) => known.cases.push(self.case.clone()),
            None => self.deviations.push(Deviation {
                cases: vec![self.case.clone()],
                violation,
            }),
        }
    }
}

impl Observer for Log {
    fn observe(&self, request: &RequestLine, exchange: &Exchange) {
        if self.kept().ended {
            return;
        }
        let limit = ContractObserver::DEFAULT_BODY_LIMIT;
        let checked = check::exchange(self.contract, request, exchange, limit);
        let mut kept = self.kept();
        kept.exchanges += 1;
        let body = request.body.as_deref();
        let body = body.and_then(|body| serde_json::from_slice(body).ok());
        kept.last_body = body.unwrap_or_default();
        kept.last_was_clean = false;
        let Some(checked) = checked else {
            return;
        };
        kept.last_was_clean = checked.violations.is_empty();
        kept.seen.extend(touched(&checked));
        for violation in checked.violations {
            kept.add(violation);
        }
        for addition in checked.additions {
            if !kept.additions.contains(&addition) {
                kept.additions.push(addition);
            }
        }
    }
}
