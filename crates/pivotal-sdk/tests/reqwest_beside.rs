//! A program that has a `reqwest::Client` of its own beside the SDK's. A binary of its own: the
//! provider of TLS is the process's.

#![cfg(any(feature = "rustls", feature = "rustls-aws-lc-rs"))]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot unwrap hides its point"
)]

use pivotal_sdk::Client;

#[tokio::test]
async fn a_reqwest_of_ones_own_works_beside_the_sdk() {
    let sandbox = pivotal_sandbox::Sandbox::start().await;
    let pivotal = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .build()
        .unwrap();
    // It has TLS and no provider of its own, and wants one even for plain HTTP.
    let own = reqwest::Client::new();
    let health = own.get(format!("{}/api/v1/health", sandbox.base_url()));
    assert_eq!(health.send().await.unwrap().status(), 200);
    pivotal.me().await.unwrap();
}
