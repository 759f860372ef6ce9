//! What a document must say for OpenAPI 3.0, put in where it goes without saying.

use serde_json::{Map, Value};

use crate::keywords::Kind;
use crate::normalise::parameters::identity;
use crate::{Pointer, Problem, Problems, problem, resolve};

/// Puts in what goes without saying, and reports what does not.
pub(super) fn complete(
    kind: Kind,
    object: &mut Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
) {
    for required in kind
        .grammar()
        .required
        .iter()
        .filter(|required| !object.contains_key(required.keyword))
        .collect::<Vec<_>>()
    {
        match required.default {
            Some(default) => {
                object.insert(required.keyword.to_owned(), default());
            }
            None => {
                let found = format!("{} without `{}`", kind.name(), required.keyword);
                let remedy = problem::update(at, &format!("{{{}: ..}}", required.keyword));
                problems.push(Problem::new(at, found, "OpenAPI demands it").with_remedy(remedy));
            }
        }
    }
    if matches!(kind, Kind::Parameter | Kind::Header) {
        let found = match (
            object.contains_key("schema"),
            object.contains_key("content"),
        ) {
            (true, true) => "both `schema` and `content`",
            (false, false) => "neither `schema` nor `content`",
            _ => return,
        };
        let remedy = if object.contains_key("schema") {
            problem::removal(&at.child("content"))
        } else {
            problem::update(at, "{schema: {type: string}}")
        };
        let why = format!(
            "{} has one of them, which says what its value is",
            kind.name()
        );
        problems.push(Problem::new(at, found, why).with_remedy(remedy));
    }
}

/// Reports parameters of one name in one place, of which an operation can have one.
pub(super) fn check_parameters(document: &Value, problems: &mut Problems) {
    for operation in resolve::operations(document) {
        let Some(parameters) = operation.value.get("parameters").and_then(Value::as_array) else {
            continue;
        };
        for (index, parameter) in parameters.iter().enumerate() {
            let Some(id) = identity(document, parameter) else {
                continue;
            };
            if parameters[..index]
                .iter()
                .any(|earlier| identity(document, earlier) == Some(id))
            {
                let at = operation
                    .pointer
                    .child("parameters")
                    .child(&index.to_string());
                let (name, place) = id;
                let found = format!("a second parameter `{name}` in {place}");
                problems.push(
                    Problem::new(
                        &at,
                        found,
                        "an operation has one parameter of a name in a place",
                    )
                    .with_removal(),
                );
            }
        }
    }
}
