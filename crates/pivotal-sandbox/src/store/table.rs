//! Rows of one kind, in order of creation.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Record;

/// A stored row. Deletion is soft: the row stays and is passed over.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) display_id: u64,
    pub(crate) created_at: Timestamp,
    /// Place of the customer that it belongs to; customers belong to nobody.
    pub(crate) customer: Option<usize>,
    pub(crate) deleted: bool,
    pub(crate) record: Record,
}

/// Rows by place: a row's place never changes, and its `display_id` is the place plus one.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    by_id: HashMap<String, usize>,
    by_customer: HashMap<usize, Vec<usize>>,
}

impl Table {
    /// The `display_id` that the next row gets: counted per workspace and kind, from 1, never used twice.
    ///
    /// Evidence: stated (a number per workspace), decided (from 1).
    pub(crate) fn next_display_id(&self) -> u64 {
        self.rows.len() as u64 + 1
    }

    /// Adds a row created after all others, and tells its place.
    pub(crate) fn push(&mut self, row: Row) -> usize {
        let place = self.rows.len();
        self.by_id.insert(row.id.clone(), place);
        if let Some(customer) = row.customer {
            self.by_customer.entry(customer).or_default().push(place);
        }
        self.rows.push(row);
        place
    }

    pub(crate) fn row(&self, place: usize) -> &Row {
        &self.rows[place]
    }

    pub(crate) fn row_mut(&mut self, place: usize) -> &mut Row {
        &mut self.rows[place]
    }

    /// The place of a row, deleted or not, by what stands in a path or a `customer_id`: all digits is a `display_id`,
    /// anything else an opaque id. Evidence: stated.
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

    /// Rows, newest first, created strictly before `cursor`. Deleted ones are among them.
    pub(crate) fn newest_first(&self, cursor: Option<Timestamp>) -> impl Iterator<Item = &Row> {
        let end = cursor.map_or(self.rows.len(), |cursor| {
            self.rows.partition_point(|row| row.created_at < cursor)
        });
        self.rows[..end].iter().rev()
    }

    /// The same for the rows of one customer.
    pub(crate) fn newest_first_of(
        &self,
        customer: usize,
        cursor: Option<Timestamp>,
    ) -> impl Iterator<Item = &Row> {
        let places = self
            .by_customer
            .get(&customer)
            .map_or(&[][..], Vec::as_slice);
        let end = cursor.map_or(places.len(), |cursor| {
            places.partition_point(|place| self.rows[*place].created_at < cursor)
        });
        places[..end].iter().rev().map(|place| &self.rows[*place])
    }
}
