//! Alternatives: which of the base is which of the revision.
//!
//! Alternatives are matched by what they say, never by what they are called or where they stand:
//! those that say the same, those that a discriminator gives the same name, those that carry the
//! same constant, and then those that have most in common.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::compare::Sides;
use super::super::place::Place;
use super::super::rules::Aspect;
use super::compare::{Notes, flats, words};
use super::discriminator::{self, Names};
use super::flat::Flat;
use super::print::DEPTH;
use super::types::Types;
use super::view::View;
use super::{Comparer, Side};

/// Compares the alternatives of two schemas.
pub(super) fn compare<'a>(base: &View<'a>, revision: &View<'a>, notes: &mut Notes<'_, 'a>) {
    let names = Names::of(base, revision, notes.comparer);
    if let ([base], [revision]) = (&base.members[..], &revision.members[..]) {
        flats(base, revision, notes);
    } else if base.members.is_empty() != revision.members.is_empty() {
        from_or_to_nothing(base, revision, notes);
    } else {
        let matched = matched(base, revision, &names, notes.comparer);
        for (old, now) in &matched {
            flats(&base.members[*old], &revision.members[*now], notes);
        }
        let old: BTreeSet<usize> = matched.iter().map(|(old, _)| *old).collect();
        let now: BTreeSet<usize> = matched.iter().map(|(_, now)| *now).collect();
        for (_, member) in base
            .members
            .iter()
            .enumerate()
            .filter(|(index, _)| !old.contains(index))
        {
            let is_one = keyword(base, revision) == "oneOf";
            let aspect = if is_one {
                Aspect::OneOfRemoved
            } else {
                Aspect::AnyOfRemoved
            };
            let what = described(member);
            let said = Sides {
                from: Some(json!(what)),
                to: None,
                base: member.pointer(&[]),
                revision: revision.pointer(&["oneOf", "anyOf"]),
            };
            notes.note(aspect, said, format!("the alternative {what} is gone"));
        }
        for (_, member) in revision
            .members
            .iter()
            .enumerate()
            .filter(|(index, _)| !now.contains(index))
        {
            let is_one = keyword(revision, base) == "oneOf";
            let aspect = if is_one {
                Aspect::OneOfAdded
            } else {
                Aspect::AnyOfAdded
            };
            let what = described(member);
            let said = Sides {
                from: None,
                to: Some(json!(what)),
                base: base.pointer(&["oneOf", "anyOf"]),
                revision: member.pointer(&[]),
            };
            notes.note(aspect, said, format!("the alternative {what} is new"));
        }
    }
    discriminator::compare(base, revision, &names, notes);
    uncompared(base, revision, notes);
}

/// The keyword that makes the alternatives of a schema, or of its counterpart when it has none.
fn keyword(view: &View<'_>, other: &View<'_>) -> &'static str {
    let union = view.union.as_ref().or(other.union.as_ref());
    union.map_or("oneOf", |union| union.keyword)
}

fn from_or_to_nothing(base: &View<'_>, revision: &View<'_>, notes: &mut Notes<'_, '_>) {
    let (from, to) = (
        base.types().words(base.nullable),
        revision.types().words(revision.nullable),
    );
    let aspect = if base.members.is_empty() {
        Aspect::TypeGeneralized
    } else {
        Aspect::TypeSpecialized
    };
    let message = format!("the type was {} and is {}", words(&from), words(&to));
    let said = Sides {
        from: Some(from),
        to: Some(to),
        base: base.pointer(&["type"]),
        revision: revision.pointer(&["type"]),
    };
    notes.note(aspect, said, message);
}

fn uncompared<'a>(base: &View<'a>, revision: &View<'a>, notes: &mut Notes<'_, 'a>) {
    let sum = |side: &mut Side<'a>, places: &[Place<'a>]| {
        places.iter().fold(0_u64, |sum, place| {
            let entries: Vec<Place<'a>> = place.entries().collect();
            let parts = if entries.is_empty() {
                vec![place.clone()]
            } else {
                entries
            };
            parts.into_iter().fold(sum, |sum, part| {
                sum.wrapping_add(side.print(&vec![part], DEPTH))
            })
        })
    };
    let (old, now) = (
        sum(&mut notes.comparer.base, &base.uncompared),
        sum(&mut notes.comparer.revision, &revision.uncompared),
    );
    if old != now {
        let first = |view: &View<'a>| view.uncompared.first().map(|place| place.pointer.clone());
        let said = Sides {
            from: None,
            to: None,
            base: first(base).or_else(|| base.pointer(&[])),
            revision: first(revision).or_else(|| revision.pointer(&[])),
        };
        let message =
            "compositions multiply to too many alternatives; they differ, compare them by eye";
        notes.note(Aspect::CompositionUncompared, said, message.to_owned());
    }
}

/// Pairs of indices into the alternatives of both sides.
fn matched<'a>(
    base: &View<'a>,
    revision: &View<'a>,
    names: &Names<'a>,
    comparer: &mut Comparer<'a>,
) -> Vec<(usize, usize)> {
    let mut left: Vec<usize> = (0..base.members.len()).collect();
    let mut right: Vec<usize> = (0..revision.members.len()).collect();
    let mut pairs = Vec::new();
    let mut take = |left: &mut Vec<usize>,
                    right: &mut Vec<usize>,
                    same: &mut dyn FnMut(usize, usize) -> bool| {
        left.retain(|old| match right.iter().position(|now| same(*old, *now)) {
            Some(position) => {
                pairs.push((*old, right.remove(position)));
                false
            }
            None => true,
        });
    };
    let prints = |side: &mut Side<'a>, view: &View<'a>| -> Vec<u64> {
        view.members
            .iter()
            .map(|member| side.print_flat(member, DEPTH))
            .collect()
    };
    let (old, now) = (
        prints(&mut comparer.base, base),
        prints(&mut comparer.revision, revision),
    );
    take(&mut left, &mut right, &mut |i, j| old[i] == now[j]);
    take(&mut left, &mut right, &mut |i, j| {
        names.same(&base.members[i], &revision.members[j])
    });
    let tags = |side: &mut Side<'a>, view: &View<'a>| -> Vec<BTreeMap<&'a str, Value>> {
        view.members
            .iter()
            .map(|member| side.tags(member))
            .collect()
    };
    let (old, now) = (
        tags(&mut comparer.base, base),
        tags(&mut comparer.revision, revision),
    );
    take(&mut left, &mut right, &mut |i, j| {
        old[i]
            .iter()
            .any(|(name, value)| now[j].get(name) == Some(value))
    });
    // Two that carry different constants under one name are two, however much they have in common.
    let differ = |i: usize, j: usize| {
        old[i]
            .iter()
            .any(|(name, value)| now[j].get(name).is_some_and(|other| other != value))
    };
    let mut scores: Vec<(u32, usize, usize)> = Vec::new();
    for &i in &left {
        for &j in &right {
            let score = likeness(&base.members[i], &revision.members[j]);
            if score > 0 && !differ(i, j) {
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
    pairs
}

/// How much two alternatives have in common, in percent; nothing when they cannot be the same one
/// changed.
fn likeness(base: &Flat<'_>, revision: &Flat<'_>) -> u32 {
    if !base.types.meets(revision.types) {
        return 0;
    }
    let (old, now) = (base.names(), revision.names());
    let all = old.union(&now).count();
    if all == 0 {
        return if base.types == revision.types {
            100
        } else {
            60
        };
    }
    let common = old.intersection(&now).count();
    let percent = u32::try_from(common * 100 / all).unwrap_or_default();
    if percent >= 50 { percent } else { 0 }
}

impl<'a> Side<'a> {
    /// The constants among the properties of an alternative.
    pub(super) fn tags(&mut self, flat: &Flat<'a>) -> BTreeMap<&'a str, Value> {
        let mut tags = BTreeMap::new();
        for (name, parts) in &flat.properties {
            if let [member] = &self.view(parts).members[..]
                && let Some([only]) = member.values.as_deref()
            {
                tags.insert(*name, (*only).clone());
            }
        }
        tags
    }
}

/// An alternative in a few words.
fn described(flat: &Flat<'_>) -> String {
    const SHOWN: usize = 4;
    let words = |value: Value| words(&value).replace('`', "");
    let mut text = words(flat.types.words(false));
    let names = flat.names();
    if flat.types.meets(Types::OBJECT) && !names.is_empty() {
        let shown: Vec<String> = names
            .iter()
            .take(SHOWN)
            .map(|name| format!("`{name}`"))
            .collect();
        let more = if names.len() > SHOWN { ", …" } else { "" };
        text = format!("{text} with {}{more}", shown.join(", "));
    }
    match flat.values.as_deref() {
        Some([only]) => format!("{text} {}", self::words(only)),
        _ => text,
    }
}
