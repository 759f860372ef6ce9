//! Length and range limits of requests, as a table and in words.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schema::{Components, flag, properties, referred, text};
use super::{Constraint, ConstraintKind, Location};
use crate::MAX_DEPTH;

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

/// The limits inside a body, and the formats that are checked before it is sent.
pub(super) fn of_body(schema: &Value, components: &Components) -> Vec<Constraint> {
    let mut walk = Walk::new(Location::Body, components);
    walk.schema("", schema);
    walk.found
}

/// The limits of one property of a body and of its entries. Those inside objects belong to the types
/// of these objects.
pub(super) fn of_property(name: &str, schema: &Value, components: &Components) -> Vec<Constraint> {
    let mut walk = Walk::new(Location::Body, components);
    walk.into_objects = false;
    walk.schema(name, schema);
    walk.found
}

/// The most places of one request that are looked at. Objects that contain one another multiply
/// without end; the server checks the limits beyond, and those more than [`MAX_DEPTH`] objects deep.
const MAX_PLACES: usize = 10_000;

struct Walk<'a> {
    location: Location,
    components: &'a Components,
    /// Components around the present place; one that contains itself is walked once.
    within: BTreeSet<String>,
    into_objects: bool,
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
            into_objects: true,
            left: MAX_PLACES,
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
            if self.within.len() < MAX_DEPTH
                && let Some(target) = components.get(&component)
                && self.within.insert(component.clone())
            {
                self.schema(name, target);
                self.within.remove(&component);
            }
            return;
        }
        // The types of parameters and properties show their formats.
        let is_body = self.location == Location::Body && self.into_objects;
        let format = format(schema).filter(|_| is_body);
        for kind in limits(schema).into_iter().chain(format) {
            self.found.push(Constraint {
                location: self.location,
                name: name.to_owned(),
                kind,
            });
        }
        for (property, inner) in properties(schema) {
            if self.into_objects && !flag(inner, "readOnly") {
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
fn limits(schema: &Value) -> Vec<ConstraintKind> {
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

/// The format of a string that has a check.
fn format(schema: &Value) -> Option<ConstraintKind> {
    match (text(schema, "type")?, text(schema, "format")?) {
        ("string", "email") => Some(ConstraintKind::Email),
        ("string", "date") => Some(ConstraintKind::Date),
        ("string", "date-time") => Some(ConstraintKind::DateTime),
        _ => None,
    }
}

/// The description of a property with its limits after it.
pub(super) fn described(description: &str, schema: &Value, components: &Components) -> String {
    let description = description.trim();
    let Some(limits) = sentence(schema, components) else {
        return description.to_owned();
    };
    let is_sentence = !description.contains('\n') && description.ends_with(['.', '!', '?']);
    match description {
        "" => limits,
        _ if is_sentence => format!("{description} {limits}"),
        _ => format!("{description}\n\n{limits}"),
    }
}

/// `1 to 255 characters.`; `None` without a limit.
fn sentence(schema: &Value, components: &Components) -> Option<String> {
    let schema = followed(schema, components);
    let mut phrases = phrases(schema);
    if let Some(items) = schema.get("items") {
        let each = self::phrases(followed(items, components));
        phrases.extend(each.into_iter().map(|phrase| format!("each {phrase}")));
    }
    let all = phrases.join("; ");
    let mut letters = all.chars();
    let first = letters.next()?;
    Some(format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// The component that a schema refers to, or the schema itself.
pub(super) fn followed<'a>(schema: &'a Value, components: &'a Components) -> &'a Value {
    let mut schema = schema;
    for _ in 0..components.len() {
        match referred(schema).and_then(|name| components.get(&name)) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

/// The limits that a schema states itself, in words.
fn phrases(schema: &Value) -> Vec<String> {
    let count = |key: &str| schema.get(key).and_then(Value::as_u64);
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let counts = [
        ("minLength", "maxLength", "character", "characters"),
        ("minItems", "maxItems", "entry", "entries"),
    ];
    let mut phrases: Vec<String> = counts
        .into_iter()
        .filter_map(|(least, most, one, many)| {
            let least = count(least).filter(|least| *least > 0);
            Some(match (least, count(most)) {
                (Some(least), Some(most)) if least == most => {
                    format!("exactly {}", counted(least, one, many))
                }
                (Some(least), Some(most)) => format!("{least} to {}", counted(most, one, many)),
                (Some(least), None) => format!("at least {}", counted(least, one, many)),
                (None, Some(most)) => format!("at most {}", counted(most, one, many)),
                (None, None) => return None,
            })
        })
        .collect();
    let bounds = [
        ("minimum", "exclusiveMinimum", "more than", "at least"),
        ("maximum", "exclusiveMaximum", "less than", "at most"),
    ];
    let bounds: Vec<String> = bounds
        .into_iter()
        .filter_map(|(bound, exclusive, strict, inclusive)| {
            let words = if flag(schema, exclusive) {
                strict
            } else {
                inclusive
            };
            Some(format!("{words} {}", number(bound)?))
        })
        .collect();
    if !bounds.is_empty() {
        phrases.push(bounds.join(" and "));
    }
    phrases.extend(number("multipleOf").map(|divisor| format!("a multiple of {divisor}")));
    if flag(schema, "uniqueItems") {
        phrases.push("no entry twice".to_owned());
    }
    phrases
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
