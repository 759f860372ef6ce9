//! Components that are another name for a list, a map, a scalar or a component are no types of
//! their own.
//!
//! `Slug: {type: string}` is a `String` wherever it is referred to. Only what contains itself keeps
//! its name: there is no other way to write it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::enums::known;
use super::schema::{
    Components, component, has_properties, mentioned, referred, union_members, with_reference,
};
use crate::keywords::{Kind, Walk, for_each_child, visit_mut};
use crate::naming::{identifier::free, rule::type_name};
use crate::{Pointer, Problem, Problems};

/// What aliases stand for, by name.
pub(super) type Aliases = BTreeMap<String, Value>;

/// The components that are types, and what the others stand for.
///
/// What aliases stand for multiplies when one mentions another twice; one that comes to too much is
/// a problem.
pub(super) fn inline_aliases(
    mut components: Components,
    problems: &mut Problems,
) -> (Components, Aliases) {
    name_contents(&mut components);
    let names: BTreeSet<String> = components
        .iter()
        .filter(|(name, schema)| {
            is_alias(schema, &components) && !contains_itself(name, &components)
        })
        .map(|(name, _)| name.clone())
        .collect();
    let mut aliases = Aliases::new();
    let mut types = Components::new();
    for (name, schema) in components {
        let of = if names.contains(&name) {
            &mut aliases
        } else {
            &mut types
        };
        of.insert(name, schema);
    }
    refuse_endless(&mut aliases, problems);
    // An alias of an alias stands for what that one stands for. None contains itself, so this ends.
    loop {
        let resolved: Aliases = aliases
            .iter()
            .map(|(name, schema)| (name.clone(), replaced(schema, &aliases)))
            .collect();
        if resolved == aliases {
            break;
        }
        aliases = resolved;
    }
    let types = types
        .into_iter()
        .map(|(name, schema)| (name, replaced(&schema, &aliases)))
        .collect();
    (types, aliases)
}

/// Names what is written inside an alias, so that it is one type wherever the alias is referred to.
fn name_contents(components: &mut Components) {
    let mut taken: BTreeSet<String> = components.keys().cloned().collect();
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

fn name_inside(
    name: &str,
    schema: &mut Value,
    components: &mut Components,
    taken: &mut BTreeSet<String>,
) {
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
            let by_rule = free(&type_name(&by_rule), taken);
            let reference = with_reference(inner, &by_rule);
            let mut named = std::mem::replace(inner, reference);
            if let Some(named) = named.as_object_mut() {
                named.remove("nullable");
            }
            components.insert(by_rule, named);
        }
    }
}

/// Replaces references to aliases, in a value of a kind, by what they stand for.
pub(super) fn replace_references(kind: Kind, value: &mut Value, aliases: &Aliases) {
    visit_mut(kind, value, &mut Pointer::root(), &mut |kind, value, _| {
        let alias = (kind == Kind::Schema).then(|| referred(value)).flatten();
        let Some(meant) = alias.and_then(|name| aliases.get(&name)) else {
            return Walk::Down;
        };
        let mut meant = meant.clone();
        replace_references(Kind::Schema, &mut meant, aliases);
        for (key, annotation) in value.as_object().into_iter().flatten() {
            // Annotations of the reference belong to this place.
            if !matches!(key.as_str(), "$ref" | "allOf") {
                meant = with(meant, key, annotation);
            }
        }
        *value = meant;
        Walk::Past
    });
}

fn replaced(schema: &Value, aliases: &Aliases) -> Value {
    let mut schema = schema.clone();
    replace_references(Kind::Schema, &mut schema, aliases);
    schema
}

/// A schema with an annotation. Nothing may stand beside a `$ref`.
fn with(schema: Value, key: &str, value: &Value) -> Value {
    let mut schema = match schema.get("$ref") {
        Some(_) => serde_json::json!({ "allOf": [schema] }),
        None => schema,
    };
    schema[key] = value.clone();
    schema
}

/// Values that an alias may stand for, all that it mentions in its place.
const MOST_VALUES: usize = 5_000;

fn refuse_endless(aliases: &mut Aliases, problems: &mut Problems) {
    let mut sizes = BTreeMap::new();
    let too_large: Vec<String> = aliases
        .iter()
        .filter(|(_, schema)| size(schema, aliases, &mut sizes) > MOST_VALUES)
        .map(|(name, _)| name.clone())
        .collect();
    for name in too_large {
        let found = format!("`{name}`, with all that it mentions in the place of the mention");
        let why = format!("it comes to more than {MOST_VALUES} values");
        problems.push(Problem::new(&component(&name), found, why).with_removal());
        aliases.insert(name, Value::Object(Map::new()));
    }
}

/// The number of values that come of putting aliases in the place of references to them.
fn size(schema: &Value, aliases: &Aliases, sizes: &mut BTreeMap<String, usize>) -> usize {
    let meant = schema.is_object().then(|| referred(schema)).flatten();
    if let Some((name, meant)) = meant.and_then(|name| aliases.get_key_value(&name)) {
        if let Some(known) = sizes.get(name) {
            return *known;
        }
        let all = size(meant, aliases, sizes);
        sizes.insert(name.clone(), all);
        return all;
    }
    let mut all: usize = 1;
    for_each_child(
        Kind::Schema,
        schema,
        &mut Pointer::root(),
        &mut |kind, child, _| {
            if kind == Kind::Schema && child.is_object() {
                all = all.saturating_add(size(child, aliases, sizes));
            }
        },
    );
    all
}

fn is_alias(schema: &Value, components: &Components) -> bool {
    if let Some(name) = referred(schema) {
        return components.contains_key(&name);
    }
    !has_properties(schema)
        && known(schema, components).is_none()
        && union_members(schema).is_none()
}

fn contains_itself(name: &str, components: &Components) -> bool {
    let mut open = BTreeSet::new();
    if let Some(schema) = components.get(name) {
        mentioned(schema, &mut open);
    }
    let mut seen = BTreeSet::new();
    while let Some(next) = open.pop_first() {
        if next == name {
            return true;
        }
        // A type in between has a name of its own: the way through it ends.
        if let Some(schema) = components.get(&next)
            && is_alias(schema, components)
            && seen.insert(next)
        {
            mentioned(schema, &mut open);
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::schema::Components;
    use super::{Aliases, inline_aliases, replaced};
    use crate::Problems;

    fn see(components: Components) -> (Components, Aliases) {
        let mut problems = Problems::new();
        let seen = inline_aliases(components, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        seen
    }

    fn reference(name: &str) -> Value {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    #[test]
    fn a_name_for_a_scalar_is_that_scalar() {
        let (types, aliases) = see(Components::from([
            (
                "Slug".to_owned(),
                json!({ "type": "string", "maxLength": 9, "description": "A slug." }),
            ),
            (
                "Slugs".to_owned(),
                json!({ "type": "array", "items": reference("Slug") }),
            ),
            (
                "Row".to_owned(),
                json!({ "properties": { "slugs": reference("Slugs") } }),
            ),
        ]));
        assert_eq!(types.keys().collect::<Vec<_>>(), ["Row"]);
        assert_eq!(types["Row"]["properties"]["slugs"]["items"]["maxLength"], 9);
        let own =
            json!({ "allOf": [reference("Slug")], "description": "Own words.", "nullable": true });
        assert_eq!(
            replaced(&own, &aliases),
            json!({ "type": "string", "maxLength": 9, "description": "Own words.", "nullable": true })
        );
    }

    #[test]
    fn what_is_written_inside_an_alias_is_one_type() {
        let item = json!({ "properties": { "n": { "type": "integer" } }, "nullable": true });
        let (types, aliases) = see(Components::from([(
            "Rows".to_owned(),
            json!({ "type": "array", "items": { "type": "array", "items": item } }),
        )]));
        assert_eq!(
            types["RowsItemItem"],
            json!({ "properties": { "n": { "type": "integer" } } })
        );
        assert_eq!(
            aliases["Rows"]["items"]["items"],
            json!({ "allOf": [reference("RowsItemItem")], "nullable": true })
        );
    }

    #[test]
    fn a_list_of_itself_keeps_its_name() {
        let nest = json!({ "type": "array", "items": reference("Nest") });
        let (types, aliases) = see(Components::from([("Nest".to_owned(), nest.clone())]));
        assert_eq!(types["Nest"], nest);
        assert!(aliases.is_empty());
    }

    #[test]
    fn a_type_that_an_alias_leads_back_to_is_referred_to() {
        let (types, _) = see(Components::from([
            (
                "Tree".to_owned(),
                json!({ "properties": { "children": reference("Trees") } }),
            ),
            (
                "Trees".to_owned(),
                json!({ "type": "array", "items": reference("Tree") }),
            ),
        ]));
        assert_eq!(
            types["Tree"]["properties"]["children"]["items"],
            reference("Tree")
        );
        assert_eq!(types.len(), 1);
    }
}
