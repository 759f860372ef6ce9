//! Bounds, counts and multiples.

use serde_json::{Value, json};

use super::differences::{Differences, Resolved, quoted};
use super::resolved::{Bound, COUNTS, ResolvedSchema};
use super::types::Types;

/// Compares the limits on values of the types that both sides allow.
pub(super) fn compare(
    pair: Resolved<'_, '_>,
    common: Types,
    differences: &mut Differences<'_, '_>,
) {
    for (index, (keyword, slug, unit, types)) in COUNTS.into_iter().enumerate() {
        let (from, to) = pair.map(|schema| schema.counts[index]);
        if from != to && common.intersects(types) {
            let word = ["at most", "at least"][index % 2];
            let described = |count: u64| (json!(count), format!("{word} `{count}` {unit}"));
            let limits = [from, to].map(|limit| limit.map(described));
            report(slug, &[keyword], limits, to > from, pair, differences);
        }
    }
    if !common.intersects(Types::NUMBER) {
        return;
    }
    let maxima = pair.map(|schema| schema.maximum);
    let minima = pair.map(|schema| schema.minimum);
    for (slug, keywords, (from, to)) in [
        ("max", ["maximum", "exclusiveMaximum"], maxima),
        ("min", ["minimum", "exclusiveMinimum"], minima),
    ] {
        let is_maximum = slug == "max";
        let key = |bound: Bound<'_>| (bound.number, bound.exclusive);
        if from.map(key) == to.map(key) {
            continue;
        }
        let described = |bound: Bound<'_>| {
            let word = match (is_maximum, bound.exclusive) {
                (true, false) => "at most",
                (true, true) => "less than",
                (false, false) => "at least",
                (false, true) => "more than",
            };
            let words = format!("{word} {}", quoted(bound.value));
            (bound.value.clone(), words)
        };
        let tightened = from
            .zip(to)
            .is_some_and(|(from, to)| to.is_tighter(&from, is_maximum));
        let increased = tightened != is_maximum;
        let limits = [from, to].map(|limit| limit.map(described));
        report(slug, &keywords, limits, increased, pair, differences);
    }
    multiples(pair, differences);
}

/// Reports a change of a limit, given as a value and in words.
fn report(
    slug: &str,
    keywords: &[&str],
    limits: [Option<(Value, String)>; 2],
    increased: bool,
    pair: Resolved<'_, '_>,
    differences: &mut Differences<'_, '_>,
) {
    let (change, message) = match &limits {
        [Some((_, from)), Some((_, to))] => {
            let change = if increased { "increased" } else { "decreased" };
            (change, format!("it was {from} and is {to}"))
        }
        [None, Some((_, to))] => ("set", format!("it is {to} now; there was no limit")),
        [Some((_, from)), None] => ("unset", format!("it need not be {from} any more")),
        [None, None] => return,
    };
    let [from, to] = limits.map(|limit| limit.map(|(value, _)| value));
    let aspect = format!("{slug}-{change}");
    differences.schema(aspect, pair.both(keywords, from, to), message);
}

fn multiples(pair: Resolved<'_, '_>, differences: &mut Differences<'_, '_>) {
    let sorted = |schema: &ResolvedSchema<'_>| {
        let multiples = schema.multiples.iter();
        let mut multiples: Vec<f64> = multiples.filter_map(|value| value.as_f64()).collect();
        multiples.sort_by(f64::total_cmp);
        multiples.dedup();
        multiples
    };
    let (old, new) = pair.map(sorted);
    // Every value of the finer step is one of the coarser.
    let divides = |steps: &[f64], values: &[f64]| {
        steps.iter().all(|step| {
            let mut values = values.iter();
            values.any(|value| *step != 0.0 && (value / step).fract() == 0.0)
        })
    };
    if old == new {
        return;
    }
    let (aspect, message) = if old.is_empty() {
        ("multiple-of-added", "it must be a multiple of")
    } else if new.is_empty() {
        let message = "it need not be a multiple any more of";
        ("multiple-of-removed", message)
    } else if divides(&new, &old) {
        ("multiple-of-generalized", "it must be a multiple only of")
    } else if divides(&old, &new) {
        ("multiple-of-specialized", "it must be a multiple even of")
    } else {
        ("multiple-of-changed", "it must be a multiple now of")
    };
    let (from, to) = pair.map(|schema| match schema.multiples[..] {
        [] => None,
        [only] => Some(only.clone()),
        _ => Some(json!(schema.multiples)),
    });
    let of = to.as_ref().or(from.as_ref());
    let of = of.map(quoted).unwrap_or_default();
    let both = pair.both(&["multipleOf"], from, to);
    differences.schema(aspect, both, format!("{message} {of}"));
}
