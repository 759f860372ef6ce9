//! Listed values, strings, and keywords that are compared as a whole.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use serde_json::{Value, json};

use super::differences::{Differences, Resolved, quoted};
use super::types::Types;
use super::wire::Wire;

const LISTS: &[&str] = &["enum", "const"];

/// Compares the values of `enum` and `const`, and the known ones of an open enum.
pub(super) fn values(pair: Resolved<'_, '_>, differences: &mut Differences<'_, '_>) {
    let known = pair.map(|schema| &schema.known[..]);
    let keywords = &["x-extensible-enum"];
    lists(
        pair,
        "x-extensible-enum-value",
        keywords,
        known,
        differences,
    );
    let (old, new) = listed_values(pair, differences.wire);
    let [mut from, mut to] = [old, new].map(|values| values.map(|values| json!(values)));
    let (aspect, message) = match (old, new) {
        (None, None) => return,
        (None, Some(new)) => {
            let message = format!("only {} are allowed now", listed(new));
            ("became-enum", message)
        }
        (Some(old), None) => {
            let message = format!("any values are allowed now, not only {}", listed(old));
            ("became-not-enum", message)
        }
        (Some([old]), Some([new]))
            if written(old, differences.wire) != written(new, differences.wire) =>
        {
            (from, to) = (Some((*old).clone()), Some((*new).clone()));
            let message = format!("the only value was {} and is {}", quoted(old), quoted(new));
            ("const-changed", message)
        }
        (Some(old), Some(new)) => return lists(pair, "enum-value", LISTS, (old, new), differences),
    };
    differences.schema(aspect, pair.both(LISTS, from, to), message);
}

/// The listed values of both. Beside a list, `true` and `false` are the values of a boolean in text.
pub(super) fn listed_values<'s, 'a>(
    pair: Resolved<'s, 'a>,
    wire: Wire,
) -> (Option<&'s [&'a Value]>, Option<&'s [&'a Value]>) {
    const BOOLEANS: &[&Value] = &[&Value::Bool(true), &Value::Bool(false)];
    let is_listed = pair.base.values.is_some() || pair.revision.values.is_some();
    pair.map(|schema| match &schema.values {
        None if is_listed && wire.is_text() && schema.types == Types::BOOLEAN => Some(BOOLEANS),
        values => values.as_deref(),
    })
}

fn lists(
    pair: Resolved<'_, '_>,
    aspect: &str,
    keywords: &[&str],
    (old, new): (&[&Value], &[&Value]),
    differences: &mut Differences<'_, '_>,
) {
    let removed = without(old, new, differences.wire);
    let added = without(new, old, differences.wire);
    let renamed = removed.len() == 1 && added.len() == 1;
    for value in &removed {
        let mut message = format!("the value {} is removed", quoted(value));
        if renamed {
            message = format!("{message}; was it renamed to {}?", quoted(added[0]));
        }
        let both = pair.both(keywords, Some((*value).clone()), None);
        differences.schema(format!("{aspect}-removed"), both, message);
    }
    for value in &added {
        let mut message = format!("the value {} is new", quoted(value));
        if renamed {
            message = format!("{message}; was {} renamed to it?", quoted(removed[0]));
        }
        let both = pair.both(keywords, None, Some((*value).clone()));
        differences.schema(format!("{aspect}-added"), both, message);
    }
}

/// The values that are not among others.
fn without<'a>(values: &[&'a Value], others: &[&Value], wire: Wire) -> Vec<&'a Value> {
    let others: HashSet<Cow<'_, Value>> = others.iter().map(|v| written(v, wire)).collect();
    let values = values.iter().copied();
    values
        .filter(|value| !others.contains(&written(value, wire)))
        .collect()
}

/// A value as it is written: in text, numbers are no longer numbers.
fn written(value: &Value, wire: Wire) -> Cow<'_, Value> {
    match value {
        Value::Bool(_) | Value::Number(_) if wire.is_text() => Cow::Owned(json!(value.to_string())),
        value => Cow::Borrowed(value),
    }
}

fn listed(values: &[&Value]) -> String {
    const SHOWN: usize = 6;
    let shown = values.iter().take(SHOWN);
    let mut shown: Vec<String> = shown.map(|value| quoted(value)).collect();
    if values.len() > SHOWN {
        shown.push(format!("{} more", values.len() - SHOWN));
    }
    shown.join(", ")
}

/// Compares the pattern and the content of strings.
pub(super) fn strings(pair: Resolved<'_, '_>, differences: &mut Differences<'_, '_>) {
    let encodings = pair.map(|schema| schema.encoding);
    let media_types = pair.map(|schema| schema.media_type);
    for (keyword, aspect, (old, new)) in [
        ("contentEncoding", "content-encoding-changed", encodings),
        (
            "contentMediaType",
            "content-media-type-changed",
            media_types,
        ),
    ] {
        if old != new {
            let [was, is] = [old, new].map(|content| match content {
                Some(content) => format!("`{content}`"),
                None => "plain".to_owned(),
            });
            let [from, to] = [old, new].map(|content| content.map(Value::from));
            let message = format!("the content of the string was {was} and is {is}");
            differences.schema(aspect, pair.both(&[keyword, "format"], from, to), message);
        }
    }
    let (old, new) = pair.map(|schema| &schema.patterns);
    if old != new {
        let (aspect, what) = if new.is_superset(old) {
            ("pattern-added", "a pattern is required")
        } else if old.is_superset(new) {
            ("pattern-removed", "a pattern is no longer required")
        } else {
            ("pattern-changed", "another pattern is required")
        };
        let (from, to) = (one_or_all(old), one_or_all(new));
        let pattern = to.as_ref().or(from.as_ref());
        let pattern = pattern.map(quoted).unwrap_or_default();
        let both = pair.both(&["pattern"], from, to);
        differences.schema(aspect, both, format!("{what}: {pattern}"));
    }
}

/// Compares the formats.
pub(super) fn formats(pair: Resolved<'_, '_>, differences: &mut Differences<'_, '_>) {
    const WIDER: [(&str, &str); 2] = [("int32", "int64"), ("float", "double")];
    let (old, new) = pair.map(|schema| &schema.formats);
    if old == new {
        return;
    }
    let is_wider = |narrow: &BTreeSet<&str>, wide: &BTreeSet<&str>| {
        let mut pairs = WIDER.iter();
        pairs.any(|(n, w)| narrow.iter().eq([n]) && wide.iter().eq([w]))
    };
    let aspect = if is_wider(old, new) {
        "format-generalized"
    } else if is_wider(new, old) {
        "format-specialized"
    } else if new.is_superset(old) {
        "format-added"
    } else if old.is_superset(new) {
        "format-removed"
    } else {
        "format-changed"
    };
    let (from, to) = (one_or_all(old), one_or_all(new));
    let message = match (from.as_ref().map(quoted), to.as_ref().map(quoted)) {
        (Some(from), Some(to)) => format!("was {from} and is {to}"),
        (Some(from), None) => format!("{from} is no longer required"),
        (None, to) => format!("{} is required", to.unwrap_or_default()),
    };
    let message = format!("the format {message}");
    differences.schema(aspect, pair.both(&["format"], from, to), message);
}

fn one_or_all(texts: &BTreeSet<&str>) -> Option<Value> {
    let mut iter = texts.iter();
    match (iter.next(), iter.next()) {
        (None, _) => None,
        (Some(only), None) => Some(json!(only)),
        _ => Some(json!(texts)),
    }
}

/// Compares what says nothing about the allowed values.
pub(super) fn annotations(pair: Resolved<'_, '_>, differences: &mut Differences<'_, '_>) {
    let (old, new) = pair.map(|schema| schema.default);
    if old != new {
        let (change, message) = match (old.map(quoted), new.map(quoted)) {
            (Some(from), Some(to)) => ("changed", format!("was {from} and is {to}")),
            (Some(from), None) => ("removed", format!("was {from} and there is none now")),
            (None, to) => ("added", format!("is {}", to.unwrap_or_default())),
        };
        let both = pair.both(&["default"], old.cloned(), new.cloned());
        let aspect = format!("default-value-{change}");
        differences.schema(aspect, both, format!("the default {message}"));
    }
    let (was, is) = pair.map(|schema| schema.lifecycle);
    for change in was.changes(is) {
        let both = pair.both(&[change.keyword], change.from, change.to);
        differences.schema(change.aspect, both, change.message);
    }
}
