//! What a document must be for the other stages to work on it.

use serde_json::Value;

use super::{LoadError, references};
use crate::problem::{kind_of, printable};
use crate::{Pointer, Problem, Problems, check_depth};

/// Refuses whatever is not OpenAPI 3.0.x or 3.1.x.
pub(super) fn version(document: &Value, origin: &str) -> Result<(), LoadError> {
    let refused = |found: String, advice: Option<&str>| {
        Err(LoadError::Version {
            origin: origin.to_owned(),
            found: printable(&found),
            advice: advice.map(str::to_owned),
        })
    };
    let Some(object) = document.as_object() else {
        if document.is_null() {
            return refused("the document is empty".to_owned(), None);
        }
        return refused(
            format!("the document is {}, not an object", kind_of(document)),
            None,
        );
    };
    match (object.get("openapi"), object.get("swagger")) {
        (Some(Value::String(version)), _) if is_supported(version) => Ok(()),
        (Some(Value::String(version)), _) => {
            refused(format!("the document is OpenAPI {version}"), None)
        }
        (Some(other), _) => refused(
            format!("`openapi` is {}, not a string", kind_of(other)),
            Some("write the version in quotes, as in \"3.1.0\""),
        ),
        (None, Some(version)) => {
            let version = version
                .as_str()
                .map_or_else(|| version.to_string(), str::to_owned);
            refused(
                format!("the document is Swagger {version}"),
                Some("convert it to OpenAPI 3 first"),
            )
        }
        (None, None) => refused(
            "the document has no `openapi` that names its version".to_owned(),
            None,
        ),
    }
}

fn is_supported(version: &str) -> bool {
    let mut parts = version.split('.');
    let is = |part: Option<&str>, any_of: &[&str]| part.is_some_and(|part| any_of.contains(&part));
    is(parts.next(), &["3"])
        && is(parts.next(), &["0", "1"])
        && parts.next().is_some_and(|patch| {
            !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())
        })
        && parts.next().is_none()
}

/// Checks that a document holds together: its nesting is bounded, `paths` is an object of paths,
/// every reference leads to something of its kind inside the document, and no schema refers to
/// itself without end.
///
/// Recursive schemas, a tree whose `children` are trees, are fine: a value of theirs can end. What
/// is refused is a schema that only a value without end could be checked against: a reference that
/// leads back to itself through references, `allOf`, `anyOf`, `oneOf` and the like alone.
///
/// [`document`](super::document) does this; do it again after changing a document, with an overlay
/// for example.
///
/// # Errors
/// Every place that does not hold.
pub fn check(document: &Value) -> Result<(), Problems> {
    check_depth(document)?;
    let mut problems = Problems::new();
    paths(document, &mut problems);
    references::check(document, &mut problems);
    problems.or(())
}

fn paths(document: &Value, problems: &mut Problems) {
    let is_3_0 = document
        .get("openapi")
        .and_then(Value::as_str)
        .is_some_and(|version| version.starts_with("3.0"));
    let root = Pointer::root();
    match document.get("paths") {
        Some(Value::Object(paths)) => {
            for path in paths
                .keys()
                .filter(|path| !path.starts_with('/') && !path.starts_with("x-"))
            {
                let at = root.child("paths").child(path);
                problems.push(Problem::new(
                    &at,
                    format!("the path \"{path}\""),
                    "a path must start with a slash",
                ));
            }
        }
        Some(other) => {
            let found = format!("`paths` is {}", kind_of(other));
            problems.push(Problem::new(
                &root.child("paths"),
                found,
                "it is an object with a path item for each path",
            ));
        }
        None if is_3_0 => {
            problems.push(Problem::new(
                &root,
                "no `paths`",
                "OpenAPI 3.0 requires it; only 3.1 allows documents without it",
            ));
        }
        None => {}
    }
}
