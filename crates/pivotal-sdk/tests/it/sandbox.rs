//! A sandbox for one test.

use pivotal_sandbox::Sandbox;
use pivotal_sdk::Client;

/// A sandbox, which lives as long as the value does, and a client of it.
pub(crate) async fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::start().await;
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .build()
        .unwrap();
    (sandbox, client)
}
