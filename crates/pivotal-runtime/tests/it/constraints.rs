//! Checks before sending: the constraints of the contract, and the path of a request.

use std::sync::Arc;

use pivotal_runtime::{
    BaseUrl, ClientConfig, Constraint, ConstraintKind, Executor, Id, InvalidRequest, Location,
    Operation, RetryClass, Runtime,
};
use serde_json::{Value, json};

fn operation(constraints: &'static [Constraint]) -> Operation {
    Operation {
        name: "create_thing",
        method: http::Method::POST,
        path: "/api/v1/things",
        summary: "",
        class: RetryClass::ByKey,
        paged: false,
        authenticated: true,
        format: pivotal_runtime::RequestFormat::JSON,
        statuses: &["201"],
        constraints,
    }
}

const fn body(name: &'static str, rule: ConstraintKind) -> Constraint {
    Constraint {
        location: Location::Body,
        name,
        rule,
    }
}

#[test]
fn each_constraint_accepts_its_limit_and_rejects_one_step_beyond() {
    let cases: &[(&'static Constraint, Value, Value, &str, &str)] = &[
        (
            &const { body("v", ConstraintKind::MinLength(1)) },
            json!("a"),
            json!(""),
            "too_small",
            "v must have at least 1 character, got 0",
        ),
        (
            &const { body("v", ConstraintKind::MaxLength(3)) },
            json!("äöü"),
            json!("äöüß"),
            "too_big",
            "v must have at most 3 characters, got 4",
        ),
        (
            &const { body("v", ConstraintKind::Minimum(0.0)) },
            json!(0),
            json!(-1),
            "too_small",
            "v must be at least 0, got -1",
        ),
        (
            &const { body("v", ConstraintKind::Maximum(100.0)) },
            json!(100),
            json!(100.5),
            "too_big",
            "v must be at most 100, got 100.5",
        ),
        (
            &const { body("v", ConstraintKind::ExclusiveMinimum(0.0)) },
            json!(0.1),
            json!(0),
            "too_small",
            "v must be more than 0, got 0",
        ),
        (
            &const { body("v", ConstraintKind::ExclusiveMaximum(1.0)) },
            json!(0.9),
            json!(1),
            "too_big",
            "v must be less than 1, got 1",
        ),
        (
            &const { body("v", ConstraintKind::MultipleOf(0.1)) },
            json!(0.3),
            json!(0.35),
            "not_multiple_of",
            "v must be a multiple of 0.1, got 0.35",
        ),
        (
            &const { body("v", ConstraintKind::MinItems(1)) },
            json!([1]),
            json!([]),
            "too_small",
            "v must have at least 1 item, got 0",
        ),
        (
            &const { body("v", ConstraintKind::MaxItems(2)) },
            json!([1, 2]),
            json!([1, 2, 3]),
            "too_big",
            "v must have at most 2 items, got 3",
        ),
        (
            &const { body("v", ConstraintKind::UniqueItems) },
            json!(["a", "b"]),
            json!(["a", "b", "a"]),
            "not_unique",
            "v must not contain an item twice, got item 2 again",
        ),
    ];
    for (constraint, passes, fails, code, message) in cases {
        let operation = operation(std::slice::from_ref(*constraint));
        operation.check_body(&json!({ "v": passes })).unwrap();
        let violation = operation.check_body(&json!({ "v": fails })).unwrap_err();
        let of_json = operation.check_json(&json!({ "v": fails }));
        assert_eq!(of_json.unwrap_err(), violation);
        assert_eq!(violation.code(), *code);
        assert_eq!(violation.field(), "v");
        assert_eq!(violation.operation(), "create_thing");
        assert_eq!(violation.message(), *message);
    }
}

#[test]
fn absent_null_and_other_types_are_left_to_the_server() {
    const LIMITS: &[Constraint] = &[
        body("v", ConstraintKind::MinLength(1)),
        body("v", ConstraintKind::Minimum(1.0)),
        body("v", ConstraintKind::MinItems(1)),
        body("v.*", ConstraintKind::MinLength(1)),
    ];
    for value in [
        json!({}),
        json!({ "v": null }),
        json!({ "v": false }),
        json!([]),
        json!("v"),
    ] {
        operation(LIMITS).check_body(&value).unwrap();
    }
}

#[test]
fn a_path_leads_into_objects_and_every_item() {
    const LIMITS: &[Constraint] = &[body("people.*.tags.*", ConstraintKind::MaxLength(2))];
    let violation = operation(LIMITS)
        .check_body(&json!({ "people": [{ "tags": ["ok"] }, {}, { "tags": ["ok", "long"] }] }))
        .unwrap_err();
    assert_eq!(violation.field(), "people.2.tags.1");
    assert_eq!(violation.location(), Location::Body);
}

#[test]
fn a_property_with_dots_in_its_name_is_found() {
    const LIMITS: &[Constraint] = &[
        body("a.b", ConstraintKind::MaxLength(2)),
        body("deep.c.d.*.e.f", ConstraintKind::MaxLength(2)),
    ];
    for (value, field) in [
        (json!({ "a.b": "long" }), "a.b"),
        (json!({ "a": { "b": "long" } }), "a.b"),
        (json!({ "a": { "b": "ok" }, "a.b": "long" }), "a.b"),
        (json!({ "a": 1, "a.b": "long" }), "a.b"),
        (
            json!({ "deep": { "c.d": [{}, { "e.f": "long" }] } }),
            "deep.c.d.1.e.f",
        ),
        (
            json!({ "deep.c": { "d": [{ "e": { "f": "long" } }] } }),
            "deep.c.d.0.e.f",
        ),
    ] {
        let violation = operation(LIMITS).check_body(&value).unwrap_err();
        assert_eq!(violation.field(), field, "{value}");
    }
    operation(LIMITS)
        .check_body(&json!({ "a.b": "ok", "a.": "long", "deep": { "c.d": "long" } }))
        .unwrap();
}

#[test]
fn a_parameter_and_its_items_are_checked() {
    const fn query(name: &'static str, rule: ConstraintKind) -> Constraint {
        Constraint {
            location: Location::Query,
            name,
            rule,
        }
    }
    const LIMITS: &[Constraint] = &[
        query("limit", ConstraintKind::Minimum(1.0)),
        query("limit", ConstraintKind::Maximum(100.0)),
        query("slug", ConstraintKind::MaxLength(2)),
        query("tags", ConstraintKind::MaxItems(2)),
        query("tags.*", ConstraintKind::MinLength(1)),
    ];
    let operation = operation(LIMITS);
    let check = |name, value: Value| operation.check_parameter(Location::Query, name, &value);
    check("limit", json!(1)).unwrap();
    check("limit", json!(100)).unwrap();
    assert_eq!(check("limit", json!(0)).unwrap_err().code(), "too_small");
    assert_eq!(check("limit", json!(101)).unwrap_err().code(), "too_big");
    assert_eq!(check("slug", json!("123")).unwrap_err().code(), "too_big");
    check("tags", json!(["a", "b"])).unwrap();
    assert_eq!(check("tags", json!([1, 2, 3])).unwrap_err().field(), "tags");
    let empty = check("tags", json!(["a", ""])).unwrap_err();
    assert_eq!(
        empty.to_string(),
        "create_thing: tags.1 must have at least 1 character, got 0"
    );
    check("limit", Value::Null).unwrap();
    check("limi", json!(0)).unwrap();
    check("other", json!(0)).unwrap();
    operation
        .check_parameter(Location::Header, "limit", &0)
        .unwrap();
}

#[test]
fn an_invalid_id_is_a_violation() {
    let violation = operation(&[])
        .check_id(Location::Path, "id", &Id::<()>::from("a/b"))
        .unwrap_err();
    assert_eq!(
        (violation.field(), violation.code()),
        ("id", "invalid_string")
    );
    assert_eq!(violation.location(), Location::Path);
}

/// Whether the executor accepts the path for an operation with this path template.
fn matches(template: &'static str, path: &str) -> bool {
    let mut operation = operation(&[]);
    operation.path = template;
    let base_url = BaseUrl::parse("https://my.pivotal.test").unwrap();
    let url = format!("{base_url}{path}").parse().unwrap();
    let executor = Executor::new(Arc::new(Runtime::new(ClientConfig::new(base_url))));
    let mut request = reqwest::Request::new(operation.method.clone(), url);
    match executor.prepare(&mut request, Box::leak(Box::new(operation))) {
        Ok(()) => true,
        Err(InvalidRequest::Path { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_path_matches_only_with_every_parameter_in_its_place() {
    let template = "/api/v1/customers/{id}";
    assert!(matches(template, "/api/v1/customers/245"));
    assert!(matches(template, "/api/v1/customers/a%2Fb"));
    for wrong in [
        "/api/v1/customers/",
        "/api/v1/customers",
        "/api/v1/",
        "/api/v1/onboardings/245",
        "/api/v1/customers/245/contacts",
    ] {
        assert!(!matches(template, wrong), "{wrong}");
    }
}

#[test]
fn texts_around_a_parameter_and_encoded_texts_match() {
    for (template, path) in [
        ("/files/v{id}", "/files/v2"),
        ("/files/v{id}", "/files/v%2Fa"),
        ("/files/v{id}", "/files/v.."),
        ("/reports/{id}.csv", "/reports/7.csv"),
        ("/reports/{id}.csv", "/reports/a.csv.csv"),
        ("/reports/{id}.csv", "/reports/..csv"),
        ("/reports/{id}.csv/rows", "/reports/7.csv/rows"),
        ("/spans/{from}-{to}", "/spans/1-2"),
        ("/spans/{from}-{to}", "/spans/1-2-3"),
        ("/a b", "/a b"),
        ("/a b", "/a%20b"),
        ("/a%20b", "/a%20b"),
        ("/über", "/über"),
        ("/über", "/%c3%bcber"),
        ("/%C3%BCber", "/über"),
        ("/über/{id}ß", "/über/7ß"),
        ("/100%", "/100%"),
    ] {
        assert!(matches(template, path), "{template} {path}");
    }
}

#[test]
fn nothing_else_matches_a_template_of_texts_and_parameters() {
    for (template, path) in [
        ("/files/v{id}", "/files/v"),
        ("/files/v{id}", "/files/2"),
        ("/files/v{id}", "/files/v2/3"),
        ("/files/{id}", "/files/.."),
        ("/files/{id}", "/files/%2e%2E"),
        ("/files/{id}", "/files/."),
        ("/files/{id}/rows", "/files/../rows"),
        ("/files/{id}.", "/files/.."),
        ("/files/{id}/rows", "/files/a%2Frows"),
        ("/files/rows", "/files%2Frows"),
        ("/reports/{id}.csv", "/reports/.csv"),
        ("/reports/{id}.csv", "/reports/7.pdf"),
        ("/reports/{id}.csv", "/reports/7.csv/rows"),
        ("/reports/{id}.csv", "/reports/x/../../7.csv"),
        ("/spans/{from}-{to}", "/spans/1-"),
        ("/spans/{from}-{to}", "/spans/-2"),
        ("/a b", "/a+b"),
        ("/a b", "/a%2520b"),
        ("/über", "/uber"),
    ] {
        assert!(!matches(template, path), "{template} {path}");
    }
}
