//! Rows as they are saved, and a workspace made of them again.

use std::{cell::OnceCell, collections::BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use super::{Kind, Record, Row, Table, Workspace, record::METADATA};

/// A [`Row`] as serde writes it. The record is parsed apart, so that it may be nested as deeply as the
/// body of a request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedRow<'a> {
    id: String,
    created_at: Timestamp,
    customer: Option<usize>,
    deleted: bool,
    #[serde(borrow)]
    record: &'a RawValue,
}

impl Table {
    /// The rows that were added or changed since the last call; all of them the first time.
    pub(crate) fn take_changed(&mut self) -> Vec<&Row> {
        match self.changed.replace(BTreeSet::new()) {
            None => self.rows.iter().collect(),
            Some(changed) => changed.into_iter().map(|at| &self.rows[at]).collect(),
        }
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }
}

impl Workspace {
    /// Takes the shapes of the contract. The rows of a saved workspace are restored after that.
    pub(crate) fn take_shapes(&mut self, other: Self) {
        self.shapes = other.shapes;
    }

    /// Adds a saved row. Rows come in the order of their numbers, those of customers first.
    ///
    /// A field that the contract does not have is dropped, and one that the record does not have is
    /// blank: the contract may have changed since. A deleted row keeps its name if only what is documented
    /// is served.
    pub(crate) fn restore_row(
        &mut self,
        kind: Kind,
        json: &str,
        undocumented: bool,
    ) -> Result<(), String> {
        let saved: SavedRow<'_> = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let mut fields: Map<String, Value> =
            serde_json::from_str(saved.record.get()).map_err(|error| error.to_string())?;
        let customers = self.table(Kind::Customer).rows.len();
        let owned = saved.customer.map(|customer| customer < customers);
        if owned != (kind != Kind::Customer).then_some(true) {
            return Err("its customer does not exist".to_owned());
        }
        if self.table(kind).by_id.contains_key(&saved.id) {
            return Err("another row has its ID".to_owned());
        }
        let shape = self.shape(kind);
        let mut record = Record::blank(shape);
        if shape.position(METADATA).is_none() {
            record.metadata = fields.remove(METADATA);
        }
        record.set_all(&fields);
        let row = Row {
            id: saved.id,
            display_id: self.table(kind).next_display_id(),
            created_at: saved.created_at,
            customer: saved.customer,
            deleted: saved.deleted,
            record,
            response: OnceCell::new(),
        };
        let index = self.push(kind, row);
        if saved.deleted && undocumented {
            self.release_name(kind, index);
        }
        Ok(())
    }
}
