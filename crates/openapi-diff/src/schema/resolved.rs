//! A schema without references and compositions.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use openapi_pipeline::Pointer;
use serde_json::{Map, Value};

use super::patterns::accepts_all;
use super::types::Types;
use crate::document::{Place, is_annotation};
use crate::lifecycle::Lifecycle;

/// Schemas that all apply to one value. None at all allows any value.
pub(crate) type Parts<'a> = Vec<Place<'a>>;

/// The limits that are counts, a maximum before its minimum: the keyword, how the names of its rules
/// begin, what is counted, and the types with such values.
pub(super) const COUNTS: [(&str, &str, &str, Types); 6] = [
    ("maxLength", "max-length", "characters", Types::STRING),
    ("minLength", "min-length", "characters", Types::STRING),
    ("maxItems", "max-items", "items", Types::ARRAY),
    ("minItems", "min-items", "items", Types::ARRAY),
    (
        "maxProperties",
        "max-properties",
        "properties",
        Types::OBJECT,
    ),
    (
        "minProperties",
        "min-properties",
        "properties",
        Types::OBJECT,
    ),
];

/// Keywords that only restrict a schema and are compared as a whole: the keyword, how the names of
/// its rules begin, and the types whose values it restricts.
#[rustfmt::skip] // One entry, one line.
pub(super) const RESTRICTIONS: [(&str, &str, Types); 9] = [
    ("not", "not", Types::all()),
    ("if", "if", Types::all()),
    ("contains", "contains", Types::ARRAY),
    ("dependentRequired", "dependent-required", Types::OBJECT),
    ("dependentSchemas", "dependent-schemas", Types::OBJECT),
    ("propertyNames", "property-names", Types::OBJECT),
    ("unevaluatedProperties", "unevaluated-properties", Types::OBJECT),
    ("unevaluatedItems", "unevaluated-items", Types::ARRAY),
    ("contentSchema", "content-schema", Types::STRING),
];

/// A bound of numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound<'a> {
    pub(super) value: &'a Value,
    pub(super) number: f64,
    pub(super) exclusive: bool,
}

impl<'a> Bound<'a> {
    /// OpenAPI 3.0 writes `maximum: 5` and `exclusiveMaximum: true` for `exclusiveMaximum: 5`.
    fn read(
        object: &'a Map<String, Value>,
        inclusive: &str,
        exclusive: &str,
        is_maximum: bool,
    ) -> Option<Self> {
        let read = |keyword: &str, exclusive: bool| {
            let value = object.get(keyword)?;
            let number = value.as_f64()?;
            Some(Self {
                value,
                number,
                exclusive,
            })
        };
        let flagged = object.get(exclusive) == Some(&Value::Bool(true));
        tightest(read(inclusive, flagged), read(exclusive, true), is_maximum)
    }

    /// Whether it allows fewer numbers than another bound of the same side.
    pub(super) fn is_tighter(&self, other: &Self, is_maximum: bool) -> bool {
        if self.number == other.number {
            self.exclusive && !other.exclusive
        } else {
            (self.number < other.number) == is_maximum
        }
    }
}

fn tightest<'a>(
    one: Option<Bound<'a>>,
    other: Option<Bound<'a>>,
    is_maximum: bool,
) -> Option<Bound<'a>> {
    match (one, other) {
        (Some(one), Some(other)) if other.is_tighter(&one, is_maximum) => Some(other),
        (one, other) => one.or(other),
    }
}

/// A schema with `$ref` and `allOf` merged, one alternative of `anyOf` and `oneOf`, null aside.
#[derive(Clone, Debug, Default)]
pub(super) struct ResolvedSchema<'a> {
    /// The schemas that it is made of, to find the place of a keyword.
    pub(super) sources: Vec<Place<'a>>,
    pub(super) types: Types,
    /// The values of `enum` and `const`, null aside.
    pub(super) values: Option<Vec<&'a Value>>,
    /// The values of `x-extensible-enum`, an open list.
    pub(super) known: Vec<&'a Value>,
    pub(super) formats: BTreeSet<&'a str>,
    pub(super) encoding: Option<&'a str>,
    pub(super) media_type: Option<&'a str>,
    pub(super) maximum: Option<Bound<'a>>,
    pub(super) minimum: Option<Bound<'a>>,
    /// In the order of [`COUNTS`]; a minimum of 0 is none.
    pub(super) counts: [Option<u64>; 6],
    pub(super) multiples: Vec<&'a Value>,
    pub(super) patterns: BTreeSet<&'a str>,
    pub(super) unique: bool,
    pub(super) properties: BTreeMap<&'a str, Parts<'a>>,
    pub(super) required: BTreeSet<&'a str>,
    pub(super) pattern_properties: BTreeMap<&'a str, Parts<'a>>,
    /// The schemas of undeclared properties.
    pub(super) additional: Parts<'a>,
    /// Undeclared properties are not allowed.
    pub(super) closed: bool,
    pub(super) items: Parts<'a>,
    pub(super) tuple: Vec<Parts<'a>>,
    /// In the order of [`RESTRICTIONS`].
    pub(super) restrictions: [Vec<Place<'a>>; 9],
    pub(super) default: Option<&'a Value>,
    pub(super) lifecycle: Lifecycle<'a>,
    pub(super) read_only: bool,
    pub(super) write_only: bool,
}

impl<'a> ResolvedSchema<'a> {
    /// The keywords of one object, references and compositions aside.
    pub(super) fn own(place: &Place<'a>, object: &'a Map<String, Value>) -> Self {
        let mut schema = Self::default();
        let child = |key: &str, value: &'a Value| Place {
            value,
            pointer: place.pointer.child(key),
        };
        for (key, value) in object {
            match key.as_str() {
                "enum" => schema.intersect_values(value.as_array().into_iter().flatten().collect()),
                "const" => schema.intersect_values(vec![value]),
                "x-extensible-enum" => {
                    schema.known = value.as_array().into_iter().flatten().collect();
                }
                "format" => match value.as_str() {
                    // OpenAPI 3.0 writes the content of a string as a format.
                    Some("byte") => schema.encoding = schema.encoding.or(Some("base64")),
                    Some("binary") => {
                        schema.media_type = schema.media_type.or(Some("application/octet-stream"));
                    }
                    format => schema.formats.extend(format),
                },
                "contentEncoding" => schema.encoding = value.as_str(),
                "contentMediaType" => schema.media_type = value.as_str(),
                "pattern" => {
                    let pattern = value.as_str();
                    schema.patterns.extend(pattern.filter(|p| !accepts_all(p)));
                }
                "multipleOf" => schema.multiples.extend(value.is_number().then_some(value)),
                "uniqueItems" => schema.unique = value == &Value::Bool(true),
                "properties" => schema.properties = schemas(&child(key, value)),
                "patternProperties" => schema.pattern_properties = schemas(&child(key, value)),
                "required" => {
                    let names = value.as_array().into_iter().flatten();
                    schema.required = names.filter_map(Value::as_str).collect();
                }
                "additionalProperties" | "items" if allows_all(value) => {}
                "additionalProperties" if allows_none(value) => schema.closed = true,
                "additionalProperties" => schema.additional.push(child(key, value)),
                "items" => schema.items.push(child(key, value)),
                "prefixItems" => {
                    let list = child(key, value);
                    schema.tuple = list.entries().map(|entry| vec![entry]).collect();
                }
                "default" => schema.default = Some(value),
                "readOnly" => schema.read_only = value == &Value::Bool(true),
                "writeOnly" => schema.write_only = value == &Value::Bool(true),
                key => {
                    if let Some(index) = COUNTS.iter().position(|(k, ..)| *k == key) {
                        let count = value.as_u64().or_else(|| whole(value));
                        schema.counts[index] = count.filter(|count| index % 2 == 0 || *count > 0);
                    } else if let Some(index) = RESTRICTIONS.iter().position(|(k, ..)| *k == key)
                        && restricts(key, value, object)
                    {
                        schema.restrictions[index].push(child(key, value));
                    }
                }
            }
        }
        schema.maximum = Bound::read(object, "maximum", "exclusiveMaximum", true);
        schema.minimum = Bound::read(object, "minimum", "exclusiveMinimum", false);
        schema.lifecycle = Lifecycle::of(object);
        schema.types = schema.own_types(object);
        schema.merge_patterns();
        schema.drop_impossible();
        schema.sources.push(place.clone());
        schema
    }

    /// The schema of values to which both apply.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        add(&mut both.sources, &other.sources);
        both.types = self.types & other.types;
        if let Some(values) = &other.values {
            both.intersect_values(values.clone());
        }
        both.known.extend(&other.known);
        both.formats.extend(&other.formats);
        both.encoding = self.encoding.or(other.encoding);
        both.media_type = self.media_type.or(other.media_type);
        both.maximum = tightest(self.maximum, other.maximum, true);
        both.minimum = tightest(self.minimum, other.minimum, false);
        for (index, (ours, theirs)) in both.counts.iter_mut().zip(other.counts).enumerate() {
            let pick = if index % 2 == 0 { u64::min } else { u64::max };
            *ours = match (*ours, theirs) {
                (Some(ours), Some(theirs)) => Some(pick(ours, theirs)),
                (one, None) | (None, one) => one,
            };
        }
        let more = other.multiples.iter();
        let more = more.filter(|value| !self.multiples.contains(value));
        both.multiples.extend(more);
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
        both.lifecycle = self.lifecycle.and(other.lifecycle);
        both.read_only |= other.read_only;
        both.write_only |= other.write_only;
        both.drop_impossible();
        both
    }

    /// Whether it restricts nothing but the types.
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

    /// The names of the properties that are declared or required.
    pub(super) fn names(&self) -> BTreeSet<&'a str> {
        let declared = self.properties.keys();
        declared.chain(&self.required).copied().collect()
    }

    /// The schemas of an array item.
    pub(super) fn item(&self, index: usize) -> &Parts<'a> {
        self.tuple.get(index).unwrap_or(&self.items)
    }

    /// The fewest items of an array.
    pub(super) fn minimum_of_items(&self) -> u64 {
        self.counts[3].unwrap_or_default()
    }

    /// The place of the first of these keywords, or else of the schema.
    pub(super) fn pointer(&self, keywords: &[&str]) -> Option<Pointer> {
        let found = keywords.iter().find_map(|keyword| {
            let source = self.sources.iter().find(|s| s.value.get(keyword).is_some());
            source.map(|source| source.pointer.child(keyword))
        });
        found.or_else(|| self.sources.first().map(|source| source.pointer.clone()))
    }

    /// Allows only these values, null aside, in the order of the first list.
    fn intersect_values(&mut self, values: Vec<&'a Value>) {
        let (listed, others) = match self.values.take() {
            Some(ours) => (ours, Some(values)),
            None => (values, None),
        };
        let others: Option<HashSet<&Value>> = others.map(|list| list.into_iter().collect());
        let mut known = HashSet::new();
        let mut kept = listed;
        kept.retain(|value| {
            let is_allowed = others.as_ref().is_none_or(|list| list.contains(value));
            is_allowed && !value.is_null() && known.insert(*value)
        });
        self.values = Some(kept);
    }

    /// The types as stated, or as the values or the keywords imply.
    fn own_types(&self, object: &Map<String, Value>) -> Types {
        let of_name = |name: &Value| name.as_str().and_then(Types::named);
        let is_null = |name: &Value| name == "null";
        match object.get("type") {
            Some(Value::Array(names))
                if names.iter().any(|n| of_name(n).is_some() || is_null(n)) =>
            {
                return names.iter().filter_map(of_name).collect();
            }
            Some(name) if is_null(name) => return Types::empty(),
            Some(name) if of_name(name).is_some() => return of_name(name).unwrap_or_default(),
            _ => {}
        }
        if let Some(values) = &self.values {
            return values.iter().map(|value| Types::of(value)).collect();
        }
        // Strictly these keywords do not restrict values of other types, but their authors mean
        // objects or arrays.
        let has = |keywords: &[&str]| keywords.iter().any(|keyword| object.contains_key(*keyword));
        let is_object =
            has(&["properties", "required"]) || has(&["additionalProperties", "patternProperties"]);
        match (is_object, has(&["items", "prefixItems"])) {
            (true, false) => Types::OBJECT,
            (false, true) => Types::ARRAY,
            _ => Types::all(),
        }
    }

    /// Makes properties that match any name those beside the declared ones.
    fn merge_patterns(&mut self) {
        let patterns = std::mem::take(&mut self.pattern_properties).into_iter();
        let (any, some): (BTreeMap<_, _>, _) = patterns.partition(|(name, _)| accepts_all(name));
        self.pattern_properties = some;
        if any.is_empty() {
            return;
        }
        self.closed = false;
        self.additional.clear();
        for mut parts in any.into_values() {
            parts.retain(|place| !allows_all(place.value));
            for property in self.properties.values_mut() {
                add(property, &parts);
            }
            add(&mut self.additional, &parts);
        }
    }

    /// Drops values of types that are not allowed, types that no value has, and keywords that say
    /// nothing about the types.
    fn drop_impossible(&mut self) {
        let types = self.types;
        if let Some(values) = &mut self.values {
            values.retain(|value| types.intersects(Types::of(value)));
            let of_values: Types = values.iter().map(|value| Types::of(value)).collect();
            let narrowed = self.types & of_values;
            // An integer among the values of `type: number` leaves the type what it says.
            let is_number = types.contains(Types::NUMBER);
            self.types = narrowed;
            if is_number && narrowed.intersects(Types::INTEGER) {
                self.types = narrowed | Types::NUMBER;
            }
        }
        let types = self.types;
        if !types.intersects(Types::STRING) {
            self.patterns.clear();
            (self.encoding, self.media_type) = (None, None);
        }
        if !types.intersects(Types::NUMBER) {
            (self.maximum, self.minimum) = (None, None);
            self.multiples.clear();
        }
        if !types.intersects(Types::ARRAY) {
            self.unique = false;
            self.items.clear();
            self.tuple.clear();
        }
        if !types.intersects(Types::OBJECT) {
            self.closed = false;
            self.properties.clear();
            self.required.clear();
            self.pattern_properties.clear();
            self.additional.clear();
        }
        for (count, (.., counted)) in self.counts.iter_mut().zip(COUNTS) {
            count.take_if(|_| !types.intersects(counted));
        }
        for (places, (.., restricted)) in self.restrictions.iter_mut().zip(RESTRICTIONS) {
            places.retain(|_| types.intersects(restricted));
        }
        // Less than a whole number is at most the one before.
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
    let members = place.members();
    members.map(|(name, schema)| (name, vec![schema])).collect()
}

fn join<'a>(ours: &mut BTreeMap<&'a str, Parts<'a>>, theirs: &BTreeMap<&'a str, Parts<'a>>) {
    for (name, parts) in theirs {
        add(ours.entry(name).or_default(), parts);
    }
}

/// `5.0` is a count too.
pub(super) fn whole(value: &Value) -> Option<u64> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && (0.0..1e15).contains(&number)).then_some(number as u64)
}

/// Whether a keyword of a schema restricts anything with this value.
fn restricts(keyword: &str, value: &Value, schema: &Map<String, Value>) -> bool {
    match keyword {
        "not" => !allows_none(value),
        "if" => schema.contains_key("then") || schema.contains_key("else"),
        "contains" => {
            schema.get("minContains").and_then(whole) != Some(0)
                || schema.contains_key("maxContains")
        }
        "dependentSchemas" => {
            let mut schemas = value.as_object().into_iter().flat_map(Map::values);
            schemas.any(|schema| !allows_all(schema))
        }
        // Every name is a string.
        "propertyNames" if value.is_object() => !value.as_object().is_some_and(|names| {
            names.iter().all(|(key, value)| match &key[..] {
                "type" => value == "string",
                "pattern" => value.as_str().is_some_and(accepts_all),
                key => is_annotation(key),
            })
        }),
        _ => !allows_all(value),
    }
}

fn allows_all(schema: &Value) -> bool {
    schema == &Value::Bool(true) || schema.as_object().is_some_and(Map::is_empty)
}

/// Whether a schema allows no value, as JSON Schema writes it and as normalising does.
pub(super) fn allows_none(schema: &Value) -> bool {
    match schema {
        Value::Object(object) => {
            object.get("not").is_some_and(allows_all)
                && object.keys().all(|key| key == "not" || is_annotation(key))
        }
        schema => schema == &Value::Bool(false),
    }
}
