//! The contract as the checks need it: operations, schemas compiled once, and evidence.

mod schema;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use pivotal_openapi::path::matches_end;
use pivotal_openapi::{Document, Operation};
use pivotal_sdk::Exchange;
use serde_json::Value;

use crate::finding::Evidence;
pub(crate) use schema::{Fault, Schema};

static SHIPPED: LazyLock<Contract> = LazyLock::new(|| Contract::new(Document::contract()));

/// A document and its schemas, each compiled when it is first needed.
#[derive(Debug)]
pub(crate) struct Contract {
    pub(crate) document: &'static Document,
    schemas: RwLock<HashMap<String, Arc<Schema>>>,
}

impl Contract {
    /// The contract that this version was made from.
    pub(crate) fn shipped() -> &'static Self {
        &SHIPPED
    }

    pub(crate) fn new(document: &'static Document) -> Self {
        Self {
            document,
            schemas: RwLock::default(),
        }
    }

    /// The operation that an exchange belongs to; `None` for one outside the contract. The path may
    /// stand behind the prefix of a base URL.
    pub(crate) fn operation_of(
        &self,
        exchange: &Exchange,
        path: &str,
    ) -> Option<Operation<'static>> {
        let called = exchange.operation;
        if called.is_declared() {
            return self.document.operation(called.name);
        }
        self.document
            .operations()
            .filter(|operation| operation.method == called.method.as_str())
            .filter(|operation| matches_end(operation.path, path))
            .min_by_key(|operation| operation.path.matches('{').count())
    }

    /// The schema at a pointer, after following references.
    pub(crate) fn schema(&self, pointer: &str) -> Arc<Schema> {
        let schemas = self.schemas.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = schemas.get(pointer) {
            return Arc::clone(schema);
        }
        drop(schemas);
        let schema = Arc::new(Schema::new(self.document, pointer));
        let mut schemas = self.schemas.write().unwrap_or_else(PoisonError::into_inner);
        schemas.insert(pointer.to_owned(), Arc::clone(&schema));
        schema
    }

    /// How the fact at a place is known: by the mark of the nearest place around it. A fact without
    /// a mark is stated.
    pub(crate) fn evidence(&self, pointer: &str) -> Evidence {
        let ends = pointer.match_indices('/').map(|(index, _)| index);
        let places = ends.skip(1).chain([pointer.len()]);
        let marks = places.filter_map(|end| {
            let place = self.document.get(&pointer[..end])?;
            Evidence::from_mark(place.get("x-evidence").and_then(Value::as_str)?)
        });
        marks.last().unwrap_or(Evidence::Stated)
    }
}
