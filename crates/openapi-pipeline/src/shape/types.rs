//! The Rust type of a schema, boxed where a type would contain itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::cycles::{Graph, groups};
use super::schema::{Components, flag, properties, referred, text};
use super::{Body, Type, Union};

/// The format of a string that is a file among the parts of a body.
pub(super) const FILE: &str = "x-file";

/// The type of a hoisted schema.
pub(super) fn of(schema: &Value) -> Type {
    if let Some(name) = referred(schema) {
        return Type::Named(name);
    }
    match text(schema, "type") {
        Some("string") => match text(schema, "format") {
            Some("date-time") => Type::Timestamp,
            Some("date") => Type::Date,
            Some(FILE) => Type::Bytes,
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
            Self::Bytes => "Bytes".to_owned(),
            Self::Json => return None,
            Self::Boxed(inner) | Self::Nullable(inner) => return inner.variant_name(),
            Self::Named(name) => name.clone(),
            Self::List(_) => "List".to_owned(),
            Self::Map(_) => "Map".to_owned(),
        })
    }
}

/// Boxes the fields of bodies and the members of unions through which a type would contain itself.
///
/// The generator does this for the types it defines; these it does not see into.
pub(super) fn box_cycles(components: &Components, bodies: &mut [Body], unions: &mut [Union]) {
    let held = held(components, unions);
    let graph: Graph<'_> = held
        .iter()
        .map(|(name, inner)| (name.as_str(), inner.iter().map(String::as_str).collect()))
        .collect();
    // Types that hold one another are in one group, and have its number.
    let groups = groups(&graph).into_iter().enumerate();
    let group: BTreeMap<&str, usize> = groups
        .flat_map(|(number, names)| names.into_iter().map(move |name| (name, number)))
        .collect();
    let box_if_cyclic = |of: &mut Type, owner: &str| {
        let inner = of.name().and_then(|name| group.get(name.as_str()));
        if matches!(of, Type::Named(_)) && inner.is_some() && inner == group.get(owner) {
            *of = Type::Boxed(Box::new(of.clone()));
        }
    };
    for body in bodies {
        for field in &mut body.fields {
            box_if_cyclic(&mut field.r#type, &body.name);
        }
    }
    for union in unions {
        for member in &mut union.members {
            box_if_cyclic(&mut member.r#type, &union.name);
        }
    }
}

/// What every type holds in itself, not behind a list or a map.
fn held(components: &Components, unions: &[Union]) -> BTreeMap<String, BTreeSet<String>> {
    let mut held: BTreeMap<String, BTreeSet<String>> = components
        .iter()
        .map(|(name, schema)| {
            let mut names: BTreeSet<String> = properties(schema)
                .into_iter()
                .filter_map(|(_, property)| referred(property))
                .collect();
            names.extend(referred(schema));
            (name.clone(), names)
        })
        .collect();
    for union in unions {
        let names = union
            .members
            .iter()
            .filter_map(|member| match &member.r#type {
                Type::Named(name) => Some(name.clone()),
                _ => None,
            });
        held.insert(union.name.clone(), names.collect());
    }
    held
}
