//! Leaving out what says nothing about what is on the wire.

use serde_json::Value;

use crate::Pointer;
use crate::keywords::{Kind, is_reference, transform};

/// A keyword that was left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Dropped {
    /// Where it stood in the normalised document.
    pub pointer: Pointer,
    /// Why nothing is lost by leaving it out.
    pub why: &'static str,
}

/// The document without it, and what was left out, in order of place.
pub(super) fn without(document: Value) -> (Value, Vec<Dropped>) {
    let mut dropped = Vec::new();
    let rest = transform(
        Kind::Document,
        document,
        &mut Pointer::root(),
        &mut |kind, mut value, at| {
            if let Some(object) = value
                .as_object_mut()
                .filter(|object| !is_reference(kind, object))
            {
                let keywords = kind.grammar().keywords.iter();
                let silent: Vec<_> = keywords
                    .filter_map(|keyword| Some((keyword.name, keyword.reason_to_drop(object)?)))
                    .collect();
                for (name, why) in silent {
                    object.remove(name);
                    dropped.push(Dropped {
                        pointer: at.child(name),
                        why,
                    });
                }
            }
            value
        },
    );
    // What was left out with something around it is not left out on its own.
    dropped.sort();
    dropped.dedup_by(|inner, outer| inner.pointer.is_within(&outer.pointer));
    (rest, dropped)
}
