//! The command-line arguments.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use pivotal_sandbox::Fault;
use pivotal_sync::exit_code;

use crate::board::Board;
use crate::duplicates::Duplicates;
use crate::examples;
use crate::export::Export;
use crate::open::Open;
use crate::output::Output;
use crate::report::{EXIT_CODES, Failure};
use crate::request::Request;
use crate::resources::{Contacts, Customers, Health, Me, Onboardings};
use crate::values::{address, seconds, whole, written};
use crate::webhooks::Webhooks;

/// A command-line client for Pivotal.
///
/// The API key is read from PIVOTAL_API_KEY, or from a file: see --api-key-file and --profile of each
/// command. No account is needed to try them: with --sandbox, a command uses an embedded sandbox.
/// `demo` and `contract` do so by default.
#[derive(Debug, Parser)]
#[command(name = "pivotal", version, about)]
pub(crate) struct Arguments {
    /// Print no progress, no waits and no plan to standard error.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// The command line, without the options that would have no effect on a command.
    pub(crate) fn command_line() -> clap::Command {
        let local = |command: clap::Command| command.mut_args(|option| option.global(false));
        let without_key = |command: clap::Command| {
            let hide = |option: clap::Arg| option.hide(true);
            command
                .mut_arg("api_key_file", hide)
                .mut_arg("profile", hide)
        };
        let command = Self::command()
            .mut_subcommand("sync", local)
            .mut_subcommand("health", without_key);
        command
            .after_help(format!("{}\n\n{EXIT_CODES}", examples::FIRST))
            .mut_subcommands(|command| examples::add(command, "pivotal"))
    }

    /// The arguments of the process. Help and errors are printed, and returned as its end.
    pub(crate) fn read() -> Result<Self, Failure> {
        let matches = Self::command_line().try_get_matches();
        let read = matches.and_then(|matches| Self::from_arg_matches(&matches));
        read.or_else(|error| {
            error.print()?;
            Err(Failure::ended(
                "",
                u8::from(error.use_stderr()) * exit_code::UNUSABLE,
            ))
        })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the first-customer guide twice, to show that the second run creates no duplicates, and an
    /// import of 40 companies, which is planned, applied, repeated, changed and undone.
    ///
    /// By default, uses an embedded sandbox and ignores any key in the environment. --base-url and
    /// --live select another server.
    Demo(Demo),
    /// Serve the sandbox, a server of the Pivotal API on this machine, until interrupted.
    ///
    /// It keeps its state in memory, and with --state also in a file.
    #[command(args_conflicts_with_subcommands = true)]
    Sandbox(Sandbox),
    /// Receive signed webhooks, and let a sandbox send them.
    Webhooks {
        #[command(subcommand)]
        command: Webhooks,
    },
    /// Check a server, the SDK and the contract against each other.
    ///
    /// By default, runs all cases on an embedded sandbox. With --base-url or --live, it uses the
    /// key in PIVOTAL_API_KEY and only reads, unless --write is given. Retries and rate limiting
    /// are on, so a run that writes takes some minutes with a test key.
    ///
    /// Exit codes: 0 if all agree; 1 after a deviation, a failed case, a record that was not
    /// deleted, incomplete coverage, or an interrupted run; 2 if nothing was checked, because of a
    /// missing key, a live key, an invalid address, or no Pivotal server at the address.
    Contract(Contract),
    /// List, print, create, update and delete customers.
    Customers(Resource<Customers>),
    /// List, print, create, update and delete contacts.
    Contacts(Resource<Contacts>),
    /// List, print, create, update, delete and move onboardings.
    Onboardings(Resource<Onboardings>),
    Export(Export),
    /// Print the customers that share a domain, and which of them has the longest history.
    ///
    /// Costs a request per 100 customers, and two for each customer that shares a domain.
    Duplicates(Api<Duplicates>),
    /// Print the onboardings by phase and state, or write them to a page.
    ///
    /// Completed onboardings are only counted, unless --phase selects them. With --output, --jq or
    /// --columns, all onboardings are printed as rows. Costs a request per 100 onboardings, and per
    /// 100 customers for their names.
    Board(Api<Board>),
    /// Send any request.
    #[command(override_usage = "pivotal api [OPTIONS] [METHOD] <PATH>")]
    Api(Api<Request>),
    /// Print the address of a customer in the app, and open it if the output is a terminal.
    Open(Open),
    #[command(flatten)]
    Sync(crate::sync::Command),
    /// Print the owner of the API key.
    Me(Api<Me>),
    /// Print whether the API is up. Needs no key.
    Health(Api<Health>),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// A command with one verb per operation of a resource.
#[derive(Debug, Args)]
pub(crate) struct Resource<V: Subcommand> {
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(subcommand)]
    pub(crate) verb: V,
}

/// A command that sends requests.
#[derive(Debug, Args)]
pub(crate) struct Api<A: Args> {
    // First, because options belong to the heading of those before.
    #[command(flatten)]
    pub(crate) command: A,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// The options of all commands that send requests.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// The server and the key that a command uses.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    /// Base URL. Default: PIVOTAL_BASE_URL, or Pivotal.
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) base_url: Option<String>,
    /// File with the API key in it, which only its owner may read. Default: PIVOTAL_API_KEY.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) api_key_file: Option<PathBuf>,
    /// Read the API key from NAME.key in the folder pivotal of the configuration folder
    /// (XDG_CONFIG_HOME, or .config in the home folder).
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) profile: Option<String>,
    /// Use an embedded sandbox with rows in it, which ends with the command. Needs no account.
    #[arg(long, global = true)]
    pub(crate) sandbox: bool,
    /// Time limit in seconds for each request, with all of its retries and waits.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, global = true)]
    pub(crate) timeout: Option<Duration>,
    /// Print a line per request to standard error.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Print every request and response to standard error, with headers and the beginning of the
    /// body. API keys are redacted; what remains is customer data.
    #[arg(long, global = true)]
    pub(crate) trace_http: bool,
    /// Send no key, and need none.
    #[arg(skip)]
    pub(crate) anonymous: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Use a server on this machine, such as `pivotal sandbox`, with --api-key or PIVOTAL_API_KEY.
    #[arg(long, value_name = "URL", conflicts_with = "live")]
    pub(crate) base_url: Option<String>,
    /// The API key for the server at --base-url.
    #[arg(
        long,
        value_name = "KEY",
        requires = "base_url",
        conflicts_with = "live"
    )]
    pub(crate) api_key: Option<String>,
    /// Use Pivotal, with PIVOTAL_API_KEY and, if it is set, PIVOTAL_BASE_URL.
    #[arg(long)]
    pub(crate) live: bool,
    /// Allow --live with a key that is not a test key.
    #[arg(long, requires = "live")]
    pub(crate) allow_live_key: bool,
    /// Use the exact slug, e-mail address and keys of the guide, instead of new ones for each run.
    ///
    /// Passes only once in 24 hours on a server that keeps its state, because the keys then return
    /// the customer that was deleted.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Let the embedded sandbox do only what Pivotal's documentation states or shows in examples.
    #[arg(long, conflicts_with_all = ["base_url", "live"])]
    pub(crate) strict: bool,
    /// Delete nothing at the end, and keep the embedded sandbox and its pages until Ctrl-C.
    #[arg(long, conflicts_with_all = ["base_url", "live"])]
    pub(crate) keep: bool,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("server").args(["base_url", "live"])))]
pub(crate) struct Contract {
    /// Check a server, such as `pivotal sandbox`.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Check Pivotal, or the server at PIVOTAL_BASE_URL if it is set.
    #[arg(long)]
    pub(crate) live: bool,
    /// Also run the cases that write. They create and delete customers whose names begin with
    /// contract-check-, with contacts and onboardings. Ctrl-C deletes them too.
    #[arg(long, requires = "server")]
    pub(crate) write: bool,
    /// Allow a key that is not a test key.
    #[arg(long, requires = "server")]
    pub(crate) allow_live_key: bool,
    /// Let the embedded sandbox do only what Pivotal's documentation states or shows in examples.
    /// The report lists what else the contract has: each deviation names an inference or decision of
    /// this project, so the exit code is 1.
    #[arg(long, conflicts_with = "server")]
    pub(crate) strict: bool,
    /// Print the coverage of the contract by operation. JSON output always contains it.
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Output format of the report.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
}

/// The values of `--format`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What is done with a state file while no sandbox uses it.
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxState {
    /// Print everything in a state file as JSON, without API keys. Stop its sandbox first; of a running
    /// one, GET /_sandbox/export is the same.
    Export {
        /// The state file.
        #[arg(long, value_name = "FILE")]
        state: PathBuf,
    },
    /// Write an export to a new state file.
    Import {
        /// The export.
        #[arg(value_name = "EXPORT")]
        export: PathBuf,
        /// The state file. It must not exist, or be empty.
        #[arg(long, value_name = "FILE", value_parser = written(""))]
        state: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    pub(crate) state_command: Option<SandboxState>,
    /// Address to listen on. Port 0 selects a free port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787", value_parser = address::<SocketAddr>)]
    pub(crate) listen: SocketAddr,
    /// Allow an address that other machines can reach. The sandbox has no encryption and one key.
    #[arg(long)]
    pub(crate) allow_non_loopback: bool,
    /// API key to accept. By default, one is generated.
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
    /// Fill the sandbox with companies, contacts and onboardings. The same seed gives the same
    /// rows.
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    pub(crate) seed: Option<u64>,
    /// Create the customers, contacts and onboardings of a JSON file, after those of --seed. Can be
    /// repeated.
    ///
    /// For example: `{"customers": [{"name": "Aurora", "slug": "aurora"}], "contacts": [{"customer":
    /// "aurora", "name": "Mira", "email": "mira@aurora.com"}], "onboardings": [{"customer": "aurora"}]}`.
    /// A row names its customer by slug, or by the name that the key "fixture" gives that customer.
    #[arg(long, value_name = "FILE")]
    pub(crate) load: Vec<PathBuf>,
    /// Keep the state in this file: it is loaded at the start and saved within a second of a change. If
    /// it has a state, --seed and --load are not applied again.
    #[arg(long, value_name = "FILE", value_parser = written(""))]
    pub(crate) state: Option<PathBuf>,
    /// Start without the rows that the file of --state has: they are deleted from it.
    #[arg(long, requires = "state")]
    pub(crate) empty: bool,
    /// Limit the requests per minute and key to a number, or to the limits that Pivotal documents.
    #[arg(long, value_name = "N|documented")]
    pub(crate) rate_limit: Option<RateLimit>,
    /// Do only what Pivotal's documentation states or shows in examples, and nothing that this
    /// project inferred or decided.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Inject a fault, such as create-customer:reset-after-processing:count=1 or
    /// *:latency=200ms:probability=0.05.
    ///
    /// OPERATION:FAULT and any of :count=3, :after=2, :probability=0.05; * is every operation.
    /// FAULT is latency=200ms, rate-limited[=30], status=503, status-after-processing=504,
    /// html-502, reset-before-processing, reset-after-processing, reset-inside-body,
    /// stall-before-processing, stall-after-processing, slow-drip=50ms, truncated-json,
    /// malformed-json, content-length-too-long, content-length-too-short, unknown-enum-value,
    /// unknown-key, missing-key[=plan], clock-skew=-90s or key-revoked, or several of these
    /// separated by commas, one per request, with pass for no fault. OPERATION can be webhook, and
    /// FAULT then latency=200ms, duplicate, reorder, wrong-signature or old-timestamp. Can be repeated.
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<Fault>,
    /// Seed that selects the requests that a fault with a probability applies to.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u64>)]
    pub(crate) fault_seed: u64,
    /// Send signed webhooks about changed rows to this URL, plain HTTP on this machine. They are
    /// signed with PIVOTAL_WEBHOOK_SECRET, or a secret that is generated and printed.
    #[arg(long, value_name = "URL")]
    pub(crate) webhook: Option<String>,
    /// File with the secret of webhooks in it, which only its owner may read.
    #[arg(long, value_name = "FILE", requires = "webhook")]
    pub(crate) webhook_secret_file: Option<PathBuf>,
    /// Serve the admin API under /_sandbox/: reset, clock, faults, requests, webhooks, state,
    /// export. It needs no key, and refuses requests of web pages.
    #[arg(long)]
    pub(crate) admin: bool,
    /// Require this token in requests to the admin API: `Authorization: Bearer TOKEN`. By default,
    /// one is generated and printed if other machines can reach the address.
    #[arg(long, value_name = "TOKEN", requires = "admin")]
    pub(crate) admin_token: Option<String>,
    /// Serve pages of the rows, the requests, the webhooks, the faults and the clock, to open in a
    /// browser on this machine. This is the default.
    ///
    /// They need no key, so they are only served on a loopback address. They have forms for webhooks,
    /// faults and the clock with --admin and without --admin-token.
    #[arg(long, overrides_with = "no_ui")]
    pub(crate) ui: bool,
    /// Serve no pages.
    #[arg(long, overrides_with = "ui")]
    pub(crate) no_ui: bool,
    /// Print one line per response to standard error, with redacted keys.
    #[arg(long)]
    pub(crate) log: bool,
    /// Write the base URL, such as http://127.0.0.1:49152, to this file while the sandbox listens.
    #[arg(long, value_name = "FILE", value_parser = written(""))]
    pub(crate) address_file: Option<PathBuf>,
}

/// The values of `--rate-limit`.
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
