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
pub(crate) mod schema;
mod security;

use serde_json::{Map, Value, json};

use crate::keywords::{Keyword, Kind, Lowering, Slot, is_extension, is_reference};
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
    let mut run = Run::default();
    let mut lowered = run.object(Kind::Document, normal, &mut Pointer::root());
    if let Some(root) = lowered.as_object_mut() {
        root.insert("openapi".to_owned(), json!(VERSION));
    }
    let mut problems = run.problems;
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

/// What comes up while a document is lowered.
#[derive(Default)]
struct Run {
    problems: Problems,
}

impl Run {
    /// Lowers an object of a kind, the inner before the outer.
    fn object(&mut self, kind: Kind, value: Value, at: &mut Pointer) -> Value {
        let members = match value {
            Value::Object(members) if is_reference(kind, &members) => {
                return self.reference(kind, members, at);
            }
            Value::Object(members) => members,
            // Normalising leaves booleans only where OpenAPI 3.0 has them, or where they go.
            Value::Bool(_) if kind == Kind::Schema => return value,
            other => {
                self.problems.push(misshapen(at, &other, kind.name()));
                return other;
            }
        };
        let grammar = kind.grammar();
        let refused = grammar
            .keywords
            .iter()
            .filter_map(|keyword| refusal(keyword, &members, at));
        self.problems.extend(refused);
        let mut lowered = Map::new();
        for (key, value) in members {
            at.push(&key);
            match grammar.keywords.iter().find(|keyword| keyword.name == key) {
                Some(keyword) => match keyword.lowering {
                    Lowering::Keep | Lowering::Rewrite(_) => {
                        lowered.insert(key, self.slot(keyword.slot, value, at));
                    }
                    Lowering::Drop(_) | Lowering::Normalised | Lowering::Refuse(_) => {}
                },
                None if is_extension(&key) => {
                    lowered.insert(key, value);
                }
                None => match grammar.others {
                    Some(others) => {
                        lowered.insert(key, self.slot(others, value, at));
                    }
                    None => self.problems.push(unknown(kind, &key, at)),
                },
            }
            at.pop();
        }
        for keyword in grammar.keywords {
            if let (Lowering::Rewrite(rewrite), true) =
                (keyword.lowering, lowered.contains_key(keyword.name))
            {
                rewrite(&mut lowered, at, &mut self.problems);
            }
        }
        incomplete::complete(kind, &mut lowered, at, &mut self.problems);
        Value::Object(lowered)
    }

    /// Lowers what a keyword holds, after a look whether it is what the keyword should hold.
    fn slot(&mut self, slot: Slot, value: Value, at: &mut Pointer) -> Value {
        match (slot, value) {
            (Slot::One(kind), value) => self.object(kind, value, at),
            (Slot::List(kind), Value::Array(entries)) => {
                let entries = entries.into_iter().enumerate().map(|(index, entry)| {
                    at.push(&index.to_string());
                    let entry = self.object(kind, entry, at);
                    at.pop();
                    entry
                });
                Value::Array(entries.collect())
            }
            (Slot::Map(kind), Value::Object(entries)) => {
                let entries = entries.into_iter().map(|(name, entry)| {
                    at.push(&name);
                    let entry = self.object(kind, entry, at);
                    at.pop();
                    (name, entry)
                });
                Value::Object(entries.collect::<Map<_, _>>())
            }
            (slot, value) => {
                let expected = match slot {
                    Slot::Text if !value.is_string() => "a string",
                    Slot::Flag if !value.is_boolean() => "true or false",
                    Slot::Number if !value.is_number() => "a number",
                    Slot::Count if !value.is_u64() => "a whole number from 0",
                    Slot::Texts
                        if !value
                            .as_array()
                            .is_some_and(|entries| entries.iter().all(Value::is_string)) =>
                    {
                        "an array of strings"
                    }
                    Slot::Values | Slot::List(_) if !value.is_array() => "an array",
                    Slot::Map(_) => "an object",
                    _ => return value,
                };
                self.problems.push(misshapen(at, &value, expected));
                value
            }
        }
    }

    /// A reference to a component. In OpenAPI 3.1 a summary and a description may stand beside it;
    /// they are prose.
    fn reference(
        &mut self,
        kind: Kind,
        mut members: Map<String, Value>,
        at: &mut Pointer,
    ) -> Value {
        members.retain(|key, _| !matches!(key.as_str(), "summary" | "description"));
        for key in members
            .keys()
            .filter(|key| *key != "$ref" && !is_extension(key))
        {
            let found = format!("`{key}` beside a reference to {}", kind.name());
            let why =
                "nothing may stand beside it but a summary and a description; it would be ignored";
            self.problems
                .push(Problem::new(&at.child(key), found, why).with_removal());
        }
        members.retain(|key, _| key == "$ref" || is_extension(key));
        Value::Object(members)
    }
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
        Lowering::Keep | Lowering::Rewrite(_) | Lowering::Drop(_) => return None,
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
