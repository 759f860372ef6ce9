//! The file of a plan: what `pivotal plan --out` writes for review, and `pivotal apply FILE` checks.
//!
//! It is a line of JSON about the plan, then one for each item. The plan itself is in the state file and
//! is applied from there: a file that differs from it is refused.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use pivotal_export::{AtomicFile, FileKind};
use pivotal_sync::{Action, PlanItem, RunId, State};
use serde::Serialize;
use serde_json::{Value, json};

use crate::report::{Failure, escaped};

/// What `pivotal plan --out` writes.
const PLAN: FileKind<'static> = FileKind {
    name: "plan",
    is_one: &|start| {
        let head = start.split(|byte| *byte == b'\n').next();
        head.and_then(number).is_some()
    },
};

/// Refuses a path that cannot be written, or where anything but a plan stands.
pub(super) fn check(path: &Path) -> Result<(), Failure> {
    Ok(AtomicFile::private(path, PLAN).map(drop)?)
}

/// The number of the run in the first line of a plan.
fn number(head: &[u8]) -> Option<RunId> {
    let head: Value = serde_json::from_slice(head).ok()?;
    head["plan"].as_i64()
}

/// Writes the plan of a run. The file stands there whole or not at all.
pub(super) fn write(state: &State, run: RunId, path: &Path) -> Result<(), Failure> {
    let file = AtomicFile::private(path, PLAN)?;
    let mut out = BufWriter::new(file.writer());
    lines(state, run, |line| {
        writeln!(out, "{line}").map_err(unwritten)
    })?;
    out.flush().map_err(unwritten)?;
    drop(out);
    file.commit().map_err(unwritten)
}

fn unwritten(error: impl Into<pivotal_export::Error>) -> Failure {
    Failure::partial(format_args!("the file of the plan: {}", error.into()))
}

/// The run whose plan a file is.
pub(super) fn read(state: &State, path: &Path) -> Result<RunId, Failure> {
    let file = path.display();
    let unusable = |why: &str| Failure::unusable(format_args!("{file}: {why}"));
    let open = File::open(path).map_err(|error| unusable(&error.to_string()))?;
    let mut written = BufReader::new(open).lines();
    let mut next = || match written.next() {
        None => Ok(None),
        Some(line) => line.map(Some).map_err(|error| unusable(&error.to_string())),
    };
    let head = next()?.unwrap_or_default();
    let run = number(head.as_bytes()).ok_or_else(|| {
        unusable("it is neither the number of a run nor a plan from `pivotal plan --out`")
    })?;
    let (mut expected, mut number) = (Some(head), 0);
    lines(state, run, |line| {
        number += 1;
        if expected.take().as_deref() != Some(line) {
            return Err(differs(path, number, run));
        }
        expected = next()?;
        Ok(())
    })?;
    match expected {
        None => Ok(run),
        Some(_) => Err(differs(path, number + 1, run)),
    }
}

fn differs(path: &Path, line: usize, run: RunId) -> Failure {
    Failure::unusable(format_args!(
        "{}:{line}: the file is not the plan of run {run} in the state file; use the state file that the plan was made with, or plan again",
        path.display()
    ))
}

/// What a plan is, however far it has been applied.
#[derive(Serialize)]
struct Head<'a> {
    plan: RunId,
    source: &'a str,
    mode: &'a str,
    rows: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    incomplete: Option<&'a str>,
    customers: u64,
    unchanged: u64,
}

/// Calls `each` with the lines of the file.
fn lines(
    state: &State,
    run: RunId,
    mut each: impl FnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let found = state.run(run)?;
    if found.pruned {
        return Err(Failure::unusable(format_args!(
            "the plan of run {run} is no longer kept; plan again"
        )));
    }
    let head = Head {
        plan: run,
        source: &found.source,
        mode: &found.mode,
        rows: found.rows,
        incomplete: found.incomplete.as_deref(),
        customers: found.mirror_rows,
        unchanged: found.unchanged,
    };
    let line = |value: Value| escaped(&value.to_string()).to_string();
    each(&line(json!(head)))?;
    let mut result = Ok(());
    state.each_item(run, |item| {
        if result.is_ok() {
            result = each(&line(planned(&item)));
        }
    })?;
    result
}

/// An item without its outcome.
fn planned(item: &PlanItem) -> Value {
    let mut value = json!(item);
    let outcome: &[&str] = match item.action {
        Action::Create => &["state", "sent", "code", "field", "reason", "id", "customer"],
        Action::Update | Action::Delete => &["state", "sent", "code", "field", "reason"],
        _ => &["state", "sent"],
    };
    if let Value::Object(members) = &mut value {
        members.retain(|name, _| !outcome.contains(&name.as_str()));
    }
    value
}
