//! Bounds, counts and multiples.

use serde_json::{Value, json};

use super::super::rules::Aspect;
use super::bound::{Bound, tighter_maximum, tighter_minimum};
use super::compare::{Notes, said, words};
use super::flat::{COUNTS, Flat};
use super::types::Types;

/// How a limit changed, each with the aspect for it.
struct Ways {
    set: Aspect,
    unset: Aspect,
    increased: Aspect,
    decreased: Aspect,
}

macro_rules! ways {
    ($set:ident $unset:ident $increased:ident $decreased:ident) => {
        Ways {
            set: Aspect::$set,
            unset: Aspect::$unset,
            increased: Aspect::$increased,
            decreased: Aspect::$decreased,
        }
    };
}

const MAXIMUM: Ways = ways!(MaxSet MaxUnset MaxIncreased MaxDecreased);
const MINIMUM: Ways = ways!(MinSet MinUnset MinIncreased MinDecreased);

/// By the order of [`COUNTS`].
const OF_COUNTS: [(Ways, &str, Types); 6] = [
    (
        ways!(MaxLengthSet MaxLengthUnset MaxLengthIncreased MaxLengthDecreased),
        "characters at most",
        Types::STRING,
    ),
    (
        ways!(MinLengthSet MinLengthUnset MinLengthIncreased MinLengthDecreased),
        "characters at least",
        Types::STRING,
    ),
    (
        ways!(MaxItemsSet MaxItemsUnset MaxItemsIncreased MaxItemsDecreased),
        "entries at most",
        Types::ARRAY,
    ),
    (
        ways!(MinItemsSet MinItemsUnset MinItemsIncreased MinItemsDecreased),
        "entries at least",
        Types::ARRAY,
    ),
    (
        ways!(MaxPropertiesSet MaxPropertiesUnset MaxPropertiesIncreased MaxPropertiesDecreased),
        "properties at most",
        Types::OBJECT,
    ),
    (
        ways!(MinPropertiesSet MinPropertiesUnset MinPropertiesIncreased MinPropertiesDecreased),
        "properties at least",
        Types::OBJECT,
    ),
];

/// Compares the limits of values of types that both sides take.
pub(super) fn compare(
    base: &Flat<'_>,
    revision: &Flat<'_>,
    both: Types,
    notes: &mut Notes<'_, '_>,
) {
    for (index, (ways, words, types)) in OF_COUNTS.iter().enumerate() {
        if both.meets(*types) {
            let (from, to) = (base.counts[index], revision.counts[index]);
            let order = from.zip(to).map(|(from, to)| to > from);
            let limit = |count: Option<u64>| {
                count.map(|count| (json!(count), format!("`{count}` {words}")))
            };
            if from != to {
                limits(
                    base,
                    revision,
                    &[COUNTS[index]],
                    ways,
                    (limit(from), limit(to)),
                    order,
                    notes,
                );
            }
        }
    }
    if !both.meets(Types::NUMBER) {
        return;
    }
    let maximum = |bound: &Bound<'_>| {
        (
            bound.value.clone(),
            format!(
                "{} {}",
                if bound.exclusive {
                    "less than"
                } else {
                    "at most"
                },
                words(bound.value)
            ),
        )
    };
    let minimum = |bound: &Bound<'_>| {
        (
            bound.value.clone(),
            format!(
                "{} {}",
                if bound.exclusive {
                    "more than"
                } else {
                    "at least"
                },
                words(bound.value)
            ),
        )
    };
    let differ = |from: &Option<Bound<'_>>, to: &Option<Bound<'_>>| match (from, to) {
        (Some(from), Some(to)) => from.number != to.number || from.exclusive != to.exclusive,
        (None, None) => false,
        _ => true,
    };
    if differ(&base.maximum, &revision.maximum) {
        let order = base
            .maximum
            .zip(revision.maximum)
            .map(|(from, to)| tighter_maximum(&from, &to));
        let says = (
            base.maximum.as_ref().map(maximum),
            revision.maximum.as_ref().map(maximum),
        );
        limits(
            base,
            revision,
            &["maximum", "exclusiveMaximum"],
            &MAXIMUM,
            says,
            order,
            notes,
        );
    }
    if differ(&base.minimum, &revision.minimum) {
        let order = base
            .minimum
            .zip(revision.minimum)
            .map(|(from, to)| tighter_minimum(&to, &from));
        let says = (
            base.minimum.as_ref().map(minimum),
            revision.minimum.as_ref().map(minimum),
        );
        limits(
            base,
            revision,
            &["minimum", "exclusiveMinimum"],
            &MINIMUM,
            says,
            order,
            notes,
        );
    }
    multiples(base, revision, notes);
}

/// A limit as a value and in words.
type Limit = Option<(Value, String)>;

fn limits(
    base: &Flat<'_>,
    revision: &Flat<'_>,
    keywords: &[&str],
    ways: &Ways,
    (from, to): (Limit, Limit),
    increased: Option<bool>,
    notes: &mut Notes<'_, '_>,
) {
    let (aspect, message) = match (&from, &to) {
        (Some((_, from)), Some((_, to))) => {
            let aspect = if increased == Some(true) {
                ways.increased
            } else {
                ways.decreased
            };
            (aspect, format!("it was {from} and is {to}"))
        }
        (None, Some((_, to))) => (ways.set, format!("it is {to} now, where nothing was said")),
        (Some((_, from)), None) => (ways.unset, format!("it need not be {from} any more")),
        (None, None) => return,
    };
    let value = |limit: Limit| limit.map(|(value, _)| value);
    notes.note(
        aspect,
        said(base, revision, keywords, value(from), value(to)),
        message,
    );
}

fn multiples(base: &Flat<'_>, revision: &Flat<'_>, notes: &mut Notes<'_, '_>) {
    let sorted = |flat: &Flat<'_>| {
        let mut multiples: Vec<f64> = flat
            .multiples
            .iter()
            .filter_map(|value| value.as_f64())
            .collect();
        multiples.sort_by(f64::total_cmp);
        multiples.dedup();
        multiples
    };
    let (old, now) = (sorted(base), sorted(revision));
    if old == now {
        return;
    }
    // Every value of the finer step is one of the coarser.
    let divides = |steps: &[f64], values: &[f64]| {
        steps.iter().all(|step| {
            values
                .iter()
                .any(|value| *step != 0.0 && (value / step).fract() == 0.0)
        })
    };
    let (aspect, message) = if old.is_empty() {
        (Aspect::MultipleOfAdded, "it must be a multiple of")
    } else if now.is_empty() {
        (
            Aspect::MultipleOfRemoved,
            "it need not be a multiple any more of",
        )
    } else if divides(&now, &old) {
        (
            Aspect::MultipleOfGeneralized,
            "it must be a multiple only of",
        )
    } else if divides(&old, &now) {
        (
            Aspect::MultipleOfSpecialized,
            "it must be a multiple even of",
        )
    } else {
        (Aspect::MultipleOfChanged, "it must be a multiple now of")
    };
    let value = |flat: &Flat<'_>| match flat.multiples[..] {
        [] => None,
        [only] => Some(only.clone()),
        _ => Some(json!(flat.multiples)),
    };
    let (from, to) = (value(base), value(revision));
    let of = to.as_ref().or(from.as_ref()).map(words).unwrap_or_default();
    notes.note(
        aspect,
        said(base, revision, &["multipleOf"], from, to),
        format!("{message} {of}"),
    );
}
