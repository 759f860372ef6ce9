//! Converts to OpenAPI 3.0.3, for typed tools that do not support newer versions.
//!
//! One table, `keywords`, says for each keyword whether it is kept, written differently, omitted
//! because no type depends on it, or refused. A keyword that is not in the table is refused or noted,
//! never dropped silently. Extensions, whose names start with `x-`, are kept.
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
//! | `prefixItems` | `items` with what any entry may be |
//! | `patternProperties` | `additionalProperties` |
//! | a security scheme `mutualTLS` | nothing: it belongs to the connection, not to the request |

mod incomplete;
mod omitted;
mod schema;

use serde_json::{Map, Value, json};

use crate::canonical::{self, check_depth, excerpt};
use crate::keywords::{
    Grammar, Kind, Lowering, Slot, children_mut, is_extension, is_reference, lists,
};
use crate::normalise::normalise;
use crate::problem::kind_of;
use crate::resolve::{is_operation, keep_security};
use crate::{Pointer, Problem, Problems};

/// The version that a lowered document states.
pub const VERSION: &str = "3.0.3";

const UNKNOWN_METHOD: &str = "OpenAPI has the methods get, put, post, delete, options, head, patch and trace, in lower case; \
    correct a misspelt one in the document itself, and send any other with another HTTP client, as `request` does not";

/// The document in OpenAPI 3.0.3, its keys in alphabetical order.
///
/// It takes any dialect: it normalises first, so the places in its errors are those of the
/// normalised document.
///
/// # Errors
/// Every keyword that OpenAPI 3.0 does not have, every unknown keyword, every value of the wrong
/// type, and every required keyword that is missing, each with an overlay action that would resolve
/// it. A schema that lowering moves, such as that of a pattern, has none: its problems are reported at
/// the schema around it.
///
/// ```
/// let document = serde_json::json!({
///     "openapi": "3.1.0",
///     "info": {"title": "Tea", "version": "1"},
///     "components": {"schemas": {"Cup": {"type": "array", "$anchor": "cup"}}},
/// });
/// let problems = openapi_pipeline::lower::lower(&document).unwrap_err();
/// let place = &problems.iter().next().unwrap().pointer;
/// assert_eq!(place.to_string(), "#/components/schemas/Cup/$anchor");
/// ```
pub fn lower(document: &Value) -> Result<Value, Problems> {
    let (lowered, report) = run(&normalise(document)?);
    let mut problems = report.problems;
    problems.extend(report.notes);
    problems.or(lowered)
}

/// A normalised document in OpenAPI 3.0.3 without what OpenAPI does not know, and notes of what that is:
/// unknown keywords, those beside a reference, null where a keyword has a value, and what is wrong where
/// a client uses nothing.
///
/// # Errors
/// Those of [`lower`], the notes apart.
pub fn leniently(document: &Value) -> Result<(Value, Problems), Problems> {
    let (lowered, report) = run(document);
    report.problems.or((lowered, report.notes))
}

/// What is wrong with a document.
#[derive(Default)]
struct Report {
    /// What has no equivalent.
    problems: Problems,
    /// What can be ignored.
    notes: Problems,
}

fn run(normal: &Value) -> (Value, Report) {
    let mut lowered = normal.clone();
    omitted::leave_out(&mut lowered);
    omitted::leave_out_client_certificates(&mut lowered);
    let mut report = Report::default();
    object(
        Kind::Document,
        &mut lowered,
        &mut Pointer::root(),
        &mut report,
    );
    keep_security(normal, &mut lowered);
    let problems = &mut report.problems;
    if let Some(root) = lowered.as_object_mut() {
        root.insert("openapi".to_owned(), json!(VERSION));
    }
    incomplete::check_parameters(&lowered, problems);
    problems.extend(check_depth(&lowered).err());
    for problem in report.problems.iter_mut().chain(report.notes.iter_mut()) {
        find_in(normal, problem);
    }
    (canonical::sort(lowered), report)
}

/// Moves a problem to the nearest place that the document has. What [`omitted`] has moved, such as the
/// schema of a pattern, is not where the problem was found, and so its remedy would not apply.
fn find_in(normal: &Value, problem: &mut Problem) {
    while normal.pointer(problem.pointer.as_str()).is_none() && problem.pointer.pop().is_some() {
        problem.remedy = None;
    }
}

/// Lowers an object of a kind, the inner before the outer.
fn object(kind: Kind, value: &mut Value, at: &mut Pointer, report: &mut Report) {
    let members = match value {
        Value::Object(members) if is_reference(kind, members) => {
            return reference(kind, members, at, report);
        }
        Value::Object(members) => members,
        // Normalising leaves booleans only where OpenAPI 3.0 has them, or where they go.
        Value::Bool(_) if kind == Kind::Schema => return,
        other => return report.problems.push(misshapen(at, other, kind.name())),
    };
    let grammar = kind.grammar();
    let kept = |key: &String| keeps(kind, &grammar, key, members, at, report);
    let kept: Vec<bool> = members.keys().map(kept).collect();
    let mut kept = kept.into_iter();
    members.retain(|_, _| kept.next().unwrap_or_default());
    children_mut(kind, value, at, &mut |kind, value, at| {
        if kind.is_unused() {
            let mut own = Report::default();
            object(kind, value, at, &mut own);
            report.notes.extend(own.problems);
            report.notes.extend(own.notes);
        } else {
            object(kind, value, at, report);
        }
    });
    if let Some(members) = value.as_object_mut() {
        if kind == Kind::Schema {
            schema::lower(members, at, &mut report.problems);
        }
        incomplete::complete(kind, members, at, &mut report.problems);
    }
}

/// Whether a keyword stays. It is a problem when it cannot, or does not hold what it should.
fn keeps(
    kind: Kind,
    grammar: &Grammar,
    key: &str,
    members: &Map<String, Value>,
    at: &Pointer,
    report: &mut Report,
) -> bool {
    let (at, value) = (at.child(key), &members[key]);
    let (slot, why) = match (grammar.row(key), grammar.others) {
        (Some((slot, Lowering::Keep, _)), _) => (*slot, None),
        (Some((_, Lowering::Omit, _)), _) => return false,
        (Some((slot, Lowering::Refuse(why), _)), _) => (*slot, Some(*why)),
        (Some((slot, Lowering::Normalised, _)), _) => (
            *slot,
            Some("it contradicts the keywords beside it, or has a value of the wrong type"),
        ),
        (None, _) if is_extension(key) => return true,
        (None, Some(others)) => (others, None),
        (None, None) if kind == Kind::PathItem && is_operation(&members[key]) => {
            let found = format!("the method `{key}`");
            (report.notes).push(Problem::new(&at, found, UNKNOWN_METHOD).with_removal());
            return false;
        }
        (None, None) => {
            let found = format!("the unknown keyword `{key}`");
            let why = format!(
                "OpenAPI has no such keyword in {}, so its meaning is unknown",
                kind.name()
            );
            (report.notes).push(Problem::new(&at, found, why).with_removal());
            return false;
        }
    };
    if value.is_null() && !matches!(slot, Slot::Any) {
        report
            .notes
            .push(misshapen(&at, value, "a value of the keyword"));
        return false;
    }
    if let Some(why) = why {
        let found = format!("`{key}`: {}", excerpt(value));
        let problem = Problem::new(&at, found, why).with_removal();
        report.problems.push(problem);
        return false;
    }
    let expected = match slot {
        Slot::Text if !value.is_string() => "a string",
        Slot::Flag if !value.is_boolean() => "true or false",
        Slot::Number if !value.is_number() => "a number",
        Slot::Count if !value.is_u64() => "a whole number from 0",
        Slot::Texts if !is_texts(value) => "an array of strings",
        Slot::Values | Slot::List(_) if !value.is_array() => "an array",
        Slot::Map(_) if !value.is_object() => "an object",
        _ => return true,
    };
    // What no type depends on can be ignored, as can the `required: true` of older drafts of JSON Schema.
    let is_unused = match slot {
        Slot::One(kind) | Slot::List(kind) | Slot::Map(kind) => kind.is_unused(),
        Slot::Texts if key == "required" => value.is_boolean(),
        _ => lists("description summary title examples tags deprecated", key),
    };
    let reported = if is_unused {
        &mut report.notes
    } else {
        &mut report.problems
    };
    reported.push(misshapen(&at, value, expected));
    !is_unused
}

fn is_texts(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|entries| entries.iter().all(Value::is_string))
}

/// A reference to a component. In OpenAPI 3.1 a summary and a description may stand beside it; they
/// are prose.
fn reference(kind: Kind, members: &mut Map<String, Value>, at: &Pointer, report: &mut Report) {
    members.retain(|key, _| {
        let stays = key == "$ref" || is_extension(key);
        if !stays && !matches!(key.as_str(), "summary" | "description") {
            let found = format!("`{key}` beside a reference to {}", kind.name());
            let why = "only a summary and a description may stand beside it; all else is ignored";
            (report.notes).push(Problem::new(&at.child(key), found, why).with_removal());
        }
        stays
    });
}

fn misshapen(at: &Pointer, value: &Value, expected: &str) -> Problem {
    Problem::new(
        at,
        format!("{}: {}", kind_of(value), excerpt(value)),
        format!("{expected} is expected here"),
    )
    .with_removal()
}
