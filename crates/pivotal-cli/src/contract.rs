//! `pivotal contract`.

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use pivotal_contract::{Report, Suite};
use pivotal_sandbox::Sandbox;
use pivotal_sdk::{ClientBuilder, KeyMode};

use crate::connect::SEED;
use crate::report::{Failure, escaped, line, log};
use crate::signal;

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("server").args(["base_url", "live"])))]
pub(crate) struct Contract {
    /// Check a server, such as `pivotal sandbox`.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Check Pivotal, or the server at PIVOTAL_BASE_URL if it is set.
    #[arg(long)]
    live: bool,
    /// Also run the cases that write. They create and delete customers whose names begin with
    /// contract-check-, with contacts and onboardings. Ctrl-C deletes them too.
    #[arg(long, requires = "server")]
    write: bool,
    /// Allow a key that is not a test key.
    #[arg(long, requires = "server")]
    allow_live_key: bool,
    /// Let the embedded sandbox do only what Pivotal's documentation states or shows in examples.
    /// The report lists what else the contract has: each deviation names an inference or decision of
    /// this project, so the exit code is 1.
    #[arg(long, conflicts_with = "server")]
    strict: bool,
    /// Print the coverage of the contract by operation. JSON output always contains it.
    #[arg(long)]
    coverage: bool,
    /// Output format of the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// The values of `--format`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Contract {
    /// Runs the suite on the server of the command line and prints the report.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let report = if self.live || self.base_url.is_some() {
            self.of_server().await?
        } else {
            of_sandbox(self.strict).await?
        };
        match self.format {
            Format::Text => {
                if self.coverage {
                    line(&report.coverage);
                }
                line(report.to_string().trim_end());
            }
            Format::Json => {
                let json = serde_json::to_string_pretty(&report).map_err(Failure::step)?;
                line(escaped(&json));
            }
        }
        if report.agrees() {
            Ok(())
        } else {
            // The report has said why.
            Err(Failure::step(""))
        }
    }

    /// Runs the cases that are allowed on a server with existing records.
    async fn of_server(&self) -> Result<Report, Failure> {
        let base_url = self.base_url.clone();
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
        if client.key_mode() != Some(KeyMode::Test) && !self.allow_live_key {
            return Err(Failure::unusable(
                "PIVOTAL_API_KEY is not a test key; add --allow-live-key to allow it",
            ));
        }
        // Before anything is created, so that no signal leaves it behind.
        let shutdown = signal::shutdown()?;
        let mut suite = Suite::new(move || environment().unwrap_or_default()).writes(self.write);
        if io::stderr().is_terminal() {
            suite = suite.progress(|case| log(format_args!("  {case}")));
        }
        suite.run_until(shutdown).await.map_err(Failure::unusable)
    }
}

/// Runs all cases on an embedded sandbox.
async fn of_sandbox(strict: bool) -> Result<Report, Failure> {
    let builder = Sandbox::builder().seed(SEED).undocumented(!strict);
    let sandbox = builder.start().await.map_err(Failure::step)?;
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
    suite.run().await.map_err(Failure::unusable)
}
