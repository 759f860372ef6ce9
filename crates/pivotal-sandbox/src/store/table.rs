//! Rows of one kind, in order of creation.

use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashMap},
};

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::Record;
use crate::response::json;

/// A stored row. Deletion is soft: the row stays and is skipped.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) display_id: u64,
    pub(crate) created_at: Timestamp,
    /// Index of the customer that it belongs to; a customer has none.
    pub(crate) customer: Option<usize>,
    pub(crate) deleted: bool,
    pub(super) record: Record,
    /// The record as JSON, once it was needed.
    #[serde(skip)]
    pub(super) response: OnceCell<Bytes>,
}

impl Row {
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    pub(crate) fn set_record(&mut self, record: Record) {
        self.record = record;
        self.response = OnceCell::new();
    }

    pub(crate) fn response(&self) -> Bytes {
        self.response.get_or_init(|| json(&self.record)).clone()
    }
}

/// Rows by index. The index of a row never changes, and its `display_id` is the index plus one.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(super) rows: Vec<Row>,
    /// All indexes, by creation time.
    order: Vec<usize>,
    pub(super) by_id: HashMap<String, usize>,
    /// Indexes of the rows of a customer, by creation time.
    by_customer: HashMap<usize, Vec<usize>>,
    /// Indexes of the rows that were added or changed since they were taken to be saved; `None` until
    /// then.
    pub(super) changed: Option<BTreeSet<usize>>,
}

impl Table {
    /// The `display_id` of the next row: counted per workspace and kind from 1, never reused.
    ///
    /// Evidence: stated (a number per workspace), decided (from 1).
    pub(crate) fn next_display_id(&self) -> u64 {
        self.rows.len() as u64 + 1
    }

    pub(crate) fn push(&mut self, row: Row) -> usize {
        let index = self.rows.len();
        self.by_id.insert(row.id.clone(), index);
        let (customer, created_at) = (row.customer, row.created_at);
        self.rows.push(row);
        self.mark(index);
        let lists = customer.map(|customer| self.by_customer.entry(customer).or_default());
        for indexes in [&mut self.order].into_iter().chain(lists) {
            // At the end, unless the clock was set back.
            let position = match indexes.last() {
                Some(last) if self.rows[*last].created_at > created_at => {
                    indexes.partition_point(|index| self.rows[*index].created_at <= created_at)
                }
                _ => indexes.len(),
            };
            indexes.insert(position, index);
        }
        index
    }

    pub(crate) fn row(&self, index: usize) -> &Row {
        &self.rows[index]
    }

    fn mark(&mut self, index: usize) {
        if let Some(changed) = &mut self.changed {
            changed.insert(index);
        }
    }

    pub(crate) fn row_mut(&mut self, index: usize) -> &mut Row {
        self.mark(index);
        &mut self.rows[index]
    }

    /// The index of a row, deleted or not, by a path segment or a `customer_id`: digits are a
    /// `display_id`, anything else is an opaque ID. Evidence: stated.
    pub(crate) fn find(&self, reference: &str) -> Option<usize> {
        if !reference.is_empty() && reference.bytes().all(|byte| byte.is_ascii_digit()) {
            let index = reference.parse::<usize>().ok()?.checked_sub(1)?;
            return (index < self.rows.len()).then_some(index);
        }
        self.by_id.get(reference).copied()
    }

    pub(crate) fn find_live(&self, reference: &str) -> Option<usize> {
        self.find(reference)
            .filter(|index| !self.rows[*index].deleted)
    }

    /// The rows, or those of one customer, created strictly before `cursor`, newest first, including
    /// deleted ones. Of rows with equal creation times the one created last comes first. Evidence:
    /// stated (the order), decided (ties).
    pub(crate) fn newest_first(
        &self,
        customer: Option<usize>,
        cursor: Option<Timestamp>,
    ) -> impl Iterator<Item = &Row> {
        let indexes = match customer {
            None => self.order.as_slice(),
            Some(customer) => self
                .by_customer
                .get(&customer)
                .map_or(&[][..], Vec::as_slice),
        };
        let end = cursor.map_or(indexes.len(), |cursor| {
            indexes.partition_point(|index| self.rows[*index].created_at < cursor)
        });
        indexes[..end].iter().rev().map(|index| &self.rows[*index])
    }
}
