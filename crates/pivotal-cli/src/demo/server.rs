//! Where the demo runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pivotal_sandbox::Sandbox;
use pivotal_sdk::transport::{Exchange, RequestLine};
use pivotal_sdk::{Client, ClientBuilder, KeyMode, Method};

use super::Demo;
use crate::connect::{API_KEY, build, of_environment};
use crate::report::Failure;

/// The server of the demo, and a client of it.
pub(super) struct DemoServer {
    pub(super) client: Client,
    /// One line for people.
    pub(super) about: String,
    /// How many calls of the client could write.
    writes: Arc<AtomicU64>,
    /// Kept alive for as long as the demo runs.
    sandbox: Option<Sandbox>,
}

impl DemoServer {
    fn new(builder: ClientBuilder) -> Result<Self, Failure> {
        let writes = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&writes);
        let count = move |request: &RequestLine, _: &Exchange| {
            if request.method != Method::GET {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        };
        let client = build(builder.observer(Arc::new(count)))?;
        Ok(Self {
            about: format!("the server at {}", client.base_url()),
            client,
            writes,
            sandbox: None,
        })
    }

    pub(super) fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    /// The server on the command line, or else an embedded sandbox.
    pub(super) async fn choose(arguments: &Demo) -> Result<Self, Failure> {
        if arguments.live {
            return live(arguments.allow_live_key);
        }
        match &arguments.base_url {
            Some(base_url) => local(base_url, arguments.api_key.as_deref()),
            None => embedded(arguments).await,
        }
    }

    /// The address of the first page of the embedded sandbox, if it has pages.
    pub(super) fn pages_url(&self) -> Option<String> {
        self.sandbox.as_ref().and_then(Sandbox::pages_url)
    }
}

async fn embedded(arguments: &Demo) -> Result<DemoServer, Failure> {
    let Demo { strict, keep, .. } = *arguments;
    let builder = Sandbox::builder().undocumented(!strict).pages(keep);
    let sandbox = builder.start().await.map_err(Failure::step)?;
    let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
    let about = format!(
        "the embedded sandbox{} at {base_url}; a key in the environment is not used",
        if strict { " in strict mode" } else { "" },
    );
    let server = DemoServer::new(Client::builder().base_url(base_url).api_key(key))?;
    Ok(DemoServer {
        about,
        sandbox: Some(sandbox),
        ..server
    })
}

fn local(base_url: &str, api_key: Option<&str>) -> Result<DemoServer, Failure> {
    let api_key = match api_key {
        Some(key) => key.to_owned(),
        None => of_environment(API_KEY).ok_or_else(|| {
            Failure::unusable(format!(
                "the server at {base_url} requires an API key: use --api-key or set {API_KEY}"
            ))
        })?,
    };
    let server = DemoServer::new(Client::builder().base_url(base_url).api_key(api_key))?;
    if !server.client.base_url().is_loopback() {
        return Err(Failure::unusable(format!(
            "--base-url {base_url} is not on this machine; use --live to talk to Pivotal"
        )));
    }
    Ok(server)
}

fn live(allow_live_key: bool) -> Result<DemoServer, Failure> {
    let server = DemoServer::new(ClientBuilder::from_env()?)?;
    if server.client.key_mode() != Some(KeyMode::Test) && !allow_live_key {
        return Err(Failure::unusable(format!(
            "{API_KEY} is not a test key, and the demo creates and deletes a customer; add --allow-live-key to allow it"
        )));
    }
    Ok(DemoServer {
        about: format!("Pivotal at {}", server.client.base_url()),
        ..server
    })
}
