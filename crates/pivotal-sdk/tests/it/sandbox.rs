//! A sandbox for one test, whose responses are checked against the contract.

use pivotal_sandbox::Sandbox;
use pivotal_sdk::Client;
pub(crate) use pivotal_tests::Watched;

/// A sandbox and a client of it.
pub(crate) async fn sandbox() -> (Watched, Client) {
    pivotal_tests::watched(Sandbox::builder(), Client::builder()).await
}

/// A sandbox that does only what is documented, and a client of it.
pub(crate) async fn strict_sandbox() -> (Watched, Client) {
    let strict = Sandbox::builder().undocumented(false);
    pivotal_tests::watched(strict, Client::builder()).await
}

/// Runs a test on a sandbox, and on one that does only what is documented.
pub(crate) async fn in_both_modes(test: impl AsyncFn(&Watched, Client)) {
    for (sandbox, pivotal) in [sandbox().await, strict_sandbox().await] {
        test(&sandbox, pivotal).await;
    }
}

#[tokio::test]
#[should_panic(expected = "the contract was broken")]
async fn a_sandbox_that_breaks_the_contract_fails_the_test() {
    let (sandbox, pivotal) = sandbox().await;
    let fault = "get-health:missing-key=timestamp".parse().unwrap();
    sandbox.faults().add(fault).unwrap();
    let _ = pivotal.health().await;
}
