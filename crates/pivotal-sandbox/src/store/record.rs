//! The fields of a row, as responses show them: one value for every key of its schema.
//!
//! Records follow the contract, not a Rust struct, so that a field which a newer contract adds is
//! stored and returned without a change here.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::contract::{Contract, ContractError, blank};

/// Keys that come first and last in a response, as in the documented examples; the others come
/// between, by name.
const FIRST: [&str; 4] = ["object", "id", "display_id", "customer_id"];
const LAST: [&str; 2] = ["created_at", "updated_at"];

/// JSON that the caller attached; the published schemas do not have this key. Evidence: stated (two
/// guides).
pub(super) const METADATA: &str = "metadata";

/// The keys of a schema in response order, each with its initial value.
#[derive(Debug, Default)]
pub(crate) struct Shape(Vec<(String, Value)>);

impl Shape {
    pub(crate) fn of(contract: &Contract, component: &str) -> Result<Arc<Self>, ContractError> {
        let document = &contract.document;
        let mut keys: Vec<_> = document
            .properties(contract.component(component)?)
            .into_iter()
            .map(|(name, schema)| (name.to_owned(), blank(document, schema)))
            .collect();
        let rank = |name: &str| {
            let first = FIRST.iter().position(|first| *first == name);
            let last = LAST.iter().position(|last| *last == name);
            first.unwrap_or(FIRST.len() + last.map_or(0, |last| last + 1))
        };
        keys.sort_by_key(|(name, _)| rank(name));
        Ok(Arc::new(Self(keys)))
    }

    /// The position of a key in every record of this shape.
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        self.0.iter().position(|(name, _)| name == key)
    }
}

/// A row's values in the order of its shape.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    shape: Arc<Shape>,
    values: Box<[Value]>,
    pub(super) metadata: Option<Value>,
}

impl Record {
    pub(crate) fn blank(shape: &Arc<Shape>) -> Self {
        let values = shape.0.iter().map(|(_, blank)| blank.clone()).collect();
        Self {
            shape: Arc::clone(shape),
            values,
            metadata: None,
        }
    }

    pub(crate) fn get(&self, key: &str) -> &Value {
        self.shape
            .position(key)
            .map_or(&Value::Null, |index| &self.values[index])
    }

    /// The value at the [position](Shape::position) of a key.
    pub(crate) fn at(&self, position: usize) -> &Value {
        &self.values[position]
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key).as_str()
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.get(key).as_bool().unwrap_or(false)
    }

    /// Sets a key. A key that the schema does not have is ignored.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<Value>) {
        if let Some(index) = self.shape.position(key) {
            self.values[index] = value.into();
        }
    }

    pub(crate) fn set_all(&mut self, fields: &Map<String, Value>) {
        for (key, value) in fields {
            self.set(key, value.clone());
        }
    }

    /// Replaces the metadata as a whole; null removes it. Evidence: decided.
    pub(crate) fn set_metadata(&mut self, metadata: Value) {
        self.metadata = Some(metadata).filter(|metadata| !metadata.is_null());
    }

    /// The keys and values in response order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        let keys = self.shape.0.iter().map(|(key, _)| key.as_str());
        let metadata = self.metadata.as_ref().map(|metadata| (METADATA, metadata));
        keys.zip(&self.values).chain(metadata)
    }

    /// The keys with other values in `after`, with these if they are short: `plan = Scale`.
    pub(crate) fn changes(&self, after: &Self) -> Vec<String> {
        const LONGEST: usize = 40;
        let changed = after.fields().filter(|(key, value)| match *key {
            METADATA => self.metadata != after.metadata,
            key => self.get(key) != *value,
        });
        let described = changed.map(|(key, value)| {
            let text = value.as_str().map_or(value.to_string(), str::to_owned);
            match text.len() {
                ..=LONGEST => format!("{key} = {text}"),
                _ => key.to_owned(),
            }
        });
        described.collect()
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields())
    }
}
