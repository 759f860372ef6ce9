//! Keys and enum values that the contract does not have.

use pivotal_openapi::path::child;
use serde_json::Value;

use crate::contract::{Contract, Schema};
use crate::finding::AdditionKind;
use crate::shown;

/// How many are looked for in one body.
const MOST: usize = 50;

/// Something new.
pub(crate) struct Found {
    pub(crate) kind: AdditionKind,
    pub(crate) name: String,
    /// Where in the value, `*` for any item of a list.
    pub(crate) place: String,
    /// The schema that does not have it.
    pub(crate) schema: String,
}

/// What a value has that its schema does not.
pub(crate) fn find(contract: &Contract, schema: &Schema, value: &Value) -> Vec<Found> {
    let mut search = Search {
        contract,
        found: Vec::new(),
    };
    search.look(schema, value, &Place::default());
    search.found
}

/// Where the search is; written out only when something is found.
#[derive(Default)]
struct Place<'p> {
    within: Option<(&'p Place<'p>, &'p str)>,
}

impl Place<'_> {
    fn pointer(&self) -> String {
        match self.within {
            Some((outer, name)) => child(&outer.pointer(), name),
            None => String::new(),
        }
    }
}

struct Search<'c> {
    contract: &'c Contract,
    found: Vec<Found>,
}

impl Search<'_> {
    fn look(&mut self, schema: &Schema, value: &Value, place: &Place<'_>) {
        if self.found.len() >= MOST {
            return;
        }
        match value {
            // An enum of a single value is a constant, which the schema check covers.
            Value::String(text) if schema.strings.len() > 1 && !schema.strings.contains(text) => {
                self.add(AdditionKind::EnumValue, text, &schema.pointer, place);
            }
            Value::Object(members) if !schema.properties.is_empty() => {
                let unknown = members
                    .keys()
                    .filter(|name| !schema.properties.contains_key(*name));
                for name in unknown {
                    self.add(AdditionKind::Key, name, &schema.pointer, place);
                }
            }
            _ => {}
        }
        for (name, schema, value) in schema.parts(value) {
            let place = Place {
                within: Some((place, name.unwrap_or("*"))),
            };
            self.look(&self.contract.schema(schema), value, &place);
        }
    }

    fn add(&mut self, kind: AdditionKind, name: &str, schema: &str, place: &Place<'_>) {
        let found = Found {
            kind,
            name: shown::name(name),
            place: place.pointer(),
            schema: schema.to_owned(),
        };
        let same = |other: &Found| other.name == found.name && other.place == found.place;
        if self.found.len() < MOST && !self.found.iter().any(same) {
            self.found.push(found);
        }
    }
}
