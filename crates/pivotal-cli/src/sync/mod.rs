//! `pivotal import`, `sync`, `plan`, `apply`, `undo`, `runs` and `mirror`.

mod print;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use clap::{Args, Subcommand};
use pivotal_export::AtomicFile;
use pivotal_sdk::Client;
use pivotal_sync::{
    Allow, ApplyOptions, Config, Error, Format, HttpOptions, Kind, Progress, Report, RunId, Source,
    SourceKind, State, exit_code,
};

use crate::arguments::Connection;
use crate::connect::{Session, log_exchange};
use crate::output::{Output, RowKind};
use crate::progress;
use crate::report::{Failure, escaped, line, log};
use crate::setup::{CONFIG, Setup};
use crate::signal::{end_at_once, interrupted};
use crate::trace::Trace;

pub(crate) use print::item_line;
use print::print;

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
    setup: Option<Setup>,
    #[command(flatten)]
    applying: Applying,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    applying: Applying,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    source: Configured,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// The number of the run, as in `pivotal runs`.
    run: RunId,
    #[command(flatten)]
    applying: Applying,
}

/// What all commands have that apply the plan of a source.
#[derive(Debug, Args)]
struct Applying {
    #[command(flatten)]
    source: Configured,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// The number of the run, as in `pivotal runs`.
    run: RunId,
    #[command(flatten)]
    live: Live,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Args)]
pub(crate) struct Runs {
    /// The run to show.
    run: Option<RunId>,
    #[command(flatten)]
    state: StateFile,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Mirror {
    /// Also read contacts, with one request for each customer, or onboardings, or both:
    /// contacts,onboardings.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = kind)]
    with: Vec<Kind>,
    #[command(flatten)]
    options: Options,
}

/// What is imported.
#[derive(Debug, Args)]
struct Files {
    /// The files to import; `-` is standard input. Default: the source in the configuration.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The format, if the extension does not say it: csv, json or jsonl.
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Option<Format>,
    /// The delimiter of CSV.
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<char>,
    /// The encoding, such as windows-1252 or utf-16le. Default: UTF-8, or what a byte order mark
    /// says.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
}

#[derive(Debug, Args)]
struct Configured {
    /// The configuration. Default: pivotal-sync.toml if it exists.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What the guards permit.
#[derive(Debug, Args)]
struct Limits {
    #[command(flatten)]
    live: Live,
    /// How many of the customers may change, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 20)]
    max_changes: u64,
    /// How many of the customers may be deleted, in percent (mode mirror).
    #[arg(long, value_name = "PERCENT", default_value_t = 10)]
    max_deletes: u64,
    /// Allow a source that is empty or has less than half of the records of the last run.
    #[arg(long)]
    allow_shrunk_source: bool,
    /// Allow deletes although not all records of the source could be read (mode mirror).
    #[arg(long)]
    allow_incomplete_source: bool,
}

#[derive(Debug, Args)]
struct Live {
    /// Allow writing with a key that is not a test key.
    #[arg(long)]
    yes: bool,
}

/// How a plan is applied.
#[derive(Debug, Args)]
struct Writing {
    /// Show what would be done, and write nothing to Pivotal.
    #[arg(long)]
    dry_run: bool,
    /// Where to write the records that failed, with the reasons. It can be imported as it is.
    #[arg(long, value_name = "FILE", default_value = "failed.csv")]
    failed: PathBuf,
}

#[derive(Debug, Args)]
struct StateFile {
    /// The state file: mirror, runs, plans and outcomes.
    #[arg(long, value_name = "FILE", default_value = "pivotal.db")]
    state: PathBuf,
}

/// The options of all commands that read Pivotal.
#[derive(Debug, Args)]
struct Options {
    #[command(flatten)]
    state: StateFile,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
}

/// The runs of a state file.
const RUNS: RowKind = RowKind {
    schema: "a run",
    columns: &[
        "run",
        "started_at",
        "kind",
        "state",
        "exit_code",
        "source",
        "reason",
    ],
    added: &[
        "run",
        "kind",
        "state",
        "exit_code",
        "reason",
        "source",
        "mode",
        "rows",
        "incomplete",
        "unchanged",
        "undoes",
        "started_at",
        "ended_at",
    ],
};

impl Options {
    async fn session(&self) -> Result<Session, Failure> {
        Session::open(&self.connection).await
    }

    fn open(&self) -> Result<State, Failure> {
        self.output.check()?;
        let state = State::open(&self.state.state).map_err(failure)?;
        Ok(if self.connection.quiet {
            state
        } else {
            state.on_progress(show_progress)
        })
    }

    /// How the service of the source is reached.
    fn http(&self) -> HttpOptions {
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

impl Configured {
    fn read(&self) -> Result<Config, Failure> {
        match &self.config {
            Some(path) => Config::read(path).map_err(failure),
            None if Path::new(CONFIG).exists() => Config::read(Path::new(CONFIG)).map_err(failure),
            None => Ok(Config::columns_are_fields()),
        }
    }
}

impl Applying {
    fn job(&self) -> Result<Job<'_>, Failure> {
        Ok(Job {
            config: self.source.read()?,
            allow: self.limits.allow(),
            writing: Some(&self.writing),
            options: &self.options,
        })
    }
}

impl Limits {
    fn allow(&self) -> Allow {
        let mut allow = self.live.allow();
        allow.max_changes = self.max_changes;
        allow.max_deletes = self.max_deletes;
        allow.shrunk_source = self.allow_shrunk_source;
        allow.incomplete_source = self.allow_incomplete_source;
        allow
    }
}

impl Live {
    fn allow(&self) -> Allow {
        let mut allow = Allow::default();
        allow.live_key = self.yes;
        allow
    }
}

fn kind(text: &str) -> Result<Kind, String> {
    match text {
        "contacts" => Ok(Kind::Contact),
        "onboardings" => Ok(Kind::Onboarding),
        _ => Err("use contacts, onboardings or both with a comma".to_owned()),
    }
}

fn format(text: &str) -> Result<Format, String> {
    match text {
        "csv" => Ok(Format::Csv),
        "json" => Ok(Format::Json),
        "jsonl" => Ok(Format::Jsonl),
        _ => Err("use csv, json or jsonl".to_owned()),
    }
}

// By value, as a `map_err`.
#[allow(clippy::needless_pass_by_value)]
pub(crate) fn failure(error: Error) -> Failure {
    let code = error.exit_code();
    Failure::ended(error, code)
}

pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Import(import) => {
            let mut job = import.applying.job()?;
            job.config = import.files.on(job.config);
            job.start(&import.files.files).await
        }
        Command::Plan(plan) => {
            let config = plan.source.read()?;
            let job = Job {
                config: plan.files.on(config),
                allow: plan.limits.allow(),
                writing: None,
                options: &plan.options,
            };
            job.start(&plan.files.files).await
        }
        Command::Apply(apply) => {
            let job = apply.applying.job()?;
            let (session, state) = (job.options.session().await?, job.options.open()?);
            job.finish(&session.client, &state, apply.run).await
        }
        Command::Undo(undo) => {
            let job = Job {
                // An undo has no source, and writes nothing back to one.
                config: Config::columns_are_fields(),
                allow: undo.live.allow(),
                writing: Some(&undo.writing),
                options: &undo.options,
            };
            let (session, state) = (job.options.session().await?, job.options.open()?);
            let client = &session.client;
            let undo = pivotal_sync::undo(client, &state, undo.run);
            let run = until_stopped(&state, undo).await?;
            job.finish(client, &state, run).await
        }
        Command::Runs(runs) => show(&runs),
        Command::Mirror(arguments) => mirror(&arguments).await,
        Command::Sync(Sync {
            setup: Some(setup), ..
        }) => setup.run(),
        Command::Sync(sync) => sync.applying.job()?.start(&[]).await,
    }
}

impl Files {
    /// The configuration with the options of the command line.
    fn on(&self, mut config: Config) -> Config {
        let source = &mut config.source;
        source.format = self.format.or(source.format);
        source.delimiter = self.delimiter.or(source.delimiter);
        source.encoding = self.encoding.clone().or(source.encoding.take());
        config
    }
}

/// A plan that is made or exists, and how it is applied.
struct Job<'a> {
    config: Config,
    allow: Allow,
    /// `None` if it is only to be shown.
    writing: Option<&'a Writing>,
    options: &'a Options,
}

fn show_progress(step: &Progress<'_>) {
    match *step {
        Progress::List(cost) => log(cost),
        Progress::Records(read) => progress::show("records", read, None, 0),
        Progress::Rows { kind, read } => progress::show(kind.table(), read, None, 0),
        Progress::Changes {
            done,
            failed,
            planned,
        } => progress::show("changes", done + failed, Some(planned), failed),
        _ => {}
    }
}

/// Runs a step that writes nothing to Pivotal. It reads the sources before it waits for the first
/// time; until then, signals end the process as usual.
async fn until_stopped<T>(
    state: &State,
    step: impl Future<Output = pivotal_sync::Result<T>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        result = step => result.map_err(failure),
        () = interrupted() => {
            state.end_open_runs().map_err(failure)?;
            Err(Failure::ended("interrupted; nothing was written", exit_code::INTERRUPTED))
        }
    }
}

impl Job<'_> {
    /// Plans an import of files, or of the source in the configuration, and goes on with the plan.
    async fn start(self, files: &[PathBuf]) -> Result<(), Failure> {
        let open = |path: &PathBuf| Source::open(path, &self.config.source);
        let sources = match files {
            [] => Source::configured(&self.config, &self.options.http()).map(|source| vec![source]),
            files => files.iter().map(open).collect(),
        };
        let sources = sources.map_err(failure)?;
        let (session, state) = (self.options.session().await?, self.options.open()?);
        let plan = pivotal_sync::plan(&session.client, &state, &self.config, sources);
        let run = until_stopped(&state, plan).await?;
        self.finish(&session.client, &state, run).await
    }

    /// Shows a plan, or applies it and shows the result.
    async fn finish(self, client: &Client, state: &State, run: RunId) -> Result<(), Failure> {
        let Self {
            config, options, ..
        } = &self;
        let guards = pivotal_sync::guards(client, state, run, &self.allow).map_err(failure)?;
        let mut plan = Report::new(state, run, guards).map_err(failure)?;
        plan.per_minute = client.rate_limit().map(|rate| u64::from(rate.limit));
        let Some(writing) = self.writing.filter(|writing| !writing.dry_run) else {
            print(state, &plan, &options.output, true, |text| line(text))?;
            return exit(expected(&plan));
        };
        if plan.guards.is_empty() && plan.counts.left > 0 && options.output.is_default_table() {
            log(plan.plan());
        }
        let stop = pin!(interrupted());
        let mut apply = ApplyOptions::default();
        apply.allow = self.allow.clone();
        let report = pivotal_sync::apply(client, state, run, &apply, stop).await;
        let mut report = report.map_err(failure)?;
        let http = options.http();
        let stop = pin!(interrupted());
        let written = pivotal_sync::write_back(state, run, config, &http, stop).await;
        if let Some(written) = written.map_err(failure)? {
            report.run = state.run(run).map_err(failure)?;
            log(written);
        }
        // Before anything is printed, which ends the process if nobody reads it.
        let failed = write_failed(state, &report, &writing.failed);
        // The next program of a Singer pipeline, or a file, takes the state from standard output.
        let is_singer = config.source.kind == SourceKind::Singer && report.run.kind == "import";
        if is_singer && options.output.is_default_table() {
            print(state, &report, &options.output, false, |text| log(text))?;
        } else {
            print(state, &report, &options.output, false, |text| line(text))?;
        }
        let failed = failed?;
        if failed > 0 {
            log(format_args!(
                "the records that failed ({failed}) are in {}, which can be imported again",
                writing.failed.display()
            ));
        }
        let code = report.run.exit_code.unwrap_or(exit_code::PARTIAL);
        // Without it the tap sends the records again.
        if let Some(tap) = &report.run.singer_state
            && is_singer
            && options.output.is_default_table()
            && code == exit_code::COMPLETE
        {
            line(escaped(&tap.to_string()));
        }
        exit(code)
    }
}

/// Writes the records that failed, if there are any, and returns how many.
fn write_failed(state: &State, report: &Report, path: &Path) -> Result<u64, Failure> {
    if report.counts.failed + report.counts.in_doubt == 0 {
        return Ok(0);
    }
    // The run has ended, so an output that cannot be used is no wrong command line.
    let unwritten = |error: pivotal_export::Error| {
        Failure::partial(format_args!("the records that failed: {error}"))
    };
    let write = |file| {
        let file = io::BufWriter::new(file);
        let written = pivotal_sync::write_failed(state, report.run.id, file);
        written.map_err(|error| {
            let code = error.exit_code();
            Failure::ended(format_args!("{}: {error}", path.display()), code)
        })
    };
    // A device or a pipe, such as /dev/null, must not be replaced.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return write(File::create(path).map_err(|error| unwritten(error.into()))?);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| unwritten(error.into()))?;
    }
    let file = AtomicFile::private(path).map_err(unwritten)?;
    let written = write(file.writer().map_err(|error| unwritten(error.into()))?)?;
    if written > 0 {
        file.commit().map_err(|error| unwritten(error.into()))?;
    }
    Ok(written)
}

/// The exit code of a plan's import if all calls succeed.
fn expected(report: &Report) -> u8 {
    if !report.guards.is_empty() {
        exit_code::GUARD
    } else if report.run.incomplete.is_some() {
        exit_code::PARTIAL
    } else if report.counts.failed > 0 {
        exit_code::RECORDS_FAILED
    } else {
        exit_code::COMPLETE
    }
}

fn exit(code: u8) -> Result<(), Failure> {
    match code {
        exit_code::COMPLETE => Ok(()),
        code => Err(Failure::ended("", code)),
    }
}

fn show(runs: &Runs) -> Result<(), Failure> {
    let output = &runs.output;
    output.check()?;
    let state = State::read(&runs.state.state).map_err(failure)?;
    if let Some(run) = runs.run {
        let report = Report::new(&state, run, Vec::new()).map_err(failure)?;
        return print(&state, &report, output, true, |text| line(text));
    }
    let mut rows = output.rows(RUNS)?;
    for run in state.runs().map_err(failure)? {
        rows.row(serde_json::to_value(&run).map_err(Failure::step)?)?;
    }
    rows.complete()
}

async fn mirror(arguments: &Mirror) -> Result<(), Failure> {
    let options = &arguments.options;
    let (session, state) = (options.session().await?, options.open()?);
    let mut result = serde_json::Map::from_iter([("state".to_owned(), "complete".into())]);
    for kind in Kind::ALL {
        if kind != Kind::Customer && !arguments.with.contains(&kind) {
            continue;
        }
        let refresh = pivotal_sync::refresh(&session.client, &state, kind);
        let (rows, table) = (until_stopped(&state, refresh).await?, kind.table());
        result.insert(table.to_owned(), rows.into());
        if options.output.is_default_table() {
            let file = options.state.state.display();
            line(format_args!(
                "complete: {rows} {table} in the table {table} of {file}"
            ));
        }
    }
    if !options.output.is_default_table() {
        end_at_once();
        options.output.value(&result.into())?;
    }
    Ok(())
}
