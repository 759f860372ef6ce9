//! Where an example runs: on a sandbox of its own, or with `-- --live` on the workspace of the
//! environment's key, which must be a test key.

use std::error::Error;

use pivotal_sandbox::Sandbox;
use pivotal_sdk::{Client, ClientBuilder};

/// A client, and the sandbox behind it, which stops when this is dropped.
pub(crate) struct Stage {
    pub(crate) pivotal: Client,
    _sandbox: Option<Sandbox>,
}

impl Stage {
    pub(crate) async fn open() -> Result<Self, Box<dyn Error>> {
        if std::env::args().any(|argument| argument == "--live") {
            return Ok(Self {
                pivotal: ClientBuilder::from_env()?.require_test_mode().build()?,
                _sandbox: None,
            });
        }
        let sandbox = Sandbox::builder().start().await?;
        let pivotal = Client::builder()
            .base_url(sandbox.base_url())
            .api_key(sandbox.api_key())
            .build()?;
        println!("on a sandbox of its own; --live for the environment's test key\n");
        Ok(Self {
            pivotal,
            _sandbox: Some(sandbox),
        })
    }
}
