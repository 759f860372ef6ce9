//! The Rust type that a schema stands for.

use serde_json::Value;

use super::Type;
use super::schema::{flag, referred, text};

/// The type of a hoisted schema.
pub(super) fn of(schema: &Value) -> Type {
    if let Some(name) = referred(schema) {
        return Type::Named(name);
    }
    match text(schema, "type") {
        Some("string") => match text(schema, "format") {
            Some("date-time") => Type::Timestamp,
            Some("date") => Type::Date,
            _ => Type::String,
        },
        Some("integer") if text(schema, "format") == Some("uint64") => Type::Unsigned,
        Some("integer") => Type::Integer,
        Some("number") => Type::Number,
        Some("boolean") => Type::Boolean,
        Some("array") => Type::List(Box::new(inner(schema.get("items")))),
        Some("object") => {
            let values = schema
                .get("additionalProperties")
                .filter(|values| values.is_object());
            Type::Map(Box::new(inner(values)))
        }
        _ => Type::Json,
    }
}

/// The type of a value that may be null where its schema says so.
pub(super) fn inner(schema: Option<&Value>) -> Type {
    match schema {
        Some(schema) => match of(schema) {
            // Any JSON is null, too.
            Type::Json => Type::Json,
            r#type if flag(schema, "nullable") => Type::Nullable(Box::new(r#type)),
            r#type => r#type,
        },
        None => Type::Json,
    }
}

impl Type {
    /// The generated type that it is, if it is one.
    pub(super) fn name(&self) -> Option<&String> {
        match self {
            Self::Named(name) => Some(name),
            Self::Boxed(inner) => inner.name(),
            _ => None,
        }
    }

    /// What a union calls a member of this type.
    pub(super) fn variant_name(&self) -> Option<String> {
        Some(match self {
            Self::String => "String".to_owned(),
            Self::Integer => "Integer".to_owned(),
            Self::Unsigned => "Unsigned".to_owned(),
            Self::Count => "Count".to_owned(),
            Self::Number => "Number".to_owned(),
            Self::Boolean => "Boolean".to_owned(),
            Self::Timestamp => "Timestamp".to_owned(),
            Self::Date => "Date".to_owned(),
            Self::Json => return None,
            Self::Boxed(inner) | Self::Nullable(inner) => return inner.variant_name(),
            Self::Named(name) => name.clone(),
            Self::List(_) => "List".to_owned(),
            Self::Map(_) => "Map".to_owned(),
        })
    }
}
