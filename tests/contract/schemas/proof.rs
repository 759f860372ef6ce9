//! That the trial fails when document and types part: one thing said otherwise at a time.

use pivotal_openapi::Document;
use pivotal_sdk::raw;
use pivotal_tests::changed_contract;
use serde_json::{Value, json};

use super::kind::Kind;
use super::table::{Row, TABLE};
use super::validators::{ComponentType, Verdict};
use super::{Findings, component_types, try_component, try_corpus, unneeded};

/// A component that says one thing otherwise, and the finding that must come of it.
struct Drift {
    component: &'static str,
    change: fn(&mut Value),
    finding: &'static str,
}

const DRIFTS: &[Drift] = &[
    Drift {
        component: "Customer",
        change: |schema| schema["properties"]["mrr"]["type"] = json!(["string", "null"]),
        finding: "Customer.mrr, as short as allowed: the document accepts, the type's schema refuses, serde refuses",
    },
    Drift {
        component: "Customer",
        change: |schema| schema["properties"]["name"]["type"] = json!(["string", "null"]),
        finding: "Customer.name, null, where it is allowed: the document accepts, the type's schema refuses, serde refuses",
    },
    Drift {
        component: "Customer",
        change: |schema| schema["required"] = json!([]),
        finding: "Customer.name, an optional key is absent: the document accepts, the type's schema refuses, serde refuses",
    },
    Drift {
        component: "Customer",
        change: |schema| schema["properties"]["region"] = json!({ "type": "string" }),
        finding: "Customer.region, a value of another type: the document refuses, the type's schema accepts, serde accepts",
    },
    Drift {
        component: "Onboarding",
        change: |schema| schema["properties"]["created_at"] = json!({ "type": "string" }),
        finding: "Onboarding.created_at, as short as allowed: the document accepts, the type's schema refuses, serde refuses",
    },
    Drift {
        component: "CreateContact",
        change: |schema| schema["properties"]["name"]["maxLength"] = json!(200),
        finding: "CreateContact.name, too long: the document refuses, the type's schema accepts, serde accepts",
    },
    Drift {
        component: "CreateContact",
        change: |schema| schema["properties"]["name"]["minLength"] = json!(0),
        finding: "CreateContact.name, as short as allowed: the document accepts, the type's schema refuses, serde refuses",
    },
    Drift {
        component: "CreateContact",
        change: |schema| schema["properties"]["labels"]["maxItems"] = json!(3),
        finding: "CreateContact.labels, too long: the document refuses, the type's schema accepts, serde accepts",
    },
    Drift {
        component: "UpdateCustomer",
        change: |schema| schema["properties"]["mrr"]["minimum"] = json!(1),
        finding: "UpdateCustomer.mrr, too small: the document refuses, the type's schema accepts, serde accepts",
    },
    Drift {
        component: "UpdateContact",
        change: |schema| schema["properties"]["title"]["type"] = json!("string"),
        finding: "UpdateContact.title, null for what may be absent: the document refuses, the type's schema accepts, serde accepts",
    },
    Drift {
        component: "CreateCustomer",
        change: |schema| schema["required"] = json!(["name", "stripe_customer_id"]),
        finding: "CreateCustomer.stripe_customer_id, a required key is missing: the document refuses, the type's schema accepts, serde accepts",
    },
];

#[test]
fn a_document_that_says_otherwise_is_found_out() {
    for Drift {
        component,
        change,
        finding,
    } in DRIFTS
    {
        let contract = changed_contract(|contract| {
            let schema = &mut contract["components"]["schemas"][component];
            let before = schema.clone();
            change(schema);
            assert_ne!(
                *schema, before,
                "{component} says so by now: choose another change for {finding:?} in tests/contract/schemas/proof.rs"
            );
        });
        let component_type = component_types()
            .into_iter()
            .find(|component_type| component_type.component == *component)
            .unwrap();
        let mut findings = Findings::default();
        try_component(&contract, &component_type, TABLE, &mut findings);
        let found = &findings.unexplained;
        assert!(
            found.iter().any(|found| found.starts_with(finding)),
            "{finding}\nis not among\n{}",
            found.join("\n")
        );
    }
}

#[test]
#[should_panic(expected = "CreateCustomer.slug: the corpus does not try `pattern`")]
fn a_keyword_that_nobody_tries_is_found_out() {
    let contract = changed_contract(|contract| {
        let schema = &mut contract["components"]["schemas"]["CreateCustomer"];
        schema["properties"]["slug"]["pattern"] = json!("^[a-z-]+$");
    });
    let body = ComponentType::request::<raw::CreateCustomer>("CreateCustomer");
    try_corpus(&contract, &body, TABLE, &mut Findings::default());
}

#[test]
fn a_type_that_is_another_is_found_out() {
    let other = ComponentType::response::<raw::Customer>("Contact");
    let mut findings = Findings::default();
    try_component(Document::contract(), &other, TABLE, &mut findings);
    let said = findings.unexplained.join("\n");
    for finding in [
        "Contact, the documentation's example: the document accepts, the type's schema refuses, serde refuses",
        "Contact, made at random: the document accepts, the type's schema refuses, serde refuses",
    ] {
        assert!(said.contains(finding), "{said}");
    }
}

#[test]
fn a_reason_that_nothing_needs_is_found_out() {
    let row = Row {
        direction: None,
        kind: Kind::Missing,
        verdict: Verdict {
            document: false,
            schema: true,
            serde: true,
        },
        reason: "No longer.",
    };
    let table: Vec<Row> = TABLE.iter().copied().chain([row]).collect();
    let mut findings = Findings::default();
    for component_type in component_types() {
        try_corpus(Document::contract(), &component_type, &table, &mut findings);
    }
    assert_eq!(
        unneeded(&findings, &table),
        ["a required key is missing: No longer."]
    );
}
