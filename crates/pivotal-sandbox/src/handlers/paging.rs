//! Lists: filters, then pages.

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::Request;
use crate::{
    clock::iso,
    error::ApiError,
    response::json,
    store::{Kind, Record, Row},
    validate::read_date_time,
};

/// Rows of a page without `limit`. One page of the documentation says 20, another 25.
/// Evidence: decided.
const DEFAULT_LIMIT: usize = 25;
/// The same if only what is documented is served.
const DOCUMENTED_LIMIT: usize = 20;

/// The list envelope. Evidence: stated.
#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<&'a Record>,
    has_more: bool,
    next_cursor: Option<String>,
}

/// The cursor: the page holds rows strictly older than this time. Evidence: stated, as is the error
/// for an invalid one.
pub(super) fn cursor(request: &Request<'_>) -> Result<Option<Timestamp>, ApiError> {
    let text = request.query.text("cursor");
    text.map(|text| read_date_time(text, "cursor")).transpose()
}

/// The first page of those `rows` of a kind that are listed and match the filters of the request;
/// all of them if the operation takes no cursor. They must be sorted newest first. The handler has
/// applied the filters in `applied` itself.
///
/// A query parameter with the name of a key selects rows with that value, before paging. Evidence:
/// stated (before paging, the documented filters), decided (`slug`, and that filters of newer
/// contracts work by name).
///
/// If a row follows, `has_more` is true and `next_cursor` is the creation time of the last row of
/// the page. Evidence: stated.
pub(super) fn page<'a>(
    request: &Request<'_>,
    kind: Kind,
    applied: &[&str],
    rows: impl Iterator<Item = &'a Row>,
) -> Bytes {
    let shape = request.workspace.shape(kind);
    let parameters = (request.query.iter()).filter(|(name, _)| !applied.contains(name));
    let filters: Vec<_> = parameters
        .filter_map(|(name, value)| Some((shape.position(name)?, value)))
        .collect();
    let matches = |row: &Row| {
        let mut filters = filters.iter();
        filters.all(|(position, value)| row.record().at(*position) == *value)
    };
    let mut parameters = request.operation.parameters.iter();
    let limit = match request.query.get("limit").and_then(Value::as_f64) {
        Some(limit) => limit as usize,
        None if !parameters.any(|parameter| parameter.name == "cursor") => usize::MAX,
        None if request.contract.undocumented => DEFAULT_LIMIT,
        None => DOCUMENTED_LIMIT,
    };
    let mut rows = rows
        .filter(|row| request.workspace.is_listed(row) && matches(row))
        .peekable();
    let page: Vec<&Row> = rows.by_ref().take(limit).collect();
    let next_cursor = rows
        .peek()
        .and(page.last())
        .map(|last| iso(last.created_at));
    json(&List {
        object: "list",
        data: page.into_iter().map(Row::record).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
    })
}
