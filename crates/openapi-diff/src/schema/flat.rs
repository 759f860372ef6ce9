//! A schema without references and compositions: everything that holds at once, in one place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::super::place::Place;
use super::bound::{Bound, bound, tighter_maximum, tighter_minimum, tightest};
use super::types::Types;

/// Schemas that hold at once. None at all is any value.
pub(super) type Parts<'a> = Vec<Place<'a>>;

/// Limits that are counts, in the order of [`Flat::counts`].
pub(super) const COUNTS: [&str; 6] = [
    "maxLength",
    "minLength",
    "maxItems",
    "minItems",
    "maxProperties",
    "minProperties",
];

/// Keywords that only narrow what a schema takes, and that are compared as a whole.
pub(super) const RESTRICTIONS: [&str; 9] = [
    "not",
    "if",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contentSchema",
];

/// What a schema says of values other than null, `$ref`, `allOf`, `anyOf` and `oneOf` resolved.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat<'a> {
    /// The schemas that it stems from, to tell where a keyword stands.
    pub(super) sources: Vec<Place<'a>>,
    pub(super) types: Types,
    /// The values of `enum` and `const`, null aside.
    pub(super) values: Option<Vec<&'a Value>>,
    /// The values of `x-extensible-enum`, which others may join.
    pub(super) known: Vec<&'a Value>,
    pub(super) formats: BTreeSet<&'a str>,
    pub(super) encoding: Option<&'a str>,
    pub(super) media_type: Option<&'a str>,
    pub(super) maximum: Option<Bound<'a>>,
    pub(super) minimum: Option<Bound<'a>>,
    /// By the order of [`COUNTS`]; a least count of 0 says nothing.
    pub(super) counts: [Option<u64>; 6],
    pub(super) multiples: Vec<&'a Value>,
    pub(super) patterns: BTreeSet<&'a str>,
    pub(super) unique: bool,
    pub(super) properties: BTreeMap<&'a str, Parts<'a>>,
    pub(super) required: BTreeSet<&'a str>,
    pub(super) pattern_properties: BTreeMap<&'a str, Parts<'a>>,
    /// What properties without a schema of their own must be; any value when there is nothing.
    pub(super) additional: Parts<'a>,
    /// There are no properties without a schema of their own.
    pub(super) closed: bool,
    pub(super) items: Parts<'a>,
    pub(super) tuple: Vec<Parts<'a>>,
    /// By the order of [`RESTRICTIONS`].
    pub(super) restrictions: [Vec<Place<'a>>; 9],
    pub(super) default: Option<&'a Value>,
    pub(super) deprecated: bool,
    pub(super) read_only: bool,
    pub(super) write_only: bool,
}

impl<'a> Flat<'a> {
    /// What an object says by itself, beside references and compositions.
    pub(super) fn own(place: &Place<'a>, object: &'a Map<String, Value>) -> Self {
        let mut flat = Self::default();
        let child = |key: &str, value: &'a Value| Place {
            value,
            pointer: place.pointer.child(key),
        };
        for (key, value) in object {
            match key.as_str() {
                "enum" => flat.among(value.as_array().into_iter().flatten().collect()),
                "const" => flat.among(vec![value]),
                "x-extensible-enum" => {
                    flat.known = value.as_array().into_iter().flatten().collect();
                }
                "format" => match value.as_str() {
                    // What 3.1 says of the content of a string, 3.0 says in its format.
                    Some("byte") => flat.encoding = flat.encoding.or(Some("base64")),
                    Some("binary") => {
                        flat.media_type = flat.media_type.or(Some("application/octet-stream"));
                    }
                    format => flat.formats.extend(format),
                },
                "contentEncoding" => flat.encoding = value.as_str(),
                "contentMediaType" => flat.media_type = value.as_str(),
                "pattern" => flat.patterns.extend(value.as_str()),
                "multipleOf" => flat.multiples.extend(value.is_number().then_some(value)),
                "uniqueItems" => flat.unique = value == &Value::Bool(true),
                "properties" => flat.properties = schemas(&child(key, value)),
                "patternProperties" => flat.pattern_properties = schemas(&child(key, value)),
                "required" => {
                    let names = value.as_array().into_iter().flatten();
                    flat.required = names.filter_map(Value::as_str).collect();
                }
                "additionalProperties" | "items" if takes_all(value) => {}
                "additionalProperties" if takes_none(value) => flat.closed = true,
                "additionalProperties" => flat.additional.push(child(key, value)),
                "items" => flat.items.push(child(key, value)),
                "prefixItems" => {
                    flat.tuple = child(key, value)
                        .entries()
                        .map(|entry| vec![entry])
                        .collect();
                }
                "default" => flat.default = Some(value),
                "deprecated" => flat.deprecated = value == &Value::Bool(true),
                "readOnly" => flat.read_only = value == &Value::Bool(true),
                "writeOnly" => flat.write_only = value == &Value::Bool(true),
                key => {
                    if let Some(index) = COUNTS.iter().position(|keyword| *keyword == key) {
                        let count = value.as_u64().or_else(|| whole(value));
                        flat.counts[index] = count.filter(|count| index % 2 == 0 || *count > 0);
                    } else if let Some(index) = RESTRICTIONS.iter().position(|k| *k == key)
                        && restricts(key, value)
                    {
                        flat.restrictions[index].push(child(key, value));
                    }
                }
            }
        }
        flat.maximum = bound(object, "maximum", "exclusiveMaximum", tighter_maximum);
        flat.minimum = bound(object, "minimum", "exclusiveMinimum", tighter_minimum);
        flat.types = flat.own_types(object);
        flat.settle();
        flat.sources.push(place.clone());
        flat
    }

    /// What holds when both hold.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        add(&mut both.sources, &other.sources);
        both.types = self.types & other.types;
        if let Some(values) = &other.values {
            both.among(values.clone());
        }
        both.known.extend(&other.known);
        both.formats.extend(&other.formats);
        both.encoding = self.encoding.or(other.encoding);
        both.media_type = self.media_type.or(other.media_type);
        both.maximum = tightest(self.maximum, other.maximum, tighter_maximum);
        both.minimum = tightest(self.minimum, other.minimum, tighter_minimum);
        for (index, (ours, theirs)) in both.counts.iter_mut().zip(other.counts).enumerate() {
            let pick = if index % 2 == 0 { u64::min } else { u64::max };
            *ours = match (*ours, theirs) {
                (Some(ours), Some(theirs)) => Some(pick(ours, theirs)),
                (one, None) | (None, one) => one,
            };
        }
        both.multiples.extend(
            other
                .multiples
                .iter()
                .filter(|m| !self.multiples.contains(m)),
        );
        both.patterns.extend(&other.patterns);
        both.unique |= other.unique;
        join(&mut both.properties, &other.properties);
        join(&mut both.pattern_properties, &other.pattern_properties);
        both.required.extend(&other.required);
        add(&mut both.additional, &other.additional);
        both.closed |= other.closed;
        add(&mut both.items, &other.items);
        for (index, parts) in other.tuple.iter().enumerate() {
            match both.tuple.get_mut(index) {
                Some(ours) => add(ours, parts),
                None => both.tuple.push(parts.clone()),
            }
        }
        for (ours, theirs) in both.restrictions.iter_mut().zip(&other.restrictions) {
            add(ours, theirs);
        }
        both.default = self.default.or(other.default);
        both.deprecated |= other.deprecated;
        both.read_only |= other.read_only;
        both.write_only |= other.write_only;
        both.settle();
        both
    }

    /// Whether it says no more than which types there are.
    pub(super) fn is_bare(&self) -> bool {
        self.values.is_none()
            && self.known.is_empty()
            && self.formats.is_empty()
            && self.encoding.is_none()
            && self.media_type.is_none()
            && self.maximum.is_none()
            && self.minimum.is_none()
            && self.counts.iter().all(Option::is_none)
            && self.multiples.is_empty()
            && self.patterns.is_empty()
            && !self.unique
            && self.properties.is_empty()
            && self.required.is_empty()
            && self.pattern_properties.is_empty()
            && self.additional.is_empty()
            && !self.closed
            && self.items.is_empty()
            && self.tuple.is_empty()
            && self.restrictions.iter().all(Vec::is_empty)
    }

    /// The names that an object may or must have under a schema or as required, each with its
    /// schemas.
    pub(super) fn names(&self) -> BTreeSet<&'a str> {
        self.properties
            .keys()
            .chain(&self.required)
            .copied()
            .collect()
    }

    /// What is said of entry `index` of an array.
    pub(super) fn entry(&self, index: usize) -> &Parts<'a> {
        self.tuple.get(index).unwrap_or(&self.items)
    }

    /// Where a keyword stands, or else the schema that does without.
    pub(super) fn pointer(&self, keywords: &[&str]) -> Option<openapi_pipeline::Pointer> {
        let stands = keywords.iter().find_map(|keyword| {
            let source = self.sources.iter().find(|s| s.value.get(keyword).is_some());
            source.map(|source| source.pointer.child(keyword))
        });
        stands.or_else(|| self.sources.first().map(|source| source.pointer.clone()))
    }

    fn among(&mut self, values: Vec<&'a Value>) {
        let values: Vec<&Value> = values
            .into_iter()
            .filter(|value| !value.is_null())
            .collect();
        self.values = Some(match self.values.take() {
            Some(ours) => ours
                .into_iter()
                .filter(|value| values.contains(value))
                .collect(),
            None => {
                let mut unique: Vec<&Value> = Vec::with_capacity(values.len());
                for value in values {
                    if !unique.contains(&value) {
                        unique.push(value);
                    }
                }
                unique
            }
        });
    }

    /// The types as they are stated, or as the values or the keywords tell.
    fn own_types(&self, object: &Map<String, Value>) -> Types {
        let of_name = |name: &Value| name.as_str().and_then(Types::named);
        let is_null = |name: &Value| name == "null";
        match object.get("type") {
            Some(Value::Array(names))
                if names.iter().any(|n| of_name(n).is_some() || is_null(n)) =>
            {
                return names
                    .iter()
                    .filter_map(of_name)
                    .fold(Types::NONE, |all, one| all | one);
            }
            Some(name) if is_null(name) => return Types::NONE,
            Some(name) if of_name(name).is_some() => return of_name(name).unwrap_or_default(),
            _ => {}
        }
        if let Some(values) = &self.values {
            return values
                .iter()
                .fold(Types::NONE, |all, value| all | Types::of(value));
        }
        // Strictly these keywords say nothing of values of other types; those who write them mean
        // objects, or arrays.
        let has = |keywords: &[&str]| keywords.iter().any(|keyword| object.contains_key(*keyword));
        match (
            has(&[
                "properties",
                "required",
                "additionalProperties",
                "patternProperties",
            ]),
            has(&["items", "prefixItems"]),
        ) {
            (true, false) => Types::OBJECT,
            (false, true) => Types::ARRAY,
            _ => Types::ANY,
        }
    }

    /// Drops values of types that are ruled out, and types that no value has.
    fn settle(&mut self) {
        let types = self.types;
        if let Some(values) = &mut self.values {
            values.retain(|value| types.meets(Types::of(value)));
            let of_values = values
                .iter()
                .fold(Types::NONE, |all, value| all | Types::of(value));
            let narrowed = self.types & of_values;
            // An integer among the values of `type: number` leaves the type what it says.
            self.types = if narrowed.meets(Types::INTEGER) && self.types.holds(Types::NUMBER) {
                narrowed | Types::NUMBER
            } else {
                narrowed
            };
        }
        // Below a whole number is at most the one before.
        if self.types == Types::INTEGER {
            for (bound, step) in [(&mut self.maximum, -1.0), (&mut self.minimum, 1.0)] {
                if let Some(bound) = bound
                    && bound.exclusive
                    && bound.number.fract() == 0.0
                {
                    bound.number += step;
                    bound.exclusive = false;
                }
            }
        }
    }
}

/// Adds schemas that are not there yet.
pub(super) fn add<'a>(ours: &mut Parts<'a>, theirs: &[Place<'a>]) {
    for place in theirs {
        if !ours.iter().any(|known| known.address() == place.address()) {
            ours.push(place.clone());
        }
    }
}

fn schemas<'a>(place: &Place<'a>) -> BTreeMap<&'a str, Parts<'a>> {
    place
        .members()
        .map(|(name, schema)| (name, vec![schema]))
        .collect()
}

fn join<'a>(ours: &mut BTreeMap<&'a str, Parts<'a>>, theirs: &BTreeMap<&'a str, Parts<'a>>) {
    for (name, parts) in theirs {
        add(ours.entry(name).or_default(), parts);
    }
}

/// `5.0` is a count too.
fn whole(value: &Value) -> Option<u64> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && (0.0..1e15).contains(&number)).then_some(number as u64)
}

/// Whether a keyword says anything with this value.
fn restricts(keyword: &str, value: &Value) -> bool {
    match keyword {
        "not" => !takes_none(value),
        "contains" | "if" => true,
        _ => !takes_all(value),
    }
}

fn takes_all(schema: &Value) -> bool {
    schema == &Value::Bool(true) || schema.as_object().is_some_and(Map::is_empty)
}

fn takes_none(schema: &Value) -> bool {
    schema == &Value::Bool(false)
        || matches!(schema, Value::Object(object) if object.len() == 1 && object.get("not").is_some_and(takes_all))
}
