//! The report as people and programs read it.

use pivotal_contract::Report;
use pivotal_sandbox::Sandbox;
use pivotal_sdk::RetryPolicy;
use serde_json::json;

use crate::altered::{altered, connect, sandbox_suite, whole};

/// What differs from run to run, and what grows with the contract.
const MOVING: [(&str, &str); 5] = [
    (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
    (r"\d+ cases, \d+ calls", "[n] cases, [n] calls"),
    (r#""(cases|exchanges)": \d+"#, r#""$1": "[n]""#),
    (
        r"only [0-9X, ]+ are documented",
        "only [statuses] are documented",
    ),
    (r"\bc[a-z0-9]{24}\b", "[id]"),
];

const MEND: &str = "After a change that is meant: INSTA_UPDATE=always cargo test -p pivotal-contract --test it report";

/// A server with something wrong of every sort.
pub(crate) async fn wrong() -> Report {
    let (sandbox, connect) = altered(|passing| {
        let status = passing.response.status();
        if passing.is("GET", "/api/v1/me") && status.is_success() {
            passing.change(|me| {
                me["api_key"]["scopes"] = json!("all");
                me["region"] = json!("eu");
            });
        }
        if passing.is("PATCH", "/api/v1/contacts/*") && status.is_success() {
            passing.change(|row| row["title"] = json!("another"));
        }
        if passing.is("GET", "/api/v1/customers/*") && status.is_success() {
            passing.change(|row| row["display_id"] = json!(u64::MAX));
        }
    })
    .await;
    for fault in ["get-health:status=500:count=1", "delete-contact:status=503"] {
        sandbox.faults().add(fault.parse().unwrap()).unwrap();
    }
    let suite = sandbox_suite(move || connect().retry(RetryPolicy::off())).writes(true);
    suite.run().await.unwrap()
}

#[tokio::test]
async fn a_report_of_deviations() {
    let report = wrong().await;
    insta::with_settings!({ filters => MOVING, omit_expression => true, description => MEND }, {
        insta::assert_snapshot!("wrong_text", report);
        let mut json = serde_json::to_value(&report).unwrap();
        // The text of another snapshot.
        json.as_object_mut().unwrap().remove("coverage");
        insta::assert_snapshot!("wrong_json", serde_json::to_string_pretty(&json).unwrap());
    });
}

#[tokio::test]
async fn a_report_of_agreement_and_the_coverage_of_the_contract() {
    let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
    let report = whole(&sandbox, connect(&sandbox)).run().await.unwrap();
    insta::with_settings!({ filters => MOVING, omit_expression => true, description => MEND }, {
        insta::assert_snapshot!("agreement", report);
        insta::assert_snapshot!("coverage", report.coverage);
    });
    let json = serde_json::to_value(&report.coverage).unwrap();
    let mut rows = json["rows"].as_array().unwrap().iter();
    assert_eq!(
        rows.find(|row| row["operation"] == "delete-contact"),
        Some(&json!({
            "operation": "delete-contact",
            "parameters": { "exercised": 1, "of": 1 },
            "body": { "exercised": 0, "of": 0 },
            "response": { "exercised": 4, "of": 4 },
            "statuses": { "exercised": 5, "of": 6 },
        }))
    );
    assert_eq!(json["missing"], json!([]));
}

#[tokio::test]
async fn a_read_only_run_reports_that_it_is_incomplete() {
    let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
    let report = sandbox_suite(connect(&sandbox)).run().await.unwrap();
    assert!(report.coverage.to_string().contains("Not a complete run"));
    assert!(
        report
            .to_string()
            .ends_with("Document, SDK and server agree on what was tried.\n")
    );
}
