//! Selects the server that a command uses.

use pivotal_sandbox::Sandbox;
use pivotal_sdk::{Client, ClientBuilder, KeyMode};

use crate::arguments::{Demo, Target};
use crate::report::{Failure, log};

/// The environment variable with the API key.
const API_KEY: &str = "PIVOTAL_API_KEY";

/// The environment variable with the base URL.
const BASE_URL: &str = "PIVOTAL_BASE_URL";

/// A client from the environment, with another base URL if one is given.
pub(crate) fn to(target: &Target) -> Result<Client, Failure> {
    let mut builder = ClientBuilder::from_env().map_err(Failure::call)?;
    if let Some(base_url) = &target.base_url {
        builder = builder.base_url(base_url);
    }
    build(builder)
}

/// A client that prints why it waits.
fn build(builder: ClientBuilder) -> Result<Client, Failure> {
    builder
        .on_wait(|wait| log(wait))
        .build()
        .map_err(Failure::call)
}

/// A client without an API key.
pub(crate) fn without_key(target: &Target) -> Result<Client, Failure> {
    let mut builder = Client::builder().anonymous();
    let of_environment = || std::env::var(BASE_URL).ok().filter(|url| !url.is_empty());
    if let Some(base_url) = target.base_url.clone().or_else(of_environment) {
        builder = builder.base_url(base_url);
    }
    build(builder)
}

/// Where the demo runs.
pub(crate) struct DemoServer {
    pub(crate) client: Client,
    /// One line for people.
    pub(crate) about: String,
    /// Kept alive for as long as the demo runs.
    sandbox: Option<Sandbox>,
}

impl DemoServer {
    /// The server on the command line, or else an embedded sandbox.
    pub(crate) async fn choose(arguments: &Demo) -> Result<Self, Failure> {
        if arguments.live {
            return live(arguments.allow_live_key);
        }
        match &arguments.base_url {
            Some(base_url) => local(base_url, arguments.api_key.as_deref()),
            None => embedded(arguments.strict).await,
        }
    }

    pub(crate) async fn close(self) {
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

async fn embedded(strict: bool) -> Result<DemoServer, Failure> {
    let builder = Sandbox::builder().undocumented(!strict);
    let sandbox = builder.start().await.map_err(Failure::step)?;
    let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
    let client = build(Client::builder().base_url(base_url).api_key(key))?;
    Ok(DemoServer {
        client,
        about: format!(
            "the embedded sandbox{} at {}; a key in the environment is not used",
            if strict { " in strict mode" } else { "" },
            sandbox.base_url()
        ),
        sandbox: Some(sandbox),
    })
}

fn local(base_url: &str, api_key: Option<&str>) -> Result<DemoServer, Failure> {
    let api_key = match api_key {
        Some(key) => key.to_owned(),
        None => std::env::var(API_KEY).map_err(|_| {
            Failure::unusable(format!(
                "the server at {base_url} requires an API key: use --api-key or set {API_KEY}"
            ))
        })?,
    };
    let client = build(Client::builder().base_url(base_url).api_key(api_key))?;
    if !client.base_url().is_loopback() {
        return Err(Failure::unusable(format!(
            "--base-url {base_url} is not on this machine; use --live to talk to Pivotal"
        )));
    }
    Ok(DemoServer {
        about: format!("the server at {}", client.base_url()),
        client,
        sandbox: None,
    })
}

fn live(allow_live_key: bool) -> Result<DemoServer, Failure> {
    let client = build(ClientBuilder::from_env().map_err(Failure::call)?)?;
    if client.key_mode() != Some(KeyMode::Test) && !allow_live_key {
        return Err(Failure::unusable(format!(
            "{API_KEY} is not a test key, and the demo creates and deletes a customer; add --allow-live-key to allow it"
        )));
    }
    Ok(DemoServer {
        about: format!("Pivotal at {}", client.base_url()),
        client,
        sandbox: None,
    })
}
