//! Two schemas side by side.

use serde_json::Value;

use super::super::compare::Sides;
use super::super::rules::Aspect;
use super::flat::{Flat, Parts};
use super::types::Types;
use super::view::View;
use super::{About, Change, Comparer, Node, Step, Use, numbers, properties, unions, values};

/// What is noted of a pair while it is compared.
pub(super) struct Notes<'c, 'a> {
    pub(super) comparer: &'c mut Comparer<'a>,
    pub(super) used: Use,
    node: Node<'a>,
}

impl<'a> Notes<'_, 'a> {
    pub(super) fn note(&mut self, aspect: Aspect, said: Sides, message: String) {
        self.change(About::Schema(aspect), None, said, message);
    }

    pub(super) fn change(
        &mut self,
        about: About,
        step: Option<Step<'a>>,
        said: Sides,
        message: String,
    ) {
        let Sides {
            from,
            to,
            base,
            revision,
        } = said;
        let change = Change {
            about,
            step,
            from,
            to,
            message,
            base,
            revision,
        };
        // What stands beside a composition is found in each of its members.
        if !self.node.changes.contains(&change) {
            self.node.changes.push(change);
        }
    }

    pub(super) fn inner(&mut self, step: Step<'a>, base: &Parts<'a>, revision: &Parts<'a>) {
        if base.is_empty() && revision.is_empty() {
            return;
        }
        if let Some(pair) = self.comparer.pair_of(base, revision, self.used)
            && !self.node.inner.contains(&(step, pair))
        {
            self.node.inner.push((step, pair));
        }
    }
}

/// Compares two schemas.
pub(super) fn node<'a>(
    comparer: &mut Comparer<'a>,
    base: &Parts<'a>,
    revision: &Parts<'a>,
    used: Use,
) -> Node<'a> {
    let base = comparer.base.view(base);
    let revision = comparer.revision.view(revision);
    let mut notes = Notes {
        comparer,
        used,
        node: Node::default(),
    };
    nullability(&base, &revision, &mut notes);
    unions::compare(&base, &revision, &mut notes);
    notes.node
}

fn nullability(base: &View<'_>, revision: &View<'_>, notes: &mut Notes<'_, '_>) {
    if base.nullable == revision.nullable || base.is_any() || revision.is_any() {
        return;
    }
    const KEYWORDS: &[&str] = &["nullable", "type", "enum", "anyOf", "oneOf", "const"];
    let said = Sides {
        from: Some(base.types().words(base.nullable)),
        to: Some(revision.types().words(revision.nullable)),
        base: base.pointer(KEYWORDS),
        revision: revision.pointer(KEYWORDS),
    };
    let (aspect, message) = if revision.nullable {
        (Aspect::BecameNullable, "null is taken now")
    } else {
        (Aspect::BecameNotNullable, "null is no longer taken")
    };
    notes.note(aspect, said, message.to_owned());
}

/// Compares two schemas without alternatives.
pub(super) fn flats<'a>(base: &Flat<'a>, revision: &Flat<'a>, notes: &mut Notes<'_, 'a>) {
    types(base, revision, notes);
    let both = base.types & revision.types;
    values::compare(base, revision, notes);
    if both.meets(Types::STRING) {
        values::strings(base, revision, notes);
    }
    numbers::compare(base, revision, both, notes);
    values::restrictions(base, revision, notes);
    values::notes(base, revision, notes);
    if both.meets(Types::ARRAY) {
        arrays(base, revision, notes);
    }
    if both.meets(Types::OBJECT) {
        properties::compare(base, revision, notes);
    }
}

fn types(base: &Flat<'_>, revision: &Flat<'_>, notes: &mut Notes<'_, '_>) {
    if base.types == revision.types {
        return;
    }
    let (from, to) = (base.types.words(false), revision.types.words(false));
    let aspect = if revision.types.holds(base.types) {
        Aspect::TypeGeneralized
    } else if base.types.holds(revision.types) {
        Aspect::TypeSpecialized
    } else {
        Aspect::TypeChanged
    };
    let message = format!("the type was {} and is {}", words(&from), words(&to));
    let said = said(
        base,
        revision,
        &["type", "enum", "const"],
        Some(from),
        Some(to),
    );
    notes.note(aspect, said, message);
}

fn arrays<'a>(base: &Flat<'a>, revision: &Flat<'a>, notes: &mut Notes<'_, 'a>) {
    notes.inner(Step::Entry, &base.items, &revision.items);
    for index in 0..base.tuple.len().max(revision.tuple.len()) {
        notes.inner(Step::Nth(index), base.entry(index), revision.entry(index));
    }
}

/// What both sides say, where one of the keywords stands.
pub(super) fn said(
    base: &Flat<'_>,
    revision: &Flat<'_>,
    keywords: &[&str],
    from: Option<Value>,
    to: Option<Value>,
) -> Sides {
    Sides {
        from,
        to,
        base: base.pointer(keywords),
        revision: revision.pointer(keywords),
    }
}

/// A value in a message: words as they are, in backticks, lists with commas.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(words).collect();
            values.join(", ")
        }
        other => format!("`{other}`"),
    }
}
