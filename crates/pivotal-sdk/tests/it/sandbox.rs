//! A sandbox for one test, and an eye on what it answers.

use std::ops::Deref;

use pivotal_contract::ContractGuard;
use pivotal_sandbox::Sandbox;
use pivotal_sdk::Client;

/// A sandbox, which lives as long as the value does. Dropping it fails the test when an exchange of its client broke the
/// contract.
pub(crate) struct Watched {
    sandbox: Sandbox,
    _guard: ContractGuard,
}

impl Deref for Watched {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}

/// A sandbox and a client of it.
pub(crate) async fn sandbox() -> (Watched, Client) {
    watched(Sandbox::start().await)
}

/// A client of this sandbox.
pub(crate) fn watched(sandbox: Sandbox) -> (Watched, Client) {
    let guard = ContractGuard::default();
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .observer(guard.observer())
        .build()
        .unwrap();
    let watched = Watched {
        sandbox,
        _guard: guard,
    };
    (watched, client)
}

#[tokio::test]
#[should_panic(expected = "the contract was broken")]
async fn a_sandbox_that_breaks_the_contract_fails_the_test() {
    let (sandbox, pivotal) = sandbox().await;
    let fault = "get-health:missing-key=timestamp".parse().unwrap();
    sandbox.faults().add(fault).unwrap();
    let _ = pivotal.health().await;
}
