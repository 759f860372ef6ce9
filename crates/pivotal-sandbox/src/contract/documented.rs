//! A document without the requests that the documentation neither states nor shows in an example,
//! by their `x-evidence`.

use pivotal_openapi::Document;
use serde_json::{Map, Value};

use super::ContractError;

/// Removes parameters, keys of bodies, values of enums and defaults that are inferred or decided,
/// and null from bodies. Responses stay as they are.
pub(super) fn only_documented(document: &Document) -> Result<Document, ContractError> {
    let mut value = document.value().clone();
    for operation in document.operations() {
        for parameter in operation.parameters() {
            if let Some(Value::Object(schema)) = value.pointer_mut(&parameter.schema.pointer) {
                remove_inferred_values(schema);
                if !is_documented(schema) {
                    schema.remove("default");
                }
            }
        }
        let parameters = format!("{}/parameters", operation.pointer);
        if let Some(Value::Array(parameters)) = value.pointer_mut(&parameters) {
            parameters.retain(|parameter| {
                let parameter = document.resolve(parameter).as_object();
                parameter.is_none_or(is_documented)
            });
        }
        let Some(body) = operation.body() else {
            continue;
        };
        let properties = format!("{}/properties", body.content.schema.pointer);
        if let Some(Value::Object(properties)) = value.pointer_mut(&properties) {
            properties.retain(|_, schema| schema.as_object_mut().is_none_or(keep_documented));
        }
    }
    Document::new(value)
}

/// Whether a part of the contract is documented itself, whatever its own parts are. A part without
/// a mark is stated.
fn is_documented(part: &Map<String, Value>) -> bool {
    let evidence = part.get("x-evidence").and_then(Value::as_str);
    !matches!(evidence, Some("inferred" | "decided"))
}

/// Removes the undocumented values of a key of a body, and returns whether the key itself is
/// documented. That null clears a key is decided.
fn keep_documented(schema: &mut Map<String, Value>) -> bool {
    remove_inferred_values(schema);
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
    }
    is_documented(schema)
}

/// Removes the inferred values of an enum. The rest is documented.
fn remove_inferred_values(schema: &mut Map<String, Value>) {
    let inferred = schema.remove("x-inferred-values");
    if let (Some(Value::Array(inferred)), Some(Value::Array(values))) =
        (inferred, schema.get_mut("enum"))
    {
        values.retain(|value| !inferred.contains(value));
        schema.remove("x-evidence");
    }
}
