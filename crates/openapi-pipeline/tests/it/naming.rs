//! Names by rule and by hand.

use std::collections::BTreeSet;

use openapi_pipeline::naming::rule::{Endpoint, methods, type_name};
use openapi_pipeline::naming::{self, Names};
use serde_json::{Value, json};

use crate::document::with;

fn named(endpoints: &[(&str, &str)]) -> Vec<(String, String)> {
    let endpoints: Vec<Endpoint> = endpoints
        .iter()
        .map(|(method, path)| Endpoint::new(method, path))
        .collect();
    methods(&endpoints, &BTreeSet::new())
        .into_iter()
        .map(|(endpoint, name)| (endpoint.site(), name))
        .collect()
}

#[track_caller]
fn assert_name(method: &str, path: &str, expected: &str) {
    assert_eq!(named(&[(method, path)])[0].1, expected, "{method} {path}");
}

#[test]
fn methods_follow_method_and_path() {
    for (method, path, expected) in [
        ("GET", "/api/v1/me", "get_me"),
        ("GET", "/api/v1/health", "get_health"),
        ("GET", "/api/v1/customers", "list_customers"),
        ("POST", "/api/v1/customers", "create_customer"),
        ("GET", "/api/v1/customers/{id}", "get_customer"),
        ("PATCH", "/api/v1/customers/{id}", "update_customer"),
        ("PUT", "/api/v1/customers/{id}", "replace_customer"),
        ("DELETE", "/api/v1/customers/{id}", "delete_customer"),
        (
            "GET",
            "/api/v1/customers/{customerId}/contacts",
            "list_customer_contacts",
        ),
        (
            "POST",
            "/api/v1/customers/{customerId}/contacts",
            "create_customer_contact",
        ),
        ("POST", "/api/v1/customers/{id}/archive", "archive_customer"),
        ("GET", "/v2/companies/{id}", "get_company"),
        ("GET", "/status", "get_status"),
        ("GET", "/statuses/{id}", "get_status"),
        ("GET", "/", "get_root"),
        ("POST", "/login", "create_login"),
        (
            "GET",
            "/user-groups/{group}/boxes/{box}",
            "get_user_group_box",
        ),
        ("GET", "/reports/{id}.csv", "get_report_csv"),
    ] {
        assert_name(method, path, expected);
    }
}

#[test]
fn clashing_names_get_more_of_their_path() {
    let names = named(&[
        ("GET", "/v1/pets/{id}"),
        ("GET", "/v2/pets/{id}"),
        ("GET", "/pets/{id}/{tag}"),
        ("GET", "/pets/{name}"),
    ]);
    insta::assert_debug_snapshot!(names, @r#"
    [
        (
            "GET /pets/{id}/{tag}",
            "get_pet_by_id_tag",
        ),
        (
            "GET /pets/{name}",
            "get_pet_by_name",
        ),
        (
            "GET /v1/pets/{id}",
            "get_v1_pet",
        ),
        (
            "GET /v2/pets/{id}",
            "get_v2_pet",
        ),
    ]
    "#);
}

#[test]
fn text_behind_a_parameter_tells_siblings_apart() {
    let names = |paths: [&'static str; 2]| {
        let names = named(&paths.map(|path| ("GET", path)));
        names.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    assert_eq!(
        names(["/reports/{id}.csv", "/reports/{id}.pdf"]),
        ["get_report_csv", "get_report_pdf"]
    );
    assert_eq!(
        names(["/reports/of-{id}.csv", "/reports/of-{id}.pdf"]),
        ["get_reports_of_csv", "get_reports_of_pdf"]
    );
}

#[test]
fn the_same_words_twice_still_give_two_names() {
    let names = named(&[("GET", "/a-b/{x}"), ("GET", "/a_b/{x}")]);
    let unique: BTreeSet<&String> = names.iter().map(|(_, name)| name).collect();
    assert_eq!(unique.len(), 2, "{names:?}");
}

#[test]
fn type_names_are_identifiers() {
    assert_eq!(type_name("create_customer"), "CreateCustomer");
    assert_eq!(type_name("3d.model"), "N3dModel");
    assert_eq!(type_name("self"), "SelfType");
    assert_eq!(type_name("-"), "Unnamed");
}

#[test]
fn an_empty_file_names_everything_by_rule() {
    assert_eq!(Names::parse("").unwrap(), Names::default());
}

#[test]
fn names_that_are_not_identifiers_are_refused() {
    let names = r#"
        [operations]
        "GET /a" = "match"
        "GET /b" = "listAll"
        "GET /c" = "new"
        "GET /d" = "list_d"
        "GET /e" = "list_d"
        [bodies]
        "POST /a" = "create a"
        [enums]
        Client = []
        Fine = []
        "Not fine" = []
    "#;
    let operation = "{responses: {}}";
    let paths = format!(
        "{{/a: {{get: {operation}, post: {operation}}}, /b: {{get: {operation}}}, /c: {{get: {operation}}}, \
          /d: {{get: {operation}}}, /e: {{get: {operation}}}}}"
    );
    let names = Names::parse(names).unwrap();
    let problems = naming::apply(with(&paths, "{}"), &names).unwrap_err();
    insta::assert_snapshot!(problems, @r#"
    #
      found: names.toml, [bodies], "POST /a": "create a"
      why: the name of a type is written in CamelCase and is no keyword

    #
      found: names.toml, [enums], "Client": "Client"
      why: every generated crate has a type of that name already

    #
      found: names.toml, [enums], "Not fine": "Not fine"
      why: the name of a type is written in CamelCase and is no keyword

    #
      found: names.toml, [operations], "GET /a": "match"
      why: the name of a method is written in snake_case and is no keyword

    #
      found: names.toml, [operations], "GET /b": "listAll"
      why: the name of a method is written in snake_case and is no keyword

    #
      found: names.toml, [operations], "GET /c": "new"
      why: every client has a method of that name already

    #
      found: names.toml, [operations], "GET /e": "list_d"
      why: GET /d has that name too

    7 problems
    "#);
}

#[test]
fn the_name_of_a_type_name_is_the_same_name() {
    for (words, name) in [
        ("Plan_A_B", "PlanAb"),
        ("Q_A_Item", "QaItem"),
        ("X_Y_Coordinate", "XyCoordinate"),
        ("a.b", "Ab"),
        ("aB", "Ab"),
        ("HTTPServer", "HttpServer"),
        ("a_1_b", "A1b"),
        ("ß_a", "Ssa"),
    ] {
        assert_eq!(type_name(words), name);
        assert_eq!(type_name(name), name);
    }
}

#[test]
fn type_names_are_no_keywords_and_begin_with_a_letter() {
    for name in ["_", "type", "Self", "A b", "3d", "A-b", "a"] {
        let mut names = Names::default();
        names.markers.insert("kind".to_owned(), name.to_owned());
        let problems = naming::apply(with("{}", "{}"), &names).unwrap_err();
        assert_eq!(problems.len(), 1, "{name}");
    }
}

#[test]
fn a_mistyped_table_is_named_with_its_line() {
    insta::assert_snapshot!(Names::parse("[enum]\nA = []\n").unwrap_err(), @"
    TOML parse error at line 1, column 2
      |
    1 | [enum]
      |  ^^^^
    unknown field `enum`, expected one of `operations`, `bodies`, `responses`, `schemas`, `enums`, `markers`, `constructors`
    ");
}

fn mapping(discriminator: &Value) -> Value {
    let mut document = with(
        "{}",
        "schemas: {Pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}, \
         Cat: {properties: {kind: {type: string}}}, Dog: {properties: {kind: {enum: [hound, poodle]}}}}",
    );
    document["components"]["schemas"]["Pet"]["discriminator"] = discriminator.clone();
    let named = naming::apply(document, &Names::default()).unwrap();
    named["components"]["schemas"]["Pet"]["discriminator"]["mapping"].clone()
}

#[test]
fn a_member_without_a_value_is_chosen_by_its_name() {
    assert_eq!(
        mapping(&json!({ "propertyName": "kind" })),
        json!({ "Cat": "#/components/schemas/Cat", "hound": "#/components/schemas/Dog", "poodle": "#/components/schemas/Dog" })
    );
}

#[test]
fn a_mapping_to_a_bare_name_becomes_a_reference() {
    assert_eq!(
        mapping(
            &json!({ "propertyName": "kind", "mapping": { "c": "Cat", "d": "#/components/schemas/Dog" } })
        ),
        json!({ "c": "#/components/schemas/Cat", "d": "#/components/schemas/Dog" })
    );
}
