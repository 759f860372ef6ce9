//! Lists: filters, then pages.

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::Call;
use crate::{
    clock::iso,
    error::{ApiError, json},
    store::{Kind, Record, Row},
    validate::date_time,
};

/// Rows of a page when the request does not say. One page of the documentation says 20, another 25.
/// Evidence: decided.
const DEFAULT_LIMIT: usize = 25;

/// The list envelope. Evidence: stated.
#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<&'a Record>,
    has_more: bool,
    next_cursor: Option<String>,
}

/// The time that rows of the asked page are strictly older than. Evidence: stated, as is the
/// response for a bad one.
pub(super) fn cursor(call: &Call<'_>) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = call.query.text("cursor") else {
        return Ok(None);
    };
    let invalid =
        || ApiError::invalid_request("invalid_string", "Invalid datetime").field("cursor");
    date_time(text).map(Some).ok_or_else(invalid)
}

/// The first page of `rows`, which come newest first.
///
/// `has_more` is true when a row follows, and then `next_cursor` is the creation time of the last
/// row here. Evidence: stated.
pub(super) fn page<'a>(call: &Call<'_>, rows: impl Iterator<Item = &'a Row>) -> Bytes {
    let limit = call
        .query
        .get("limit")
        .and_then(Value::as_f64)
        .map_or(DEFAULT_LIMIT, |limit| limit as usize);
    let mut rows = rows.peekable();
    let page: Vec<&Row> = rows.by_ref().take(limit).collect();
    let next_cursor = rows
        .peek()
        .and(page.last())
        .map(|last| iso(last.created_at));
    envelope(page.into_iter(), next_cursor)
}

/// All of `rows` in one envelope, for the list that is not paged. Evidence: stated.
pub(super) fn everything<'a>(rows: impl Iterator<Item = &'a Row>) -> Bytes {
    envelope(rows, None)
}

fn envelope<'a>(rows: impl Iterator<Item = &'a Row>, next_cursor: Option<String>) -> Bytes {
    json(&List {
        object: "list",
        data: rows.map(|row| row.record()).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
    })
}

/// What a query asks of the rows of a list: a parameter named like a key of the row wants that
/// value. Filters apply before paging. Evidence: stated (before paging, the documented filters),
/// decided (`slug`, and by what name a filter that regeneration adds is understood).
pub(super) struct Filter<'a>(Vec<(usize, &'a Value)>);

impl<'a> Filter<'a> {
    /// The filter of a call. `but` are parameters with a meaning of their own.
    pub(super) fn of(call: &'a Call<'_>, kind: Kind, but: &[&str]) -> Self {
        let shape = call.workspace.shape(kind);
        let asked = call.query.iter().filter(|(name, _)| !but.contains(name));
        Self(
            asked
                .filter_map(|(name, value)| Some((shape.position(name)?, value)))
                .collect(),
        )
    }

    pub(super) fn takes(&self, row: &Row) -> bool {
        self.0
            .iter()
            .all(|(position, value)| row.record().at(*position) == *value)
    }
}
