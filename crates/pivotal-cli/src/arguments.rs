//! The command-line arguments.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use pivotal_sync::exit_code;

use crate::board::Board;
use crate::contract::Contract;
use crate::demo::Demo;
use crate::duplicates::Duplicates;
use crate::examples;
use crate::export::Export;
use crate::open::Open;
use crate::output::Output;
use crate::report::{EXIT_CODES, Failure};
use crate::request::Request;
use crate::resources::{Contacts, Customers, Health, Me, Onboardings};
use crate::sandbox::Sandbox;
use crate::values::seconds;
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
