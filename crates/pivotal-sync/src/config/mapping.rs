//! How a record of the source becomes the values of a customer.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde_json::{Number, Value};

use super::{Config, Transform};
use crate::error::shortened;
use crate::field::{Field, Values, violation};

/// Where the value of a field comes from: `"Column"`, or a table.
///
/// The value of the column is changed by the transforms, in order, and then replaced as `map` says.
/// An empty value is the default, or else leaves the field as it is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Mapping {
    /// The column.
    pub column: Option<String>,
    /// A value for all records, instead of a column.
    pub constant: Option<String>,
    /// Changes to the value. Default: only `trim`.
    pub transform: Vec<Transform>,
    /// Replacements of values. A value that is not in it is an error.
    pub map: Option<BTreeMap<String, String>>,
    /// The value of records without one.
    pub default: Option<String>,
    /// Whether a record without a value clears the field.
    pub clear: bool,
}

/// A mapping that is written as a table.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    column: Option<String>,
    constant: Option<String>,
    #[serde(default = "trim")]
    transform: Vec<Transform>,
    map: Option<BTreeMap<String, String>>,
    default: Option<String>,
    #[serde(default)]
    clear: bool,
}

fn trim() -> Vec<Transform> {
    vec![Transform::Trim]
}

impl Mapping {
    /// The value of a column.
    pub(crate) fn column(name: &str) -> Self {
        Self {
            column: Some(name.to_owned()),
            transform: trim(),
            ..Self::default()
        }
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        match (&self.column, &self.constant) {
            (None, None) => Err("set `column` or `constant`"),
            (Some(_), Some(_)) => Err("set `column` or `constant`, not both"),
            _ if self.clear && self.default.is_some() => {
                Err("`clear` and `default` exclude each other")
            }
            _ => Ok(()),
        }
    }

    /// The value for a record; `None` leaves the field as it is.
    fn value(&self, field: Field, raw: &Values) -> Result<Option<Value>, String> {
        let found = match (&self.constant, &self.column) {
            (Some(constant), _) => constant.clone(),
            (None, Some(column)) => text(raw.get(column))?,
            (None, None) => String::new(),
        };
        let mut value = found;
        for transform in &self.transform {
            if !value.is_empty() {
                value = transform.apply(&value)?;
            }
        }
        if let Some(map) = self.map.as_ref().filter(|_| !value.is_empty()) {
            let mapped = map.get(&value);
            value = mapped
                .ok_or_else(|| format!("{:?} is not in `map`", shortened(&value)))?
                .clone();
        }
        if value.is_empty() {
            match &self.default {
                Some(default) => value.clone_from(default),
                None => return Ok(self.clear.then_some(Value::Null)),
            }
        }
        if field.is_integer() {
            let number: i64 = value
                .parse()
                .map_err(|_| format!("{:?} is not a whole number", shortened(&value)))?;
            return Ok(Some(Value::Number(Number::from(number))));
        }
        Ok(Some(Value::String(value)))
    }
}

/// The text of a value of the source.
fn text(value: Option<&Value>) -> Result<String, String> {
    match value {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(Value::Bool(value)) => Ok(value.to_string()),
        Some(Value::Array(_) | Value::Object(_)) => {
            Err("the value is a list or an object, not text or a number".to_owned())
        }
    }
}

/// Why a record cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) field: Option<String>,
    pub(crate) reason: String,
}

/// The values of a record, and the first problem. With a problem, the values are those of the
/// other fields, by which the customer can still be recognized.
pub(crate) fn map_row(config: &Config, raw: &Values) -> (Values, Option<Problem>) {
    let mut values = Values::new();
    let mut problem = None;
    for (field, mapping) in &config.fields {
        match mapping.value(*field, raw) {
            Ok(Some(value)) => {
                values.insert(field.name().to_owned(), value);
            }
            Ok(None) => {}
            Err(reason) => {
                problem.get_or_insert(Problem {
                    code: "invalid_value",
                    field: Some(field.name().to_owned()),
                    reason,
                });
            }
        }
    }
    if problem.is_none()
        && let Some(violation) = violation(&values)
    {
        problem = Some(Problem {
            code: "exceeds_limit",
            field: Some(violation.field().to_owned()),
            reason: violation.message().to_owned(),
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
                    column: table.column,
                    constant: table.constant,
                    transform: table.transform,
                    map: table.map,
                    default: table.default,
                    clear: table.clear,
                })
            }
        }

        deserializer.deserialize_any(TextOrTable)
    }
}
