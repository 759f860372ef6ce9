//! The snapshots that `cargo xtask update` names are those whose content follows from the change.
//! That they are the ones which really change was tried on the five changes of
//! docs/regenerating.md.

use std::fs;

use serde_json::{Value, json};

use crate::changes::{add_an_optional_field, with};
use crate::workbench::Workbench;

/// What is said of the snapshots, without their folders.
fn predicted(document: &Value) -> Vec<String> {
    let bench = Workbench::of_everything();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.json");
    fs::write(&path, document.to_string()).unwrap();
    let answer = bench.update(path.to_str().unwrap(), &["--dry-run"]);
    assert!(answer.out.contains("\nNEXT\n"), "{}", answer.err);
    let said = answer.out.split("\nSNAPSHOTS  that this changes\n").nth(1);
    let said = said.unwrap_or_default().lines();
    said.take_while(|line| !line.is_empty())
        .map(|line| line.rsplit('/').next().unwrap().to_owned())
        .collect()
}

#[test]
fn what_nobody_decodes_or_sends_changes_no_snapshot() {
    let document = with(|document| {
        document["info"]["description"] = json!("Said in other words.");
        document["components"]["schemas"]["Customer"]["properties"]["mrr"]["description"] =
            json!("Money.");
    });
    assert_eq!(predicted(&document), [""; 0]);
}

#[test]
fn a_property_of_a_component_changes_every_answer_that_holds_one() {
    let document = with(|document| {
        document["components"]["schemas"]["Contact"]["properties"]["phone"] =
            json!({ "type": "string" });
    });
    assert_eq!(
        predicted(&document),
        [
            "it__report__coverage.snap  changes",
            "contract__answers__create_customer_contact.snap  changes",
            "contract__answers__get_contact.snap  changes",
            "contract__answers__list_customer_contacts.snap  changes",
            "contract__answers__update_contact.snap  changes",
            "contract__schemas__disagreements.snap  changes",
            "pivotal-api.snap  changes",
        ]
    );
}

#[test]
fn a_property_of_a_body_changes_its_request_and_its_example() {
    assert_eq!(
        predicted(&with(add_an_optional_field)),
        [
            "it__report__coverage.snap  changes",
            "contract__answers__CreateCustomer.snap  changes",
            "contract__requests__create_customer.snap  changes",
            "pivotal-api.snap  changes",
        ]
    );
}

#[test]
fn an_example_changes_the_answers_that_show_it() {
    let document = with(|document| {
        let example = &mut document["components"]["schemas"]["Customer"]["example"];
        example["name"] = json!("Borealis");
    });
    let said = predicted(&document);
    assert!(
        !said.is_empty()
            && said
                .iter()
                .all(|line| line.starts_with("contract__answers__")),
        "{said:?}"
    );
}

#[test]
fn the_snapshots_of_an_operation_go_with_it() {
    let document = with(|document| {
        let path = &mut document["paths"]["/api/v1/contacts/{id}"];
        path.as_object_mut().unwrap().remove("delete");
    });
    let said = predicted(&document);
    for line in [
        "contract__answers__delete_contact.snap  goes: delete it",
        "contract__requests__delete_contact.snap  goes: delete it",
        "contract__documented_errors__contacts.snap  changes",
        "contract__operations__the_operation_table.snap  changes",
    ] {
        assert!(said.iter().any(|said| said == line), "{line}: {said:?}");
    }
}
