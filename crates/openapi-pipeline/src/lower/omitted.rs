//! Leaving out what has no effect on what is on the wire.

use serde_json::{Map, Value, json};

use super::schema;
use crate::keywords::{Kind, Lowering, is_reference, rewrite_inner_first};
use crate::normalise::schema::normalise;
use crate::{Pointer, resolve};

/// Leaves out the keywords on which no type depends. What is left of a schema is brought into its normal
/// form again.
pub(super) fn leave_out(document: &mut Value) {
    let at = &mut Pointer::root();
    rewrite_inner_first(Kind::Document, document, at, &mut |kind, value, _| {
        let Some(object) = (value.as_object_mut()).filter(|object| !is_reference(kind, object))
        else {
            return;
        };
        let grammar = kind.grammar();
        let is_left_out = |(key, value): (&String, &Value)| match grammar.row(key) {
            // What is around the schema `false` is still to see it.
            Some((_, Lowering::Omit, _)) => key != "not" || *value != json!({}),
            _ => kind == Kind::Schema && schema::has_no_effect(key, value, object),
        };
        let entries = object.iter().filter(|entry| is_left_out(*entry));
        let left_out: Vec<String> = entries.map(|(key, _)| key.clone()).collect();
        if kind == Kind::Schema {
            positional_items(object);
            properties_by_pattern(object);
            leave_out_impossible(object);
        }
        for key in left_out {
            object.remove(&key);
        }
    });
    // Elsewhere the schema `false` is one without a limit.
    rewrite_inner_first(Kind::Document, document, at, &mut |kind, value, _| {
        if kind != Kind::Schema {
            return;
        }
        if let Some(object) = is_impossible(value)
            .then(|| value.as_object_mut())
            .flatten()
        {
            object.remove("not");
        }
        normalise(value);
    });
}

/// Entries by position are entries of any of these schemas.
fn positional_items(schema: &mut Map<String, Value>) {
    if !schema.get("prefixItems").is_some_and(Value::is_array) {
        return;
    }
    let Some(Value::Array(mut entries)) = schema.remove("prefixItems") else {
        return;
    };
    let most = entries.len();
    match schema.remove("items") {
        Some(rest) if is_impossible(&rest) => {
            schema.entry("maxItems").or_insert(most.into());
        }
        rest => entries.push(rest.unwrap_or_else(|| json!({}))),
    }
    schema.insert("items".to_owned(), any_of(entries));
}

/// Properties by the pattern of their names are properties of any name.
fn properties_by_pattern(schema: &mut Map<String, Value>) {
    if !schema
        .get("patternProperties")
        .is_some_and(Value::is_object)
    {
        return;
    }
    let Some(Value::Object(patterns)) = schema.remove("patternProperties") else {
        return;
    };
    let mut values: Vec<Value> = patterns.into_iter().map(|(_, value)| value).collect();
    match schema.remove("additionalProperties") {
        Some(Value::Bool(false)) => {}
        // Without it other names have any value, which the author of a pattern seldom means.
        None => {}
        Some(Value::Bool(true)) => values.push(json!({})),
        Some(others) => values.push(others),
    }
    schema.insert("additionalProperties".to_owned(), any_of(values));
}

/// What any of these schemas describes.
fn any_of(schemas: Vec<Value>) -> Value {
    let mut distinct = Vec::new();
    for schema in schemas {
        if schema == json!({}) {
            return schema;
        }
        if !distinct.contains(&schema) {
            distinct.push(schema);
        }
    }
    match distinct.len() {
        1 => distinct.remove(0),
        _ => json!({ "anyOf": distinct }),
    }
}

/// Rewrites the schema `false`: such a property is never sent, and a list of such entries is empty.
fn leave_out_impossible(schema: &mut Map<String, Value>) {
    // A property that is both required and impossible stays, as one of any value.
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |name: &str| {
        let mut names = required.as_array().into_iter().flatten();
        names.any(|required| required == name)
    };
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.retain(|name, property| !is_impossible(property) || is_required(name));
    }
    if schema.get("items").is_some_and(is_impossible) {
        schema.insert("items".to_owned(), json!({}));
        schema.insert("maxItems".to_owned(), json!(0));
    }
}

fn is_impossible(schema: &Value) -> bool {
    schema.get("not") == Some(&json!({}))
}

/// Leaves out security schemes of the type `mutualTLS`, and the requirements that name them: no
/// request depends on a client certificate, only the connection does.
pub(super) fn leave_out_client_certificates(document: &mut Value) {
    let is_certificate = |scheme: &Value| {
        resolve::follow(document, scheme).is_some_and(|scheme| scheme["type"] == "mutualTLS")
    };
    let names: Vec<String> = resolve::components(document, "securitySchemes")
        .filter(|(_, scheme)| is_certificate(scheme))
        .map(|(name, _)| name.clone())
        .collect();
    if names.is_empty() {
        return;
    }
    let at = &mut Pointer::root();
    rewrite_inner_first(Kind::Document, document, at, &mut |kind, value, _| {
        let named = match kind {
            Kind::Components => value.get_mut("securitySchemes"),
            Kind::SecurityRequirement => Some(value),
            _ => None,
        };
        if let Some(named) = named.and_then(Value::as_object_mut) {
            named.retain(|name, _| !names.contains(name));
        }
    });
}
