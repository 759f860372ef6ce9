//! Leaving out what says nothing about what is on the wire.

use serde_json::{Map, Value, json};

use super::schema::reason_to_drop;
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
                    .filter_map(|keyword| Some((keyword.name, reason_to_drop(keyword, object)?)))
                    .collect();
                if kind == Kind::Schema {
                    without_the_impossible(object, at, &mut dropped);
                }
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

/// What the schema `false` stands for: a property under it is never sent, and a list of such
/// entries is empty.
fn without_the_impossible(
    schema: &mut Map<String, Value>,
    at: &Pointer,
    dropped: &mut Vec<Dropped>,
) {
    // Required and impossible at once is a contradiction: the refusal of `not` tells of it.
    let required = schema.get("required").cloned().unwrap_or_default();
    let needed = |name: &str| {
        let names = required.as_array().into_iter().flatten();
        names.into_iter().any(|needed| needed == name)
    };
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.retain(|name, property| {
            let stays = !is_impossible(property) || needed(name);
            if !stays {
                dropped.push(Dropped {
                    pointer: at.child("properties").child(name),
                    why: "no value satisfies it, so it is never on the wire",
                });
            }
            stays
        });
    }
    if schema.get("items").is_some_and(is_impossible) {
        schema.insert("items".to_owned(), json!({}));
        schema.insert("maxItems".to_owned(), json!(0));
    }
}

fn is_impossible(schema: &Value) -> bool {
    schema.get("not") == Some(&json!({}))
}
