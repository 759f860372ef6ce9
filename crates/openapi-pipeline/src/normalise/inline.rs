//! Replaces references to path items, and to anything else that is not a component, by their
//! targets.

use serde_json::Value;

use crate::canonical::count;
use crate::keywords::{Kind, Walk, is_reference, rewrite_inner_first, visit};
use crate::{Pointer, Problem, Problems};

/// How many references may be replaced by what they refer to. Path items can multiply: callbacks in
/// callbacks.
const LIMIT: usize = 10_000;

/// How many times the document may come of it, and what even the smallest may come to, in values.
const GROWTH: usize = 8;
const ROOM: usize = 100_000;

/// The document with every reference to a path item, and every reference to something else than a
/// component, replaced by what it refers to, and without the path items that only references could
/// lead to. References to schemas are [`super::hoist`]'s.
pub(super) fn references(mut document: Value) -> Result<Value, Problems> {
    let mut is_needed = false;
    let at = &mut Pointer::root();
    visit(Kind::Document, &document, at, &mut |kind, value, _| {
        is_needed |= target(kind, value).is_some();
        if is_needed { Walk::Past } else { Walk::Down }
    });
    let source = is_needed.then(|| document.clone());
    if let Some(Value::Object(components)) = document.get_mut("components") {
        components.remove("pathItems");
    }
    let Some(source) = source else {
        return Ok(document);
    };
    let mut inliner = Inliner {
        document: &source,
        trail: Vec::new(),
        left: LIMIT,
        room: GROWTH * count(&source) + ROOM,
        problems: Problems::new(),
    };
    inliner.inline(Kind::Document, &mut document, &mut Pointer::root());
    inliner.problems.or(document)
}

/// The target of a reference that must be replaced; `None` for other values.
fn target(kind: Kind, value: &Value) -> Option<Pointer> {
    let object = value.as_object()?;
    let section = kind.section()?;
    let to_path_item = kind == Kind::PathItem && object.contains_key("$ref");
    if !to_path_item && !is_reference(kind, object) {
        return None;
    }
    let target = Pointer::from_reference(object.get("$ref")?.as_str()?)?;
    let components = Pointer::root().child("components").child(section);
    (to_path_item || target.parent() != Some(components)).then_some(target)
}

struct Inliner<'a> {
    document: &'a Value,
    /// The targets that are being inlined, from the outside in.
    trail: Vec<Pointer>,
    left: usize,
    room: usize,
    problems: Problems,
}

impl Inliner<'_> {
    fn inline(&mut self, kind: Kind, value: &mut Value, at: &mut Pointer) {
        rewrite_inner_first(kind, value, at, &mut |kind, value, at| {
            self.replace(kind, value, at);
        });
    }

    fn replace(&mut self, kind: Kind, value: &mut Value, at: &Pointer) {
        let document = self.document;
        let Some(target) = target(kind, value) else {
            return;
        };
        let Some(referred) = document.pointer(target.as_str()) else {
            return;
        };
        if self.trail.contains(&target) {
            self.refuse(
                at,
                &target,
                "it leads back to itself, so replacing it never ends",
            );
            return;
        }
        let room = self.room.checked_sub(count(referred));
        if self.left == 0 || room.is_none() || at.depth() > crate::MAX_DEPTH {
            self.refuse(
                at,
                &target,
                "replacing all such references makes the document too large",
            );
            return;
        }
        self.left -= 1;
        self.room = room.unwrap_or_default();
        self.trail.push(target.clone());
        let siblings = std::mem::replace(value, referred.clone());
        self.inline(kind, value, &mut at.clone());
        self.trail.pop();
        let (Value::Object(object), Value::Object(siblings)) = (value, siblings) else {
            return;
        };
        for (key, sibling) in siblings.into_iter().filter(|(key, _)| key != "$ref") {
            let overrides = matches!(key.as_str(), "summary" | "description");
            if kind == Kind::PathItem
                && !overrides
                && object.get(&key).is_some_and(|stated| *stated != sibling)
            {
                self.refuse(
                    at,
                    &target,
                    &format!("both have `{key}`, and OpenAPI does not define which one applies"),
                );
            } else if kind == Kind::PathItem || overrides && kind.grammar().slot(&key).is_some() {
                object.insert(key, sibling);
            }
        }
    }

    fn refuse(&mut self, at: &Pointer, target: &Pointer, why: &str) {
        self.problems.push(Problem::new(
            &at.child("$ref"),
            format!("a reference to {target}"),
            why,
        ));
    }
}
