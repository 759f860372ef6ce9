//! Keywords that only restrict a schema and are compared as a whole.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::differences::{Differences, Resolved};
use super::fingerprint::DEPTH;
use super::relation::Relation;
use super::resolved::{Parts, RESTRICTIONS, ResolvedSchema, add, whole};
use crate::document::Place;

/// Compares keywords that only restrict a schema.
pub(super) fn compare<'a>(pair: Resolved<'_, 'a>, differences: &mut Differences<'_, 'a>) {
    let (was, is) = pair.map(|schema| schema.unique);
    if was != is {
        let (aspect, message) = if is {
            ("unique-items-added", "items must differ")
        } else {
            ("unique-items-removed", "items can be equal")
        };
        let both = pair.both(&["uniqueItems"], Some(json!(was)), Some(json!(is)));
        differences.schema(aspect, both, message);
    }
    for (index, (keyword, slug, _)) in RESTRICTIONS.into_iter().enumerate() {
        let (old, new) = pair.map(|schema| schema.restrictions[index].first());
        let changes = match (old, new) {
            (None, None) => continue,
            (None, Some(_)) => vec![("added", "is new")],
            (Some(_), None) => vec![("removed", "is removed")],
            (Some(_), Some(_)) => changes(index, pair, differences),
        };
        for (change, message) in changes {
            let [from, to] = [old, new].map(|place| place.map(|place| place.value.clone()));
            let both = pair.both(&[keyword], from, to);
            let message = format!("`{keyword}` {message}");
            differences.schema(format!("{slug}-{change}"), both, message);
        }
    }
}

/// The changes of a restriction that both sides have.
fn changes<'a>(
    index: usize,
    pair: Resolved<'_, 'a>,
    differences: &mut Differences<'_, 'a>,
) -> Vec<(&'static str, &'static str)> {
    let comparer = &mut differences.comparer;
    let before = comparer.base.restriction(pair.base, index, DEPTH);
    if before == comparer.revision.restriction(pair.revision, index, DEPTH) {
        return Vec::new();
    }
    let relation = relation(index, pair, differences);
    let mut changes = Vec::new();
    if relation.contains(Relation::NARROWER) {
        changes.push(("specialized", "allows fewer values"));
    }
    if relation.contains(Relation::WIDER) {
        changes.push(("generalized", "allows more values"));
    }
    if relation == Relation::UNKNOWN {
        changes.push(("changed", "differs"));
    }
    changes
}

fn relation<'a>(
    index: usize,
    pair: Resolved<'_, 'a>,
    differences: &mut Differences<'_, 'a>,
) -> Relation {
    let comparer = &mut differences.comparer;
    let (old, new) = pair.map(|schema| &schema.restrictions[index]);
    let (keyword, ..) = RESTRICTIONS[index];
    match keyword {
        "dependentRequired" => dependent_required(old, new),
        "dependentSchemas" => {
            let (before, after) = (by_name(old), by_name(new));
            let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
            let none = Parts::new();
            names.into_iter().fold(Relation::empty(), |all, name| {
                let [old, new] = [&before, &after].map(|parts| parts.get(name).unwrap_or(&none));
                all | comparer.relation(old, new)
            })
        }
        "not" | "if" | "contains" if old.len() > 1 || new.len() > 1 => Relation::UNKNOWN,
        "not" => comparer.relation(old, new).reversed(),
        "if" => {
            // Another condition restricts other values.
            if !comparer.relation(old, new).is_empty() {
                return Relation::UNKNOWN;
            }
            let mut branch = |keyword: &str| {
                let (old, new) = pair.map(|schema| beside(schema, "if", keyword));
                comparer.relation(&Vec::from_iter(old), &Vec::from_iter(new))
            };
            branch("then") | branch("else")
        }
        "contains" => {
            let count = |schema: &ResolvedSchema<'a>, keyword: &str| {
                whole(beside(schema, "contains", keyword)?.value)
            };
            let (least, least_now) = pair.map(|schema| count(schema, "minContains").unwrap_or(1));
            let (most, most_now) =
                pair.map(|schema| count(schema, "maxContains").unwrap_or(u64::MAX));
            let counted = comparer.relation(old, new);
            // More items that count can be too many.
            let is_limited = most.min(most_now) < u64::MAX;
            let too_many = Some(counted.reversed()).filter(|_| is_limited);
            let too_few = Some(counted).filter(|_| least.max(least_now) > 0);
            too_few.unwrap_or(Relation::empty())
                | too_many.unwrap_or(Relation::empty())
                | Relation::of_limits(least_now, least)
                | Relation::of_limits(most, most_now)
        }
        _ => comparer.relation(old, new),
    }
}

/// A keyword of the schema that has another one.
fn beside<'a>(schema: &ResolvedSchema<'a>, has: &str, keyword: &str) -> Option<Place<'a>> {
    let mut sources = schema.sources.iter();
    let source = sources.find(|source| source.value.get(has).is_some())?;
    source.get(keyword)
}

fn dependent_required(old: &[Place<'_>], new: &[Place<'_>]) -> Relation {
    fn pairs<'a>(places: &[Place<'a>]) -> BTreeSet<(&'a str, &'a str)> {
        let lists = places.iter().flat_map(Place::members);
        let pairs = lists.flat_map(|(name, list)| {
            let names = list.value.as_array().into_iter().flatten();
            names.filter_map(move |other| Some((name, other.as_str()?)))
        });
        pairs.collect()
    }
    let (old, new) = (pairs(old), pairs(new));
    let mut relation = Relation::empty();
    relation.set(Relation::NARROWER, !old.is_superset(&new));
    relation.set(Relation::WIDER, !new.is_superset(&old));
    relation
}

fn by_name<'a>(places: &[Place<'a>]) -> BTreeMap<&'a str, Parts<'a>> {
    let mut all: BTreeMap<&'a str, Parts<'a>> = BTreeMap::new();
    for (name, schema) in places.iter().flat_map(Place::members) {
        if schema.value != &Value::Bool(true) {
            add(all.entry(name).or_default(), &[schema]);
        }
    }
    all
}
