//! Two schemas side by side.

use serde_json::Value;

use super::alternatives::View;
use super::differences::{Differences, Resolved, quoted};
use super::discriminator::{self, Discriminators};
use super::resolved::Parts;
use super::types::Types;
use super::wire::Wire;
use super::{Node, Step, keywords, limits, overlaps, properties, restrictions, unions};
use crate::document::Both;

/// Compares two schemas.
pub(super) fn node<'a>(
    old: &Parts<'a>,
    new: &Parts<'a>,
    mut differences: Differences<'_, 'a>,
) -> Node<'a> {
    let base = differences.comparer.base.view(old);
    let revision = differences.comparer.revision.view(new);
    nullability(&base, &revision, &mut differences);
    let discriminators = Discriminators::new(&base, &revision, differences.comparer);
    let is_wider = if base.members.is_empty() != revision.members.is_empty() {
        // One side allows at most null.
        Some(base.members.is_empty())
    } else if base.is_any() != revision.is_any() && base.types() != revision.types() {
        // Beside any value, what the schema of the other side says in detail is no change.
        Some(revision.is_any())
    } else {
        None
    };
    if let Some(is_wider) = is_wider {
        types_of(&base, &revision, is_wider, &mut differences);
        if let ([base], [revision]) = (&base.members[..], &revision.members[..]) {
            keywords::annotations(Resolved { base, revision }, &mut differences);
        }
    } else if item_and_array((&base, old), (&revision, new), &mut differences) {
    } else {
        for (old, new) in unions::compare(&base, &revision, &discriminators, &mut differences) {
            let pair = Resolved {
                base: &base.members[old],
                revision: &revision.members[new],
            };
            resolved(pair, &mut differences);
        }
    }
    overlaps::compare((&base, old), (&revision, new), &mut differences);
    discriminator::compare(&base, &revision, &discriminators, &mut differences);
    unions::uncompared(&base, &revision, &mut differences);
    differences.node
}

fn nullability(base: &View<'_>, revision: &View<'_>, differences: &mut Differences<'_, '_>) {
    if base.nullable() == revision.nullable() || base.is_any() || revision.is_any() {
        return;
    }
    const KEYWORDS: &[&str] = &["nullable", "type", "enum", "anyOf", "oneOf", "const"];
    let both = Both::at(base.pointer(KEYWORDS), revision.pointer(KEYWORDS))
        .from(base.names())
        .to(revision.names());
    let (aspect, message) = if revision.nullable() {
        ("became-nullable", "null is allowed now")
    } else {
        ("became-not-nullable", "null is no longer allowed")
    };
    differences.schema(aspect, both, message);
}

/// Compares a value with an array that is written like it when it has one item. `false` when they
/// are something else.
fn item_and_array<'a>(
    (base, old): (&View<'a>, &Parts<'a>),
    (revision, new): (&View<'a>, &Parts<'a>),
    differences: &mut Differences<'_, 'a>,
) -> bool {
    let array = |item: &View<'a>, other: &View<'a>| {
        let is_item = !item.members.is_empty()
            && Types::SCALAR.contains(item.types())
            && differences.wire.writes_item_as_array(item.types());
        let [array] = &other.members[..] else {
            return None;
        };
        let is_array = array.types == Types::ARRAY && array.minimum_of_items() < 2;
        (is_item && is_array).then(|| array.item(0).clone())
    };
    let (is_wider, old, new) = match (array(base, revision), array(revision, base)) {
        (Some(item), _) => (true, old, &item.clone()),
        (_, Some(item)) => (false, &item.clone(), new),
        _ => return false,
    };
    types_of(base, revision, is_wider, differences);
    differences.inner(Step::Item, old, new);
    true
}

/// Reports that the types of all alternatives are more or fewer.
fn types_of(
    base: &View<'_>,
    revision: &View<'_>,
    is_wider: bool,
    differences: &mut Differences<'_, '_>,
) {
    let aspect = match is_wider {
        true => "type-generalized",
        false => "type-specialized",
    };
    let both = Both::at(base.pointer(&["type"]), revision.pointer(&["type"]));
    types(aspect, both, (base.names(), revision.names()), differences);
}

/// Reports that other types are allowed.
fn types(
    aspect: &str,
    both: Both,
    (from, to): (Value, Value),
    differences: &mut Differences<'_, '_>,
) {
    let message = format!("the type was {} and is {}", quoted(&from), quoted(&to));
    differences.schema(aspect, both.from(from).to(to), message);
}

/// Compares two schemas without alternatives.
pub(super) fn resolved<'a>(pair: Resolved<'_, 'a>, differences: &mut Differences<'_, 'a>) {
    let (base, revision) = (pair.base, pair.revision);
    let wire = differences.wire;
    let (old, new) = pair.map(|schema| wire.readable(schema.types));
    // Listed values that are written alike are the same.
    let listed = keywords::listed_values(pair, wire);
    let are_listed = wire.is_text() && listed.0.is_some() && listed.1.is_some();
    if old != new && !are_listed {
        let aspect = if new.contains(old) {
            match wire {
                Wire::InDeepObject if !revision.types.contains(base.types) => {
                    "type-generalized-as-text"
                }
                _ => "type-generalized",
            }
        } else if old.contains(new) {
            "type-specialized"
        } else {
            "type-changed"
        };
        let both = pair.both(&["type", "enum", "const"], None, None);
        let names = pair.map(|schema| schema.types.names(false));
        types(aspect, both, names, differences);
    }
    let (old, new) = pair.map(|schema| wire.written(schema.types));
    let common = old & new;
    keywords::values(pair, differences);
    if common.intersects(Types::STRING) {
        keywords::strings(pair, differences);
    }
    limits::compare(pair, common, differences);
    keywords::formats(pair, differences);
    restrictions::compare(pair, differences);
    keywords::annotations(pair, differences);
    if common.intersects(Types::ARRAY) {
        differences.inner(Step::Item, &base.items, &revision.items);
        for index in 0..base.tuple.len().max(revision.tuple.len()) {
            let (old, new) = pair.map(|schema| schema.item(index));
            differences.inner(Step::TupleItem(index), old, new);
        }
    }
    if common.intersects(Types::OBJECT) {
        properties::compare(pair, differences);
    }
}
