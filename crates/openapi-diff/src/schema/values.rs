//! Values that are listed, strings, and keywords that are compared as a whole.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::rules::Aspect;
use super::compare::{Notes, said, words};
use super::flat::{Flat, RESTRICTIONS};

const LISTS: &[&str] = &["enum", "const"];

/// Compares the values that are listed in `enum` and `const`, and those that are known of an open
/// enum.
pub(super) fn compare(base: &Flat<'_>, revision: &Flat<'_>, notes: &mut Notes<'_, '_>) {
    lists(
        base,
        revision,
        &EXTENSIBLE,
        (&base.known, &revision.known),
        notes,
    );
    let (aspect, message, from, to) = match (&base.values, &revision.values) {
        (None, None) => return,
        (None, Some(now)) => (
            Aspect::BecameEnum,
            format!("only {} are taken now", listed(now)),
            None,
            Some(json!(now)),
        ),
        (Some(old), None) => (
            Aspect::BecameNotEnum,
            format!("any values are taken now, not only {}", listed(old)),
            Some(json!(old)),
            None,
        ),
        (Some(old), Some(now)) => match (&old[..], &now[..]) {
            ([old], [now]) if old != now => (
                Aspect::ConstChanged,
                format!("the only value was {} and is {}", words(old), words(now)),
                Some((*old).clone()),
                Some((*now).clone()),
            ),
            _ => return lists(base, revision, &CLOSED, (old, now), notes),
        },
    };
    notes.note(aspect, said(base, revision, LISTS, from, to), message);
}

/// A list of values, and the aspects for what changes in it.
struct List {
    keywords: &'static [&'static str],
    removed: Aspect,
    added: Aspect,
}

const CLOSED: List = List {
    keywords: LISTS,
    removed: Aspect::EnumValueRemoved,
    added: Aspect::EnumValueAdded,
};

const EXTENSIBLE: List = List {
    keywords: &["x-extensible-enum"],
    removed: Aspect::ExtensibleEnumValueRemoved,
    added: Aspect::ExtensibleEnumValueAdded,
};

fn lists(
    base: &Flat<'_>,
    revision: &Flat<'_>,
    list: &List,
    (old, now): (&[&Value], &[&Value]),
    notes: &mut Notes<'_, '_>,
) {
    let gone: Vec<&Value> = old.iter().filter(|v| !now.contains(v)).copied().collect();
    let new: Vec<&Value> = now.iter().filter(|v| !old.contains(v)).copied().collect();
    let renamed = gone.len() == 1 && new.len() == 1;
    for value in &gone {
        let mut message = format!("the value {} is gone", words(value));
        if renamed {
            message = format!("{message}; was it renamed to {}?", words(new[0]));
        }
        let said = said(base, revision, list.keywords, Some((*value).clone()), None);
        notes.note(list.removed, said, message);
    }
    for value in &new {
        let mut message = format!("the value {} is new", words(value));
        if renamed {
            message = format!("{message}; was {} renamed to it?", words(gone[0]));
        }
        let said = said(base, revision, list.keywords, None, Some((*value).clone()));
        notes.note(list.added, said, message);
    }
}

fn listed(values: &[&Value]) -> String {
    const SHOWN: usize = 6;
    let mut shown: Vec<String> = values
        .iter()
        .take(SHOWN)
        .map(|value| words(value))
        .collect();
    if values.len() > SHOWN {
        shown.push(format!("{} more", values.len() - SHOWN));
    }
    shown.join(", ")
}

/// Compares what is said of strings alone, their length aside.
pub(super) fn strings(base: &Flat<'_>, revision: &Flat<'_>, notes: &mut Notes<'_, '_>) {
    contents(base, revision, notes);
    if base.patterns == revision.patterns {
        return;
    }
    let (aspect, what) = if revision.patterns.is_superset(&base.patterns) {
        (Aspect::PatternAdded, "a pattern is demanded")
    } else if base.patterns.is_superset(&revision.patterns) {
        (Aspect::PatternRemoved, "a pattern is no longer demanded")
    } else {
        (Aspect::PatternChanged, "another pattern is demanded")
    };
    let (from, to) = (one_or_all(&base.patterns), one_or_all(&revision.patterns));
    let pattern = to.as_ref().or(from.as_ref()).map(words).unwrap_or_default();
    notes.note(
        aspect,
        said(base, revision, &["pattern"], from, to),
        format!("{what}: {pattern}"),
    );
}

fn contents(base: &Flat<'_>, revision: &Flat<'_>, notes: &mut Notes<'_, '_>) {
    for (aspect, keyword, old, now) in [
        (
            Aspect::ContentEncodingChanged,
            "contentEncoding",
            base.encoding,
            revision.encoding,
        ),
        (
            Aspect::ContentMediaTypeChanged,
            "contentMediaType",
            base.media_type,
            revision.media_type,
        ),
    ] {
        if old != now {
            let plain =
                |content: Option<&str>| content.map_or("plain".to_owned(), |c| format!("`{c}`"));
            let message = format!(
                "the content of the string was {} and is {}",
                plain(old),
                plain(now)
            );
            let (from, to) = (old.map(Value::from), now.map(Value::from));
            notes.note(
                aspect,
                said(base, revision, &[keyword, "format"], from, to),
                message,
            );
        }
    }
}

fn formats(base: &Flat<'_>, revision: &Flat<'_>, notes: &mut Notes<'_, '_>) {
    let (old, now) = (&base.formats, &revision.formats);
    if old == now {
        return;
    }
    const WIDER: [(&str, &str); 2] = [("int32", "int64"), ("float", "double")];
    let (from, to) = (one_or_all(old), one_or_all(now));
    let wider = |narrow: &BTreeSet<&str>, wide: &BTreeSet<&str>| {
        WIDER
            .iter()
            .any(|(n, w)| narrow.iter().eq([n]) && wide.iter().eq([w]))
    };
    let aspect = match () {
        () if wider(old, now) => Aspect::FormatGeneralized,
        () if wider(now, old) => Aspect::FormatSpecialized,
        () if now.is_superset(old) => Aspect::FormatAdded,
        () if old.is_superset(now) => Aspect::FormatRemoved,
        () => Aspect::FormatChanged,
    };
    let message = match (&from, &to) {
        (Some(from), Some(to)) => format!("the format was {} and is {}", words(from), words(to)),
        (None, Some(to)) => format!("the format {} is demanded", words(to)),
        (Some(from), _) => format!("the format {} is no longer demanded", words(from)),
        (None, None) => return,
    };
    notes.note(aspect, said(base, revision, &["format"], from, to), message);
}

fn one_or_all(texts: &BTreeSet<&str>) -> Option<Value> {
    let mut iter = texts.iter();
    match (iter.next(), iter.next()) {
        (None, _) => None,
        (Some(only), None) => Some(json!(only)),
        _ => Some(json!(texts)),
    }
}

/// Compares keywords that only narrow what a schema takes.
pub(super) fn restrictions<'a>(base: &Flat<'a>, revision: &Flat<'a>, notes: &mut Notes<'_, 'a>) {
    formats(base, revision, notes);
    if base.unique != revision.unique {
        let (aspect, message) = if revision.unique {
            (Aspect::UniqueItemsAdded, "entries must differ")
        } else {
            (Aspect::UniqueItemsRemoved, "entries may be equal")
        };
        let said = said(
            base,
            revision,
            &["uniqueItems"],
            Some(json!(base.unique)),
            Some(json!(revision.unique)),
        );
        notes.note(aspect, said, message.to_owned());
    }
    const ASPECTS: [[Aspect; 3]; 9] = [
        [Aspect::NotAdded, Aspect::NotRemoved, Aspect::NotChanged],
        [Aspect::IfAdded, Aspect::IfRemoved, Aspect::IfChanged],
        [
            Aspect::ContainsAdded,
            Aspect::ContainsRemoved,
            Aspect::ContainsChanged,
        ],
        [
            Aspect::DependentRequiredAdded,
            Aspect::DependentRequiredRemoved,
            Aspect::DependentRequiredChanged,
        ],
        [
            Aspect::DependentSchemasAdded,
            Aspect::DependentSchemasRemoved,
            Aspect::DependentSchemasChanged,
        ],
        [
            Aspect::PropertyNamesAdded,
            Aspect::PropertyNamesRemoved,
            Aspect::PropertyNamesChanged,
        ],
        [
            Aspect::UnevaluatedPropertiesAdded,
            Aspect::UnevaluatedPropertiesRemoved,
            Aspect::UnevaluatedPropertiesChanged,
        ],
        [
            Aspect::UnevaluatedItemsAdded,
            Aspect::UnevaluatedItemsRemoved,
            Aspect::UnevaluatedItemsChanged,
        ],
        [
            Aspect::ContentSchemaAdded,
            Aspect::ContentSchemaRemoved,
            Aspect::ContentSchemaChanged,
        ],
    ];
    for (index, [added, removed, changed]) in ASPECTS.into_iter().enumerate() {
        let keyword = RESTRICTIONS[index];
        let (old, now) = (&base.restrictions[index], &revision.restrictions[index]);
        let (aspect, what) = match (old.is_empty(), now.is_empty()) {
            (true, true) => continue,
            (true, false) => (added, "is new"),
            (false, true) => (removed, "is gone"),
            (false, false) if notes.comparer.restrict_alike(base, revision, index) => continue,
            (false, false) => (changed, "says something else"),
        };
        let value = |places: &[super::Place<'a>]| places.first().map(|place| place.value.clone());
        let said = said(base, revision, &[keyword], value(old), value(now));
        notes.note(aspect, said, format!("`{keyword}` {what}"));
    }
}

/// Compares what says nothing about the values that are taken.
pub(super) fn notes(base: &Flat<'_>, revision: &Flat<'_>, notes: &mut Notes<'_, '_>) {
    if base.default != revision.default {
        let (from, to) = (base.default.cloned(), revision.default.cloned());
        let (aspect, message) = match (&from, &to) {
            (Some(from), Some(to)) => (
                Aspect::DefaultValueChanged,
                format!("the default was {} and is {}", words(from), words(to)),
            ),
            (None, Some(to)) => (
                Aspect::DefaultValueAdded,
                format!("the default is {}", words(to)),
            ),
            (Some(from), None) => (
                Aspect::DefaultValueRemoved,
                format!("the default was {} and there is none now", words(from)),
            ),
            (None, None) => return,
        };
        notes.note(
            aspect,
            said(base, revision, &["default"], from, to),
            message,
        );
    }
    if base.deprecated != revision.deprecated {
        let (aspect, message) = if revision.deprecated {
            (Aspect::Deprecated, "it is deprecated")
        } else {
            (Aspect::Reactivated, "it is no longer deprecated")
        };
        let said = said(
            base,
            revision,
            &["deprecated"],
            Some(json!(base.deprecated)),
            Some(json!(revision.deprecated)),
        );
        notes.note(aspect, said, message.to_owned());
    }
}
