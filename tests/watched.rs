//! A sandbox whose responses are checked against the contract.

use std::error::Error;
use std::ops::Deref;

use pivotal_contract::ContractGuard;
use pivotal_sandbox::{Sandbox, SandboxBuilder};
use pivotal_sdk::{Client, ClientBuilder};

/// A sandbox, which lives as long as the value does. Dropping it fails the test when an exchange of
/// its client violated the contract.
#[derive(Debug)]
pub struct Watched {
    sandbox: Sandbox,
    _guard: ContractGuard,
}

impl Deref for Watched {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}

/// A sandbox with these options, and a client of it with these settings.
///
/// # Panics
///
/// When the sandbox cannot start, or no client can have these settings.
pub async fn watched(sandbox: SandboxBuilder, settings: ClientBuilder) -> (Watched, Client) {
    let sandbox = sandbox.start().await.expect("the sandbox starts");
    let guard = ContractGuard::default();
    let client = settings
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .observer(guard.observer())
        .build()
        .expect("the settings are those of a client");
    let watched = Watched {
        sandbox,
        _guard: guard,
    };
    (watched, client)
}

/// Runs an example of the documentation with a client of a fresh sandbox.
///
/// # Panics
///
/// When the example fails.
pub fn on_sandbox(example: impl AsyncFnOnce(Client) -> Result<(), Box<dyn Error>>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let sandbox = Sandbox::start().await;
        let client = Client::builder()
            .base_url(sandbox.base_url())
            .api_key(sandbox.api_key())
            .build()
            .expect("the settings are those of a client");
        example(client).await.expect("the example runs");
    });
}
