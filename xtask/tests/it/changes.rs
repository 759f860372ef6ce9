//! Documents as a vendor might publish them next: the present one with one change.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

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

/// A document in a file of its own, outside of any tree.
pub(crate) fn file(document: &Value) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.json");
    fs::write(&path, format!("{document:#}")).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// The first that fits: when a vendor has made one of these changes, the next one stands for its
/// kind.
fn first<T>(candidates: impl IntoIterator<Item = T>, fits: impl Fn(&T) -> bool) -> T {
    let found = candidates.into_iter().find(fits);
    found.expect("add another to the candidates in xtask/tests/it/changes.rs: upstream.json has gone past these")
}

/// The value of an onboarding's state that is renamed, and to what.
fn renamed(document: &Value) -> (&'static str, &'static str) {
    let states = &document["components"]["schemas"]["Onboarding"]["properties"]["state"]["enum"];
    let stands = |value: &str| states.as_array().unwrap().contains(&json!(value));
    first(
        [("paused", "on_hold"), ("on_hold", "paused")],
        |(from, to)| stands(from) && !stands(to),
    )
}

/// The variants of the value that is renamed, before and after.
pub(crate) fn renamed_variants() -> [String; 2] {
    let (from, to) = renamed(&upstream());
    [from, to].map(|value| match value {
        "paused" => "OnboardingState::Paused".to_owned(),
        _ => "OnboardingState::OnHold".to_owned(),
    })
}

/// `paused` becomes `on_hold` among the states of onboardings; other enums may have it too.
pub(crate) fn rename_an_enum_value(document: &mut Value) {
    let (from, to) = renamed(document);
    let rename = |schema: &mut Value| {
        let values = schema.get_mut("enum").and_then(Value::as_array_mut);
        for value in values.into_iter().flatten().filter(|one| **one == from) {
            *value = json!(to);
        }
    };
    for_each_object(document, &mut |object| {
        if object.get("name").is_some_and(|name| name == "state") {
            object.get_mut("schema").map(rename);
        }
        object.get_mut("state").map(rename);
    });
}

/// A customer cannot be created without a slug.
pub(crate) fn make_a_body_field_required(document: &mut Value) {
    let field = optional_field(document);
    let required = &mut schema(document, "CustomerCreate")["required"];
    required.as_array_mut().unwrap().push(json!(field));
}

/// A field that a new customer may have, and that the SDK uses.
pub(crate) fn optional_field(document: &Value) -> &'static str {
    let body = &document["components"]["schemas"]["CustomerCreate"];
    first(["slug", "plan"], |field| {
        let required = body["required"].as_array().unwrap();
        body["properties"].get(field).is_some() && !required.contains(&json!(field))
    })
}

/// The list that is added.
pub(crate) fn added(document: &Value) -> &'static str {
    first(["tags", "labels"], |name| {
        document["paths"].get(format!("/api/v1/{name}")).is_none()
    })
}

/// `GET /api/v1/tags`.
pub(crate) fn add_an_operation(document: &mut Value) {
    let name = added(document);
    document["paths"][format!("/api/v1/{name}")] = json!({ "get": {
        "operationId": format!("list{}{}", name[..1].to_uppercase(), &name[1..]),
        "summary": format!("List {name}"),
        "responses": { "200": { "description": format!("The {name}."), "content": { "application/json": { "schema": {
            "type": "object", "required": [name], "properties": { name: { "type": "array", "items": { "type": "string" } } } } } } } },
    } });
}

/// Revenue may have fractions.
pub(crate) fn widen_a_type(document: &mut Value) {
    let properties = &mut schema(document, "Customer")["properties"];
    let field = first(["mrr", "monthly_orders"], |field| {
        properties[field]["type"] == "integer"
    });
    properties[field]["type"] = json!("number");
}

/// The documented response for a missing customer is removed.
pub(crate) fn drop_a_404(document: &mut Value) {
    let rows = ["customers", "contacts"].map(|rows| format!("/api/v1/{rows}/{{id}}"));
    let path = first(rows, |path| {
        let responses = &document["paths"][path]["get"]["responses"];
        responses.get("404").is_some()
    });
    let get = &mut document["paths"][path]["get"];
    get["responses"].as_object_mut().unwrap().remove("404");
}

/// A field that the SDK uses gets another name.
pub(crate) fn rename_a_field(document: &mut Value) {
    let field = optional_field(document);
    let properties = schema(document, "CustomerCreate")["properties"]
        .as_object_mut()
        .unwrap();
    let renamed = properties.remove(field).unwrap();
    properties.insert("short_name".to_owned(), renamed);
}

/// The field that is added.
pub(crate) fn new_field(document: &Value) -> &'static str {
    let schemas = &document["components"]["schemas"];
    first(["region", "territory"], |field| {
        let known = |name: &str| schemas[name]["properties"].get(field).is_some();
        !known("Customer") && !known("CustomerCreate")
    })
}

/// An optional field more.
pub(crate) fn add_an_optional_field(document: &mut Value) {
    let field = new_field(document);
    schema(document, "CustomerCreate")["properties"][field] =
        json!({ "type": "string", "description": "Where they are." });
}

fn schema<'a>(document: &'a mut Value, name: &str) -> &'a mut Value {
    &mut document["components"]["schemas"][name]
}
