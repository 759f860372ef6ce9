//! The grammar of the command line.

use std::net::SocketAddr;

use clap::{Args, Parser, Subcommand};

/// Onboard customers from the command line, or without an account: everything runs on an embedded sandbox unless told
/// otherwise.
#[derive(Debug, Parser)]
#[command(name = "pivotal", version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the first-customer guide, and run it again to show that nothing is doubled.
    ///
    /// On an embedded sandbox, whatever key is in the environment, unless --base-url or --live says otherwise.
    Demo(Demo),
    /// Serve the sandbox, an in-memory stand-in for Pivotal, until interrupted.
    Sandbox(Sandbox),
    /// Print whose key PIVOTAL_API_KEY is.
    Me(Target),
    /// Print whether the API is up; needs no key.
    Health(Target),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// A server on this machine, such as one that `pivotal sandbox` serves; its key is --api-key or PIVOTAL_API_KEY.
    #[arg(long, value_name = "URL", conflicts_with = "live")]
    pub(crate) base_url: Option<String>,
    /// The key of the server at --base-url.
    #[arg(long, value_name = "KEY", requires = "base_url")]
    pub(crate) api_key: Option<String>,
    /// Talk to Pivotal, with PIVOTAL_API_KEY and, where it is set, PIVOTAL_BASE_URL.
    #[arg(long)]
    pub(crate) live: bool,
    /// Let --live use a key that is not a test key.
    #[arg(long, requires = "live")]
    pub(crate) allow_live_key: bool,
    /// Use the slug, e-mail address and keys of the guide to the letter, not fresh ones for this run.
    ///
    /// Passes once in 24 hours on a server that keeps its state: the keys then answer with the customer that was cleaned up.
    #[arg(long)]
    pub(crate) exact: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    pub(crate) listen: SocketAddr,
    /// Let others than this machine reach it. The sandbox has no encryption and one key.
    #[arg(long)]
    pub(crate) allow_non_loopback: bool,
    /// The key it accepts; one is made up when none is given.
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Target {
    /// Where to send it; PIVOTAL_BASE_URL or Pivotal itself when left out.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
}
