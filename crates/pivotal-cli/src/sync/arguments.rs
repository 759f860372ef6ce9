//! The arguments of the commands that import.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use pivotal_sync::{Allow, Config, Format, HttpOptions, Kind, RunId, State};

use super::print::ITEMS;
use super::setup::Setup;
use crate::arguments::Connection;
use crate::connect::{Session, log_exchange};
use crate::output::{Output, RowKind};
use crate::progress;
use crate::report::Failure;
use crate::trace::Trace;
use crate::values::{CONFIG, STATE, whole, written};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Import customers, contacts and onboardings: read the files, plan, check the guards and apply.
    ///
    /// A file is CSV, a JSON array or JSON Lines; `-` is standard input. If its columns are names of
    /// fields it needs no configuration; otherwise write one with `pivotal sync init`. Customers are
    /// recognized by hubspot_company_id, stripe_customer_id, domain or slug. After an interruption
    /// or a kill, run it again, or `pivotal apply RUN`.
    ///
    /// Exit codes: 0 if everything was done; 1 if some records failed; 2 if the input is unusable;
    /// 4 if the API key was rejected; 5 if not everything was read or attempted; 6 if a guard
    /// stopped the run before its first write; 130 if it was interrupted.
    Import(Import),
    /// Show what an import would do, and keep it for `pivotal apply`.
    ///
    /// The exit code is the one that the import would have if all calls succeeded.
    Plan(Plan),
    /// Apply a plan, or the rest of a run that was interrupted, stopped or killed.
    Apply(Apply),
    /// Undo a run: restore the fields that it changed, and delete the rows that it created.
    ///
    /// What has changed since is left alone. Deleted customers cannot be restored.
    Undo(Undo),
    /// List the runs, or show one.
    Runs(Runs),
    /// Read all customers into the state file, for BI tools, and contacts and onboardings if asked.
    ///
    /// What each list costs is printed first. A list that breaks off leaves its table as it was, and
    /// the exit code is 5.
    Mirror(Mirror),
    /// Import from the source in the configuration: HubSpot, Stripe, a Singer tap or a file.
    ///
    /// Write the configuration with `pivotal sync init`. The keys of HubSpot and Stripe are read from
    /// HUBSPOT_TOKEN and STRIPE_API_KEY. With `[write_back]` in the configuration, the IDs of the
    /// customers are written there after the import. Exit codes: as for `import`.
    Sync(Sync),
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sync {
    #[command(subcommand)]
    pub(super) setup: Option<Setup>,
    #[command(flatten)]
    pub(super) conflicts: Conflicts,
    #[command(flatten)]
    pub(super) how: Applied,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(flatten)]
    pub(super) files: Files,
    #[command(flatten)]
    pub(super) conflicts: Conflicts,
    #[command(flatten)]
    pub(super) how: Applied,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(super) files: Files,
    #[command(flatten)]
    pub(super) conflicts: Conflicts,
    #[command(flatten)]
    pub(super) source: Configured,
    #[command(flatten)]
    pub(super) limits: Limits,
    /// Also write the plan to a file, for review: a line of JSON for each change, conflict and invalid
    /// record. `pivotal apply FILE` applies it.
    #[arg(long, value_name = "FILE", value_parser = written(""))]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) options: Options,
}

/// A plan of the state file.
#[derive(Clone, Debug)]
pub(super) enum Planned {
    /// By the number of its run.
    Run(RunId),
    /// By the file that it was written to.
    File(PathBuf),
}

#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// The number of the run, as in `pivotal runs`, or a file from `pivotal plan --out`. The file must be
    /// the plan in the state file; with it, a live key needs no `--yes`.
    #[arg(value_name = "PLAN", value_parser = planned)]
    pub(super) plan: Planned,
    #[command(flatten)]
    pub(super) how: Applied,
}

#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// The number of the run, as in `pivotal runs`.
    #[arg(value_parser = whole::<RunId>)]
    pub(super) run: RunId,
    #[command(flatten)]
    pub(super) live: Live,
    /// Show what would be done, and write nothing to Pivotal.
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) options: Options,
}

#[derive(Debug, Args)]
pub(crate) struct Runs {
    /// The run to show.
    #[arg(value_parser = whole::<RunId>)]
    pub(super) run: Option<RunId>,
    #[command(flatten)]
    pub(super) state: StateFile,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Mirror {
    /// Also read contacts, with one request for each customer, or onboardings, or both:
    /// contacts,onboardings.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = kind)]
    pub(super) with: Vec<Kind>,
    #[command(flatten)]
    pub(super) options: Options,
}

/// The options of all commands that apply a plan of an import.
#[derive(Debug, Args)]
pub(super) struct Applied {
    #[command(flatten)]
    pub(super) source: Configured,
    #[command(flatten)]
    pub(super) limits: Limits,
    /// Show what would be done, and write nothing to Pivotal.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Where to write the records that failed or were not attempted, with the reasons. It can be
    /// imported as it is; a record that could not be read is refused again until its cell in the column
    /// `code` is empty. Another kind of file is not replaced.
    #[arg(long, value_name = "FILE", default_value = "failed.csv", value_parser = written(""))]
    pub(super) failed: PathBuf,
    #[command(flatten)]
    pub(super) options: Options,
}

/// The files that are imported.
#[derive(Debug, Args)]
pub(super) struct Files {
    /// The files to import; `-` is standard input. Default: the source in the configuration.
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// The format, if the extension does not say it: csv, json or jsonl.
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Option<Format>,
    /// The delimiter of CSV, such as ; or tab.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<char>,
    /// The encoding, such as windows-1252 or utf-16le. Default: UTF-8, or what a byte order mark
    /// says.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
}

/// What a plan does with a conflict.
#[derive(Debug, Args)]
pub(super) struct Conflicts {
    /// Overwrite what was changed in Pivotal since a run wrote it. Otherwise such a record is a conflict.
    #[arg(long)]
    overwrite_changed: bool,
}

#[derive(Debug, Args)]
pub(super) struct Configured {
    /// The configuration. Default: pivotal-sync.toml if it exists.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What the guards permit.
#[derive(Debug, Args)]
pub(super) struct Limits {
    #[command(flatten)]
    pub(super) live: Live,
    /// How many of the customers may change, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 20, value_parser = whole::<u64>)]
    max_changes: u64,
    /// How many of the customers may be deleted, in percent (mode mirror).
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = whole::<u64>)]
    max_deletes: u64,
    /// Allow a source that is empty or has less than half of the records of the last run.
    #[arg(long)]
    allow_shrunk_source: bool,
    /// Allow deletes although not all records of the source could be read (mode mirror).
    #[arg(long)]
    allow_incomplete_source: bool,
}

#[derive(Debug, Args)]
pub(super) struct Live {
    /// Allow writing with a key that is not a test key.
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(super) struct StateFile {
    /// The state file: mirror, runs, plans and outcomes.
    #[arg(long, value_name = "FILE", default_value = STATE, value_parser = written(STATE))]
    pub(super) state: PathBuf,
}

/// The options of all commands that read Pivotal.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) state: StateFile,
    #[command(flatten)]
    pub(super) connection: Connection,
    #[command(flatten)]
    pub(super) output: Output,
}

impl Options {
    /// The server and the state, for a command that prints such rows. Wrong options of the output are
    /// reported before anything is sent.
    pub(super) async fn open(&self, rows: RowKind) -> Result<(Session, State), Failure> {
        self.output.check()?;
        self.output.check_columns(rows)?;
        let session = Session::open(&self.connection).await?;
        let state = State::open(&self.state.state)?;
        Ok((session, state.on_progress(progress::of_run)))
    }

    /// The server and the state with the run that the command goes on with.
    pub(super) async fn reopen(&self) -> Result<(Session, State), Failure> {
        // Opening it would create it.
        State::read(&self.state.state)?;
        self.open(ITEMS).await
    }

    /// How the service of the source is reached.
    pub(super) fn http(&self) -> HttpOptions {
        let mut http = HttpOptions::default();
        http.on_wait = Some(Arc::new(progress::wait));
        if self.connection.verbose {
            http.observer = Some(Arc::new(log_exchange));
        }
        if self.connection.trace_http {
            http.wrap_transport = Some(|http| Arc::new(Trace(http)));
        }
        http
    }
}

impl Files {
    /// The configuration with the options of the command line.
    pub(super) fn on(&self, mut config: Config) -> Config {
        let source = &mut config.source;
        source.format = self.format.or(source.format);
        source.delimiter = self.delimiter.or(source.delimiter);
        source.encoding = self.encoding.clone().or(source.encoding.take());
        config
    }
}

impl Conflicts {
    /// The configuration with the options of the command line.
    pub(super) fn on(&self, mut config: Config) -> Config {
        config.sync.overwrite_changed |= self.overwrite_changed;
        config
    }
}

impl Configured {
    pub(super) fn read(&self) -> Result<Config, Failure> {
        let path = self.config.as_deref().unwrap_or(Path::new(CONFIG));
        if self.config.is_none() && !path.exists() {
            return Ok(Config::columns_are_fields());
        }
        Ok(Config::read(path)?)
    }
}

impl Limits {
    pub(super) fn allow(&self) -> Allow {
        let mut allow = self.live.allow();
        allow.max_changes = self.max_changes;
        allow.max_deletes = self.max_deletes;
        allow.shrunk_source = self.allow_shrunk_source;
        allow.incomplete_source = self.allow_incomplete_source;
        allow
    }
}

impl Live {
    pub(super) fn allow(&self) -> Allow {
        let mut allow = Allow::default();
        allow.live_key = self.yes;
        allow
    }
}

fn planned(text: &str) -> Result<Planned, Infallible> {
    Ok(match text.parse() {
        Ok(run) => Planned::Run(run),
        Err(_) => Planned::File(text.into()),
    })
}

fn kind(text: &str) -> Result<Kind, &'static str> {
    match text.trim() {
        "contacts" => Ok(Kind::Contact),
        "onboardings" => Ok(Kind::Onboarding),
        _ => Err("use contacts, onboardings or both with a comma"),
    }
}

pub(super) fn delimiter(text: &str) -> Result<char, &'static str> {
    match text {
        "tab" | "\\t" => Ok('\t'),
        _ => text.parse().map_err(|_| "give one character, or tab"),
    }
}

fn format(text: &str) -> Result<Format, &'static str> {
    match text {
        "csv" => Ok(Format::Csv),
        "json" => Ok(Format::Json),
        "jsonl" => Ok(Format::Jsonl),
        _ => Err("use csv, json or jsonl"),
    }
}
