//! The operation tables.

use pivotal_openapi::Document;
use pivotal_runtime::{ConstraintKind, Location, RetryClass};

#[test]
fn the_table_and_the_contract_hold_the_same_operations() {
    let contract = include_str!("../../../../openapi/pivotal.json");
    let contract = Document::parse(contract).unwrap();
    let mut documented: Vec<_> = contract
        .operations()
        .map(|known| (known.name(), known.method, known.path))
        .collect();
    // What its own server has more than that of the document is a part of its path.
    for (name, path) in [
        ("get_prefixed", "/beta/prefixed/{id}"),
        ("update_prefixed", "/gamma/prefixed/{id}"),
    ] {
        let mut known = documented.iter_mut();
        known.find(|known| known.0 == name).unwrap().2 = path;
    }
    // The reader of contracts knows the five usual methods.
    documented.extend(["OPTIONS", "TRACE"].map(|method| {
        let name = format!("{}_methods", method.to_lowercase());
        (name, method, "/methods")
    }));
    documented.sort_unstable();
    let table: Vec<_> = codegen_fixtures::OPERATIONS
        .iter()
        .map(|known| (known.name.to_owned(), known.method.as_str(), known.path))
        .collect();
    // These are in the contract and cannot be expressed; `left_out` lists them.
    let left_out = include_str!("../../src/generated/left_out.rs");
    for name in ["create_letter", "create_parcel", "get_elsewhere"] {
        let known = documented.iter().position(|known| known.0 == name);
        let (_, method, path) = documented.remove(known.unwrap());
        assert!(left_out.contains(&format!("- `{method} {path}`")));
    }
    assert_eq!(documented, table);
}

#[test]
fn every_operation_is_found_by_its_name() {
    for known in codegen_fixtures::OPERATIONS {
        assert_eq!(
            codegen_fixtures::operation(known.name).unwrap().path,
            known.path
        );
    }
    assert!(codegen_fixtures::operation("get_nothing").is_none());
}

#[test]
fn the_class_follows_the_method_and_the_idempotency_key() {
    let class = |name: &str| codegen_fixtures::operation(name).unwrap().class;
    assert_eq!(class("list_animals"), RetryClass::Safe);
    assert_eq!(class("replace_animal"), RetryClass::Idempotent);
    assert_eq!(class("update_animal"), RetryClass::Idempotent);
    assert_eq!(class("delete_animal"), RetryClass::Idempotent);
    assert_eq!(class("create_animal"), RetryClass::ByKey);
    assert_eq!(class("create_event"), RetryClass::Never);
}

#[test]
fn a_list_is_paged_when_it_takes_a_cursor_and_returns_the_next() {
    let paged: Vec<&str> = codegen_fixtures::OPERATIONS
        .iter()
        .filter(|known| known.paged)
        .map(|known| known.name)
        .collect();
    assert_eq!(paged, ["list_animals"]);
}

#[test]
fn the_key_goes_with_every_operation_but_those_that_ask_for_none() {
    let open: Vec<&str> = codegen_fixtures::OPERATIONS
        .iter()
        .filter(|known| !known.authenticated)
        .map(|known| known.name)
        .collect();
    // `replace_gates` asks for none or a key, and is given one.
    // `get_anyone` asks for none or for two.
    assert_eq!(open, ["list_gates"]);
}

#[test]
fn limits_of_the_request_are_in_the_table() {
    let limits = |name: &str| -> Vec<String> {
        let known = codegen_fixtures::operation(name).unwrap();
        known
            .constraints
            .iter()
            .map(|limit| format!("{:?} {} {:?}", limit.location, limit.name, limit.rule))
            .collect()
    };
    let created = limits("create_animal");
    for expected in [
        "Body name MinLength(1)",
        "Body name MaxLength(80)",
        "Body weight ExclusiveMinimum(0.0)",
        "Body weight Maximum(20000.0)",
        "Body tags MinItems(1)",
        "Body tags MaxItems(3)",
        "Body tags UniqueItems",
        "Body tags.* MaxLength(12)",
        "Body origin.country MaxLength(2)",
        "Body keeper.name MaxLength(50)",
    ] {
        assert!(
            created.iter().any(|limit| limit == expected),
            "{expected} in {created:#?}"
        );
    }
    // A type that contains itself is walked once.
    assert!(
        !created.iter().any(|limit| limit.contains("keeper.boss")),
        "{created:#?}"
    );

    let listed = codegen_fixtures::operation("list_animals")
        .unwrap()
        .constraints;
    assert!(listed.iter().any(|limit| {
        limit.location == Location::Query
            && limit.name == "min_weight"
            && limit.rule == ConstraintKind::ExclusiveMinimum(0.0)
    }));
    assert!(
        listed.iter().any(|limit| limit.location == Location::Header
            && limit.rule == ConstraintKind::MaxLength(40))
    );
    assert!(limits("replace_animal").contains(&"Body limit ExclusiveMaximum(10.0)".to_owned()));
    assert!(limits("replace_animal").contains(&"Body limit MultipleOf(2.0)".to_owned()));
    assert!(limits("get_alias").contains(&"Path slug MaxLength(9)".to_owned()));
}

#[test]
fn documented_statuses_are_kept() {
    let statuses = |name: &str| codegen_fixtures::operation(name).unwrap().statuses;
    assert_eq!(statuses("get_cage"), ["200", "400", "404", "409", "423"]);
    assert_eq!(statuses("replace_animal"), ["200", "201"]);
    assert_eq!(statuses("list_animals"), ["200", "default"]);
}
