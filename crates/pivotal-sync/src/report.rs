//! What a run has done, for people and programs.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::field::{Values, object};
use crate::guard::Guard;
use crate::source::REPORT_COLUMNS;
use crate::state::{Counts, ItemState, Run, RunId, State};

/// A run with the numbers of its items. `Display` is a summary of a few lines.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// How many items it has.
    pub counts: Counts,
    /// The guards that stopped it, or would.
    pub guards: Vec<Guard>,
}

impl Report {
    /// The report of a run.
    ///
    /// # Errors
    /// [`Error::Unusable`] if there is no such run; [`Error::State`].
    pub fn new(state: &State, run: RunId, guards: Vec<Guard>) -> Result<Self> {
        Ok(Self {
            counts: state.counts(run)?,
            run: state.run(run)?,
            guards,
        })
    }

    /// How many calls the plan costs: one per create, two per update or delete.
    pub fn calls(&self) -> u64 {
        self.counts.create + 2 * (self.counts.update + self.counts.archive)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            run,
            counts,
            guards,
        } = self;
        writeln!(f, "run {}: {} of {}", run.id, run.kind, run.source)?;
        if run.kind == "import" {
            let read = match &run.incomplete {
                None => "read to its end".to_owned(),
                Some(why) => format!("INCOMPLETE: {why}"),
            };
            writeln!(f, "source      {} records, {read}", run.rows)?;
            writeln!(f, "mirror      {} customers, complete", run.mirror_rows)?;
        }
        writeln!(
            f,
            "plan        {} create, {} update, {} unchanged, {} archive, {} conflict, {} invalid, {} skipped",
            counts.create,
            counts.update,
            run.unchanged,
            counts.archive,
            counts.conflict,
            counts.invalid,
            counts.skipped
        )?;
        if run.state == "planned" {
            let calls = self.calls();
            write!(
                f,
                "cost        {calls} calls, {} min at 60 a minute",
                calls.div_ceil(60)
            )?;
        } else {
            write!(
                f,
                "outcome     {} done, {} failed, {} in doubt, {} not attempted",
                counts.done, counts.failed, counts.in_doubt, counts.left
            )?;
        }
        for guard in guards {
            write!(f, "\nguard       {guard}")?;
        }
        if run.state == "planned" {
            return Ok(());
        }
        write!(f, "\nresult      {}", run.state.to_uppercase())?;
        if let Some(reason) = run.reason.as_ref().filter(|_| guards.is_empty()) {
            write!(f, ": {reason}")?;
        }
        if counts.open() > 0 {
            write!(f, "\n            `pivotal apply {}` goes on", run.id)?;
        }
        Ok(())
    }
}

/// Writes the records of a run that failed, or may have, with the columns of the source and
/// `reason`, `code`, `field` and `sent`, and returns how many there are. The file can be imported
/// as it is. Without such a record nothing is written.
///
/// # Errors
/// [`Error::Write`] if the file cannot be written, [`Error::State`].
pub fn write_failed(state: &State, run: RunId, path: &Path) -> Result<u64> {
    let columns = state.run(run)?.columns;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let failed = |error: io::Error| Error::Write {
        path: path.to_owned(),
        error,
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside).to_owned();
    let mut written = 0;
    let mut writer = None;
    let mut last = -1;
    loop {
        let items = state.items_after(
            run,
            last,
            "row IS NOT NULL AND state IN ('failed', 'sending')",
        )?;
        let Some(item) = items.last() else {
            break;
        };
        last = item.seq;
        for item in items {
            let writer = match &mut writer {
                Some(writer) => writer,
                None => {
                    std::fs::create_dir_all(folder).map_err(failed)?;
                    let file = std::fs::File::create(&beside).map_err(failed)?;
                    let mut new = csv::Writer::from_writer(io::BufWriter::new(file));
                    let header = columns.iter().map(String::as_str).chain(REPORT_COLUMNS);
                    new.write_record(header)
                        .map_err(|error| failed(error.into()))?;
                    writer.insert(new)
                }
            };
            let raw = raw(state, run, item.row)?;
            let of_column = |column: &String| match raw.get(column) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            let plan = item.plan;
            let sent = if plan.state == ItemState::Sending {
                "unknown".to_owned()
            } else {
                plan.sent
            };
            let reason = plan.reason.unwrap_or_default();
            let reason = if plan.place.is_empty() {
                reason
            } else {
                format!("{}: {reason}", plan.place)
            };
            let about = [
                pivotal_sdk::printable(&reason).to_string(),
                plan.code.unwrap_or_default(),
                plan.field.unwrap_or_default(),
                sent,
            ];
            writer
                .write_record(columns.iter().map(of_column).chain(about))
                .map_err(|error| failed(error.into()))?;
            written += 1;
        }
    }
    if let Some(writer) = writer {
        let mut file = writer
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.flush().map_err(failed)?;
        std::fs::rename(&beside, path).map_err(failed)?;
    }
    Ok(written)
}

/// The record of the source.
fn raw(state: &State, run: RunId, row: Option<i64>) -> Result<Values> {
    state.query(|connection| {
        let mut statement =
            connection.prepare_cached("SELECT raw FROM source_rows WHERE run = ? AND seq = ?")?;
        let raw: Option<String> = statement
            .query_row(rusqlite::params![run, row], |row| row.get(0))
            .optional()?;
        Ok(raw.map(|raw| object(&raw)).unwrap_or_default())
    })
}
