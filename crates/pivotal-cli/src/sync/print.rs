//! What a run is printed as: for people, as one JSON object, or as rows.

use std::fmt::Display;

use pivotal_sdk::printable;
use pivotal_sync::{Action, ItemState, Kind, PlanItem, Report, RunId, State};

use crate::output::{Output, RowKind};
use crate::progress;
use crate::report::{Failure, escaped, line};
use crate::signal;

/// How many failed records are printed. The file with the failed records has all.
const SHOWN_FAILURES: usize = 20;

/// The items of a run.
pub(super) const ITEMS: RowKind = RowKind {
    schema: "an item",
    columns: &[
        "kind", "action", "state", "label", "place", "code", "reason",
    ],
    added: &[
        "kind", "action", "state", "place", "id", "customer", "label", "key", "before", "after",
        "code", "field", "reason", "sent",
    ],
};

/// Prints a run; for people, all items, or only those that failed.
pub(super) fn print(
    state: &State,
    report: &Report,
    output: &Output,
    all: bool,
    line: fn(&dyn Display),
) -> Result<(), Failure> {
    progress::end();
    signal::end_at_once();
    if !output.is_default_table() {
        return match output.is_json() {
            true => print_object(state, report, output),
            false => print_items(state, report.run.id, output),
        };
    }
    let mut shown = 0;
    let each = |item: PlanItem| {
        let is_problem = matches!(item.state, ItemState::Failed | ItemState::Sending);
        if all || is_problem {
            shown += 1;
            if all || shown <= SHOWN_FAILURES {
                line(&item_line(&item));
            }
        }
    };
    state.each_item(report.run.id, each)?;
    if !all && shown > SHOWN_FAILURES {
        line(&format_args!("… and {} more", shown - SHOWN_FAILURES));
    }
    line(report);
    if all && report.run.state == "planned" && report.counts.left > 0 {
        line(&format_args!("apply it with `{}`", report.apply_command()));
    }
    Ok(())
}

/// One line about an item.
pub(crate) fn item_line(item: &PlanItem) -> String {
    let sign = match item.action {
        Action::Create => '+',
        Action::Update => '~',
        Action::Delete => '-',
        Action::Conflict | Action::Invalid => '!',
        _ => ' ',
    };
    let kind = match item.kind {
        Kind::Customer => String::new(),
        kind => format!("{kind} "),
    };
    let mut text = format!("{sign} {:<8} {kind}{}", item.action, item.label);
    if !item.place.is_empty() {
        text += &format!("  ({})", item.place);
    }
    if item.action == Action::Update
        && let (Some(before), Some(after)) = (&item.before, &item.after)
    {
        for (field, after) in after {
            let before = before.get(field).cloned().unwrap_or_default();
            text += &format!("  {field} {before} → {after}");
        }
    }
    if let Some(reason) = &item.reason {
        let field = item
            .field
            .as_ref()
            .map_or(String::new(), |field| format!(" {field}:"));
        text += &format!(" {field} {reason}");
    }
    if let Some(code) = &item.code {
        text += &format!(" [{code}]");
    }
    printable(&text).into_owned()
}

/// The items of a run as rows.
fn print_items(state: &State, run: RunId, output: &Output) -> Result<(), Failure> {
    let mut rows = output.rows(ITEMS)?;
    let mut printed = Ok(());
    let each = |item: PlanItem| {
        if printed.is_ok() {
            printed = serde_json::to_value(&item)
                .map_err(Failure::step)
                .and_then(|item| rows.row(item));
        }
    };
    state.each_item(run, each)?;
    printed?;
    rows.complete()
}

/// The report with all items, as one object. Items are printed one by one, unless a filter reads
/// them.
fn print_object(state: &State, report: &Report, output: &Output) -> Result<(), Failure> {
    if output.is_filtered() {
        let mut object = serde_json::to_value(report).map_err(Failure::step)?;
        let mut items = Vec::new();
        let each = |item: PlanItem| items.push(serde_json::to_value(&item));
        state.each_item(report.run.id, each)?;
        let items: Result<Vec<_>, _> = items.into_iter().collect();
        object["items"] = items.map_err(Failure::step)?.into();
        return output.value(&object);
    }
    let head = serde_json::to_string(report).map_err(Failure::step)?;
    let head = head.strip_suffix('}').unwrap_or(&head);
    let mut before = format!("{},\"items\":[", escaped(head));
    let each = |item: PlanItem| {
        if let Ok(item) = serde_json::to_string(&item) {
            line(format_args!("{before}{}", escaped(&item)));
            before = ",".to_owned();
        }
    };
    state.each_item(report.run.id, each)?;
    let before = if before == "," { "" } else { &before };
    line(format_args!("{before}]}}"));
    Ok(())
}
