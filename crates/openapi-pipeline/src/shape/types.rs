//! The Rust type that a schema stands for.

use serde_json::Value;

use super::Type;
use super::schema::{Components, has_properties, referred, text};

/// The type of a hoisted schema. Components that are lists, maps or scalars are seen through.
pub(super) fn of(schema: &Value, components: &Components) -> Type {
    // As deep as aliases of aliases can go before they are a cycle.
    within(schema, components, components.len() + 1)
}

fn within(schema: &Value, components: &Components, depth: usize) -> Type {
    if let Some(name) = referred(schema) {
        return match components.get(&name) {
            Some(target) if !has_properties(target) && depth > 0 => {
                within(target, components, depth - 1)
            }
            _ => Type::Named(name),
        };
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
        Some("array") => Type::List(Box::new(inner(schema.get("items"), components, depth))),
        Some("object") => {
            let values = schema
                .get("additionalProperties")
                .filter(|values| values.is_object());
            Type::Map(Box::new(inner(values, components, depth)))
        }
        _ => Type::Json,
    }
}

fn inner(schema: Option<&Value>, components: &Components, depth: usize) -> Type {
    match schema {
        Some(schema) if depth > 0 => within(schema, components, depth - 1),
        _ => Type::Json,
    }
}

impl Type {
    /// What a union calls a member of this type.
    pub(super) fn variant_name(&self) -> Option<String> {
        Some(match self {
            Self::String => "String".to_owned(),
            Self::Integer => "Integer".to_owned(),
            Self::Unsigned => "Unsigned".to_owned(),
            Self::Number => "Number".to_owned(),
            Self::Boolean => "Boolean".to_owned(),
            Self::Timestamp => "Timestamp".to_owned(),
            Self::Date => "Date".to_owned(),
            Self::Json => return None,
            Self::Boxed(inner) => return inner.variant_name(),
            Self::Named(name) => name.clone(),
            Self::List(_) => "List".to_owned(),
            Self::Map(_) => "Map".to_owned(),
        })
    }
}
