//! The fields of the contract's schemas.

use pivotal_openapi::Document;
use pivotal_openapi::schema::{is_nullable, required, types};
use pivotal_sdk::{Timestamp, Value};
use serde::Serialize;
use serde_json::Map;

use crate::export::Table;

/// The fields that say which row it is.
const FIRST: [&str; 9] = [
    "id",
    "display_id",
    "customer_id",
    "name",
    "slug",
    "domain",
    "email",
    "phase",
    "state",
];

/// Where a field stands among those of a row: first those that say which row it is, in this order.
pub fn place(name: &str) -> usize {
    let first = FIRST.iter().position(|first| *first == name);
    first.unwrap_or(FIRST.len())
}

/// The fields of a schema of the contract.
#[derive(Clone, Debug)]
pub struct Fields(Vec<Field>);

/// A field of a schema of the contract.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Field {
    /// Its name, which is that of the column.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Whether it can be null.
    pub nullable: bool,
    /// Whether it can be missing.
    pub optional: bool,
    /// Its schema in the contract.
    pub schema: &'static Value,
}

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A text.
    Text,
    /// A point in time, in milliseconds.
    Time,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list or an object.
    Json,
}

impl Fields {
    /// The fields of a schema, those that say which row it is first, the rest by name; none if the
    /// contract does not have it.
    pub fn of(schema: &str) -> Self {
        let contract = Document::contract();
        let Some(schema) = contract.schema(schema) else {
            return Self(Vec::new());
        };
        let properties = contract.properties(schema).into_iter();
        let field = |(name, property)| {
            let property = contract.resolve(property);
            Field {
                name,
                kind: Kind::of(property),
                nullable: is_nullable(property),
                optional: !required(schema).any(|required| required == name),
                schema: property,
            }
        };
        let mut fields: Vec<_> = properties.map(field).collect();
        // The contract is written with sorted keys, so it has no order of its own.
        fields.sort_by_key(|field| place(field.name));
        Self(fields)
    }

    /// The fields.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    /// An object as JSON, written as Pivotal does, so that all rows have the same fields and times can
    /// be compared as texts: with a null for a nullable field that the SDK leaves out, and with the
    /// milliseconds of every time.
    ///
    /// # Errors
    /// Those of [`serde_json::to_value`].
    pub fn row(&self, object: &impl Serialize) -> serde_json::Result<Value> {
        let mut object = serde_json::to_value(object)?;
        let Some(members) = object.as_object_mut() else {
            return Ok(object);
        };
        for field in &self.0 {
            match members.get_mut(field.name) {
                Some(Value::String(text)) if field.kind == Kind::Time => {
                    if let Some(time) = in_milliseconds(text) {
                        *text = time;
                    }
                }
                None if field.nullable => {
                    members.insert(field.name.to_owned(), Value::Null);
                }
                _ => {}
            }
        }
        Ok(object)
    }

    /// The members of a row that are no fields, as an object; null if there are none.
    pub(crate) fn extra(&self, row: &Value) -> Value {
        let is_extra = |(name, _): &(&String, &Value)| {
            let mut fields = self.0.iter();
            fields.all(|field| field.name != name.as_str())
        };
        let members = row.as_object().into_iter().flatten().filter(is_extra);
        let extra: Map<_, _> = members
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if extra.is_empty() {
            Value::Null
        } else {
            extra.into()
        }
    }
}

/// Whether the names of a row's values are those of an exported row: most of the fields of a table.
pub(crate) fn are_exported(names: &[&str]) -> bool {
    Table::ALL.iter().any(|table| {
        let fields = Fields::of(table.schema());
        let known = fields.iter().filter(|field| names.contains(&field.name));
        known.count() * 2 > fields.0.len()
    })
}

impl Kind {
    fn of(schema: &Value) -> Self {
        match types(schema).iter().find(|name| **name != "null") {
            Some(&"string") if schema["format"] == "date-time" => Self::Time,
            Some(&"string") => Self::Text,
            Some(&"integer") => Self::Integer,
            Some(&"number") => Self::Number,
            Some(&"boolean") => Self::Boolean,
            _ => Self::Json,
        }
    }
}

/// A time with three decimals; `None` if it has more.
fn in_milliseconds(text: &str) -> Option<String> {
    let time: Timestamp = text.parse().ok()?;
    let has_more = time.subsec_nanosecond() % 1_000_000 != 0;
    (!has_more).then(|| format!("{time:.3}"))
}
