//! Client certificates are a matter of the connection: nothing in a request depends on them.

use serde_json::Value;

use crate::keywords::{Kind, transform};
use crate::{Pointer, resolve};

/// The document without security schemes of the type `mutualTLS`, and without the demand for them.
pub(super) fn without_client_certificates(document: Value) -> Value {
    let schemes = document
        .pointer("/components/securitySchemes")
        .and_then(Value::as_object);
    let is_certificate = |scheme: &Value| {
        resolve::follow(&document, scheme).is_some_and(|scheme| scheme["type"] == "mutualTLS")
    };
    let names: Vec<String> = schemes
        .into_iter()
        .flatten()
        .filter(|(_, scheme)| is_certificate(scheme))
        .map(|(name, _)| name.clone())
        .collect();
    if names.is_empty() {
        return document;
    }
    let without = |object: Option<&mut Value>| {
        if let Some(object) = object.and_then(Value::as_object_mut) {
            object.retain(|name, _| !names.contains(name));
        }
    };
    transform(
        Kind::Document,
        document,
        &mut Pointer::root(),
        &mut |kind, mut value, _| {
            match kind {
                Kind::Components => without(value.get_mut("securitySchemes")),
                Kind::SecurityRequirement => without(Some(&mut value)),
                _ => {}
            }
            value
        },
    )
}
