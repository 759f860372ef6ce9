//! Converts OpenAPI 3.0, 3.1 and mixtures of them to one dialect of OpenAPI 3.1.
//!
//! Documents with the same meaning become the same bytes:
//!
//! | Meaning | Written as |
//! |---|---|
//! | the version | `openapi: 3.1.0` |
//! | null is allowed, the type is known | `type: [string, "null"]`, null last; in `enum` too |
//! | null is allowed, the rest is a reference or a composition | `anyOf: [.., {type: "null"}]`; an existing `anyOf` or `oneOf` gains the branch |
//! | one of several types | `type: [integer, string]`, in alphabetical order |
//! | one possible value | `enum` with one entry, never `const`: it is what an overlay can add to, and what OpenAPI 3.0 knows |
//! | the type of an enum | `type`, also when only its values imply it |
//! | a number of characters, entries or properties | `maxLength: 5`, never `5.0` |
//! | an exclusive bound | `exclusiveMinimum: 0`, a number |
//! | an example in a schema | `examples`, an array |
//! | bytes in base64, bytes | `contentEncoding: base64`, `contentMediaType: application/octet-stream` |
//! | any value, no value | `{}`, `{not: {}}`; but `true`, `false` in `additionalProperties`, `unevaluatedProperties` and `unevaluatedItems` |
//! | a type beside a reference, in OpenAPI 3.0 | the reference |
//! | a composition of one | the one itself, where nothing is lost by it |
//! | required properties | sorted, none twice |
//! | parameters of a path | parameters of each of its operations, unless the operation has its own of that name and place |
//! | a path item by reference | the path item |
//! | a union of schemas that are made from it by `allOf` | a union, and a base for these |
//! | a schema by reference | a reference to a component: `$defs`, and all else that references lead to, become components |
//!
//! Null is allowed if any keyword allows it: the type, the enum, an alternative or `nullable: true`.
//! By the specification, an `enum` without null excludes a null in `type`; in practice, the author
//! forgot it there.

mod bases;
mod hoist;
mod inline;
pub(crate) mod nullability;
pub(crate) mod schema;

use serde_json::{Map, Value, json};

use crate::canonical::{self, check_depth};
use crate::keywords::{Kind, Walk, rewrite_inner_first, rewrite_outer_first};
use crate::resolve::{METHODS, parameter_identity};
use crate::{Pointer, Problems};

/// The version that a normalised document states.
pub const VERSION: &str = "3.1.0";

/// The document in one dialect of OpenAPI 3.1, its keys in alphabetical order.
///
/// Unknown keywords are kept. A normal document is returned unchanged.
///
/// # Errors
/// Nesting beyond [`MAX_DEPTH`](crate::MAX_DEPTH) levels, before or after; path items that cannot
/// be put in the place of the references to them.
///
/// ```
/// let schema = |schema: &str| -> serde_json::Value {
///     format!(r#"{{"openapi": "3.0.3", "components": {{"schemas": {{"S": {schema}}}}}}}"#).parse().unwrap()
/// };
/// let normal = openapi_pipeline::normalise::normalise(&schema(r#"{"type": "string", "nullable": true}"#))?;
/// assert_eq!(normal["components"]["schemas"]["S"]["type"], serde_json::json!(["string", "null"]));
/// # Ok::<(), openapi_pipeline::Problems>(())
/// ```
pub fn normalise(document: &Value) -> Result<Value, Problems> {
    check_depth(document)?;
    // OpenAPI 3.0 ignores all keywords beside a reference. Many of them are meant, but never this one.
    let is_3_0 = (document.get("openapi").and_then(Value::as_str))
        .is_some_and(|version| version.starts_with("3.0"));
    let mut normal = inline::references(hoist::schemas(document.clone()))?;
    bases::split(&mut normal);
    let shared = normal.pointer("/components/parameters").cloned();
    let shared = json!({ "components": { "parameters": shared } });
    let at = &mut Pointer::root();
    rewrite_outer_first(Kind::Document, &mut normal, &mut |kind, value| {
        if kind == Kind::Schema {
            nullability::null_by_flag(value);
        }
        Walk::Down
    });
    rewrite_inner_first(
        Kind::Document,
        &mut normal,
        at,
        &mut |kind, value, _| match (kind, &mut *value) {
            (Kind::Schema, _) => {
                if is_3_0 && value.get("$ref").is_some() {
                    value.as_object_mut().map(|schema| schema.remove("type"));
                }
                schema::normalise(value);
            }
            (Kind::PathItem, Value::Object(item)) => distribute_parameters(&shared, item),
            _ => {}
        },
    );
    if let Some(root) = normal.as_object_mut() {
        root.insert("openapi".to_owned(), json!(VERSION));
    }
    check_depth(&normal)?;
    Ok(canonical::sort(normal))
}

/// Puts the parameters of a path item first in each of its operations. An operation's own parameter
/// of the same name and location replaces the path item's. `shared` has the parameters that references
/// lead to.
fn distribute_parameters(shared: &Value, item: &mut Map<String, Value>) {
    // An operation with another value than a list cannot take them.
    let takes = |method| match item.get(method).and_then(|of| of.get("parameters")) {
        Some(own) => own.is_array(),
        None => true,
    };
    if !item.get("parameters").is_some_and(Value::is_array) || !METHODS.into_iter().all(takes) {
        return;
    }
    let Some(Value::Array(common)) = item.remove("parameters") else {
        return;
    };
    for method in METHODS {
        let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
            continue;
        };
        let own = operation.get("parameters").and_then(Value::as_array);
        let own = own.cloned().unwrap_or_default();
        let replaced = |parameter: &Value| {
            parameter_identity(shared, parameter).is_some_and(|id| {
                own.iter()
                    .any(|o| parameter_identity(shared, o) == Some(id))
            })
        };
        let merged: Vec<_> = common
            .iter()
            .filter(|parameter| !replaced(parameter))
            .cloned()
            .chain(own.iter().cloned())
            .collect();
        if !merged.is_empty() {
            operation.insert("parameters".to_owned(), Value::Array(merged));
        }
    }
}
