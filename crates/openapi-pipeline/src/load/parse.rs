//! JSON and YAML, read strictly and within bounds.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use saphyr_parser::{Event, Marker, Parser};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::LoadError;
use crate::MAX_DEPTH;
use crate::problem::printable;

/// The most values, objects and arrays included, and keys of a document. A value takes many times the
/// memory of the two bytes that may stand for it.
const MAX_VALUES: usize = 2_000_000;

/// The most brackets that open in a text in YAML that is read though its depth is not known.
const MAX_OPENING: usize = 1_000;

/// How the message ends when a key occurs twice.
const TWICE: &str = " occurs twice in one object";

/// Reads a text as JSON or YAML, depending on `origin` and the first character.
pub(crate) fn value(text: &str, origin: &str) -> Result<Value, LoadError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let syntax = |line: usize, column: usize, message: &str| LoadError::Syntax {
        origin: origin.to_owned(),
        line,
        // Columns are counted from 1, but the end of an empty text is before the first.
        column: column.max(line.min(1)),
        message: shortened(&message.replace(&format!(" at line {line} column {column}"), "")),
    };
    // Without aliases a value is never larger than its text. Four times as much, and a little for
    // small texts, is enough for ordinary aliases and too little for a text that grows
    // exponentially.
    let budget = Cell::new(text.len().saturating_mul(4).saturating_add(1 << 16));
    let values = Cell::new(MAX_VALUES);
    let strict = Strict {
        depth: 0,
        budget: &budget,
        values: &values,
    };
    if is_json(text, origin) {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = strict
            .deserialize(&mut reader)
            .and_then(|value| reader.end().map(|()| value));
        value.map_err(|error| syntax(error.line(), error.column(), &error.to_string()))
    } else if let Some((at, message)) = beyond_bounds(text) {
        Err(syntax(at.line(), at.col() + 1, &message))
    } else {
        let value = strict.deserialize(yaml_serde::Deserializer::from_str(text));
        value.map(merged).map_err(|error| {
            let at = error.location();
            let at = at.map_or((0, 0), |at| (at.line(), at.column()));
            let known = format!(" at line {} column {}", at.0, at.1);
            let message = error.to_string().replace(&known, "");
            // The reader places it at the start of the object.
            let second = message.ends_with(TWICE).then(|| second_key(text)).flatten();
            let (line, column) = second.map_or(at, |at| (at.line(), at.col() + 1));
            syntax(line, column, &message)
        })
    }
}

/// The value with what `<<` refers to among the keys beside it, which come first.
fn merged(value: Value) -> Value {
    match value {
        Value::Array(entries) => entries.into_iter().map(merged).collect(),
        Value::Object(mut object) => {
            let from = match object.get("<<") {
                Some(Value::Object(_)) => object.remove("<<").into_iter().collect(),
                Some(Value::Array(parts)) if parts.iter().all(Value::is_object) => {
                    let parts = object.remove("<<");
                    parts
                        .and_then(|parts| parts.as_array().cloned())
                        .unwrap_or_default()
                }
                _ => Vec::new(),
            };
            for part in from {
                // A part may have parts itself.
                for (key, value) in merged(part).as_object().into_iter().flatten() {
                    object.entry(key).or_insert_with(|| value.clone());
                }
            }
            object
                .into_iter()
                .map(|(key, value)| (key, merged(value)))
                .collect()
        }
        other => other,
    }
}

/// Where a text in YAML goes beyond a bound, and beyond which.
///
/// The YAML reader takes a text whole before it gives out anything, with a hundred bytes for each
/// value and in time that grows with the square of the depth.
fn beyond_bounds(text: &str) -> Option<(Marker, String)> {
    let too_deep = format!("nesting of more than {MAX_DEPTH} levels");
    let (mut depth, mut values) = (0_usize, 0_usize);
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            // What this parser cannot read is left to the reader, unless that may take too long.
            Err(error) => {
                let opening = text.bytes().filter(|byte| matches!(byte, b'[' | b'{'));
                return (opening.count() > MAX_OPENING).then(|| (*error.marker(), too_deep));
            }
        };
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
            Event::SequenceEnd | Event::MappingEnd => {
                depth -= 1;
                continue;
            }
            _ => {}
        }
        values += 1;
        if depth > MAX_DEPTH {
            return Some((span.start, too_deep));
        }
        if values > MAX_VALUES {
            return Some((span.start, too_many()));
        }
    }
    None
}

/// Where a text in YAML has a key for the second time.
fn second_key(text: &str) -> Option<Marker> {
    // The keys of each object that is open, and whether a key comes next; `None` for a list.
    let mut open: Vec<Option<(BTreeSet<String>, bool)>> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let inner = match event {
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
                continue;
            }
            Event::SequenceStart(..) => Some(None),
            Event::MappingStart(..) => Some(Some((BTreeSet::new(), true))),
            Event::Scalar(..) | Event::Alias(_) => None,
            _ => continue,
        };
        if let Some(Some((known, is_key))) = open.last_mut() {
            if let Event::Scalar(key, ..) = &event
                && *is_key
                && !known.insert(key.to_string())
            {
                return Some(span.start);
            }
            *is_key = !*is_key;
        }
        open.extend(inner);
    }
    None
}

fn too_many() -> String {
    format!("more than {MAX_VALUES} values and keys")
}

/// The message without most of the path that the YAML reader begins it with.
fn shortened(message: &str) -> String {
    const LENGTH: usize = 40;
    let message = printable(message);
    match message.split_once(": ") {
        Some((path, rest)) if path.len() > LENGTH && !path.contains(' ') => {
            let start: String = path.chars().take(LENGTH).collect();
            format!("{start}…: {rest}")
        }
        _ => message,
    }
}

fn is_json(text: &str, origin: &str) -> bool {
    let ends_in = |extension: &str| {
        origin.len() >= extension.len()
            && origin.as_bytes()[origin.len() - extension.len()..]
                .eq_ignore_ascii_case(extension.as_bytes())
    };
    ends_in(".json")
        || !(ends_in(".yaml") || ends_in(".yml")) && text.trim_start().starts_with(['{', '['])
}

/// Reads a value, refuses keys that occur twice, and keeps within bounds.
#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    /// What may still be read: one for each value and one for each byte of text in it.
    budget: &'a Cell<usize>,
    /// How many values and keys may still be read.
    values: &'a Cell<usize>,
}

impl Strict<'_> {
    fn spend<E: Error>(self, bytes: usize) -> Result<(), E> {
        let Some(left) = self.values.get().checked_sub(1) else {
            return Err(E::custom(too_many()));
        };
        self.values.set(left);
        match self.budget.get().checked_sub(bytes.saturating_add(1)) {
            Some(left) => {
                self.budget.set(left);
                Ok(())
            }
            None => Err(E::custom(
                "aliases multiply the text into far more than it holds",
            )),
        }
    }

    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!(
                "nesting of more than {MAX_DEPTH} levels"
            )));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON has")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.spend(0).map(|()| Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.spend(0).map(|()| Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.spend(0).map(|()| Value::from(value))
    }

    // As in JSON, an integer beyond 64 bits is the nearest number.
    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.spend(0)?;
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom(format_args!("{value} is not a number in JSON")))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.spend(value.len()).map(|()| Value::from(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.spend(0).map(|()| Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.spend(0)?;
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(entry) = entries.next_element_seed(inner)? {
            array.push(entry);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.spend(0)?;
        let inner = self.deeper()?;
        let mut object = Map::new();
        // Keys are read as strings, so that `200:` of YAML is the status "200".
        while let Some(key) = entries.next_key::<String>()? {
            self.spend(key.len())?;
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key \"{key}\"{TWICE}")));
            }
            let value = entries.next_value_seed(inner)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
