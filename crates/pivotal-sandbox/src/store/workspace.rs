//! A workspace: the rows that one set of keys sees.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use super::{IdSequence, Record, Row, Shape, Table};
use crate::{
    clock::{CreationTimes, Moment, iso},
    contract::{Contract, ContractError},
    handlers::slugify,
};

/// The kinds of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Customer,
    Contact,
    Onboarding,
}

impl Kind {
    /// Name of the component schema that answers of this kind follow.
    fn component(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::Contact => "Contact",
            Self::Onboarding => "Onboarding",
        }
    }
}

/// Whom a workspace belongs to, as `GET /me` tells it.
#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) name: String,
}

/// Everything that the keys of one workspace share.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) organization: Organization,
    pub(crate) customers: Table,
    pub(crate) contacts: Table,
    pub(crate) onboardings: Table,
    /// Slugs of live customers, each with the place of its customer.
    pub(crate) slugs: HashMap<String, usize>,
    /// E-mail addresses, each with the places of the contacts that have had it.
    pub(crate) emails: HashMap<String, Vec<usize>>,
    shapes: [Arc<Shape>; 3],
    ids: IdSequence,
    creation_times: CreationTimes,
}

impl Workspace {
    pub(crate) fn new(
        contract: &Contract,
        mut ids: IdSequence,
        name: &str,
    ) -> Result<Self, ContractError> {
        let shape = |kind: Kind| Shape::of(contract, kind.component());
        Ok(Self {
            organization: Organization {
                id: ids.next(),
                slug: slugify(name),
                name: name.to_owned(),
            },
            customers: Table::default(),
            contacts: Table::default(),
            onboardings: Table::default(),
            slugs: HashMap::new(),
            emails: HashMap::new(),
            shapes: [
                shape(Kind::Customer)?,
                shape(Kind::Contact)?,
                shape(Kind::Onboarding)?,
            ],
            ids,
            creation_times: CreationTimes::default(),
        })
    }

    pub(crate) fn shape(&self, kind: Kind) -> &Arc<Shape> {
        &self.shapes[kind as usize]
    }

    pub(crate) fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Customer => &self.customers,
            Kind::Contact => &self.contacts,
            Kind::Onboarding => &self.onboardings,
        }
    }

    pub(crate) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::Customer => &mut self.customers,
            Kind::Contact => &mut self.contacts,
            Kind::Onboarding => &mut self.onboardings,
        }
    }

    /// Stores a new row: gives it its ids and times, and tells its place.
    pub(crate) fn insert(
        &mut self,
        kind: Kind,
        mut record: Record,
        customer: Option<usize>,
        now: Moment,
    ) -> usize {
        let id = self.ids.next();
        let created_at = self.creation_times.next(now);
        let display_id = self.table(kind).next_display_id();
        record.set("id", id.as_str());
        record.set("display_id", display_id);
        record.set("created_at", iso(created_at));
        record.set("updated_at", iso(created_at));
        if let Some(customer) = customer {
            record.set("customer_id", self.customers.row(customer).id.as_str());
        }
        let row = Row::new(id, display_id, created_at, customer, record);
        self.table_mut(kind).push(row)
    }

    /// Stores a changed row. `updated_at` moves with every accepted change, and never before
    /// `created_at`. Evidence: decided.
    pub(crate) fn update(&mut self, kind: Kind, place: usize, mut record: Record, now: Moment) {
        let row = self.table_mut(kind).row_mut(place);
        record.set("updated_at", Value::from(iso(now.time.max(row.created_at))));
        row.set_record(record);
    }

    /// Whether a row shows in lists: it is not deleted, and neither is the customer it belongs to.
    ///
    /// A deleted customer takes its contacts and onboardings out of list views, though they
    /// survive: they can still be read, changed and deleted by id. Evidence: stated.
    pub(crate) fn is_listed(&self, row: &Row) -> bool {
        !row.deleted
            && row
                .customer
                .is_none_or(|customer| !self.customers.row(customer).deleted)
    }
}
