use std::time::Duration;

use pivotal_sandbox::{NewKey, NewWorkspace, Sandbox};
use pivotal_sdk::{Client, CreateCustomer, Error, ErrorCode};

fn client(sandbox: &Sandbox, key: &str) -> Result<Client, Error> {
    Client::builder()
        .base_url(sandbox.base_url())
        .api_key(key)
        .build()
}

#[tokio::test]
async fn a_sandbox_has_keys_rows_and_a_clock() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::builder()
        .frozen_at("2026-07-01T09:00:00Z".parse()?)
        .key(NewKey::new("pivotal_test_oldAndGone").revoked())
        .workspace(NewWorkspace::new("Borealis").key("pivotal_borealisLive"))
        .start()
        .await?;
    let pivotal = client(&sandbox, sandbox.api_key())?;
    sandbox.advance_clock(Duration::from_secs(60));
    let aurora = pivotal
        .customers()
        .create(CreateCustomer::new("Aurora Outfitters"))
        .await?;
    assert_eq!(aurora.created_at.to_string(), "2026-07-01T09:01:00Z");

    // Another workspace does not see the row, and a revoked key is refused.
    let other = client(&sandbox, "pivotal_borealisLive")?;
    assert!(other.customer(aurora.display_id).get().await.is_err());
    let revoked = client(&sandbox, "pivotal_test_oldAndGone")?;
    assert_eq!(
        revoked.me().await.unwrap_err().code(),
        Some(&ErrorCode::ApiKeyRevoked)
    );

    let operation = sandbox.requests()[0].operation.clone();
    assert_eq!(operation.as_deref(), Some("create-customer"));
    sandbox.reset();
    assert!(pivotal.customer(aurora.display_id).get().await.is_err());
    Ok(())
}
