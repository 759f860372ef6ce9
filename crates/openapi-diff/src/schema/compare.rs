//! Two schemas side by side.

use serde_json::Value;

use super::alternatives::View;
use super::differences::{Differences, Resolved, quoted};
use super::discriminator::{self, Discriminators};
use super::resolved::Parts;
use super::types::Types;
use super::{Direction, Node, SchemaComparer, Step, keywords, limits, properties, unions};
use crate::document::Both;

/// Compares two schemas.
pub(super) fn node<'a>(
    comparer: &mut SchemaComparer<'a>,
    base: &Parts<'a>,
    revision: &Parts<'a>,
    direction: Direction,
) -> Node<'a> {
    let base = comparer.base.view(base);
    let revision = comparer.revision.view(revision);
    let mut differences = Differences {
        comparer,
        direction,
        node: Node::default(),
    };
    nullability(&base, &revision, &mut differences);
    let discriminators = Discriminators::new(&base, &revision, differences.comparer);
    if base.members.is_empty() != revision.members.is_empty() {
        let aspect = if base.members.is_empty() {
            "type-generalized"
        } else {
            "type-specialized"
        };
        // One side allows at most null.
        let both = Both::at(base.pointer(&["type"]), revision.pointer(&["type"]));
        let names = |view: &View<'a>| view.types().names(view.nullable());
        types(
            aspect,
            both,
            (names(&base), names(&revision)),
            &mut differences,
        );
    } else {
        for (old, new) in unions::compare(&base, &revision, &discriminators, &mut differences) {
            let pair = Resolved {
                base: &base.members[old],
                revision: &revision.members[new],
            };
            resolved(pair, &mut differences);
        }
    }
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
        .from(base.types().names(base.nullable()))
        .to(revision.types().names(revision.nullable()));
    let (aspect, message) = if revision.nullable() {
        ("became-nullable", "null is allowed now")
    } else {
        ("became-not-nullable", "null is no longer allowed")
    };
    differences.schema(aspect, both, message);
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
fn resolved<'a>(pair: Resolved<'_, 'a>, differences: &mut Differences<'_, 'a>) {
    let (base, revision) = (pair.base, pair.revision);
    if base.types != revision.types {
        let aspect = if revision.types.contains(base.types) {
            "type-generalized"
        } else if base.types.contains(revision.types) {
            "type-specialized"
        } else {
            "type-changed"
        };
        let both = pair.both(&["type", "enum", "const"], None, None);
        let names = pair.map(|schema| schema.types.names(false));
        types(aspect, both, names, differences);
    }
    let common = base.types & revision.types;
    keywords::values(pair, differences);
    if common.intersects(Types::STRING) {
        keywords::strings(pair, differences);
    }
    limits::compare(pair, common, differences);
    keywords::formats(pair, differences);
    keywords::restrictions(pair, differences);
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
