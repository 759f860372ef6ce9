//! Down to OpenAPI 3.0.3, for typed tools that know nothing newer.
//!
//! What becomes of each keyword stands in one table, `keywords`: it is kept, written differently,
//! dropped because it says nothing about what is on the wire, or refused. A keyword that is in no
//! table is refused too, never lost in silence; extensions, whose names start with `x-`, are
//! carried along.
//!
//! | In 3.1 | In 3.0.3 |
//! |---|---|
//! | `type: [string, "null"]`, `anyOf: [.., {type: "null"}]` | `nullable: true` |
//! | `type: [integer, string]` | `oneOf`, one branch for each type, each with the keywords of its type |
//! | `$ref` with keywords beside it | `allOf: [{$ref: ..}]` with the keywords beside it |
//! | `exclusiveMinimum: 0` | `minimum: 0`, `exclusiveMinimum: true` |
//! | `examples: [a, b]` | `example: a` |
//! | `contentEncoding: base64`, `contentMediaType` of bytes | `format: byte`, `format: binary` |
//! | an array without `items` | `items: {}` |
//! | a security scheme `mutualTLS` | nothing: it is a matter of the connection, not of the request |

mod dropped;
mod incomplete;
mod schema;
mod security;

use serde_json::{Map, Value, json};

use crate::keywords::{
    Keyword, Kind, Lowering, Slot, Walk, is_extension, is_reference, transform, visit_mut,
};
use crate::normalise::normalise;
use crate::problem::kind_of;
use crate::{Pointer, Problem, Problems, canonical, depth, problem};

pub use dropped::Dropped;

/// The version that a lowered document states.
pub const VERSION: &str = "3.0.3";

/// The document in OpenAPI 3.0.3, its keys in alphabetical order.
///
/// It takes any dialect: it normalises first, so the places in its errors are those of the
/// normalised document. What is lowered already is returned as it is.
///
/// # Errors
/// Every keyword that OpenAPI 3.0 cannot say or nobody knows, every value that is not what its
/// keyword holds, and everything without which the document is incomplete, each with an overlay
/// action that would resolve it.
///
/// ```
/// let document = serde_json::json!({
///     "openapi": "3.1.0",
///     "info": {"title": "Tea", "version": "1"},
///     "components": {"schemas": {"Cup": {"type": "array", "prefixItems": [{"type": "string"}]}}},
/// });
/// let problems = openapi_pipeline::lower::lower(&document).unwrap_err();
/// assert_eq!(problems.iter().next().unwrap().pointer.to_string(), "#/components/schemas/Cup/prefixItems");
/// ```
pub fn lower(document: &Value) -> Result<Value, Problems> {
    run(document).map(|(lowered, _)| lowered)
}

fn run(document: &Value) -> Result<(Value, Vec<Dropped>), Problems> {
    let (silent, dropped) = dropped::without(normalise(document)?);
    // What is left may have a simpler normal form.
    let normal = security::without_client_certificates(normalise(&silent)?);
    let mut problems = Problems::new();
    let mut lowered = normal;
    let root = &mut Pointer::root();
    visit_mut(
        Kind::Document,
        &mut lowered,
        root,
        &mut |kind, value, at| check(kind, value, at, &mut problems),
    );
    let mut lowered = transform(Kind::Document, lowered, root, &mut |kind, mut value, at| {
        if let Some(object) = value.as_object_mut().filter(|o| !is_reference(kind, o)) {
            for keyword in kind.grammar().keywords {
                if keyword.lowering == Lowering::Rewrite && object.contains_key(keyword.name) {
                    schema::rewrite(keyword.name, object, at, &mut problems);
                }
            }
            incomplete::complete(kind, object, at, &mut problems);
        }
        value
    });
    if let Some(root) = lowered.as_object_mut() {
        root.insert("openapi".to_owned(), json!(VERSION));
    }
    incomplete::check_parameters(&lowered, &mut problems);
    problems.extend(depth::check(&lowered).err());
    problems.or((canonical::sort(lowered), dropped))
}

/// What [`lower`] leaves out of the document because it says nothing about what is on the wire, in
/// order of place.
///
/// # Errors
/// Those of [`lower`].
pub fn dropped(document: &Value) -> Result<Vec<Dropped>, Problems> {
    run(document).map(|(_, dropped)| dropped)
}

/// Reports what OpenAPI 3.0 cannot express in an object of a kind, and removes it.
fn check(kind: Kind, value: &mut Value, at: &Pointer, problems: &mut Problems) -> Walk {
    let members = match value {
        Value::Object(members) if is_reference(kind, members) => {
            check_reference(kind, members, at, problems);
            return Walk::Past;
        }
        Value::Object(members) => members,
        // Normalising leaves booleans only where OpenAPI 3.0 has them, or where they go.
        Value::Bool(_) if kind == Kind::Schema => return Walk::Past,
        other => {
            problems.push(misshapen(at, other, kind.name()));
            return Walk::Past;
        }
    };
    let grammar = kind.grammar();
    let keywords = grammar.keywords.iter();
    problems.extend(keywords.filter_map(|keyword| refusal(keyword, members, at)));
    members.retain(|key, value| {
        let keyword = grammar.keywords.iter().find(|keyword| keyword.name == key);
        let slot = match keyword {
            Some(keyword) => match keyword.lowering {
                Lowering::Keep | Lowering::Rewrite => keyword.slot,
                Lowering::Drop(_) | Lowering::Normalised | Lowering::Refuse(_) => return false,
            },
            None if is_extension(key) => return true,
            None => match grammar.others {
                Some(others) => others,
                None => {
                    problems.push(unknown(kind, key, &at.child(key)));
                    return false;
                }
            },
        };
        if let Some(expected) = expected(slot, value) {
            problems.push(misshapen(&at.child(key), value, expected));
        }
        true
    });
    Walk::Down
}

/// What a slot should hold, when the value is something else; objects are checked on their own.
fn expected(slot: Slot, value: &Value) -> Option<&'static str> {
    let is_texts = || {
        let entries = value.as_array();
        entries.is_some_and(|entries| entries.iter().all(Value::is_string))
    };
    let (is_fine, expected) = match slot {
        Slot::Any | Slot::One(_) => return None,
        Slot::Text => (value.is_string(), "a string"),
        Slot::Flag => (value.is_boolean(), "true or false"),
        Slot::Number => (value.is_number(), "a number"),
        Slot::Count => (value.is_u64(), "a whole number from 0"),
        Slot::Texts => (is_texts(), "an array of strings"),
        Slot::Values | Slot::List(_) => (value.is_array(), "an array"),
        Slot::Map(_) => (value.is_object(), "an object"),
    };
    (!is_fine).then_some(expected)
}

/// A reference to a component. In OpenAPI 3.1 a summary and a description may stand beside it, which
/// OpenAPI 3.0 ignores.
fn check_reference(
    kind: Kind,
    members: &mut Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
) {
    members.retain(|key, _| {
        if key == "$ref" || is_extension(key) {
            return true;
        }
        if !matches!(key.as_str(), "summary" | "description") {
            let found = format!("`{key}` beside a reference to {}", kind.name());
            let why =
                "nothing may stand beside it but a summary and a description; it would be ignored";
            problems.push(Problem::new(&at.child(key), found, why).with_removal());
        }
        false
    });
}

/// Why a keyword of an object cannot be lowered, if it is there and cannot.
fn refusal(keyword: &Keyword, members: &Map<String, Value>, at: &Pointer) -> Option<Problem> {
    let value = members.get(keyword.name)?;
    let place = at.child(keyword.name);
    let found = format!("`{}`: {}", keyword.name, excerpt(value));
    let refusal = match keyword.lowering {
        Lowering::Refuse(refusal) => refusal,
        Lowering::Normalised => {
            let why = "it contradicts what stands beside it, or is not what this keyword holds";
            return Some(Problem::new(&place, found, why).with_removal());
        }
        Lowering::Keep | Lowering::Rewrite | Lowering::Drop(_) => return None,
    };
    let mut remedy = problem::removal(&place);
    if let Some(instead) = refusal.instead {
        let replacement = match members.get(instead) {
            Some(Value::Bool(true)) => None,
            Some(stated) => Some(format!("\n  x-replaces: {stated}")),
            None => Some(String::new()),
        };
        let update = problem::update(at, &format!("{{{instead}: true}}"));
        remedy.extend(replacement.map(|replaces| format!("\n{update}{replaces}")));
    }
    Some(Problem::new(&place, found, refusal.why).with_remedy(remedy))
}

fn unknown(kind: Kind, key: &str, at: &Pointer) -> Problem {
    let why = format!(
        "OpenAPI knows no such keyword in {}, so nobody can say what it means; leaving it out would hide that",
        kind.name()
    );
    Problem::new(at, format!("the unknown keyword `{key}`"), why).with_removal()
}

fn misshapen(at: &Pointer, value: &Value, expected: &str) -> Problem {
    Problem::new(
        at,
        format!("{}: {}", kind_of(value), excerpt(value)),
        format!("{expected} is expected here"),
    )
    .with_removal()
}

/// A value as one short line.
pub(crate) fn excerpt(value: &Value) -> String {
    const LENGTH: usize = 60;
    let text = canonical::sort(value.clone()).to_string();
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
