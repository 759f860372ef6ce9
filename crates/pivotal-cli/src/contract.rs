//! `pivotal contract`.

use std::io::{self, IsTerminal};

use pivotal_contract::{Report, Suite};
use pivotal_sandbox::Sandbox;
use pivotal_sdk::{ClientBuilder, KeyMode};

use crate::arguments::{self, ReportFormat};
use crate::connect::SEED;
use crate::report::{Failure, escaped, line, log};
use crate::signal;

/// Runs the suite on the server of the command line and prints the report.
pub(crate) async fn run(arguments: arguments::Contract) -> Result<(), Failure> {
    let report = if arguments.live || arguments.base_url.is_some() {
        of_server(&arguments).await?
    } else {
        of_sandbox(arguments.strict).await?
    };
    match arguments.format {
        ReportFormat::Text => {
            if arguments.coverage {
                line(&report.coverage);
            }
            line(report.to_string().trim_end());
        }
        ReportFormat::Json => {
            let json = serde_json::to_string_pretty(&report).map_err(Failure::step)?;
            line(escaped(&json));
        }
    }
    if report.agrees() {
        Ok(())
    } else {
        Err(Failure::reported())
    }
}

/// Runs all cases on an embedded sandbox.
async fn of_sandbox(strict: bool) -> Result<Report, Failure> {
    let builder = Sandbox::builder().seed(SEED).undocumented(!strict);
    let sandbox = builder.start().await;
    let sandbox = sandbox.map_err(Failure::step)?;
    let (base_url, key) = (sandbox.base_url().to_owned(), sandbox.api_key().to_owned());
    let faults = sandbox.faults().clone();
    let suite = Suite::new(move || {
        pivotal_sdk::Client::builder()
            .base_url(&base_url)
            .api_key(&key)
    })
    .only(pivotal_sandbox::stateful_operations())
    .writes(true)
    .faults(move |fault| {
        let fault = fault.parse();
        let set = fault.and_then(|fault| faults.add(fault));
        set.map_err(|error: pivotal_sandbox::FaultError| error.to_string())
    });
    let report = suite.run().await.map_err(Failure::unusable);
    sandbox.stop().await;
    report
}

/// Runs the cases that are allowed on a server with existing records.
async fn of_server(arguments: &arguments::Contract) -> Result<Report, Failure> {
    let base_url = arguments.base_url.clone();
    let environment = move || -> pivotal_sdk::Result<ClientBuilder> {
        let builder = ClientBuilder::from_env()?.on_wait(|wait| log(wait));
        Ok(match &base_url {
            Some(base_url) => builder.base_url(base_url),
            None => builder,
        })
    };
    // Read before the suite starts, so that an invalid key is reported.
    let client = environment().and_then(ClientBuilder::build);
    let client = client.map_err(Failure::unusable)?;
    if client.key_mode() != Some(KeyMode::Test) && !arguments.allow_live_key {
        return Err(Failure::unusable(
            "PIVOTAL_API_KEY is not a test key; add --allow-live-key to allow it",
        ));
    }
    // Before anything is created, so that no signal leaves it behind.
    let shutdown = signal::shutdown()?;
    let mut suite = Suite::new(move || environment().unwrap_or_default()).writes(arguments.write);
    if io::stderr().is_terminal() {
        suite = suite.progress(|case| log(format_args!("  {case}")));
    }
    suite.run_until(shutdown).await.map_err(Failure::unusable)
}
