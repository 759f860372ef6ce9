//! Length and range limits of what is sent, as a table.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schema::{Components, flag, properties, referred};
use super::{Constraint, ConstraintKind, Location};

/// The limits of a parameter.
pub(super) fn of_parameter(
    location: Location,
    name: &str,
    schema: &Value,
    components: &Components,
) -> Vec<Constraint> {
    let mut walk = Walk::new(location, components);
    walk.schema(name, schema);
    walk.found
}

/// The limits inside a body.
pub(super) fn of_body(schema: &Value, components: &Components) -> Vec<Constraint> {
    let mut walk = Walk::new(Location::Body, components);
    walk.schema("", schema);
    walk.found
}

/// The limits of one property of a body and of its entries. Those inside objects are their own
/// types' to say.
pub(super) fn of_property(name: &str, schema: &Value, components: &Components) -> Vec<Constraint> {
    let (mut name, mut schema) = (name.to_owned(), schema);
    let mut found = Vec::new();
    // A list that contains itself is entered once.
    let mut within = BTreeSet::new();
    loop {
        while let Some(component) = referred(schema) {
            match components.get(&component) {
                Some(target) if within.insert(component) => schema = target,
                _ => return found,
            }
        }
        found.extend(rules(schema).into_iter().map(|rule| Constraint {
            location: Location::Body,
            name: name.clone(),
            rule,
        }));
        match schema.get("items") {
            Some(items) => (name, schema) = (joined(&name, "*"), items),
            None => return found,
        }
    }
}

/// Places that are looked at in one request. Objects that hold one another multiply without end;
/// limits beyond are the server's to check.
const MOST_PLACES: usize = 10_000;

struct Walk<'a> {
    location: Location,
    components: &'a Components,
    /// Components around the present place; one that contains itself is walked once.
    within: BTreeSet<String>,
    /// Places that may still be looked at.
    left: usize,
    found: Vec<Constraint>,
}

impl<'a> Walk<'a> {
    fn new(location: Location, components: &'a Components) -> Self {
        Self {
            location,
            components,
            within: BTreeSet::new(),
            left: MOST_PLACES,
            found: Vec::new(),
        }
    }

    fn schema(&mut self, name: &str, schema: &Value) {
        let Some(left) = self.left.checked_sub(1) else {
            return;
        };
        self.left = left;
        if let Some(component) = referred(schema) {
            let components = self.components;
            if let Some(target) = components.get(&component)
                && self.within.insert(component.clone())
            {
                self.schema(name, target);
                self.within.remove(&component);
            }
            return;
        }
        for rule in rules(schema) {
            self.found.push(Constraint {
                location: self.location,
                name: name.to_owned(),
                rule,
            });
        }
        for (property, inner) in properties(schema) {
            if !flag(inner, "readOnly") {
                self.schema(&joined(name, property), inner);
            }
        }
        if let Some(items) = schema.get("items") {
            self.schema(&joined(name, "*"), items);
        }
    }
}

fn joined(owner: &str, step: &str) -> String {
    if owner.is_empty() {
        step.to_owned()
    } else {
        format!("{owner}.{step}")
    }
}

/// The limits that a schema states itself.
pub(super) fn rules(schema: &Value) -> Vec<ConstraintKind> {
    let count = |key: &str| schema.get(key).and_then(Value::as_u64);
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let minimum: fn(f64) -> ConstraintKind = if flag(schema, "exclusiveMinimum") {
        ConstraintKind::ExclusiveMinimum
    } else {
        ConstraintKind::Minimum
    };
    let maximum: fn(f64) -> ConstraintKind = if flag(schema, "exclusiveMaximum") {
        ConstraintKind::ExclusiveMaximum
    } else {
        ConstraintKind::Maximum
    };
    [
        count("minLength")
            .filter(|least| *least > 0)
            .map(ConstraintKind::MinLength),
        count("maxLength").map(ConstraintKind::MaxLength),
        number("minimum").map(minimum),
        number("maximum").map(maximum),
        number("multipleOf").map(ConstraintKind::MultipleOf),
        count("minItems")
            .filter(|least| *least > 0)
            .map(ConstraintKind::MinItems),
        count("maxItems").map(ConstraintKind::MaxItems),
        flag(schema, "uniqueItems").then_some(ConstraintKind::UniqueItems),
    ]
    .into_iter()
    .flatten()
    .collect()
}
