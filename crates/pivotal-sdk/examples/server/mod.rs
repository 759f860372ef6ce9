//! The server of an example: an embedded sandbox or, with `-- --live`, the workspace of the API key in
//! the environment, which must be a test key.

use std::error::Error;

use pivotal_sandbox::Sandbox;
use pivotal_sdk::{Client, ClientBuilder};

/// A client, and the sandbox behind it, which stops when this is dropped.
pub(crate) struct Server {
    pub(crate) pivotal: Client,
    _sandbox: Option<Sandbox>,
}

impl Server {
    pub(crate) async fn start() -> Result<Self, Box<dyn Error>> {
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
        println!("using an embedded sandbox; use --live for the test key in the environment\n");
        Ok(Self {
            pivotal,
            _sandbox: Some(sandbox),
        })
    }
}
