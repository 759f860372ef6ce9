//! Keywords that OpenAPI 3.0 requires and the document lacks.

use serde_json::{Map, Value, json};

use crate::keywords::{Kind, Slot};
use crate::problem::FILL_IN;
use crate::{Pointer, Problem, Problems, problem, resolve};

/// Adds the keywords that mean the same when they are empty, and reports the others.
pub(super) fn complete(
    kind: Kind,
    object: &mut Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
) {
    let grammar = kind.grammar();
    for keyword in grammar.implied.split_whitespace() {
        let empty = match grammar.slot(keyword) {
            Some(Slot::Text) => json!(""),
            _ => json!({}),
        };
        object.entry(keyword).or_insert(empty);
    }
    for keyword in grammar.required.split_whitespace() {
        if !object.contains_key(keyword) {
            let found = format!("{} without `{keyword}`", kind.name());
            let remedy = problem::update(at, &format!("{{{keyword}: {FILL_IN}}}"));
            problems.push(Problem::new(at, found, "OpenAPI requires it").with_remedy(remedy));
        }
    }
    if matches!(kind, Kind::Parameter | Kind::Header) {
        let has = |keyword: &str| object.contains_key(keyword);
        let content = at.child("content");
        let (found, remedy) = match (has("schema"), has("content")) {
            (true, true) => ("both `schema` and `content`", problem::removal(&content)),
            (false, true) if object["content"] == json!({}) => (
                "`content` without a media type",
                problem::update(&content, "{application/json: {}}"),
            ),
            (false, false) => (
                "neither `schema` nor `content`",
                problem::update(at, "{schema: {type: string}}"),
            ),
            _ => return,
        };
        let why = format!(
            "{} has either a `schema` or a `content` of one media type",
            kind.name()
        );
        problems.push(Problem::new(at, found, why).with_remedy(remedy));
    }
}

/// Reports parameters of an operation that share name and location.
pub(super) fn check_parameters(document: &Value, problems: &mut Problems) {
    for operation in resolve::operations(document) {
        for (at, (name, location)) in operation.duplicate_parameters(document) {
            let found = format!("a second parameter `{name}` in {location}");
            let why = "an operation has at most one parameter of a name in a location";
            problems.push(Problem::new(&at, found, why).with_removal());
        }
    }
}
