//! Rows of one kind, in order of creation.

use std::{cell::OnceCell, collections::HashMap};

use bytes::Bytes;
use jiff::Timestamp;

use super::Record;
use crate::error::json;

/// A stored row. Deletion is soft: the row stays and is passed over.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) display_id: u64,
    pub(crate) created_at: Timestamp,
    /// Place of the customer that it belongs to; customers belong to nobody.
    pub(crate) customer: Option<usize>,
    pub(crate) deleted: bool,
    record: Record,
    /// The record as JSON, once it has been asked for.
    answer: OnceCell<Bytes>,
}

impl Row {
    pub(crate) fn new(
        id: String,
        display_id: u64,
        created_at: Timestamp,
        customer: Option<usize>,
        record: Record,
    ) -> Self {
        Self {
            id,
            display_id,
            created_at,
            customer,
            deleted: false,
            record,
            answer: OnceCell::new(),
        }
    }

    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    pub(crate) fn set_record(&mut self, record: Record) {
        self.record = record;
        self.answer = OnceCell::new();
    }

    /// The record as JSON.
    pub(crate) fn answer(&self) -> Bytes {
        self.answer.get_or_init(|| json(&self.record)).clone()
    }
}

/// Rows by place: a row's place never changes, and its `display_id` is the place plus one.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    /// All places, by creation time.
    order: Vec<usize>,
    by_id: HashMap<String, usize>,
    /// Places of the rows of a customer, by creation time.
    by_customer: HashMap<usize, Vec<usize>>,
}

impl Table {
    /// The `display_id` that the next row gets: counted per workspace and kind, from 1, never used
    /// twice.
    ///
    /// Evidence: stated (a number per workspace), decided (from 1).
    pub(crate) fn next_display_id(&self) -> u64 {
        self.rows.len() as u64 + 1
    }

    /// Adds a row, and tells its place.
    pub(crate) fn push(&mut self, row: Row) -> usize {
        let place = self.rows.len();
        self.by_id.insert(row.id.clone(), place);
        let (customer, created_at) = (row.customer, row.created_at);
        self.rows.push(row);
        let lists = customer.map(|customer| self.by_customer.entry(customer).or_default());
        for places in [&mut self.order].into_iter().chain(lists) {
            // At the end, but for a clock that was set back.
            let index = match places.last() {
                Some(last) if self.rows[*last].created_at > created_at => {
                    places.partition_point(|place| self.rows[*place].created_at <= created_at)
                }
                _ => places.len(),
            };
            places.insert(index, place);
        }
        place
    }

    pub(crate) fn row(&self, place: usize) -> &Row {
        &self.rows[place]
    }

    pub(crate) fn row_mut(&mut self, place: usize) -> &mut Row {
        &mut self.rows[place]
    }

    /// The place of a row, deleted or not, by what stands in a path or a `customer_id`: all digits
    /// is a `display_id`, anything else an opaque id. Evidence: stated.
    pub(crate) fn find(&self, reference: &str) -> Option<usize> {
        if !reference.is_empty() && reference.bytes().all(|byte| byte.is_ascii_digit()) {
            let place = reference.parse::<usize>().ok()?.checked_sub(1)?;
            return (place < self.rows.len()).then_some(place);
        }
        self.by_id.get(reference).copied()
    }

    /// The place of a row that is not deleted.
    pub(crate) fn find_live(&self, reference: &str) -> Option<usize> {
        self.find(reference)
            .filter(|place| !self.rows[*place].deleted)
    }

    /// Rows, newest first, created strictly before `cursor`. Deleted ones are among them. Of rows
    /// that share their creation time the later made comes first. Evidence: stated (the order),
    /// decided (among equals).
    pub(crate) fn newest_first(&self, cursor: Option<Timestamp>) -> impl Iterator<Item = &Row> {
        self.backwards(&self.order, cursor)
    }

    /// The same for the rows of one customer.
    pub(crate) fn newest_first_of(
        &self,
        customer: usize,
        cursor: Option<Timestamp>,
    ) -> impl Iterator<Item = &Row> {
        let places = self.by_customer.get(&customer);
        self.backwards(places.map_or(&[], Vec::as_slice), cursor)
    }

    fn backwards<'a>(
        &'a self,
        places: &'a [usize],
        cursor: Option<Timestamp>,
    ) -> impl Iterator<Item = &'a Row> {
        let end = cursor.map_or(places.len(), |cursor| {
            places.partition_point(|place| self.rows[*place].created_at < cursor)
        });
        places[..end].iter().rev().map(|place| &self.rows[*place])
    }
}
