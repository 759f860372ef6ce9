//! Objects that are sent.

use std::collections::BTreeSet;

use heck::ToSnakeCase;
use serde_json::Value;

use super::schema::{Components, component, flag, properties, required, text};
use super::types::of;
use super::{Body, Field};
use crate::naming::Names;
use crate::{Problem, Problems};

/// Names that the generated type needs for itself.
const RESERVED: [&str; 4] = ["new", "extra", "clone", "into"];

const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The objects that are sent, from the hoisted components.
pub(super) fn bodies(
    components: &Components,
    sent: &BTreeSet<String>,
    names: &Names,
    problems: &mut Problems,
) -> Vec<Body> {
    for name in names
        .constructors
        .keys()
        .filter(|name| !sent.contains(*name))
    {
        problems.push(Problem::new(
            &component(name),
            format!("names.toml, [constructors], {name}"),
            "no body has that name; remove the entry or correct it".to_owned(),
        ));
    }
    sent.iter()
        .filter_map(|name| Some((name, components.get(name)?)))
        .map(|(name, schema)| body(name, schema, components, names, problems))
        .collect()
}

fn body(
    name: &str,
    schema: &Value,
    components: &Components,
    names: &Names,
    problems: &mut Problems,
) -> Body {
    let needed = required(schema);
    let mut used = BTreeSet::new();
    let fields: Vec<Field> = properties(schema)
        .into_iter()
        // The server sets these; it takes none.
        .filter(|(_, property)| !flag(property, "readOnly"))
        .map(|(wire, property)| Field {
            wire: wire.clone(),
            rust: field_name(wire, &mut used),
            description: text(property, "description").unwrap_or_default().to_owned(),
            required: needed.contains(wire),
            nullable: flag(property, "nullable"),
            r#type: of(property, components),
        })
        .collect();
    let required: Vec<String> = fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.wire.clone())
        .collect();
    let arguments = match names.constructors.get(name) {
        None => required,
        Some(order) => {
            let listed: BTreeSet<&String> = order.iter().collect();
            if listed != required.iter().collect() || listed.len() != order.len() {
                problems.push(Problem::new(
                    &component(name).child("required"),
                    format!("required: {}", required.join(", ")),
                    format!(
                        "names.toml, [constructors], orders {}; list exactly the required properties there",
                        order.join(", ")
                    ),
                ));
            }
            order.clone()
        }
    };
    Body {
        name: name.to_owned(),
        description: text(schema, "description").unwrap_or_default().to_owned(),
        fields,
        arguments,
    }
}

fn field_name(wire: &str, used: &mut BTreeSet<String>) -> String {
    let mut name = wire.to_snake_case();
    if name.is_empty() {
        name.push_str("unnamed");
    }
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(0, 'n');
    }
    if KEYWORDS.contains(&name.as_str()) || RESERVED.contains(&name.as_str()) {
        name.push('_');
    }
    while !used.insert(name.clone()) {
        name.push('_');
    }
    name
}
