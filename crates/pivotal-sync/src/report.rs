//! What a run has done, for people and programs.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io::{self, Write};

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde_json::Value;

use crate::error::{Result, exit_code};
use crate::field::{Values, object};
use crate::guard::Guard;
use crate::kind::Kind;
use crate::progress::minutes;
use crate::source::{REPORT_COLUMNS, UNREADABLE};
use crate::state::items::ByCustomer;
use crate::state::outcomes::CUSTOMER_FAILED;
use crate::state::{Counts, Item, ItemState, PlanItem, Run, RunId, State};
use crate::words::number;

/// The code of a record that was not attempted.
const NOT_ATTEMPTED: &str = "not_attempted";

/// How a record that could not be read becomes one that is imported.
const CORRECT: &str = "; correct the values and then empty the cell in the column code";

/// A run with the numbers of its items. `Display` is a summary of a few lines.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// How many items it has.
    pub counts: Counts,
    /// How many items of each kind it has.
    pub kinds: BTreeMap<Kind, Counts>,
    /// How many requests the plan takes: one per create, two per update or delete.
    pub requests: u64,
    /// The guards that stopped it, or would.
    pub guards: Vec<Guard>,
    /// The rate limit of the API key, in requests per minute, by which the plan's time is computed;
    /// `None` if no response has told it.
    #[serde(skip)]
    pub per_minute: Option<u64>,
}

impl Report {
    /// The report of a run.
    ///
    /// # Errors
    /// [`Error::Unusable`](crate::Error::Unusable) if there is no such run;
    /// [`Error::State`](crate::Error::State).
    pub fn new(state: &State, run: RunId, guards: Vec<Guard>) -> Result<Self> {
        Ok(Self::of(
            state.run(run)?,
            state.counts_by_kind(run)?,
            guards,
        ))
    }

    /// The report of a run with these items.
    pub(crate) fn of(
        run: Run,
        (counts, kinds): (Counts, BTreeMap<Kind, Counts>),
        guards: Vec<Guard>,
    ) -> Self {
        Self {
            run,
            requests: counts.writes() + counts.update + counts.delete,
            counts,
            kinds,
            guards,
            per_minute: None,
        }
    }

    /// The command that applies the plan, with the options that its guards ask for.
    pub fn apply_command(&self) -> String {
        let options = self.guards.iter().map(Guard::option);
        let command = format!("pivotal apply {}", self.run.id);
        options.fold(command, |command, option| format!("{command} {option}"))
    }

    /// What is about to be done, in a few lines.
    pub fn plan(&self) -> String {
        format!("{}{}", Plan(self), self.requests())
    }

    fn requests(&self) -> String {
        let minutes = minutes(self.requests, self.per_minute);
        format!("requests    {}{minutes}", self.requests)
    }
}

/// What a plan has of each kind, with a line for each.
struct Plan<'a>(&'a Report);

impl fmt::Display for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { run, kinds, .. } = self.0;
        for (kind, counts) in kinds {
            let (title, unchanged) = match kind {
                Kind::Customer => ("plan", run.unchanged),
                Kind::Contact => ("contacts", run.unchanged_contacts),
                Kind::Onboarding => ("onboardings", run.unchanged_onboardings),
            };
            let Counts {
                create,
                update,
                delete,
                conflict,
                invalid,
                skipped,
                ..
            } = counts;
            let all = counts.writes() + unchanged + conflict + invalid + skipped;
            if *kind == Kind::Customer || all > 0 {
                writeln!(
                    f,
                    "{title:<11} {create} create, {update} update, {unchanged} unchanged, {delete} delete, {conflict} conflict, {invalid} invalid, {skipped} skipped"
                )?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            run,
            counts,
            guards,
            ..
        } = self;
        writeln!(f, "run {}: {} of {}", run.id, run.kind, run.source)?;
        if run.kind == "import" {
            let part = match run.is_part {
                true => " that an earlier run has not done",
                false => "",
            };
            let read = match &run.incomplete {
                None => "read to its end".to_owned(),
                Some(why) => format!("INCOMPLETE: {why}"),
            };
            let records = number(run.rows, "record");
            writeln!(f, "source      {records}{part}, {read}")?;
            let customers = number(run.mirror_rows, "customer");
            writeln!(f, "mirror      {customers}, complete")?;
        }
        write!(f, "{}", Plan(self))?;
        if run.pruned {
            writeln!(f, "            the plan and its outcome are no longer kept")?;
        }
        if run.state == "planned" {
            write!(f, "{}", self.requests())?;
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
        let is_stopped = run.exit_code == Some(exit_code::GUARD);
        write!(f, "\nresult      {}", run.state.to_uppercase())?;
        match &run.reason {
            _ if !guards.is_empty() => write!(f, " by a guard; nothing was written")?,
            Some(reason) => write!(f, ": {reason}")?,
            None => {}
        }
        if counts.open() > 0 {
            let how = match is_stopped {
                true if guards.is_empty() => "with the option applies it",
                true => "applies it",
                false => "goes on",
            };
            write!(f, "\n            `{}` {how}", self.apply_command())?;
        }
        Ok(())
    }
}

/// Writes the records of a run that are not done, or of which a contact or the onboarding is not, as
/// CSV with the columns of the source and `reason`, `code`, `field` and `sent`, and returns how many
/// there are. Each record is written once, with the code of its first such item: that of the failure,
/// or `not_attempted`. The file can be imported as it is, except for a record that could not be read
/// (`unreadable`): it is refused again until its `code` is empty. Without such a record nothing is
/// written.
///
/// # Errors
/// [`Error::Write`](crate::Error::Write) if the output cannot be written;
/// [`Error::State`](crate::Error::State).
pub fn write_failed(state: &State, run: RunId, mut out: impl Write) -> Result<u64> {
    let columns = state.run(run)?.columns;
    let mut written = 0;
    let mut failures = ByCustomer::new(
        state,
        run,
        "row IS NOT NULL AND state IN ('failed', 'sending', 'planned')",
    );
    while let Some(items) = failures.next()? {
        if written == 0 {
            let header = columns.iter().map(String::as_str).chain(REPORT_COLUMNS);
            write_record(&mut out, header)?;
        }
        let raw = raw(state, run, items[0].row)?;
        let of_column = |column: &String| match raw.get(column) {
            None | Some(Value::Null) => Cow::default(),
            Some(Value::String(text)) => text.into(),
            Some(other) => other.to_string().into(),
        };
        let about = about(&items).map(Cow::from);
        write_record(&mut out, columns.iter().map(of_column).chain(about))?;
        written += 1;
    }
    out.flush()?;
    Ok(written)
}

/// Writes a record of CSV. The writer of the crate `csv` takes time quadratic in the length of a value,
/// and an open quote can make a whole file one value.
fn write_record(
    out: &mut impl Write,
    values: impl Iterator<Item = impl AsRef<str>>,
) -> io::Result<()> {
    for (index, value) in values.enumerate() {
        let value = value.as_ref();
        if index > 0 {
            out.write_all(b",")?;
        }
        match value.contains([',', '"', '\r', '\n']) {
            true => write!(out, "\"{}\"", value.replace('"', "\"\""))?,
            false => out.write_all(value.as_bytes())?,
        }
    }
    out.write_all(b"\n")
}

/// The values of the columns `reason`, `code`, `field` and `sent`, the last three of the first item.
fn about(items: &VecDeque<Item>) -> [String; 4] {
    let first = &items[0].plan;
    let code = code(first);
    let plans = items.iter().map(|item| &item.plan);
    let reasons = plans.enumerate().filter_map(|(index, plan)| {
        let reason = plan.reason.as_deref().unwrap_or("not attempted");
        let of_item = self::code(plan);
        let is_repetition = index > 0
            && (of_item == CUSTOMER_FAILED || (of_item == NOT_ATTEMPTED && code == NOT_ATTEMPTED));
        (!is_repetition).then(|| match plan.kind {
            Kind::Customer => reason.to_owned(),
            kind => format!("{kind} {}: {reason}", plan.label),
        })
    });
    let reasons = reasons.collect::<Vec<_>>().join("; ");
    let mut reason = match first.place.as_str() {
        "" => reasons,
        place => format!("{place}: {reasons}"),
    };
    if code == UNREADABLE && !reason.ends_with(CORRECT) {
        reason.push_str(CORRECT);
    }
    [
        pivotal_sdk::printable(&reason).into_owned(),
        code.to_owned(),
        first.field.clone().unwrap_or_default(),
        first.sent.clone(),
    ]
}

/// The code of an item that is not done.
fn code(plan: &PlanItem) -> &str {
    match (&plan.code, plan.state) {
        (Some(code), _) => code,
        (None, ItemState::Planned) => NOT_ATTEMPTED,
        (None, _) => "",
    }
}

/// The record of the source.
fn raw(state: &State, run: RunId, row: Option<i64>) -> Result<Values> {
    state.query(|connection| {
        let mut statement =
            connection.prepare_cached("SELECT raw FROM records WHERE run = ? AND seq = ?")?;
        let raw: Option<String> = statement
            .query_row(rusqlite::params![run, row], |row| row.get(0))
            .optional()?;
        Ok(raw.map(|raw| object(&raw)).unwrap_or_default())
    })
}
