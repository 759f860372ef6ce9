//! The grammar of the command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pivotal_sandbox::Fault;

/// Onboard customers from the command line, or without an account: everything runs on an embedded
/// sandbox unless told otherwise.
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
    /// On an embedded sandbox, whatever key is in the environment, unless --base-url or --live says
    /// otherwise.
    Demo(Demo),
    /// Serve the sandbox, an in-memory stand-in for Pivotal, until interrupted.
    Sandbox(Sandbox),
    /// Check a server, the SDK and the contract against each other.
    ///
    /// On an embedded sandbox, with all cases, unless --base-url or --live says otherwise; then it
    /// only reads, unless --write is given, and the key is PIVOTAL_API_KEY. Retries and pacing are
    /// on: a run that writes takes some minutes under the limit of a test key.
    ///
    /// Exit codes: 0 all agree; 1 a deviation, a failed case, a record left behind, a hole in the
    /// coverage, or an interrupted run; 2 nothing was checked: no key, a live key, an address that
    /// cannot be used, no server, one that is not Pivotal.
    Contract(Contract),
    /// Print whose key PIVOTAL_API_KEY is.
    Me(Target),
    /// Print whether the API is up; needs no key.
    Health(Target),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// A server on this machine, such as one that `pivotal sandbox` serves; its key is --api-key or
    /// PIVOTAL_API_KEY.
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
    /// Use the slug, e-mail address and keys of the guide to the letter, not fresh ones for this
    /// run.
    ///
    /// Passes once in 24 hours on a server that keeps its state: the keys then answer with the
    /// customer that was cleaned up.
    #[arg(long)]
    pub(crate) exact: bool,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("server").args(["base_url", "live"])))]
pub(crate) struct Contract {
    /// A server, such as one that `pivotal sandbox` serves.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Pivotal, or the server at PIVOTAL_BASE_URL where it is set.
    #[arg(long)]
    pub(crate) live: bool,
    /// Write as well: it makes, checks and removes customers whose names begin with
    /// contract-check-, and what belongs to them. Ctrl-C removes them too.
    #[arg(long, requires = "server")]
    pub(crate) write: bool,
    /// Take a key that is not a test key.
    #[arg(long, requires = "server")]
    pub(crate) allow_live_key: bool,
    /// Print how much of the contract was exercised, operation by operation. JSON always holds it.
    #[arg(long)]
    pub(crate) coverage: bool,
    /// How to print the report.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
}

/// What `--format` takes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
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
    /// Fill it with companies, contacts and onboardings; the same number gives the same rows.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Refuse requests over this many a minute and key, or over what Pivotal documents for the key.
    #[arg(long, value_name = "N|documented")]
    pub(crate) rate_limit: Option<RateLimit>,
    /// Let something go wrong, such as create-customer:reset-after-processing:count=1 or
    /// *:latency=200ms:probability=0.05.
    ///
    /// OPERATION:FAULT and any of :count=3, :after=2, :probability=0.05; * is every operation. FAULT
    /// is latency=200ms, rate-limited[=30], status=503, status-after-processing=504, html-502,
    /// reset-before-processing, reset-after-processing, reset-inside-body, stall-before-processing,
    /// stall-after-processing, slow-drip=50ms, truncated-json, malformed-json,
    /// content-length-too-long, content-length-too-short, unknown-enum-value, unknown-key,
    /// missing-key[=plan], clock-skew=-90s or key-revoked, or several with commas, one per request,
    /// pass for none. Repeatable.
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<Fault>,
    /// Decides which requests a fault with a probability meets; the same number gives the same
    /// ones.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) fault_seed: u64,
    /// Serve the admin API under /_sandbox/: reset, clock, faults, requests. It takes no key.
    #[arg(long)]
    pub(crate) admin: bool,
    /// Print a line for each response to standard error, keys redacted.
    #[arg(long)]
    pub(crate) log: bool,
    /// Write the address here once it listens, such as http://127.0.0.1:49152; the file goes when
    /// it ends.
    #[arg(long, value_name = "FILE")]
    pub(crate) address_file: Option<PathBuf>,
}

/// What `--rate-limit` takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RateLimit {
    Each(u32),
    Documented,
}

impl FromStr for RateLimit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.parse()) {
            ("documented", _) => Ok(Self::Documented),
            (_, Ok(limit)) if limit > 0 => Ok(Self::Each(limit)),
            _ => Err("give a number of at least 1, or `documented`"),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Target {
    /// Where to send it; PIVOTAL_BASE_URL or Pivotal itself when left out.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
}
