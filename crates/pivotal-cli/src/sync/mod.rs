//! `pivotal import`, `sync`, `plan`, `apply`, `undo`, `runs` and `mirror`.

mod arguments;
mod plan_file;
mod print;
mod setup;

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::pin::pin;

use pivotal_export::{AtomicFile, FileKind, counted};
use pivotal_sdk::Client;
use pivotal_sync::{
    Allow, ApplyOptions, Config, Kind, Report, RunId, Source, SourceKind, State, exit_code,
};

use crate::output::RowKind;
use crate::progress;
use crate::report::{Failure, escaped, line, log};
use crate::signal::{end_at_once, interrupted};
pub(crate) use arguments::Command;
use arguments::{Applied, Mirror, Options, Planned, Runs, Sync};
pub(crate) use print::item_line;
use print::{ITEMS, print};

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

/// What `--failed` names.
const FAILED: FileKind<'static> = FileKind {
    name: "file of failed records",
    is_one: &pivotal_sync::has_failed_records,
};

/// What `mirror` has read.
const MIRROR: RowKind = RowKind {
    schema: "the result of mirror",
    columns: &[],
    added: &["state", "customers", "contacts", "onboardings"],
};

pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Import(import) => {
            let mut job = Job::applied(&import.how)?;
            job.config = import.conflicts.on(import.files.on(job.config));
            job.start(&import.files.files).await
        }
        Command::Plan(plan) => {
            let job = Job {
                config: plan.conflicts.on(plan.files.on(plan.source.read()?)),
                allow: plan.limits.allow(),
                applies: false,
                failed: None,
                out: plan.out.as_deref(),
                options: &plan.options,
            };
            job.start(&plan.files.files).await
        }
        Command::Apply(apply) => {
            let mut job = Job::applied(&apply.how)?;
            let (session, state) = job.options.reopen().await?;
            let run = match &apply.plan {
                Planned::Run(run) => *run,
                Planned::File(path) => {
                    let run = plan_file::read(&state, path)?;
                    // Its review stands for --yes.
                    job.allow.live_key = true;
                    run
                }
            };
            job.finish(&session.client, &state, run).await
        }
        Command::Undo(undo) => {
            let job = Job {
                // An undo has no source, and writes nothing back to one.
                config: Config::columns_are_fields(),
                allow: undo.live.allow(),
                applies: !undo.dry_run,
                failed: None,
                out: None,
                options: &undo.options,
            };
            let (session, state) = job.options.reopen().await?;
            let undo = pivotal_sync::undo(&session.client, &state, undo.run);
            let run = until_stopped(&state, undo).await?;
            job.finish(&session.client, &state, run).await
        }
        Command::Runs(runs) => show_runs(&runs),
        Command::Mirror(arguments) => mirror(&arguments).await,
        Command::Sync(Sync {
            setup: Some(setup), ..
        }) => setup.run(),
        Command::Sync(sync) => {
            let mut job = Job::applied(&sync.how)?;
            job.config = sync.conflicts.on(job.config);
            job.start(&[]).await
        }
    }
}

/// A plan that is made or exists, and how it is applied.
struct Job<'a> {
    config: Config,
    allow: Allow,
    /// Whether it is not only to be shown.
    applies: bool,
    /// Where the records that failed are written to; an undo has none.
    failed: Option<&'a Path>,
    /// Where the plan is written to.
    out: Option<&'a Path>,
    options: &'a Options,
}

/// Runs a step that writes nothing to Pivotal. It reads the sources before it waits for the first
/// time; until then, signals end the process as usual.
async fn until_stopped<T>(
    state: &State,
    step: impl Future<Output = pivotal_sync::Result<T>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        result = step => Ok(result?),
        () = interrupted() => {
            state.end_open_runs()?;
            Err(Failure::ended("interrupted; nothing was written", exit_code::INTERRUPTED))
        }
    }
}

impl<'a> Job<'a> {
    fn applied(how: &'a Applied) -> Result<Self, Failure> {
        Ok(Self {
            config: how.source.read()?,
            allow: how.limits.allow(),
            applies: !how.dry_run,
            failed: Some(&how.failed),
            out: None,
            options: &how.options,
        })
    }

    /// Says what is read if a person has to type it: otherwise the command would wait and print nothing.
    fn note_input_of_terminal(&self, files: &[PathBuf]) {
        let source = &self.config.source;
        let is_singer = source.kind == SourceKind::Singer;
        let is_stdin = match (files, &source.path) {
            ([], Some(path)) => path.as_os_str() == "-",
            ([], None) => is_singer,
            (files, _) => files.iter().any(|file| file.as_os_str() == "-"),
        };
        if is_stdin && io::stdin().is_terminal() {
            let what = if is_singer {
                "messages of a Singer tap"
            } else {
                "records"
            };
            progress::note(format_args!(
                "reading {what} from standard input, which is this terminal; Ctrl-D ends them"
            ));
        }
    }

    /// Checks that the files which it writes may be written.
    fn check_files(&self) -> Result<(), Failure> {
        if let Some(failed) = self.failed.filter(|path| self.applies && !is_device(path)) {
            FAILED.check(failed)?;
        }
        self.out.map_or(Ok(()), plan_file::check)
    }

    /// Plans an import of files, or of the source in the configuration, and goes on with the plan.
    async fn start(self, files: &[PathBuf]) -> Result<(), Failure> {
        self.check_files()?;
        self.note_input_of_terminal(files);
        let open = |path: &PathBuf| Source::open(path, &self.config.source);
        let sources = match files {
            [] => Source::configured(&self.config, &self.options.http()).map(|source| vec![source]),
            files => files.iter().map(open).collect(),
        };
        let sources = sources?;
        let (session, state) = self.options.open(ITEMS).await?;
        let plan = pivotal_sync::plan(&session.client, &state, &self.config, sources);
        let run = until_stopped(&state, plan).await?;
        self.finish(&session.client, &state, run).await
    }

    /// Shows a plan, or applies it and shows the result.
    async fn finish(self, client: &Client, state: &State, run: RunId) -> Result<(), Failure> {
        // Again: one may be the state file, which is new.
        self.check_files()?;
        let guards = pivotal_sync::guards(client, state, run, &self.allow)?;
        let mut plan = Report::new(state, run, guards)?;
        plan.per_minute = pivotal_sync::per_minute(client);
        if !self.applies {
            return self.show(state, &plan);
        }
        if plan.guards.is_empty() && plan.counts.left > 0 && self.options.output.is_default_table()
        {
            progress::note(plan.plan());
        }
        let report = self.apply(client, state, run).await?;
        self.show_result(state, &report)
    }

    /// Shows a plan, and writes it to its file.
    fn show(&self, state: &State, plan: &Report) -> Result<(), Failure> {
        if let Some(out) = self.out {
            plan_file::write(state, plan.run.id, out)?;
        }
        print(state, plan, &self.options.output, true, |text| line(text))?;
        if let Some(out) = self.out {
            log(format_args!(
                "the plan is in {0}; when it is reviewed, `pivotal apply {0}` applies it",
                out.display()
            ));
        }
        exit(expected(plan))
    }

    /// Applies a plan, and writes back to the source what the configuration wants there.
    async fn apply(&self, client: &Client, state: &State, run: RunId) -> Result<Report, Failure> {
        let mut options = ApplyOptions::default();
        options.allow = self.allow.clone();
        let stop = pin!(interrupted());
        let mut report = pivotal_sync::apply(client, state, run, &options, stop).await?;
        let http = self.options.http();
        let stop = pin!(interrupted());
        let written = pivotal_sync::write_back(state, run, &self.config, &http, stop).await?;
        if let Some(written) = written {
            report.run = state.run(run)?;
            log(written);
        }
        Ok(report)
    }

    fn show_result(&self, state: &State, report: &Report) -> Result<(), Failure> {
        // Before anything is printed, which ends the process if nobody reads it.
        let failed = self.failed.map(|path| write_failed(state, report, path));
        // The next program of a Singer pipeline, or a file, takes the state from standard output.
        let passes_state = self.config.source.kind == SourceKind::Singer
            && report.run.kind == "import"
            && self.options.output.is_default_table();
        let print_line: fn(&dyn Display) = match passes_state {
            true => |text| log(text),
            false => |text| line(text),
        };
        print(state, report, &self.options.output, false, print_line)?;
        let failed = failed.transpose()?.unwrap_or(0);
        if let Some(path) = self.failed.filter(|_| failed > 0) {
            let which = match report.counts.left {
                0 => "failed",
                _ => "failed or were not attempted",
            };
            log(format_args!(
                "the records that {which} ({failed}) are in {}, which can be imported again",
                path.display()
            ));
        }
        let code = report.run.exit_code.unwrap_or(exit_code::PARTIAL);
        // Without it the tap sends the records again.
        if let Some(tap) = &report.run.singer_state
            && passes_state
            && code == exit_code::COMPLETE
        {
            line(escaped(&tap.to_string()));
        }
        exit(code)
    }
}

/// Writes the records that are not done, if there are any, and returns how many.
fn write_failed(state: &State, report: &Report, path: &Path) -> Result<u64, Failure> {
    // What a guard has stopped is still in the source, and the plan is kept.
    if !report.guards.is_empty() || report.counts.failed + report.counts.open() == 0 {
        return Ok(0);
    }
    if report.run.is_part && report.run.incomplete.is_some() && path.exists() {
        return Err(Failure::partial(format_args!(
            "{} is left as it is, because records of the source were not read; correct it and import it again",
            path.display()
        )));
    }
    let write = |file: &File| {
        let file = io::BufWriter::new(file);
        let written = pivotal_sync::write_failed(state, report.run.id, file);
        written.map_err(|error| {
            let code = error.exit_code();
            Failure::ended(format_args!("{}: {error}", path.display()), code)
        })
    };
    if is_device(path) {
        return write(&File::create(path).map_err(unwritten)?);
    }
    let file = AtomicFile::private(path, FAILED).map_err(unwritten)?;
    let written = write(file.writer())?;
    if written > 0 {
        file.commit().map_err(unwritten)?;
    }
    Ok(written)
}

/// A device or a pipe, such as /dev/null, which is written and not replaced.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// The run has ended, so an output that cannot be used is no wrong command line.
fn unwritten(error: impl Into<pivotal_export::Error>) -> Failure {
    Failure::partial(format_args!("the records that failed: {}", error.into()))
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

fn show_runs(runs: &Runs) -> Result<(), Failure> {
    let output = &runs.output;
    output.check()?;
    let state = State::read(&runs.state.state)?;
    if let Some(run) = runs.run {
        let report = Report::new(&state, run, Vec::new())?;
        return print(&state, &report, output, true, |text| line(text));
    }
    let mut rows = output.rows(RUNS)?;
    for run in state.runs()? {
        rows.row(serde_json::to_value(&run).map_err(Failure::step)?)?;
    }
    rows.complete()
}

async fn mirror(arguments: &Mirror) -> Result<(), Failure> {
    let options = &arguments.options;
    let (session, state) = options.open(MIRROR).await?;
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
            let rows = counted(rows, kind.as_str());
            line(format_args!(
                "complete: {rows} in the table {table} of {file}"
            ));
        }
    }
    if !options.output.is_default_table() {
        end_at_once();
        options.output.value(&result.into())?;
    }
    Ok(())
}
