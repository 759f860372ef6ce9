//! Parameters of a path become parameters of its operations.

use serde_json::{Map, Value};

use crate::resolve::{METHODS, follow};

/// The path item with its own parameters first in each of its operations; an operation's own
/// parameter of the same name and place stands for the path's.
pub(super) fn merged(document: &Value, mut item: Map<String, Value>) -> Map<String, Value> {
    let common = match item.remove("parameters") {
        Some(Value::Array(common)) => common,
        Some(misshapen) => {
            item.insert("parameters".to_owned(), misshapen);
            return item;
        }
        None => return item,
    };
    for method in METHODS {
        let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
            continue;
        };
        let own = match operation.get("parameters") {
            None => Vec::new(),
            Some(Value::Array(own)) => own.clone(),
            Some(_) => continue,
        };
        let replaced = |parameter: &Value| {
            identity(document, parameter)
                .is_some_and(|id| own.iter().any(|o| identity(document, o) == Some(id)))
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
    item
}

/// The name and the place of a parameter, which no two parameters of an operation share.
pub(crate) fn identity<'a>(
    document: &'a Value,
    parameter: &'a Value,
) -> Option<(&'a str, &'a str)> {
    let parameter = follow(document, parameter)?;
    Some((
        parameter.get("name")?.as_str()?,
        parameter.get("in")?.as_str()?,
    ))
}
