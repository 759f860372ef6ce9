//! The suite on servers that part from the contract: the right deviation, source and evidence.

use pivotal_contract::{Deviation, Evidence, Report, Source, ViolationKind};
use pivotal_sdk::{Bytes, StatusCode};
use serde_json::json;

use crate::altered::{Passing, altered, sandbox_suite};

/// What the suite, allowed to write, finds in an altered sandbox.
async fn found(alter: impl Fn(&mut Passing) + Send + Sync + 'static) -> Report {
    let (sandbox, connect) = altered(alter).await;
    let report = sandbox_suite(connect).writes(true).run().await.unwrap();
    sandbox.stop().await;
    report
}

/// The deviations, each as case, kind, source, evidence and rule.
fn deviations(report: &Report) -> Vec<(&str, ViolationKind, Source, Evidence, &str)> {
    report
        .deviations
        .iter()
        .map(
            |Deviation {
                 cases, violation, ..
             }| {
                (
                    cases[0].as_str(),
                    violation.kind,
                    violation.source,
                    violation.evidence,
                    violation.rule.as_str(),
                )
            },
        )
        .collect()
}

#[tokio::test]
async fn a_field_of_another_type_contradicts_the_document() {
    let report = found(|passing| {
        if passing.is("GET", "/api/v1/me") && passing.response.status().is_success() {
            passing.change(|me| me["api_key"]["scopes"] = json!("all"));
        }
    })
    .await;
    assert_eq!(
        deviations(&report),
        [(
            "get-me: succeeds",
            ViolationKind::Body,
            Source::Document,
            Evidence::Stated,
            "/components/schemas/Me/properties/api_key/properties/scopes/type",
        )]
    );
    assert!(!report.agrees());
}

#[tokio::test]
async fn a_field_that_was_inferred_and_is_dropped_contradicts_our_decision() {
    let report = found(|passing| {
        if passing.is("GET", "/api/v1/contacts/*") && passing.response.status().is_success() {
            passing.change(|contact| drop(contact.as_object_mut().unwrap().remove("title")));
        }
    })
    .await;
    let deviations = deviations(&report);
    assert!(!deviations.is_empty());
    for (_, kind, source, evidence, rule) in deviations {
        assert_eq!(
            (kind, source, evidence, rule),
            (
                ViolationKind::Body,
                Source::ProjectDecision,
                Evidence::Inferred,
                "/components/schemas/Contact/properties/title"
            )
        );
    }
}

#[tokio::test]
async fn a_field_that_does_not_keep_what_was_sent_contradicts_who_said_so() {
    let report = found(|passing| {
        if passing.is("PATCH", "/api/v1/onboardings/*") && passing.response.status().is_success() {
            passing.change(|row| row["reminder_frequency_days"] = json!(30));
        }
        if passing.is("POST", "/api/v1/customers") && passing.response.status().is_success() {
            passing.change(|row| row["plan"] = json!("another"));
        }
    })
    .await;
    assert_eq!(
        deviations(&report),
        [
            (
                "create-customer: maximal, and once per idempotency key",
                ViolationKind::Behaviour,
                Source::Document,
                Evidence::Stated,
                "/components/schemas/CreateCustomer/properties/plan",
            ),
            (
                "create-onboarding: minimal, then changed, cleared and deleted",
                ViolationKind::Behaviour,
                Source::ProjectDecision,
                Evidence::Decided,
                "/components/schemas/UpdateOnboarding/properties/reminder_frequency_days",
            ),
        ]
    );
    assert!(
        report.deviations[0].violation.message
            == "text of 6 characters was sent, and another value, text of 7 characters, came back"
    );
}

#[tokio::test]
async fn a_status_that_is_not_documented_contradicts_the_document() {
    let report = found(|passing| {
        if passing.method == "DELETE" && passing.response.status() == StatusCode::OK {
            *passing.response.status_mut() = StatusCode::NO_CONTENT;
            *passing.response.body_mut() = Bytes::new();
        }
    })
    .await;
    let deviations = deviations(&report);
    assert_eq!(deviations.len(), 3, "{deviations:?}");
    for (_, kind, source, _, rule) in deviations {
        assert_eq!((kind, source), (ViolationKind::Status, Source::Document));
        assert!(rule.ends_with("/delete/responses"), "{rule}");
    }
    assert!(report.left_behind.is_empty(), "{:?}", report.left_behind);
}

#[tokio::test]
async fn a_refusal_with_another_status_contradicts_the_one_that_documents_it() {
    let report = found(|passing| {
        let taken = passing.response.status() == StatusCode::CONFLICT;
        if taken && passing.is("PATCH", "/api/v1/customers/*") {
            *passing.response.status_mut() = StatusCode::BAD_REQUEST;
        }
    })
    .await;
    assert_eq!(
        deviations(&report),
        [(
            "create-customer: when the slug is taken",
            ViolationKind::Behaviour,
            Source::ProjectDecision,
            Evidence::Inferred,
            "/paths/~1api~1v1~1customers~1{id}/patch/responses/409",
        )]
    );
}

#[tokio::test]
async fn a_filter_that_is_not_kept_contradicts_who_said_that_there_is_one() {
    let (sandbox, connect) = altered(|passing| {
        if passing.is("GET", "/api/v1/customers") && passing.response.status().is_success() {
            passing.change(|page| {
                for row in page["data"].as_array_mut().unwrap() {
                    row["status"] = json!("churned");
                    row["slug"] = json!("the-same-for-all");
                }
            });
        }
    })
    .await;
    let report = sandbox_suite(connect).run().await.unwrap();
    drop(sandbox);
    assert_eq!(
        deviations(&report),
        [
            (
                "list-customers: rows, pages and filters",
                ViolationKind::Behaviour,
                Source::Document,
                Evidence::Stated,
                "/paths/~1api~1v1~1customers/get/parameters/2",
            ),
            (
                "list-customers: rows, pages and filters",
                ViolationKind::Behaviour,
                Source::ProjectDecision,
                Evidence::Decided,
                "/paths/~1api~1v1~1customers/get/parameters/3",
            ),
        ]
    );
}

/// The contract says integer, and in JSON Schema one may have any length; the SDK reads 64 bits.
#[tokio::test]
async fn a_valid_response_that_does_not_decode_contradicts_the_sdk() {
    let report = found(|passing| {
        if passing.is("GET", "/api/v1/customers/*") && passing.response.status().is_success() {
            passing.change(|row| row["display_id"] = json!(u64::MAX));
        }
    })
    .await;
    let deviations = deviations(&report);
    assert!(!deviations.is_empty());
    for (_, kind, source, evidence, rule) in &deviations {
        assert_eq!(
            (*kind, *source, *evidence, *rule),
            (
                ViolationKind::Sdk,
                Source::Sdk,
                Evidence::Stated,
                "/paths/~1api~1v1~1customers~1{id}/get/responses/200"
            )
        );
    }
    let message = &report.deviations[0].violation.message;
    assert_eq!(message, "the SDK does not decode it at /display_id");
}

#[tokio::test]
async fn a_server_that_fails_is_no_deviation_and_no_agreement() {
    let (sandbox, connect) = altered(|passing| {
        if passing.is("GET", "/api/v1/health") {
            *passing.response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            let envelope = json!({ "error": { "type": "internal_error", "code": "internal_error", "message": "" } });
            *passing.response.body_mut() = envelope.to_string().into();
        }
    })
    .await;
    let suite = sandbox_suite(move || connect().retry(pivotal_sdk::RetryPolicy::off()));
    let report = suite.run().await.unwrap();
    drop(sandbox);
    assert_eq!(deviations(&report), []);
    assert_eq!(report.failures.len(), 1);
    assert_eq!(
        report.failures[0].reason,
        "server error, status 500, code internal_error"
    );
    assert!(!report.agrees());
}
