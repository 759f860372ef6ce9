//! Responses with more or fewer keys than are documented.

use pivotal_sdk::{CustomerStatus, ErrorKind, OnboardingPhase};
use pivotal_tests::example;
use serde_json::{Value, json};

use crate::serving::serving;

#[tokio::test]
async fn an_unknown_enum_value_decodes_and_is_written_as_it_came() {
    let mut onboarding = example("Onboarding");
    onboarding["phase"] = json!("victory_lap");
    onboarding["object"] = json!("onboarding_v2");
    let (_server, pivotal) = serving("200 OK", &onboarding);

    let decoded = pivotal.onboarding(97).get().await.unwrap();

    assert_eq!(
        decoded.phase,
        OnboardingPhase::Unknown("victory_lap".to_owned())
    );
    assert!(!decoded.phase.is_known());
    let encoded = serde_json::to_value(&decoded).unwrap();
    assert_eq!(encoded["phase"], "victory_lap");
    assert_eq!(encoded["object"], "onboarding_v2");
}

#[tokio::test]
async fn one_unknown_value_in_a_list_does_not_fail_the_page() {
    let mut page = example("CustomerList");
    page["data"][0]["status"] = json!("hibernating");
    let (_server, pivotal) = serving("200 OK", &page);

    let page = pivotal.customers().list().await.unwrap();

    assert_eq!(page.data[0].status, CustomerStatus::from("hibernating"));
}

/// Known, and in the table of tests/contract/schemas: a Timestamp ends a day before the year 9999
/// does.
#[tokio::test]
async fn a_time_out_of_range_is_reported_with_its_place() {
    let mut page = example("CustomerList");
    page["data"][0]["created_at"] = json!("9999-12-31T23:59:59Z");
    let (_server, pivotal) = serving("200 OK", &page);

    let error = pivotal.customers().list().await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.field(), Some("/data/0/created_at"));
    assert_eq!(error.row_id(), Some("245"));
    let shown = error.to_string();
    assert!(shown.contains("invalid value: string at line"), "{shown}");
    assert!(!shown.contains("9999"), "{shown}");
}

#[tokio::test]
async fn an_unknown_key_decodes_and_is_reachable() {
    let mut customer = example("Customer");
    customer["metadata"] = json!({ "crm": { "owner": 7 } });
    let (_server, pivotal) = serving("200 OK", &customer);

    let response = pivotal.customer(245).get().with_meta().await.unwrap();

    assert_eq!(response.value.name, "Aurora Outfitters");
    assert_eq!(
        Value::Object(response.extra.clone()),
        json!({ "metadata": { "crm": { "owner": 7 } } })
    );
    assert_eq!(response.pointer("/metadata/crm/owner"), Some(json!(7)));
}

#[tokio::test]
async fn a_missing_nullable_key_decodes_as_null() {
    let mut customer = example("Customer");
    for key in ["domain", "mrr", "slack_channel_id"] {
        customer.as_object_mut().unwrap().remove(key);
    }
    let (_server, pivotal) = serving("200 OK", &customer);

    let decoded = pivotal.customer(245).get().await.unwrap();

    assert_eq!(
        (decoded.domain, decoded.mrr, decoded.slack_channel_id),
        (None, None, None)
    );
}

#[tokio::test]
async fn an_unknown_error_type_and_code_are_kept_and_classified_by_status() {
    let body = json!({ "error": { "type": "quota_error", "code": "seats_used_up", "message": "No seat left." } });
    let (_server, pivotal) = serving("409 Conflict", &body);

    let error = pivotal.me().await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.code(), Some(&"seats_used_up".into()));
    assert_eq!(
        error.error_type().map(pivotal_sdk::ErrorType::as_str),
        Some("quota_error")
    );
}
