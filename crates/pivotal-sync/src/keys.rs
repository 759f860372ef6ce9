//! Which values of match keys exist, as hashes in memory, so that most records need no query.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::config::FILTERED;
use crate::error::Result;
use crate::field::MatchKey;

/// Pairs of a name and a value. It may hold a pair that was not inserted, if two hashes are equal, so
/// what it holds has to be looked up.
#[derive(Default)]
pub(crate) struct KeySet {
    hasher: RandomState,
    hashes: HashSet<u64>,
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
        let columns = MatchKey::ALL.map(|key| key.field().name()).join(", ");
        let mut statement = connection.prepare(&format!("SELECT {columns} FROM customers"))?;
        let mut rows = statement.query([])?;
        let mut keys = Self::default();
        while let Some(row) = rows.next()? {
            for (index, key) in MatchKey::ALL.into_iter().enumerate() {
                if let Some(value) = row.get::<_, Option<String>>(index)? {
                    keys.insert(key.field().name(), &key.normalized(&value));
                }
            }
        }
        Ok(keys)
    }
}

/// What customers have when a run begins to make changes, and which rows runs have created.
pub(crate) struct Known {
    mirror: KeySet,
    created: Mutex<KeySet>,
}

/// The name of an ID.
const ID: &str = "id";

impl Known {
    pub(crate) fn read(connection: &Connection) -> Result<Self> {
        let mut created = KeySet::default();
        let mut statement = connection.prepare(
            "SELECT id FROM items WHERE id IS NOT NULL AND action = 'create' AND result IS NOT NULL",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            created.insert(ID, row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
        }
        Ok(Self {
            mirror: KeySet::of_mirror(connection)?,
            created: Mutex::new(created),
        })
    }

    /// Whether a customer may have had this value of a match key.
    pub(crate) fn may_have(&self, key: MatchKey, value: &str) -> bool {
        self.mirror.may_contain(key.field().name(), value)
    }

    /// Notes that this row was created. Returns whether it was not before.
    pub(crate) fn create(&self, id: &str) -> bool {
        let mut created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        created.insert(ID, id)
    }
}

/// The name under which records share a match key, whose value is `field=value`.
pub(crate) const KEY: &str = "key";
/// The name under which they share the customer that they may be.
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
    /// Adds a record.
    pub(crate) fn add(&mut self, keys: &[String]) {
        for key in keys {
            if !self.seen.insert(KEY, key) {
                self.shared.insert(KEY, key);
            }
        }
    }

    /// Prepares [`Self::other`], when all records were added and matched: with the number, the
    /// place and the keys of each record from `records`.
    pub(crate) fn list(
        &mut self,
        transaction: &Transaction<'_>,
        records: impl FnOnce(&mut EachKey<'_>) -> Result<()>,
    ) -> Result<()> {
        self.seen = KeySet::default();
        if !self.shared.hashes.is_empty() {
            let mut insert = transaction.prepare("INSERT INTO temp.shared VALUES (?, ?, ?, ?)")?;
            records(&mut |seq, place, keys| {
                for key in keys {
                    if self.shared.may_contain(KEY, key) {
                        insert.execute(params![KEY, key, seq, place])?;
                    }
                }
                Ok(())
            })?;
        }
        transaction.execute(
            "INSERT INTO temp.shared
             SELECT ?, customer, seq, place FROM temp.matches JOIN temp.source_rows USING (seq)
             WHERE customer IN
                (SELECT customer FROM temp.matches GROUP BY customer HAVING count(*) > 1)
                AND problem ->> '$.code' IS NOT ?",
            [CUSTOMER, FILTERED],
        )?;
        let mut customers =
            transaction.prepare("SELECT DISTINCT value FROM temp.shared WHERE name = ?")?;
        let mut customers = customers.query([CUSTOMER])?;
        while let Some(row) = customers.next()? {
            self.shared.insert(CUSTOMER, &row.get::<_, String>(0)?);
        }
        Ok(())
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
            "SELECT place FROM temp.shared WHERE name = ? AND value = ? AND seq <> ? LIMIT 1",
        )?;
        Ok(statement
            .query_row(params![name, value, seq], |row| row.get(0))
            .optional()?)
    }
}

/// Receives number, place and keys of each record.
pub(crate) type EachKey<'a> = dyn FnMut(i64, &str, &[String]) -> Result<()> + 'a;
