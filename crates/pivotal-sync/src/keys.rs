//! Which values of match keys exist, as hashes in memory, so that most records need no query.

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;
use crate::field::MatchKey;

/// Pairs of a name and a value. It may hold a pair that was not inserted, if two hashes are equal, so
/// what it holds has to be looked up.
#[derive(Default)]
pub(crate) struct KeySet {
    hasher: RandomState,
    hashes: HashSet<u64, RandomState>,
}

impl KeySet {
    /// Inserts a pair. Returns whether it is new.
    pub(crate) fn insert(&mut self, name: &str, value: &str) -> bool {
        self.hashes.insert(self.hasher.hash_one((name, value)))
    }

    pub(crate) fn may_contain(&self, name: &str, value: &str) -> bool {
        self.hashes.contains(&self.hasher.hash_one((name, value)))
    }

    /// The match keys of the customers in the mirror.
    pub(crate) fn of_mirror(connection: &Connection) -> Result<Self> {
        let columns = MatchKey::ALL.map(|key| key.name()).join(", ");
        let mut statement = connection.prepare(&format!("SELECT {columns} FROM customers"))?;
        let mut rows = statement.query([])?;
        let mut keys = Self::default();
        while let Some(row) = rows.next()? {
            for (index, key) in MatchKey::ALL.into_iter().enumerate() {
                if let Some(value) = row.get::<_, Option<String>>(index)? {
                    keys.insert(key.name(), &key.normalized(&value));
                }
            }
        }
        Ok(keys)
    }
}

/// What customers have when a run begins to make changes, and which rows runs have created or changed.
pub(crate) struct Known {
    mirror: KeySet,
    rows: Mutex<KeySet>,
}

/// The name of an ID.
const ID: &str = "id";

impl Known {
    pub(crate) fn read(connection: &Connection) -> Result<Self> {
        let mut known = KeySet::default();
        let mut statement =
            connection.prepare("SELECT id FROM outcomes WHERE result IS NOT NULL")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            known.insert(ID, row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
        }
        Ok(Self {
            mirror: KeySet::of_mirror(connection)?,
            rows: Mutex::new(known),
        })
    }

    /// Whether a customer may have had this value of a match key.
    pub(crate) fn may_have(&self, key: MatchKey, value: &str) -> bool {
        self.mirror.may_contain(key.name(), value)
    }

    /// Adds the row in the response to a create. Returns whether it is new.
    pub(crate) fn add_row(&self, id: &str) -> bool {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.insert(ID, id)
    }
}

/// The name under which records share the customer that they may be.
pub(crate) const CUSTOMER: &str = "customer";

/// What several records of a run have in common: a match key or slug, or their customer. Records
/// that the filter leaves out are not among them.
#[derive(Default)]
pub(crate) struct Shared {
    /// What the records have.
    seen: KeySet,
    /// What more than one has.
    shared: KeySet,
}

impl Shared {
    /// Adds what a record has.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        if !self.seen.insert(name, value) {
            self.shared.insert(name, value);
        }
    }

    /// Frees memory, when all values of some names were added.
    pub(crate) fn free_seen(&mut self) {
        self.seen = KeySet::default();
    }

    /// Whether other records may have the value, too.
    pub(crate) fn may_contain(&self, name: &str, value: &str) -> bool {
        self.shared.may_contain(name, value)
    }

    /// The place of another record with the same value.
    pub(crate) fn other(
        &self,
        connection: &Connection,
        name: &str,
        value: &str,
        seq: i64,
    ) -> Result<Option<String>> {
        if !self.shared.may_contain(name, value) {
            return Ok(None);
        }
        let mut statement = connection.prepare_cached(
            "SELECT place FROM temp.shared
             WHERE name = ? AND value = ? AND seq <> ? AND place IS NOT NULL LIMIT 1",
        )?;
        Ok(statement
            .query_row(params![name, value, seq], |row| row.get(0))
            .optional()?)
    }
}
