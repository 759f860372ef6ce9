//! How a record of the source becomes the values of a row.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use jiff::SignedDuration;
use serde::de::{
    Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor,
    value::{MapAccessDeserializer, SeqAccessDeserializer},
};
use serde_json::{Number, Value};

use super::Transform;
use super::transform::timestamp;
use crate::error::shortened;
use crate::field::{Field, ValueType, Values};
use crate::kind::Kind;

/// Where the value of a field comes from: `"Column"`, or a table.
///
/// The value of the column is changed by the transforms, in order, and then replaced as `map` says.
/// An empty value is the default, or else leaves the field as it is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Mapping {
    /// The column, or several whose values are joined by a space.
    pub column: Vec<String>,
    /// A value for all records, instead of a column.
    pub constant: Option<String>,
    /// Changes to the value. Default: only `trim`.
    pub transform: Vec<Transform>,
    /// Days that are added to a date.
    pub add_days: i32,
    /// Replacements of values. A value that is not in it is an error.
    pub map: Option<Replacements>,
    /// The value of records without one.
    pub default: Option<String>,
    /// Whether a record without a value clears the field.
    pub clear: bool,
}

/// Replacements of values: a table, or `"owners"` for the section `[owners]`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Replacements {
    /// A value and its replacement.
    Table(BTreeMap<String, String>),
    /// Those of `[owners]`, by address in lower case.
    Owners(BTreeMap<String, String>),
}

/// One text, or a list of them.
#[derive(Clone, Debug, Default)]
pub(super) struct OneOrMore(pub(super) Vec<String>);

/// A mapping that is written as a table.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    column: OneOrMore,
    constant: Option<String>,
    #[serde(default = "trim")]
    transform: Vec<Transform>,
    #[serde(default, deserialize_with = "days")]
    add_days: i32,
    map: Option<Replacements>,
    default: Option<String>,
    #[serde(default)]
    clear: bool,
}

/// A number of days. The error of a number itself names the type of Rust.
fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let days = toml::Value::deserialize(deserializer)?.as_integer();
    let days = days.and_then(|days| days.try_into().ok());
    days.ok_or_else(|| D::Error::custom("`add_days` is a whole number of days, such as 30"))
}

fn trim() -> Vec<Transform> {
    vec![Transform::Trim]
}

impl Mapping {
    /// The value of a column.
    pub(crate) fn column(name: &str) -> Self {
        Self {
            column: vec![name.to_owned()],
            transform: trim(),
            ..Self::default()
        }
    }

    /// Checks what can be known without a record. An error has the key that is wrong.
    pub(super) fn check(&self, value_type: ValueType) -> Result<(), (&'static str, String)> {
        let error = |key, why: &str| Err((key, why.to_owned()));
        match (self.column.is_empty(), &self.constant) {
            (true, None) => return error("", "set `column` or `constant`"),
            (false, Some(_)) => return error("constant", "set `column` or `constant`, not both"),
            _ if self.clear && self.default.is_some() => {
                return error("clear", "`clear` and `default` exclude each other");
            }
            _ if self.add_days != 0 && value_type != ValueType::Time => {
                return error("add_days", "`add_days` is only for a date");
            }
            _ => {}
        }
        if self.constant.is_some() {
            let value = self.value(value_type, &Values::new());
            value.map_err(|why| ("constant", why))?;
        }
        if let Some(default) = self.default.clone() {
            let value = self.typed(value_type, default);
            value.map_err(|why| ("default", why))?;
        }
        if matches!(&self.map, Some(Replacements::Owners(owners)) if owners.is_empty()) {
            return error(
                "map",
                "`map = \"owners\"` needs a section [owners], with lines such as \"ada@example.com\" = \"usr_1\"",
            );
        }
        if let Some(Replacements::Table(table)) = &self.map {
            for value in table.values().filter(|value| !value.is_empty()) {
                let value = self.typed(value_type, value.clone());
                value.map_err(|why| ("map", why))?;
            }
        }
        Ok(())
    }

    /// The value for a record; `None` leaves the field as it is.
    fn value(&self, value_type: ValueType, raw: &Values) -> Result<Option<Value>, String> {
        let mut value = match (&self.constant, self.column.as_slice()) {
            (Some(constant), _) => constant.clone(),
            (None, [column]) => text(raw.get(column), value_type)?,
            (None, columns) => {
                let texts = columns
                    .iter()
                    .map(|column| text(raw.get(column), value_type));
                let texts = texts.collect::<Result<Vec<_>, _>>()?;
                let texts = texts.iter().map(|text| text.trim());
                let texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
                texts.join(" ")
            }
        };
        for transform in &self.transform {
            if !value.is_empty() {
                value = transform.apply(value)?;
            }
        }
        if let Some(map) = self.map.as_ref().filter(|_| !value.is_empty()) {
            value = map.replace(&value)?;
        }
        if value.is_empty() {
            match &self.default {
                Some(default) => value.clone_from(default),
                None => return Ok(self.clear.then_some(Value::Null)),
            }
        }
        self.typed(value_type, value).map(Some)
    }

    /// The value of a text.
    fn typed(&self, value_type: ValueType, value: String) -> Result<Value, String> {
        Ok(match value_type {
            ValueType::Text => Value::String(value),
            ValueType::Integer => {
                let number: i64 = value
                    .parse()
                    .map_err(|_| format!("{:?} is not a whole number", shortened(&value)))?;
                Value::Number(Number::from(number))
            }
            ValueType::Flag => match value.to_lowercase().as_str() {
                "true" | "yes" | "1" => Value::Bool(true),
                "false" | "no" | "0" => Value::Bool(false),
                _ => return Err(format!("{:?} is not true or false", shortened(&value))),
            },
            ValueType::Time => {
                let days = SignedDuration::from_hours(i64::from(self.add_days) * 24);
                let time = timestamp(&value)?.checked_add(days);
                let time = time.map_err(|error| error.to_string())?;
                Value::String(time.to_string())
            }
            ValueType::List => {
                // HubSpot separates the values of a list by semicolons.
                let labels = value.split([';', ',']).map(str::trim);
                labels.filter(|label| !label.is_empty()).collect()
            }
        })
    }
}

impl Replacements {
    fn replace(&self, value: &str) -> Result<String, String> {
        let (found, name) = match self {
            Self::Table(table) => (table.get(value), "`map`"),
            Self::Owners(owners) => (owners.get(&value.to_lowercase()), "[owners]"),
        };
        found
            .cloned()
            .ok_or_else(|| format!("{:?} is not in {name}", shortened(value)))
    }
}

/// The text of a value of the source.
pub(super) fn text(value: Option<&Value>, value_type: ValueType) -> Result<String, String> {
    match value {
        None | Some(Value::Null) => Ok(String::new()),
        // A file of failed records has lists as JSON.
        Some(Value::String(list)) if value_type == ValueType::List && list.starts_with('[') => {
            match serde_json::from_str(list) {
                Ok(values @ Value::Array(_)) => text(Some(&values), value_type),
                _ => Ok(list.clone()),
            }
        }
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(Value::Bool(value)) => Ok(value.to_string()),
        Some(Value::Array(values)) if value_type == ValueType::List => {
            let texts = values
                .iter()
                .map(|value| text(Some(value), ValueType::Text));
            Ok(texts.collect::<Result<Vec<_>, _>>()?.join(";"))
        }
        Some(Value::Array(_) | Value::Object(_)) => {
            Err("the value is a list or an object, not text or a number".to_owned())
        }
    }
}

/// Why a record, a contact or an onboarding cannot be used, or is not.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub(crate) struct Problem {
    pub(crate) code: Cow<'static, str>,
    pub(crate) field: Option<String>,
    pub(crate) reason: String,
}

impl Problem {
    pub(crate) fn new(code: &'static str, field: Option<&str>, reason: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            field: field.map(str::to_owned),
            reason: reason.into(),
        }
    }

    /// A value that cannot be used, of a field or a column.
    pub(crate) fn invalid_value(field: &str, reason: impl Into<String>) -> Self {
        Self::new("invalid_value", Some(field), reason)
    }

    /// Whether it does not matter for a customer that exists: only a create sends the owner.
    pub(crate) fn is_about_owner(&self) -> bool {
        self.field.as_deref() == Some(Field::OwnerId.name())
    }
}

/// The mappings with the name and the type of their field.
pub(super) fn typed<F: Copy>(
    fields: &BTreeMap<F, Mapping>,
) -> impl Iterator<Item = (&'static str, ValueType, &Mapping)>
where
    (&'static str, ValueType): From<F>,
{
    fields.iter().map(|(field, mapping)| {
        let (name, value_type) = (*field).into();
        (name, value_type, mapping)
    })
}

/// The values of a record, and the first problem. With a problem, the values are those of the
/// other fields, by which the customer can still be recognized.
pub(super) fn map_fields<'m>(
    kind: Kind,
    fields: impl Iterator<Item = (&'static str, ValueType, &'m Mapping)>,
    raw: &Values,
) -> (Values, Option<Problem>) {
    let mut values = Values::new();
    let mut problem = None;
    for (name, value_type, mapping) in fields {
        match mapping.value(value_type, raw) {
            Ok(Some(value)) => {
                values.insert(name.to_owned(), value);
            }
            Ok(None) => {}
            Err(reason) => {
                problem.get_or_insert(Problem::invalid_value(name, reason));
            }
        }
    }
    let (values, violation) = kind.violation(values);
    if let Some(violation) = violation
        && problem.as_ref().is_none_or(Problem::is_about_owner)
    {
        let (field, reason) = (violation.field(), violation.message());
        problem = Some(match violation.code() {
            "invalid_string" | "invalid_type" => Problem::invalid_value(field, reason),
            _ => Problem::new("exceeds_limit", Some(field), reason),
        });
    }
    (values, problem)
}

impl<'de> Deserialize<'de> for Mapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrTable;

        impl<'de> Visitor<'de> for TextOrTable {
            type Value = Mapping;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column, or a table")
            }

            fn visit_str<E>(self, column: &str) -> Result<Mapping, E> {
                Ok(Mapping::column(column))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Mapping, A::Error> {
                let table = Table::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Mapping {
                    column: table.column.0,
                    constant: table.constant,
                    transform: table.transform,
                    add_days: table.add_days,
                    map: table.map,
                    default: table.default,
                    clear: table.clear,
                })
            }
        }

        deserializer.deserialize_any(TextOrTable)
    }
}

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrList;

        impl<'de> Visitor<'de> for TextOrList {
            type Value = OneOrMore;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<OneOrMore, E> {
                Ok(OneOrMore(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, texts: A) -> Result<OneOrMore, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(texts)).map(OneOrMore)
            }
        }

        deserializer.deserialize_any(TextOrList)
    }
}

impl<'de> Deserialize<'de> for Replacements {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OwnersOrTable;

        impl<'de> Visitor<'de> for OwnersOrTable {
            type Value = Replacements;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of replacements, or \"owners\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Replacements, E> {
                match text {
                    "owners" => Ok(Replacements::Owners(BTreeMap::new())),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Replacements, A::Error> {
                BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(Replacements::Table)
            }
        }

        deserializer.deserialize_any(OwnersOrTable)
    }
}
