//! Selects the server that a command uses.

use std::sync::Arc;

use pivotal_export::counted;
use pivotal_sandbox::Sandbox;
use pivotal_sdk::transport::{Exchange, Outcome, RequestLine};
use pivotal_sdk::{Client, ClientBuilder};

use crate::arguments::{Connection, Settings};
use crate::key;
use crate::output::Output;
use crate::progress;
use crate::report::{Failure, log};
use crate::trace::Trace;

/// The environment variable with the API key.
pub(crate) const API_KEY: &str = "PIVOTAL_API_KEY";

/// The environment variable with the base URL.
pub(crate) const BASE_URL: &str = "PIVOTAL_BASE_URL";

/// The seed of the embedded sandbox's rows.
pub(crate) const SEED: u64 = 7;

/// A server that a command talks to.
pub(crate) struct Session {
    pub(crate) client: Client,
    /// Serves for as long as it exists.
    _sandbox: Option<Sandbox>,
}

impl Session {
    /// The server and the key on the command line or in the environment.
    pub(crate) async fn open(connection: &Connection) -> Result<Self, Failure> {
        if connection.sandbox {
            return Self::embedded(connection).await;
        }
        let builder = if connection.anonymous {
            Client::builder().anonymous()
        } else {
            match key::from_file(connection)? {
                Some(key) => Client::builder().api_key(key),
                None => ClientBuilder::from_env().map_err(without_key)?,
            }
        };
        let base_url = connection.base_url.clone();
        let builder = match base_url.or_else(|| of_environment(BASE_URL)) {
            Some(base_url) => builder.base_url(base_url),
            None => builder,
        };
        Ok(Self {
            client: build_for(builder, connection)?,
            _sandbox: None,
        })
    }

    async fn embedded(connection: &Connection) -> Result<Self, Failure> {
        if connection.base_url.is_some()
            || connection.api_key_file.is_some()
            || connection.profile.is_some()
        {
            return Err(Failure::unusable(
                "--sandbox has a server and a key of its own; remove --base-url, --api-key-file and --profile",
            ));
        }
        let builder = Sandbox::builder().seed(SEED);
        let sandbox = builder.start().await.map_err(Failure::step)?;
        let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
        let builder = Client::builder().base_url(base_url).api_key(key);
        Ok(Self {
            client: build_for(builder, connection)?,
            _sandbox: Some(sandbox),
        })
    }
}

/// A command that sends requests, and prints what it receives.
pub(crate) trait Run {
    async fn run(self, client: &Client, output: &Output) -> Result<(), Failure>;
}

/// Runs a command with the client of the command line.
pub(crate) async fn on_server(settings: Settings, command: impl Run) -> Result<(), Failure> {
    settings.output.check()?;
    let session = Session::open(&settings.connection).await?;
    command.run(&session.client, &settings.output).await
}

/// A variable of the environment that is not empty.
pub(crate) fn of_environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// Names the other ways to have a key, if the environment has none.
fn without_key(error: pivotal_sdk::Error) -> Failure {
    if error.field() == Some(API_KEY) {
        Failure::authentication(format_args!(
            "{error}; or use --api-key-file or --profile, or --sandbox, which needs no key"
        ))
    } else {
        error.into()
    }
}

/// A client with the other options of the command line.
fn build_for(mut builder: ClientBuilder, connection: &Connection) -> Result<Client, Failure> {
    if let Some(timeout) = connection.timeout {
        builder = builder.deadline(timeout);
    }
    if connection.trace_http {
        builder = builder.wrap_transport(|http| Arc::new(Trace(http)));
    }
    let is_verbose = connection.verbose;
    build(builder.observer(Arc::new(
        move |request: &RequestLine, exchange: &Exchange| {
            if is_verbose {
                log_exchange(request, exchange);
            }
            progress::rate_limit(exchange.rate_limit());
        },
    )))
}

pub(crate) fn log_exchange(request: &RequestLine, exchange: &Exchange) {
    let outcome = match &exchange.outcome {
        Outcome::Response(response) => response.status.to_string(),
        _ => "no response".to_owned(),
    };
    log(format_args!(
        "{} {}: {outcome}, {} ms, {}",
        request.method,
        request.url,
        exchange.elapsed.as_millis(),
        counted(exchange.attempts.into(), "attempt"),
    ));
}

/// A client that prints why it waits.
pub(crate) fn build(builder: ClientBuilder) -> Result<Client, Failure> {
    Ok(builder.on_wait(progress::wait).build()?)
}
