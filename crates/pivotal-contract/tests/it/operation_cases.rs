//! The case table holds every operation.

use std::collections::BTreeSet;

use pivotal_contract::operation_cases::{Inputs, OPERATION_CASES, operation_case};
use pivotal_openapi::schema::{known_values, referenced, required, types};
use pivotal_openapi::{Document, Operation};
use pivotal_sdk::transport::OPERATIONS;
use serde_json::Value;

/// A row for the case table: the minimal request, and the maximal one if there is more. `…` stands
/// for a value that has to be chosen.
fn row(operation: &Operation<'_>) -> String {
    let name = operation.name();
    let pascal: String = name
        .split('_')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect();
    let segments: Vec<&str> = operation.path.split('/').collect();
    let ids: Vec<String> = segments
        .windows(2)
        .filter(|pair| pair[1].starts_with('{'))
        .map(|pair| format!("i.id(\"{}\")", pair[0]))
        .collect();
    let parameters = operation.parameters().into_iter();
    let setters: String = parameters
        .filter(|parameter| !parameter.required && parameter.name != "Idempotency-Key")
        .map(|parameter| {
            let name = parameter.name;
            format!(".{name}({})", value(name, parameter.schema.value, true))
        })
        .collect();
    let body = operation.body();
    let request = |everything: bool| {
        let body = body.as_ref().and_then(|body| {
            let schema = &body.content.schema;
            Some(object(schema.name()?, schema.value, everything))
        });
        let arguments: Vec<String> = ids.iter().cloned().chain(body).collect();
        let setters = if everything { setters.as_str() } else { "" };
        let request = format!("{pascal}Request::new({}){setters}", arguments.join(", "));
        let inputs = if request.contains("i.") { "i" } else { "_" };
        format!("|{inputs}| {request}")
    };
    let (minimal, maximal) = (request(false), request(true));
    let maximal = (maximal != minimal).then(|| format!(", {maximal}"));
    let takes_key = operation.parameter("header", "Idempotency-Key").is_some();
    let by_key = if takes_key { "by_key " } else { "" };
    let maximal = maximal.unwrap_or_default();
    format!("case!({by_key}{pascal}Request, {minimal}{maximal}),")
}

/// An object in Rust, with what it requires or with everything.
fn object(name: &str, schema: &Value, everything: bool) -> String {
    let (mut arguments, mut setters) = (Vec::new(), String::new());
    for (property, rules) in Document::contract().properties(schema) {
        let value = value(property, rules, everything);
        if required(schema).any(|name| name == property) {
            arguments.push(value);
        } else if everything {
            setters.push_str(&format!(".{property}({value})"));
        }
    }
    format!("{name}::new({}){setters}", arguments.join(", "))
}

/// The collection that an ID is of: `customers` for `customer_id`.
fn collection(name: &str) -> Option<String> {
    let collection = format!("{}s", name.strip_suffix("_id")?);
    let item = format!("/{collection}/{{");
    let mut operations = Document::contract().operations();
    operations
        .any(|known| known.path.contains(&item))
        .then_some(collection)
}

/// A value in Rust for a parameter or a property.
fn value(name: &str, schema: &Value, everything: bool) -> String {
    let rules = Document::contract().resolve(schema);
    if let Some(known) = known_values(rules).next() {
        return known.to_string();
    }
    let mut types = types(rules).into_iter().filter(|of| *of != "null");
    match (types.next(), rules["format"].as_str(), referenced(schema)) {
        (Some("object"), _, Some(component)) => object(component, rules, everything),
        (Some("array"), ..) => format!("[{}]", value(name, &rules["items"], everything)),
        (Some("boolean"), ..) => "true".to_owned(),
        (Some("integer" | "number"), ..) => "1".to_owned(),
        (Some("string"), Some("email"), _) => "i.email()".to_owned(),
        (Some("string"), ..) if name == "cursor" => "\"2026-05-26T17:21:09.412Z\"".to_owned(),
        (Some("string"), Some("date-time"), _) => "launch()".to_owned(),
        (Some("string"), None, _) => match collection(name) {
            Some(collection) => format!("i.id(\"{collection}\")"),
            None => "&i.name".to_owned(),
        },
        _ => "…".to_owned(),
    }
}

#[test]
fn a_row_has_every_parameter_and_every_property() {
    let rows = [
        "delete_customer",
        "list_onboardings",
        "create_customer_contact",
    ];
    let rows = rows.map(|name| row(&Document::contract().operation(name).unwrap()));
    let rows = rows.join("\n").replace(", |", ",\n    |");
    insta::assert_snapshot!(rows);
}

/// The only test that fails when an operation has no row.
#[test]
fn every_operation_has_a_row() {
    let missing: Vec<String> = Document::contract()
        .operations()
        .filter(|operation| operation_case(&operation.name()).is_none())
        .map(|operation| format!("    {}", row(&operation)))
        .collect();
    assert!(
        missing.is_empty(),
        "\nAdd to OPERATION_CASES in crates/pivotal-contract/src/operation_cases.rs:\n{}\n",
        missing.join("\n")
    );
}

#[test]
fn every_operation_has_exactly_one_row() {
    let mut named = BTreeSet::new();
    for case in OPERATION_CASES {
        let known = OPERATIONS.iter().any(|known| known.name == case.operation);
        assert!(known, "{} is no operation", case.operation);
        assert!(
            named.insert(case.operation),
            "{} has two rows",
            case.operation
        );
    }
}

#[test]
fn the_id_in_a_path_belongs_to_its_collection() {
    let inputs = Inputs::new("name", "nobody").with_id("customers", "c1");
    assert_eq!(inputs.path("/v1/customers/{id}"), "/v1/customers/c1");
    let template = "/v1/customers/{customerId}/contacts/{id}";
    assert_eq!(inputs.path(template), "/v1/customers/c1/contacts/nobody");
}
