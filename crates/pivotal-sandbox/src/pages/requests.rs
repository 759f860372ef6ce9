//! The journal of requests.

use pivotal_views::{Choice, RequestPage, RequestRow, Requests};
use serde_json::Value;

use super::text::{Fields, beginning, printable, shown};
use crate::{
    clock::iso,
    journal::{Entry, ReceivedRequest},
    redact::redact_header,
    state::Shared,
};

/// The most characters of a body that are shown.
const BODY: usize = 64 * 1024;

const SHOW: [&str; 4] = ["failed", "writes", "faults", "replayed"];

pub(super) fn list(shared: &Shared, query: &Fields) -> Requests {
    let state = shared.lock();
    let show = query.get("show").filter(|show| SHOW.contains(show));
    let wanted = |entry: &Entry| {
        let response = entry.response.as_ref();
        match show {
            Some("failed") => response.is_some_and(|response| response.status >= 400),
            Some("writes") => !entry.head.method.is_safe(),
            Some("faults") => response.is_some_and(|response| response.fault.is_some()),
            Some("replayed") => response.is_some_and(|response| response.replayed),
            _ => true,
        }
    };
    let newest_first = state.journal.numbered().rev();
    let entries: Vec<_> = newest_first.filter(|(_, entry)| wanted(entry)).collect();
    let numbers: Vec<_> = entries.iter().map(|(number, _)| *number).collect();
    let skipped = match query.number("after") {
        Some(after) => numbers.partition_point(|number| *number >= after),
        None => 0,
    };
    let (page, links) = query.page("/requests", &["show"], &numbers, skipped);
    let rows = entries[page].iter();
    Requests {
        show: Choice {
            chosen: show.map(str::to_owned),
            ..query.choice("show", "Show", "All", SHOW)
        },
        rows: rows
            .map(|(number, entry)| row(*number, &entry.redacted()))
            .collect(),
        links,
    }
}

pub(super) fn view(shared: &Shared, number: &str) -> Option<RequestPage> {
    let number: u64 = number.parse().ok()?;
    let state = shared.lock();
    let (_, entry) = state
        .journal
        .numbered()
        .find(|(known, _)| *known == number)?;
    let request = entry.redacted();
    drop(state);
    let headers = request.headers.iter();
    let body = body(&request.body);
    let cut = beginning(&body, BODY);
    Some(RequestPage {
        request: row(number, &request),
        operation: request.operation.clone(),
        headers: headers
            .map(|(name, value)| (shown(name), shown(value)))
            .collect(),
        note: cut.map(|_| {
            format!(
                "The body has {} bytes, and is cut off here.",
                request.body.len()
            )
        }),
        body: cut.unwrap_or(&body).to_owned(),
    })
}

fn row(number: u64, request: &ReceivedRequest) -> RequestRow {
    let query = request.query.iter().flat_map(|query| ["?", query]);
    let target: String = [request.path.as_str()].into_iter().chain(query).collect();
    let response = request.response.as_ref();
    RequestRow {
        number,
        at: iso(request.at),
        method: shown(&request.method),
        target: shown(&target),
        status: response.map(|response| response.status),
        took: response.map(|response| format!("{:.1} ms", response.took.as_secs_f64() * 1_000.0)),
        replayed: response.is_some_and(|response| response.replayed),
        fault: response
            .and_then(|response| response.fault.as_deref())
            .map(shown),
    }
}

/// A body as text without keys; JSON in lines.
pub(super) fn body(body: &[u8]) -> String {
    let text = match serde_json::from_slice(body) {
        Ok(json) => format!("{:#}", without_keys(json)),
        Err(_) => redact_header(&String::from_utf8_lossy(body)),
    };
    printable(&text, true)
}

fn without_keys(json: Value) -> Value {
    match json {
        Value::String(text) => redact_header(&text).into(),
        Value::Array(items) => items.into_iter().map(without_keys).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            fields
                .map(|(key, value)| (redact_header(&key), without_keys(value)))
                .collect()
        }
        other => other,
    }
}
