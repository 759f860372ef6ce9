//! Components that are no types in Rust: aliases, and null.
//!
//! A component that is another name for a list, a map, a scalar or a component is replaced by its
//! schema wherever something refers to it: `Slug: {type: string}` is a `String`. Only one that
//! contains itself keeps its name. A component that allows null moves `nullable` to the references
//! to it: in Rust not a type allows null, but the place that uses it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::cycles::{Graph, groups};
use super::enums::known;
use super::schema::{Components, allow_null, flag, has_properties, referred, with_reference};
use crate::keywords::{Kind, Walk, rewrite_outer_first, visit};
use crate::naming::{identifier::Taken, rule::type_name};
use crate::resolve::{branches, mentioned, schema_pointer};
use crate::{MAX_DEPTH, Pointer, Problem, Problems};

/// The schemas of aliases, by name.
pub(super) type Aliases = BTreeMap<String, Value>;

/// The components that are types, and the schemas of the others.
///
/// An alias that refers to another one twice doubles its size; one that becomes too large is a
/// problem.
pub(super) fn inline_aliases(
    mut components: Components,
    problems: &mut Problems,
) -> (Components, Aliases) {
    name_contents(&mut components);
    let order = inner_first(&components);
    let names: BTreeSet<&String> = order.iter().collect();
    let (mut aliases, mut types) = (Aliases::new(), Components::new());
    for (name, schema) in components {
        let of = if names.contains(&name) {
            &mut aliases
        } else {
            &mut types
        };
        of.insert(name, schema);
    }
    refuse_large(&order, &mut aliases, problems);
    for schema in types.values_mut() {
        replace_aliases(Kind::Schema, schema, &aliases);
    }
    (types, aliases)
}

/// Names what is written inside an alias, so that it is one type wherever the alias is referred to.
fn name_contents(components: &mut Components) {
    let mut taken: Taken = components.keys().cloned().collect();
    let aliases: Vec<(String, Value)> = components
        .iter()
        .filter(|(_, schema)| referred(schema).is_none() && is_alias(schema, components))
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    for (name, mut schema) in aliases {
        name_inside(&name, &mut schema, components, &mut taken);
        components.insert(name, schema);
    }
}

fn name_inside(name: &str, schema: &mut Value, components: &mut Components, taken: &mut Taken) {
    for (key, word) in [("items", "Item"), ("additionalProperties", "Value")] {
        let Some(inner) = schema
            .get_mut(key)
            .filter(|inner| inner.is_object() && referred(inner).is_none())
        else {
            continue;
        };
        let by_rule = format!("{name}{word}");
        if is_alias(inner, components) {
            name_inside(&by_rule, inner, components, taken);
        } else {
            let by_rule = taken.free(&type_name(&by_rule), "");
            let reference = with_reference(inner, &by_rule);
            let mut named = std::mem::replace(inner, reference);
            if let Some(named) = named.as_object_mut() {
                named.remove("nullable");
            }
            components.insert(by_rule, named);
        }
    }
}

/// Replaces references to aliases by the schemas of these. No alias contains itself, so this
/// ends.
pub(super) fn replace_aliases(kind: Kind, value: &mut Value, aliases: &Aliases) {
    rewrite_outer_first(kind, value, &mut |kind, value| {
        let meant = (kind == Kind::Schema).then(|| referred(value)).flatten();
        let Some(meant) = meant.and_then(|name| aliases.get(&name)) else {
            return Walk::Down;
        };
        let reference = std::mem::replace(value, meant.clone());
        replace_aliases(kind, value, aliases);
        // The annotations of the reference hold for this place.
        for (key, annotation) in reference.as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "$ref" | "allOf") {
                // Nothing may stand beside a `$ref`.
                if value.get("$ref").is_some() {
                    *value = json!({ "allOf": [value.take()] });
                }
                value[key] = annotation.clone();
            }
        }
        Walk::Past
    });
}

/// The most schemas that an alias may hold, with all the aliases in it replaced.
const MAX_SCHEMAS: usize = 5_000;

/// Refuses aliases that become too large or nest too deeply. `order` has each after those in it.
fn refuse_large(order: &[String], aliases: &mut Aliases, problems: &mut Problems) {
    let mut sizes: BTreeMap<&String, (usize, usize)> = BTreeMap::new();
    for name in order {
        let (mut size, mut depth) = (0_usize, 0);
        let mut count = |_, value: &Value, _: &Pointer| {
            let inner = referred(value).and_then(|name| sizes.get(&name));
            size = size.saturating_add(inner.map_or(1, |(size, _)| *size));
            depth = depth.max(inner.map_or(0, |(_, depth)| depth + 1));
            match inner {
                Some(_) => Walk::Past,
                None => Walk::Down,
            }
        };
        if let Some(schema) = aliases.get(name) {
            visit(Kind::Schema, schema, &mut Pointer::root(), &mut count);
        }
        let why = if size > MAX_SCHEMAS {
            format!("it holds more than {MAX_SCHEMAS} schemas")
        } else if depth > MAX_DEPTH {
            format!("it holds more than {MAX_DEPTH} of them, each in the next")
        } else {
            sizes.insert(name, (size, depth));
            continue;
        };
        let found = format!("`{name}`, with every alias in it replaced by its schema");
        problems.push(Problem::new(&schema_pointer(name), found, why).with_removal());
        aliases.insert(name.clone(), json!({}));
        sizes.insert(name, (1, 0));
    }
}

fn is_alias(schema: &Value, components: &Components) -> bool {
    if let Some(name) = referred(schema) {
        return components.contains_key(&name);
    }
    !has_properties(schema) && known(schema, components).is_none() && branches(schema).is_none()
}

/// The aliases, each after those that it refers to. One that contains itself, by way of aliases
/// alone, is none: a type in between has a name of its own, and the way through it ends.
fn inner_first(components: &Components) -> Vec<String> {
    let mut graph = Graph::new();
    for (name, schema) in components {
        if is_alias(schema, components) {
            let mut found = BTreeSet::new();
            mentioned(Kind::Schema, schema, &mut found);
            let known = found
                .iter()
                .filter_map(|name| components.get_key_value(name));
            graph.insert(name, known.map(|(name, _)| name.as_str()).collect());
        }
    }
    let groups = groups(&graph).into_iter();
    let alone = groups.filter_map(|group| match group.as_slice() {
        [only] if !graph[only].contains(only) => Some((*only).to_owned()),
        _ => None,
    });
    alone.collect()
}

/// Removes `nullable` from components, and returns the names of those that had it.
pub(super) fn take_nullable(components: &mut Components) -> BTreeSet<String> {
    let mut nullable: BTreeSet<String> = BTreeSet::new();
    // An alias of a component that allows null allows null, and so on.
    loop {
        let more: Vec<&String> = components
            .iter()
            .filter(|(name, schema)| !nullable.contains(*name) && allows_null(schema, &nullable))
            .map(|(name, _)| name)
            .collect();
        if more.is_empty() {
            break;
        }
        nullable.extend(more.into_iter().cloned());
    }
    for (name, schema) in components {
        push_down_nullable(Kind::Schema, schema, &nullable);
        if let Some(object) = schema.as_object_mut().filter(|_| nullable.contains(name)) {
            object.remove("nullable");
        }
    }
    nullable
}

fn allows_null(schema: &Value, nullable: &BTreeSet<String>) -> bool {
    flag(schema, "nullable") || referred(schema).is_some_and(|name| nullable.contains(&name))
}

/// Puts `nullable` beside every reference to one of these components, in a value of a kind.
pub(super) fn push_down_nullable(kind: Kind, value: &mut Value, nullable: &BTreeSet<String>) {
    rewrite_outer_first(kind, value, &mut |kind, value| {
        let name = (kind == Kind::Schema).then(|| referred(value)).flatten();
        if !name.is_some_and(|name| nullable.contains(&name)) {
            return Walk::Down;
        }
        allow_null(value);
        Walk::Past
    });
}
