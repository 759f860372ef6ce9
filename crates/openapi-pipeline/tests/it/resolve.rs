//! Finding things in a document.

use openapi_pipeline::resolve::{
    component_name, component_reference, follow, operations, resolve, schemas,
};
use openapi_pipeline::{Pointer, canonical};
use serde_json::json;

use crate::document::{with, yaml};

#[test]
fn pointers_escape_and_unescape_their_keys() {
    let place = Pointer::root()
        .child("paths")
        .child("/a~b/{id}")
        .child("get");
    assert_eq!(place.to_string(), "#/paths/~1a~0b~1{id}/get");
    assert_eq!(
        Pointer::from_reference(&place.to_string()),
        Some(place.clone())
    );
    assert_eq!(
        Pointer::from_reference("#/paths/~1a~0b~1%7Bid%7D/get"),
        Some(place.clone())
    );
    assert_eq!(
        place.keys().collect::<Vec<_>>(),
        ["paths", "/a~b/{id}", "get"]
    );
    assert_eq!(
        place.parent().and_then(|parent| parent.parent()),
        Some(Pointer::root().child("paths"))
    );
    assert_eq!(
        (
            place.depth(),
            Pointer::root().depth(),
            Pointer::root().parent()
        ),
        (3, 0, None)
    );
    assert!(
        place.is_within(&Pointer::root())
            && place.is_within(&place)
            && !place.is_within(&Pointer::root().child("path"))
    );
    for no_pointer in ["other.json#/a", "#a", "#/%zz", "#/%ff", "#/%4", ""] {
        assert_eq!(Pointer::from_reference(no_pointer), None, "{no_pointer}");
    }
}

#[test]
fn pointers_turn_into_json_paths_that_lead_to_the_same_place() {
    let document = yaml(
        r#"{paths: {"/it's": {get: {parameters: [{}, {name: here}], responses: {'200': {name: here}}}}}, "a\\b": {name: here}, "t\tb": {name: here}, x-y: {name: here}, "": {name: here}}"#,
    );
    for (pointer, path) in [
        (
            "#/paths/~1it's/get/parameters/1",
            r"$.paths['/it\'s'].get.parameters[1]",
        ),
        (
            "#/paths/~1it's/get/responses/200",
            r"$.paths['/it\'s'].get.responses['200']",
        ),
        (r"#/a\b", r"$['a\\b']"),
        ("#/t\tb", r"$['t\u0009b']"),
        ("#/x-y", "$['x-y']"),
        ("#/", "$['']"),
    ] {
        assert_eq!(
            Pointer::from_reference(pointer).unwrap().to_json_path(),
            path
        );
        let found = serde_json_path::JsonPath::parse(path)
            .unwrap()
            .query(&document)
            .exactly_one()
            .unwrap();
        assert_eq!(found, resolve(&document, pointer).unwrap());
        assert_eq!(found["name"], "here");
    }
    assert_eq!(Pointer::root().to_json_path(), "$");
}

#[test]
fn references_are_followed_to_the_end_but_not_in_circles() {
    let document = with(
        "{}",
        "{parameters: {A: {$ref: '#/components/parameters/B'}, B: {name: b}, C: {$ref: '#/components/parameters/D'}, D: {$ref: '#/components/parameters/C'}}}",
    );
    let parameter = |name: &str| &document["components"]["parameters"][name];
    assert_eq!(follow(&document, parameter("A")), Some(parameter("B")));
    assert_eq!(follow(&document, parameter("C")), None);
    assert_eq!(follow(&document, &json!({"$ref": "#/nowhere"})), None);
    assert_eq!(follow(&document, &json!(1)), Some(&json!(1)));
}

#[test]
fn references_to_components_have_names() {
    assert_eq!(
        component_name("#/components/schemas/Pet", "schemas").as_deref(),
        Some("Pet")
    );
    assert_eq!(
        component_name("#/components/schemas/a~1b", "schemas").as_deref(),
        Some("a/b")
    );
    assert_eq!(
        component_name("#/components/schemas/Pet", "parameters"),
        None
    );
    assert_eq!(
        component_name("#/components/schemas/Pet/items", "schemas"),
        None
    );
    assert_eq!(component_name("#/components/schemas", "schemas"), None);
    assert_eq!(
        component_reference("schemas", "a/b"),
        "#/components/schemas/a~1b"
    );
}

#[test]
fn operations_come_in_one_order() {
    let document = with(
        "/b: {delete: {}, get: {}, post: {}, summary: s}
/a: {trace: {}, put: {}, parameters: []}
x-c: {get: {}}
",
        "{}",
    );
    let found: Vec<_> = operations(&document)
        .iter()
        .map(|o| format!("{} {} {}", o.method, o.path, o.pointer))
        .collect();
    assert_eq!(
        found,
        [
            "put /a #/paths/~1a/put",
            "trace /a #/paths/~1a/trace",
            "get /b #/paths/~1b/get",
            "post /b #/paths/~1b/post",
            "delete /b #/paths/~1b/delete"
        ]
    );
}

#[test]
fn schemas_are_found_everywhere() {
    let document = with(
        "/a: {get: {responses: {'200': {description: '', headers: {x-h: {schema: {type: string}}}}}}}",
        "{schemas: {S: {items: true, example: {type: string}}}}",
    );
    let mut found: Vec<_> = schemas(&document)
        .into_iter()
        .map(|(at, _)| at.to_string())
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "#/components/schemas/S",
            "#/components/schemas/S/items",
            "#/paths/~1a/get/responses/200/headers/x-h/schema"
        ]
    );
}

#[test]
fn canonical_text_does_not_depend_on_the_order_of_keys() {
    let one =
        canonical::text(&serde_json::from_str(r#"{"b": {"d": [], "c": {}}, "a": "é\n"}"#).unwrap());
    let other =
        canonical::text(&serde_json::from_str(r#"{"a": "é\n", "b": {"c": {}, "d": []}}"#).unwrap());
    assert_eq!(one, other);
    insta::assert_snapshot!(one, @r#"
    {
      "a": "é\n",
      "b": {
        "c": {},
        "d": []
      }
    }
    "#);
}
