//! A workspace: the data that its keys share.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Activity, ActivityEntry, Change, Record, Row, Shape, Table};
use crate::{
    clock::{CreationTimes, Moment, iso},
    contract::{Contract, ContractError},
    idempotency::IdempotencyKeys,
    keys::Key,
    random::IdSequence,
};

/// The maximum length of a slug in characters. Evidence: stated.
pub(crate) const MAX_SLUG_LENGTH: usize = 120;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Customer,
    Contact,
    Onboarding,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Customer, Self::Contact, Self::Onboarding];

    /// Its schema in the contract.
    pub(crate) fn component(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::Contact => "Contact",
            Self::Onboarding => "Onboarding",
        }
    }

    /// The segment of a path that stands before its ID.
    pub(crate) fn collection(self) -> &'static str {
        match self {
            Self::Customer => "customers",
            Self::Contact => "contacts",
            Self::Onboarding => "onboardings",
        }
    }

    /// What no two live rows of this kind share, unless only what is documented is served.
    fn name(self, row: &Row) -> Option<&str> {
        match self {
            Self::Customer => row.record().text("slug"),
            Self::Contact => row.record().text("email"),
            Self::Onboarding => None,
        }
    }
}

/// The owner of a workspace, as in `GET /me`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) name: String,
}

/// Rows and idempotency keys of one workspace. What serde skips is saved row by row, or follows from
/// the rows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Workspace {
    pub(crate) organization: Organization,
    #[serde(skip)]
    pub(super) tables: [Table; 3],
    /// For each kind, the names that are taken, with the indexes of their rows: see [`Kind::name`].
    #[serde(skip)]
    names: [HashMap<String, Vec<usize>>; 3],
    /// For each slug that was taken when it was derived again: the number that follows the last one
    /// used, so that many customers of one name do not search for it from the start.
    pub(crate) next_slug_numbers: BTreeMap<String, u64>,
    #[serde(skip)]
    pub(crate) idempotency_keys: IdempotencyKeys,
    #[serde(skip)]
    pub(crate) activity: Activity,
    #[serde(skip)]
    pub(super) shapes: [Arc<Shape>; 3],
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
            tables: Default::default(),
            names: Default::default(),
            next_slug_numbers: BTreeMap::new(),
            idempotency_keys: IdempotencyKeys::default(),
            activity: Activity::default(),
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
        &self.tables[kind as usize]
    }

    pub(crate) fn row(&self, kind: Kind, index: usize) -> &Row {
        self.table(kind).row(index)
    }

    pub(crate) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        &mut self.tables[kind as usize]
    }

    /// Stores a new row with its IDs and times, and returns its index.
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
            let customer = self.row(Kind::Customer, customer);
            record.set("customer_id", customer.id.as_str());
        }
        self.push(
            kind,
            Row {
                id,
                display_id,
                created_at,
                customer,
                deleted: false,
                record,
                response: OnceCell::new(),
            },
        )
    }

    /// Stores a row, whose name is taken from then on.
    pub(super) fn push(&mut self, kind: Kind, row: Row) -> usize {
        let index = self.table_mut(kind).push(row);
        self.take_name(kind, index);
        index
    }

    fn take_name(&mut self, kind: Kind, index: usize) {
        if let Some(name) = kind.name(self.row(kind, index)) {
            let name = name.to_owned();
            let rows = self.names[kind as usize].entry(name).or_default();
            rows.push(index);
        }
    }

    /// Lets other rows have the name of a row.
    pub(crate) fn release_name(&mut self, kind: Kind, index: usize) {
        if let Some(name) = kind.name(self.tables[kind as usize].row(index))
            && let Some(rows) = self.names[kind as usize].get_mut(name)
        {
            rows.retain(|row| *row != index);
            if rows.is_empty() {
                self.names[kind as usize].remove(name);
            }
        }
    }

    /// The indexes of the rows that have a name.
    pub(crate) fn named(&self, kind: Kind, name: &str) -> &[usize] {
        let rows = self.names[kind as usize].get(name);
        rows.map_or(&[], Vec::as_slice)
    }

    /// Stores a changed row. `updated_at` moves with every accepted change, and is never before
    /// `created_at`. Evidence: decided.
    pub(crate) fn update(&mut self, kind: Kind, index: usize, mut record: Record, now: Moment) {
        self.release_name(kind, index);
        let row = self.table_mut(kind).row_mut(index);
        record.set("updated_at", Value::from(iso(now.time.max(row.created_at))));
        row.set_record(record);
        self.take_name(kind, index);
    }

    /// Adds a change to the activity.
    pub(crate) fn record(&mut self, change: &Change, key: &Key, now: Moment) {
        let row = self.row(change.kind, change.index);
        self.activity.record(ActivityEntry {
            number: 0,
            at: now.time,
            key: key.prefix().to_owned(),
            customer: match change.kind {
                Kind::Customer => Some(change.index),
                Kind::Contact | Kind::Onboarding => row.customer,
            },
            kind: change.kind,
            display_id: row.display_id,
            verb: change.verb.clone(),
        });
    }

    /// Whether a row is in lists: neither it nor its customer is deleted.
    ///
    /// The contacts and onboardings of a deleted customer leave the lists; they can still be read,
    /// changed and deleted by ID. Evidence: stated.
    pub(crate) fn is_listed(&self, row: &Row) -> bool {
        let customer = row.customer.map(|index| self.row(Kind::Customer, index));
        !row.deleted && customer.is_none_or(|customer| !customer.deleted)
    }
}

/// Letters and digits in lower case, a dash for each run of anything else.
pub(crate) fn slugify(name: &str) -> String {
    let lower: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let dashed = lower.split_whitespace().collect::<Vec<_>>().join("-");
    let slug: String = dashed.chars().take(MAX_SLUG_LENGTH).collect();
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "customer".to_owned()
    } else {
        slug.to_owned()
    }
}
