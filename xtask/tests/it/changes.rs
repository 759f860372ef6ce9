//! Documents as a vendor might publish them next: the present one with one change.

use serde_json::{Value, json};

use crate::workbench::{for_each_object, upstream};

/// A name and what it does to a document.
pub(crate) type Named = (&'static str, fn(&mut Value));

/// The five changes that a maintainer is to read in under a minute.
pub(crate) const CHANGES: [Named; 5] = [
    ("rename-an-enum-value", rename_an_enum_value),
    ("make-a-body-field-required", make_a_body_field_required),
    ("add-an-operation", add_an_operation),
    ("widen-a-type", widen_a_type),
    ("drop-a-404", drop_a_404),
];

/// The present document with a change.
pub(crate) fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = upstream();
    change(&mut document);
    assert_ne!(
        document,
        upstream(),
        "upstream.json has no such place any more: choose another for this change"
    );
    document
}

/// `paused` becomes `on_hold`, wherever it stands.
pub(crate) fn rename_an_enum_value(document: &mut Value) {
    for_each_object(document, &mut |object| {
        if let Some(Value::Array(values)) = object.get_mut("enum") {
            for value in values.iter_mut().filter(|value| **value == "paused") {
                *value = json!("on_hold");
            }
        }
    });
}

/// A customer cannot be created without a slug.
pub(crate) fn make_a_body_field_required(document: &mut Value) {
    schema(document, "CustomerCreate")["required"]
        .as_array_mut()
        .unwrap()
        .push(json!("slug"));
}

/// `GET /api/v1/tags`.
pub(crate) fn add_an_operation(document: &mut Value) {
    document["paths"]["/api/v1/tags"] = json!({ "get": {
        "operationId": "listTags",
        "summary": "List tags",
        "responses": { "200": { "description": "The tags.", "content": { "application/json": { "schema": {
            "type": "object", "required": ["tags"], "properties": { "tags": { "type": "array", "items": { "type": "string" } } } } } } } },
    } });
}

/// Revenue may have fractions.
pub(crate) fn widen_a_type(document: &mut Value) {
    schema(document, "Customer")["properties"]["mrr"]["type"] = json!("number");
}

/// What is answered for a customer that is not there is not said any more.
pub(crate) fn drop_a_404(document: &mut Value) {
    let get = &mut document["paths"]["/api/v1/customers/{id}"]["get"];
    get["responses"].as_object_mut().unwrap().remove("404");
}

/// An optional field more.
pub(crate) fn add_an_optional_field(document: &mut Value) {
    schema(document, "CustomerCreate")["properties"]["region"] =
        json!({ "type": "string", "description": "Where they are." });
}

fn schema<'a>(document: &'a mut Value, name: &str) -> &'a mut Value {
    &mut document["components"]["schemas"][name]
}
