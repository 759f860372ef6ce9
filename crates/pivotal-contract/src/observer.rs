//! The observer of a client, and the guard of a test.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use pivotal_sdk::transport::{Exchange, Observer, RequestLine};

use crate::check;
use crate::contract::Contract;
use crate::finding::{Addition, Violation};

/// Checks every exchange of a client against the contract and reports each violation.
///
/// It checks the last response of a call: the status is documented, the documented headers are
/// present and well-formed, and media type and body are as documented. If the server accepted the
/// request, it also checks the request's parameters and body. A request that both the contract and
/// the server reject is not a violation. Operations outside the contract and calls without a
/// response are not checked.
///
/// Each violation is a `tracing` event of level WARN and a call of the callback; each [`Addition`]
/// is an event of level INFO. Both show the shape of a value, never the value.
///
/// The observer never changes a call. A panic in the callback is caught, and bodies larger than
/// [`body_limit`](Self::body_limit) are skipped. The check runs on the task of the call; a schema
/// is compiled when it is first needed, and kept.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::{Arc, Mutex};
///
/// use pivotal_contract::ContractObserver;
/// use pivotal_sdk::Client;
///
/// let drift = Arc::new(Mutex::new(Vec::new()));
/// let violations = Arc::clone(&drift);
/// let observer = ContractObserver::new(move |violation| {
///     violations.lock().unwrap().push(violation.to_string());
/// });
/// # let sandbox = pivotal_sandbox::Sandbox::builder()
/// #     .fault("get-health:missing-key=timestamp".parse()?)
/// #     .start()
/// #     .await?;
/// # let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
/// let pivotal = Client::builder()
///     .base_url(base_url)
///     .api_key(key)
///     .observer(Arc::new(observer))
///     .build()?;
///
/// pivotal.me().await?;
/// assert!(drift.lock().unwrap().is_empty());
///
/// // The server no longer sends `timestamp`.
/// let _ = pivotal.health().await;
/// assert!(drift.lock().unwrap()[0].contains("the key \"timestamp\" is missing"));
/// # Ok(())
/// # }
/// ```
pub struct ContractObserver {
    contract: &'static Contract,
    body_limit: usize,
    on_violation: Box<dyn Fn(&Violation) + Send + Sync>,
    on_addition: Box<dyn Fn(&Addition) + Send + Sync>,
}

impl ContractObserver {
    /// The size of a body, in bytes, above which it is not checked: 4 MiB by default.
    pub const DEFAULT_BODY_LIMIT: usize = 4 * 1024 * 1024;

    /// Hands each violation to the callback.
    pub fn new(on_violation: impl Fn(&Violation) + Send + Sync + 'static) -> Self {
        Self {
            contract: Contract::shipped(),
            body_limit: Self::DEFAULT_BODY_LIMIT,
            on_violation: Box::new(on_violation),
            on_addition: Box::new(|_| ()),
        }
    }

    /// Hands each addition to a callback too.
    #[must_use]
    pub fn on_addition(mut self, callback: impl Fn(&Addition) + Send + Sync + 'static) -> Self {
        self.on_addition = Box::new(callback);
        self
    }

    /// Passes over bodies with more bytes than this.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }
}

impl Observer for ContractObserver {
    fn observe(&self, request: &RequestLine, exchange: &Exchange) {
        let Some(checked) = check::exchange(self.contract, request, exchange, self.body_limit)
        else {
            return;
        };
        for violation in &checked.violations {
            tracing::warn!(
                operation = violation.operation,
                status = violation.status,
                kind = violation.kind.as_str(),
                source = violation.source.as_str(),
                evidence = violation.evidence.as_str(),
                place = violation.place,
                rule = violation.rule,
                count = violation.count,
                "contract violation: {}",
                violation.message
            );
            guarded(|| (self.on_violation)(violation));
        }
        for addition in &checked.additions {
            tracing::info!(
                operation = addition.operation,
                status = addition.status,
                kind = addition.kind.as_str(),
                name = addition.name,
                place = addition.place,
                schema = addition.schema,
                "not in the contract"
            );
            guarded(|| (self.on_addition)(addition));
        }
    }
}

impl fmt::Debug for ContractObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContractObserver")
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}

/// Runs a callback. A panic in it is logged and goes no further.
fn guarded(callback: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(callback)).is_err() {
        tracing::warn!("a callback of the contract observer panicked");
    }
}

/// Fails a test in which an exchange broke the contract.
///
/// It panics when it is dropped, with the violations that its [observer](Self::observer) has found.
/// Keep it for as long as the clients that it watches.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use pivotal_contract::ContractGuard;
/// use pivotal_sandbox::Sandbox;
/// use pivotal_sdk::Client;
///
/// let sandbox = Sandbox::start().await;
/// let guard = ContractGuard::default();
/// let pivotal = Client::builder()
///     .base_url(sandbox.base_url())
///     .api_key(sandbox.api_key())
///     .observer(guard.observer())
///     .build()?;
/// pivotal.me().await?;
/// # Ok(())
/// # } // dropped here: nothing was found
/// ```
#[derive(Debug, Default)]
#[must_use = "it fails the test when it is dropped"]
pub struct ContractGuard {
    found: Arc<Mutex<Vec<Violation>>>,
}

impl ContractGuard {
    /// An observer for a client; any number of clients may have one.
    pub fn observer(&self) -> Arc<dyn Observer> {
        let found = Arc::clone(&self.found);
        Arc::new(ContractObserver::new(move |violation| {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.push(violation.clone());
        }))
    }

    /// What was found since the last time, which then fails nothing any more.
    pub fn take(&self) -> Vec<Violation> {
        std::mem::take(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for ContractGuard {
    fn drop(&mut self) {
        let found = self.take();
        // A test that fails already says why.
        if !found.is_empty() && !std::thread::panicking() {
            let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
            panic!("the contract was broken:\n  {}", lines.join("\n  "));
        }
    }
}
