//! The observer as tests want it.

use std::sync::{Arc, Mutex, PoisonError};

use pivotal_sdk::Observer;

use crate::finding::Violation;
use crate::observer::ContractObserver;

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
