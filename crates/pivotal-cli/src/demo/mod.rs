//! `pivotal demo`: the first-customer guide, and an import of a CRM export.

mod guide;
mod import;
mod server;

use clap::Args;

use crate::report::{Failure, line};
use crate::signal;
use server::DemoServer;

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Use a server on this machine, such as `pivotal sandbox`, with --api-key or PIVOTAL_API_KEY.
    #[arg(long, value_name = "URL", conflicts_with = "live")]
    base_url: Option<String>,
    /// The API key for the server at --base-url.
    #[arg(
        long,
        value_name = "KEY",
        requires = "base_url",
        conflicts_with = "live"
    )]
    api_key: Option<String>,
    /// Use Pivotal, with PIVOTAL_API_KEY and, if it is set, PIVOTAL_BASE_URL.
    #[arg(long)]
    live: bool,
    /// Allow --live with a key that is not a test key.
    #[arg(long, requires = "live")]
    allow_live_key: bool,
    /// Use the exact slug, e-mail address and keys of the guide, instead of new ones for each run.
    ///
    /// Passes only once in 24 hours on a server that keeps its state, because the keys then return
    /// the customer that was deleted.
    #[arg(long)]
    exact: bool,
    /// Let the embedded sandbox do only what Pivotal's documentation states or shows in examples.
    #[arg(long, conflicts_with_all = ["base_url", "live"])]
    strict: bool,
    /// Delete nothing at the end, and keep the embedded sandbox and its pages until Ctrl-C.
    #[arg(long, conflicts_with_all = ["base_url", "live"])]
    keep: bool,
}

impl Demo {
    /// Runs the demo on the server of the command line.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let server = DemoServer::choose(&self).await?;
        line(format_args!(
            "The first-customer guide, on {}.",
            server.about
        ));
        guide::run(server.client.clone(), self.exact, self.keep).await?;
        if self.live {
            line("\nThe import of a CRM export is left out: it would write to Pivotal 82 times.");
        } else {
            import::run(&server, self.keep).await?;
        }
        line("\nDone.");
        if let Some(pages) = server.pages_url() {
            // Before the address is known to anyone, so that every signal leads to an orderly shutdown.
            let shutdown = signal::shutdown()?;
            line(format_args!("The rows are at {pages} until Ctrl-C."));
            shutdown.await;
        }
        Ok(())
    }
}
