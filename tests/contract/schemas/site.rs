//! The places of a schema: every value that an instance of it can hold.

use std::fmt;

use pivotal_openapi::Document;
use pivotal_openapi::schema::{referenced, required};
use serde_json::Value;

/// A place, named by its component: `Customer.mrr`, `Contact.labels.*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) component: String,
    path: Vec<String>,
}

impl Place {
    pub(crate) fn of(component: &str) -> Self {
        Self {
            component: component.to_owned(),
            path: Vec::new(),
        }
    }

    /// The path inside its component, `labels.*`.
    pub(crate) fn path(&self) -> String {
        self.path.join(".")
    }

    fn step(&self, name: &str) -> Self {
        let mut inner = self.clone();
        inner.path.push(name.to_owned());
        inner
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.component)?;
        self.path.iter().try_for_each(|step| write!(f, ".{step}"))
    }
}

/// Whether an object can do without a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
    /// It is no property: the whole, or an entry of a list.
    Always,
}

/// A place with its schema.
#[derive(Clone, Debug)]
pub(crate) struct Site<'c> {
    pub(crate) place: Place,
    /// Where it stands in an instance; a list is entered at its first entry.
    pub(crate) pointer: String,
    pub(crate) presence: Presence,
    pub(crate) schema: &'c Value,
}

/// Every place of a component, those of the components that it refers to included.
pub(crate) fn sites<'c>(contract: &'c Document, component: &str) -> Vec<Site<'c>> {
    let mut found = Vec::new();
    let whole = Site {
        place: Place::of(component),
        pointer: String::new(),
        presence: Presence::Always,
        schema: named(contract, component),
    };
    walk(contract, whole, &mut vec![component.to_owned()], &mut found);
    found
}

fn walk<'c>(
    contract: &'c Document,
    site: Site<'c>,
    within: &mut Vec<String>,
    found: &mut Vec<Site<'c>>,
) {
    let inner = |name: &str, step: &str, presence, schema| Site {
        place: site.place.step(name),
        pointer: format!("{}/{step}", site.pointer),
        presence,
        schema,
    };
    let mut below = Vec::new();
    for (name, schema) in contract.properties(site.schema) {
        let presence = if is_required(site.schema, name) {
            Presence::Required
        } else {
            Presence::Optional
        };
        below.push(inner(name, name, presence, schema));
    }
    if let Some(items) = site.schema.get("items") {
        below.push(inner("*", "0", Presence::Always, items));
    }
    found.push(site);
    for mut site in below {
        match referenced(site.schema) {
            None => walk(contract, site, within, found),
            Some(component) => {
                assert!(
                    !within.iter().any(|outer| outer == component),
                    "{component} contains itself: teach tests/contract/schemas to stop there"
                );
                // What the component says stands under its own name; that it is needed here stays.
                site.place = Place::of(component);
                site.schema = named(contract, component);
                within.push(component.to_owned());
                walk(contract, site, within, found);
                within.pop();
            }
        }
    }
}

/// The schema of a component.
pub(crate) fn named<'c>(contract: &'c Document, component: &str) -> &'c Value {
    contract
        .schema(component)
        .unwrap_or_else(|| panic!("the contract has no component {component}"))
}

pub(crate) fn is_required(schema: &Value, property: &str) -> bool {
    required(schema).any(|name| name == property)
}
