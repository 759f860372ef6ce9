//! Values that fit several alternatives of a `oneOf`, which excludes them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Side;
use super::alternatives::View;
use super::differences::Differences;
use super::resolved::{Bound, Parts, ResolvedSchema};
use super::types::Types;
use crate::document::Both;

/// The most alternatives among which overlaps are looked for.
const MAX_ALTERNATIVES: usize = 64;

/// Compares how many alternatives overlap.
pub(super) fn compare<'a>(
    (base, old): (&View<'a>, &Parts<'a>),
    (revision, new): (&View<'a>, &Parts<'a>),
    differences: &mut Differences<'_, 'a>,
) {
    let is_exclusive = [base, revision].map(View::is_exclusive);
    let comparer = &mut differences.comparer;
    let is_same = is_exclusive == [true; 2]
        && comparer.base.fingerprint(old) == comparer.revision.fingerprint(new);
    if is_same || is_exclusive == [false; 2] {
        return;
    }
    let before = comparer.base.overlaps(base);
    let after = comparer.revision.overlaps(revision);
    let (change, message) = match after.cmp(&before) {
        std::cmp::Ordering::Equal => return,
        std::cmp::Ordering::Greater => (
            "added",
            "more values fit several alternatives of `oneOf`, and are not allowed",
        ),
        std::cmp::Ordering::Less => (
            "removed",
            "fewer values fit several alternatives of `oneOf`, which are not allowed",
        ),
    };
    const KEYWORDS: &[&str] = &["oneOf", "anyOf"];
    let both = Both::at(base.pointer(KEYWORDS), revision.pointer(KEYWORDS));
    differences.schema(format!("one-of-overlap-{change}"), both, message);
}

impl View<'_> {
    /// Whether it has a `oneOf` without a discriminator, which would choose one of two alternatives.
    fn is_exclusive(&self) -> bool {
        self.union.as_ref().is_some_and(|union| {
            union.keyword == "oneOf"
                && (2..=MAX_ALTERNATIVES).contains(&union.written.len())
                && union.place.get("discriminator").is_none()
        })
    }
}

impl<'a> Side<'a> {
    /// How many pairs of alternatives overlap.
    fn overlaps(&mut self, view: &View<'a>) -> usize {
        let Some(union) = view.union.as_ref().filter(|_| view.is_exclusive()) else {
            return 0;
        };
        let written = union.written.iter();
        let alternatives: Vec<_> = written.map(|part| self.view(&vec![part.clone()])).collect();
        // What stands beside the `oneOf` may allow none of these values.
        let is_allowed = |one: &ResolvedSchema<'a>, other: &ResolvedSchema<'a>| {
            let both = one.and(other);
            let mut members = view.members.iter();
            members.any(|member| !both.and(member).types.is_empty())
        };
        // Properties that are declared beside the `oneOf` belong to every alternative.
        let mut shared: BTreeSet<&str> = BTreeSet::new();
        if let Some((first, others)) = view.members.split_first() {
            let declared = first.properties.keys().copied();
            let in_all = |name: &&str| others.iter().all(|m| m.properties.contains_key(name));
            shared.extend(declared.filter(in_all));
        }
        let mut count = 0;
        for (index, one) in alternatives.iter().enumerate() {
            for other in &alternatives[index + 1..] {
                let members = one.members.iter();
                let mut pairs =
                    members.flat_map(|one| other.members.iter().map(move |other| (one, other)));
                let meet = pairs.any(|(one, other)| {
                    self.overlap(one, other, &shared) && is_allowed(one, other)
                });
                count += usize::from(meet);
            }
        }
        count
    }

    /// Whether a value of the properties that one declares surely fits both.
    fn overlap(
        &mut self,
        one: &ResolvedSchema<'a>,
        other: &ResolvedSchema<'a>,
        shared: &BTreeSet<&str>,
    ) -> bool {
        match (&one.values, &other.values) {
            (Some(ours), Some(theirs)) => return ours.iter().any(|value| theirs.contains(value)),
            (Some(values), None) => return values.iter().any(|value| fits(value, other)),
            (None, Some(values)) => return values.iter().any(|value| fits(value, one)),
            (None, None) => {}
        }
        let both = one.and(other);
        let is_counted = |index: usize| {
            let (most, least) = (both.counts[index], both.counts[index + 1]);
            most.is_none_or(|most| least.unwrap_or_default() <= most)
        };
        let have = |types: Types| both.types.intersects(types);
        have(Types::BOOLEAN)
            || have(Types::NUMBER) && has_numbers(&both)
            || have(Types::STRING) && is_counted(0) && texts(one, other)
            || have(Types::ARRAY) && is_counted(2) && self.types_meet(&one.items, &other.items)
            || have(Types::OBJECT) && is_counted(4) && self.objects(one, other, shared)
    }

    fn types_meet(&mut self, one: &Parts<'a>, other: &Parts<'a>) -> bool {
        self.view(one).types().intersects(self.view(other).types())
    }

    fn objects(
        &mut self,
        one: &ResolvedSchema<'a>,
        other: &ResolvedSchema<'a>,
        shared: &BTreeSet<&str>,
    ) -> bool {
        let is_missing = |from: &ResolvedSchema<'a>, in_: &ResolvedSchema<'a>| {
            let mut required = from.required.iter();
            required.any(|name| !in_.names().contains(name) && !shared.contains(name))
        };
        let is_open = |schema: &ResolvedSchema<'a>| !schema.closed && schema.additional.is_empty();
        match (is_missing(one, other), is_missing(other, one)) {
            (false, false) => {}
            (true, false) if is_open(other) => {}
            (false, true) if is_open(one) => {}
            // A value would need properties that only one declares, and others that only the other does.
            _ => return false,
        }
        one.properties.iter().all(|(name, parts)| {
            let Some(theirs) = other.properties.get(name) else {
                return true;
            };
            let values = [parts, theirs].map(|parts| match &self.view(parts).members[..] {
                [only] => only.values.clone(),
                _ => None,
            });
            // Values that tell the alternatives apart are meant to be there.
            if let [Some(ours), Some(theirs)] = values {
                return ours.iter().any(|value| theirs.contains(value));
            }
            let is_required = one.required.contains(name) || other.required.contains(name);
            !is_required || self.types_meet(parts, theirs)
        })
    }
}

/// Whether a listed value fits a schema without a list.
fn fits(value: &Value, schema: &ResolvedSchema<'_>) -> bool {
    let is_open = schema.patterns.is_empty() && schema.formats.is_empty();
    schema.types.intersects(Types::of(value)) && (is_open || !value.is_string())
}

/// Whether there are numbers between the bounds.
fn has_numbers(schema: &ResolvedSchema<'_>) -> bool {
    let has_any = |(least, most): (Bound<'_>, Bound<'_>)| {
        let is_one = least.number == most.number && !least.exclusive && !most.exclusive;
        least.number < most.number || is_one
    };
    schema.minimum.zip(schema.maximum).is_none_or(has_any)
}

/// Whether a text can match both. Two formats, or two patterns, are taken for different texts.
fn texts(one: &ResolvedSchema<'_>, other: &ResolvedSchema<'_>) -> bool {
    let all = [one, other].map(|schema| schema.formats.is_empty() && schema.patterns.is_empty());
    all.contains(&true) || one.formats == other.formats && one.patterns == other.patterns
}
