//! One page of a list, with the rows that do not decode apart.

use std::mem;

use bytes::Bytes;
use jiff::Timestamp;
use pivotal_api::WireError;
use pivotal_api::endpoint::{List, Paged};
use pivotal_runtime::{Exchange, Outcome};
use serde::Deserialize;
use serde_json::Value;

use super::RowOf;
use crate::call::{Call, exchange};
use crate::error::{Error, Result};
use crate::response::{Meta, Response};

/// A page of a list.
pub(super) struct Page<L> {
    pub(super) response: Response<L>,
    /// How many rows at the front were returned already.
    pub(super) repeated: usize,
    /// The rows that are not in the response because they do not decode, in order.
    pub(super) invalid: Vec<InvalidRow>,
}

impl<L> Page<L> {
    fn new(response: Response<L>, invalid: Vec<InvalidRow>) -> Self {
        Self {
            response,
            repeated: 0,
            invalid,
        }
    }
}

/// A row that does not decode.
pub(super) struct InvalidRow {
    pub(super) error: Error,
    /// Its ID, or its JSON if it has none that can be read: by this it is recognized.
    pub(super) identity: String,
    /// Its creation time, if it can be read.
    pub(super) created_at: Option<Timestamp>,
    /// How many of the rows that decode follow it on its page.
    pub(super) rows_after: usize,
}

/// Requests a page. If `apart`, rows that do not decode do not fail it.
pub(super) async fn fetch<O: Paged>(call: Call<O>, apart: bool) -> Result<Page<O::Response>> {
    let operation = call.request.operation();
    let (sent, mut exchange) = exchange(call).await?;
    if apart && matches!(sent, Err(WireError::InvalidResponsePayload(..))) {
        exchange = exchange.map(Exchange::redact);
        if let Some(Outcome::Response(response)) = exchange.as_ref().map(|record| &record.outcome)
            && let Some((value, invalid)) = decode_rows::<O>(&response.body)
            && let Some(exchange) = exchange.take()
        {
            let meta = Meta::from_exchange(exchange);
            let response = Response { value, meta };
            return Ok(Page::new(response, invalid));
        }
    }
    let response = Response::from_exchange(operation, sent, exchange)?;
    Ok(Page::new(response, Vec::new()))
}

/// Decodes the rows of a page one by one. `None` if the fault is not in a row.
fn decode_rows<O: Paged>(body: &[u8]) -> Option<(O::Response, Vec<InvalidRow>)> {
    let mut page: Value = serde_json::from_slice(body).ok()?;
    let key = O::Response::ROWS;
    let found = mem::take(page.get_mut(key)?.as_array_mut()?);
    let mut rows = Vec::with_capacity(found.len());
    let mut invalid = Vec::new();
    for (index, row) in found.iter().enumerate() {
        // As text, so that the error has a position, which says what key it is about.
        let json = Bytes::from(row.to_string());
        match serde_json::from_slice::<RowOf<O>>(&json) {
            Ok(row) => rows.push(row),
            Err(error) => {
                let id = row["id"].as_str().filter(|id| !id.is_empty());
                let created_at = row["created_at"].as_str();
                invalid.push(InvalidRow {
                    error: Error::invalid_row(O::OPERATION, &error, (key, index), row, &json),
                    identity: id.map_or_else(|| row.to_string(), str::to_owned),
                    created_at: created_at.and_then(|time| time.parse().ok()),
                    // Counted from the front until the number of rows is known.
                    rows_after: rows.len(),
                });
            }
        }
    }
    for row in &mut invalid {
        row.rows_after = rows.len() - row.rows_after;
    }
    let mut page = O::Response::deserialize(page).ok()?;
    *page.rows_mut() = rows;
    Some((page, invalid))
}
