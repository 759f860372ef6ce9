//! Alternatives: which of the base is which of the revision.
//!
//! Alternatives are matched by what they allow, never by name or order: first those with the same
//! fingerprint, then those of the same discriminator value, those of the same constant, and those
//! that have most properties in common.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Side;
use super::alternatives::View;
use super::differences::{Differences, Resolved, quoted};
use super::discriminator::Discriminators;
use super::fingerprint::DEPTH;
use super::relation::Relation;
use super::resolved::ResolvedSchema;
use super::types::Types;
use crate::document::{Both, Place};

/// The most pairs of alternatives of two schemas that are compared to find one that covers another.
const MAX_COVER_CHECKS: usize = 256;

/// Reports added and removed alternatives, and returns the indices of those that match.
pub(super) fn compare<'a>(
    base: &View<'a>,
    revision: &View<'a>,
    discriminators: &Discriminators<'a>,
    differences: &mut Differences<'_, 'a>,
) -> Vec<(usize, usize)> {
    if let ([_], [_]) = (&base.members[..], &revision.members[..]) {
        return vec![(0, 0)];
    }
    let (mut pairs, mut removed, mut added) = matched(base, revision, discriminators, differences);
    // What another alternative allows anyway is compared with that one. This also says what changes
    // where fewer values are harmless; there the alternative itself is reported.
    let is_response = differences.role.is_response();
    let mut checks = MAX_COVER_CHECKS;
    let mut is_reported = |candidates: &mut dyn Iterator<Item = (usize, usize)>, covers, harms| {
        for (old, new) in candidates {
            let pair = Resolved {
                base: &base.members[old],
                revision: &revision.members[new],
            };
            let relation = cover(pair, covers, &mut checks, differences);
            if relation == Some(Relation::empty()) {
                return false;
            }
            if harms && relation.is_some() {
                pairs.push((old, new));
                return false;
            }
        }
        true
    };
    removed.retain(|old| {
        let mut candidates = (0..revision.members.len()).map(|new| (*old, new));
        is_reported(&mut candidates, Relation::WIDER, !is_response)
    });
    added.retain(|new| {
        let mut candidates = (0..base.members.len()).map(|old| (old, *new));
        is_reported(&mut candidates, Relation::NARROWER, is_response)
    });
    const KEYWORDS: &[&str] = &["oneOf", "anyOf"];
    for member in removed.into_iter().map(|index| &base.members[index]) {
        let what = described(member);
        let both = Both::at(member.pointer(&[]), revision.pointer(KEYWORDS)).from(what.as_str());
        let aspect = format!("{}-removed", slug(base, revision));
        differences.schema(aspect, both, format!("the alternative {what} is removed"));
    }
    for member in added.into_iter().map(|index| &revision.members[index]) {
        let what = described(member);
        let both = Both::at(base.pointer(KEYWORDS), member.pointer(&[])).to(what.as_str());
        let aspect = format!("{}-added", slug(revision, base));
        differences.schema(aspect, both, format!("the alternative {what} is new"));
    }
    pairs
}

/// The relation of two alternatives if nothing but this is to be said of it: for
/// [`Relation::WIDER`], that of the revision covers that of the base.
fn cover<'a>(
    pair: Resolved<'_, 'a>,
    covers: Relation,
    checks: &mut usize,
    differences: &mut Differences<'_, 'a>,
) -> Option<Relation> {
    let (mut covered, mut other) = (pair.base, pair.revision);
    if covers == Relation::NARROWER {
        std::mem::swap(&mut covered, &mut other);
    }
    let wire = differences.wire;
    let is_possible = wire.readable(other.types).contains(covered.types)
        && other.required.is_subset(&covered.required);
    if !is_possible || *checks == 0 {
        return None;
    }
    *checks -= 1;
    let relation = differences.comparer.relation_of(pair, wire);
    covers.contains(relation).then_some(relation)
}

/// How the names of rules begin: by the keyword of a schema, or of its counterpart.
fn slug(view: &View<'_>, other: &View<'_>) -> &'static str {
    let union = view.union.as_ref().or(other.union.as_ref());
    match union {
        Some(union) if union.keyword == "anyOf" => "any-of",
        _ => "one-of",
    }
}

/// Reports compositions that were not compared, if they differ as a whole.
pub(super) fn uncompared<'a>(
    base: &View<'a>,
    revision: &View<'a>,
    differences: &mut Differences<'_, 'a>,
) {
    let sum = |side: &mut Side<'a>, places: &[Place<'a>]| {
        let mut parts: Vec<Place<'a>> = Vec::new();
        for place in places {
            let before = parts.len();
            parts.extend(place.entries());
            if parts.len() == before {
                parts.push(place.clone());
            }
        }
        let fingerprints = parts.into_iter().map(|part| side.fingerprint(&vec![part]));
        fingerprints.fold(0_u64, u64::wrapping_add)
    };
    let comparer = &mut differences.comparer;
    if sum(&mut comparer.base, &base.uncompared)
        == sum(&mut comparer.revision, &revision.uncompared)
    {
        return;
    }
    let [base, revision] = [base, revision].map(|view| {
        let first = view.uncompared.first().map(|place| place.pointer.clone());
        first.or_else(|| view.pointer(&[]))
    });
    let both = Both::at(base, revision);
    let message =
        "compositions that differ have too many alternatives to compare; review them by hand";
    differences.schema("composition-not-compared", both, message);
}

/// The pairs of indices of alternatives that match, and the indices that are left on each side.
type Matched = (Vec<(usize, usize)>, Vec<usize>, Vec<usize>);

fn matched<'a>(
    base: &View<'a>,
    revision: &View<'a>,
    discriminators: &Discriminators<'a>,
    differences: &mut Differences<'_, 'a>,
) -> Matched {
    let comparer = &mut differences.comparer;
    let fingerprints = |side: &mut Side<'a>, view: &View<'a>| -> Vec<u64> {
        let members = view.members.iter();
        members.map(|member| side.resolved(member, DEPTH)).collect()
    };
    let old_fingerprints = fingerprints(&mut comparer.base, base);
    let new_fingerprints = fingerprints(&mut comparer.revision, revision);
    let constants = |side: &mut Side<'a>, view: &View<'a>| -> Vec<BTreeMap<&'a str, Value>> {
        let members = view.members.iter();
        members.map(|member| side.constants(member)).collect()
    };
    let old = constants(&mut comparer.base, base);
    let new = constants(&mut comparer.revision, revision);
    // The surest signs that two alternatives are the same come first.
    let signs: [&dyn Fn(usize, usize) -> bool; 3] = [
        &|i, j| old_fingerprints[i] == new_fingerprints[j],
        &|i, j| discriminators.share_value(&base.members[i], &revision.members[j]),
        &|i, j| {
            let mut constants = old[i].iter();
            constants.any(|(name, value)| new[j].get(name) == Some(value))
        },
    ];
    let mut left: Vec<usize> = (0..base.members.len()).collect();
    let mut right: Vec<usize> = (0..revision.members.len()).collect();
    let mut pairs = Vec::new();
    for is_same in signs {
        left.retain(
            |old| match right.iter().position(|new| is_same(*old, *new)) {
                Some(position) => {
                    pairs.push((*old, right.remove(position)));
                    false
                }
                None => true,
            },
        );
    }
    // Alternatives with different constants of one name differ, however much they have in common.
    let is_distinct = |i: usize, j: usize| {
        let mut constants = old[i].iter();
        constants.any(|(name, value)| new[j].get(name).is_some_and(|other| other != value))
    };
    let mut scores: Vec<(u32, usize, usize)> = Vec::new();
    for &i in &left {
        for &j in &right {
            let score = similarity(&base.members[i], &revision.members[j]);
            if score > 0 && !is_distinct(i, j) {
                scores.push((score, i, j));
            }
        }
    }
    scores.sort_by_key(|(score, i, j)| (std::cmp::Reverse(*score), *i, *j));
    for (_, i, j) in scores {
        if left.contains(&i) && right.contains(&j) {
            left.retain(|index| *index != i);
            right.retain(|index| *index != j);
            pairs.push((i, j));
        }
    }
    pairs.sort_unstable();
    (pairs, left, right)
}

/// How much two alternatives have in common, in percent; 0 when they are surely different ones.
fn similarity(base: &ResolvedSchema<'_>, revision: &ResolvedSchema<'_>) -> u32 {
    if !base.types.intersects(revision.types) {
        return 0;
    }
    let (old, new) = (base.names(), revision.names());
    let all = old.union(&new).count();
    if all == 0 {
        return if base.types == revision.types {
            100
        } else {
            60
        };
    }
    let common = old.intersection(&new).count();
    let percent = u32::try_from(common * 100 / all).unwrap_or_default();
    if percent >= 50 { percent } else { 0 }
}

/// An alternative in a few words.
fn described(schema: &ResolvedSchema<'_>) -> String {
    const SHOWN: usize = 4;
    let mut text = quoted(&schema.types.names(false)).replace('`', "");
    let names = schema.names();
    if schema.types.intersects(Types::OBJECT) && !names.is_empty() {
        let shown = names.iter().take(SHOWN).map(|name| format!("`{name}`"));
        let shown = shown.collect::<Vec<_>>().join(", ");
        let more = if names.len() > SHOWN { ", …" } else { "" };
        text = format!("{text} with {shown}{more}");
    }
    match schema.values.as_deref() {
        Some([only]) => format!("{text} {}", quoted(only)),
        _ => text,
    }
}
