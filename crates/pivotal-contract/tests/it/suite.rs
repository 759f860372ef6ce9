//! The suite: what it writes goes away again, whatever happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pivotal_contract::{Suite, SuiteError};
use pivotal_sandbox::Sandbox;
use pivotal_sdk::{Bytes, Client, RetryPolicy};
use serde_json::json;

use crate::altered::{altered, connect, sandbox_suite, whole};
use crate::scripted::{KEY, serve};

/// More than the sandboxes of these tests ever have; they are numbered from 1.
const ONBOARDINGS: i64 = 70;

/// What customers, contacts and onboardings a sandbox has, by name and number.
async fn rows(sandbox: &Sandbox) -> Vec<String> {
    let pivotal = connect(sandbox)().build().unwrap();
    let mut rows = Vec::new();
    for customer in pivotal
        .customers()
        .list()
        .collect_up_to(1_000)
        .await
        .unwrap()
    {
        rows.push(format!("customer {}", customer.name));
        let of = pivotal.customer(&customer);
        let contacts = of.contacts().list().collect_up_to(1_000).await.unwrap();
        rows.extend(
            contacts
                .iter()
                .map(|row| format!("contact {}", row.display_id)),
        );
    }
    // An onboarding outlives its customer, and is then in no list.
    for number in 1..=ONBOARDINGS {
        if pivotal.onboarding(number).get().await.is_ok() {
            rows.push(format!("onboarding {number}"));
        }
    }
    rows
}

#[tokio::test]
async fn the_sandbox_agrees_with_all_of_the_contract() {
    let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
    let before = rows(&sandbox).await;
    let report = whole(&sandbox, connect(&sandbox)).run().await.unwrap();
    assert!(report.agrees(), "{report}");
    assert!(report.coverage.complete);
    assert!(
        report.additions.is_empty() && report.skipped.is_empty(),
        "{report}"
    );
    assert_eq!(rows(&sandbox).await, before);
}

#[tokio::test]
async fn without_writes_nothing_but_reads_is_sent() {
    let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
    let report = sandbox_suite(connect(&sandbox)).run().await.unwrap();
    assert!(report.agrees() && !report.coverage.complete, "{report}");
    let methods: Vec<_> = sandbox
        .requests()
        .into_iter()
        .map(|request| request.method)
        .collect();
    assert!(
        methods.len() > 30 && methods.iter().all(|method| method == "GET"),
        "{methods:?}"
    );
}

#[tokio::test]
async fn an_empty_workspace_is_no_deviation() {
    let sandbox = Sandbox::start().await;
    let report = sandbox_suite(connect(&sandbox)).run().await.unwrap();
    assert!(report.agrees(), "{report}");
    let lists = sandbox_suite(Client::builder);
    let lists = lists
        .cases()
        .filter(|case| case.ends_with("rows, pages and filters"));
    assert_eq!(report.skipped.len(), lists.count(), "{report}");
}

#[tokio::test]
async fn records_are_deleted_even_if_cases_fail() {
    for fault in [
        // The row is there; its ID was never received.
        "create-customer:malformed-json",
        "create-customer-contact:malformed-json",
        "create-onboarding:missing-key=id",
        "create-customer:reset-after-processing",
        // The story ends after the first row.
        "update-customer:status=500",
        "get-contact:html-502",
    ] {
        let sandbox = Sandbox::builder()
            .seed(7)
            .fault(fault.parse().unwrap())
            .start()
            .await
            .unwrap();
        let before = rows(&sandbox).await;
        let connect = connect(&sandbox);
        let suite = sandbox_suite(move || connect().retry(RetryPolicy::off())).writes(true);
        let report = suite.run().await.unwrap();
        assert!(!report.agrees(), "{fault}");
        assert!(report.left_behind.is_empty(), "{fault}: {report}");
        let created = sandbox
            .requests()
            .iter()
            .filter(|request| request.method == "POST")
            .count();
        assert!(created > 0);
        sandbox.faults().clear();
        assert_eq!(rows(&sandbox).await, before, "{fault}");
    }
}

#[tokio::test]
async fn records_that_cannot_be_deleted_are_listed() {
    let sandbox = Sandbox::builder()
        .fault("delete-customer:status=503".parse().unwrap())
        .start()
        .await
        .unwrap();
    let connect = connect(&sandbox);
    let suite = sandbox_suite(move || connect().retry(RetryPolicy::off())).writes(true);
    let report = suite.run().await.unwrap();
    let left = rows(&sandbox).await;
    assert!(
        left.len() > 3
            && left
                .iter()
                .all(|row| row.starts_with("customer contract-check-")),
        "{left:?}"
    );
    assert_eq!(report.left_behind.len(), left.len());
    for record in &report.left_behind {
        assert!(record.record.starts_with("customer c"), "{record:?}");
        assert!(record.reason.contains("status 503"), "{record:?}");
    }
    assert!(report.to_string().contains("left behind: customer c"));
}

/// A removal is believed by its status, and an id that leads elsewhere is not followed.
#[tokio::test]
async fn foreign_ids_are_not_deleted_and_responses_to_deletes_need_not_decode() {
    let (sandbox, connect) = altered(|passing| {
        if passing.is("POST", "/api/v1/customers") && passing.response.status().is_success() {
            passing.change(|row| row["id"] = json!("../onboardings/1"));
        }
        if passing.method == "DELETE" && passing.response.status().is_success() {
            *passing.response.body_mut() = Bytes::from_static(b"gone");
        }
    })
    .await;
    let before = rows(&sandbox).await;
    let report = sandbox_suite(connect).writes(true).run().await.unwrap();
    assert_eq!(
        rows(&sandbox).await,
        before,
        "found by their names, and removed"
    );
    let left: Vec<_> = report
        .left_behind
        .iter()
        .map(|left| (left.record.as_str(), left.reason.as_str()))
        .collect();
    assert_eq!(
        left,
        [("customer [16 bytes]", "its ID is not a path segment")]
    );
}

#[tokio::test]
async fn a_record_that_is_not_ours_is_neither_changed_nor_removed() {
    let (sandbox, connect) = altered(|passing| {
        let made = passing.method == "POST" && passing.response.status().is_success();
        if made && passing.is("POST", "/api/v1/customers") {
            passing.change(|row| {
                row["id"] = json!("1");
                row["name"] = json!("Aurora Outfitters");
            });
        }
    })
    .await;
    let before = rows(&sandbox).await;
    let suite = sandbox_suite(connect).writes(true);
    let report = suite.run().await.unwrap();
    assert_eq!(rows(&sandbox).await, before);
    assert!(report.left_behind.is_empty());
    assert_eq!(report.deviations.len(), 1, "{report}");
    let deviation = &report.deviations[0];
    assert_eq!(
        deviation.violation.message,
        "another record than was created"
    );
    let creates = |case: &&str| {
        let what = [
            "minimal, then",
            "maximal, and",
            "is taken",
            "record of its own",
        ];
        what.iter().any(|what| case.contains(what))
    };
    assert_eq!(deviation.cases.len(), suite.cases().filter(creates).count());
}

#[tokio::test]
async fn a_run_that_is_stopped_removes_what_it_made() {
    for after in [20, 60, 75, 90, 110] {
        let calls = Arc::new(AtomicUsize::new(0));
        let stop = Arc::new(tokio::sync::Notify::new());
        let (counter, notify) = (Arc::clone(&calls), Arc::clone(&stop));
        let (sandbox, connect) = altered(move |_| {
            if counter.fetch_add(1, Ordering::Relaxed) + 1 == after {
                notify.notify_one();
            }
        })
        .await;
        let before = rows(&sandbox).await;
        let suite = sandbox_suite(connect).writes(true);
        let report = suite.run_until(stop.notified()).await.unwrap();
        assert!(report.interrupted && !report.agrees(), "{after}");
        assert!(report.left_behind.is_empty(), "{report}");
        assert!(
            report
                .to_string()
                .ends_with("Interrupted before its end.\n")
        );
        assert_eq!(rows(&sandbox).await, before, "{after}");
    }
}

#[tokio::test]
async fn without_a_server_or_a_key_nothing_is_checked() {
    let nobody = || {
        Client::builder()
            .base_url("http://127.0.0.1:1")
            .api_key("pivotal_test_x")
    };
    let suite = sandbox_suite(move || nobody().retry(RetryPolicy::off()));
    let error = suite.run().await.unwrap_err();
    assert!(matches!(error, SuiteError::Unreachable { .. }));
    assert!(
        error
            .to_string()
            .starts_with("no server responds at http://127.0.0.1:1: "),
        "{error}"
    );

    let sandbox = Sandbox::start().await;
    let connect = connect(&sandbox);
    let error = sandbox_suite(move || connect().api_key("pivotal_test_N0tTobeSeen"))
        .run()
        .await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("refuses the API key; take one of a workspace")
            && !error.contains("N0tTobeSeen"),
        "{error}"
    );

    let error = Suite::new(Client::builder).run().await.unwrap_err();
    assert!(matches!(error, SuiteError::Config(_)), "{error}");
}

/// Dozens of deviations would hide that the address is wrong.
#[tokio::test]
async fn a_foreign_server_is_not_drift() {
    let json = "content-type: application/json\r\n";
    let html = "content-type: text/html\r\n";
    for (status, headers, body) in [
        (200, html, "<html>N0tTobeSeen</html>"),
        (502, html, "<html>N0tTobeSeen</html>"),
        (404, json, r#"{"detail":"N0tTobeSeen"}"#),
    ] {
        let base_url = serve(status, headers, body).await;
        let asked = base_url.clone();
        let connect = move || Client::builder().base_url(&asked).api_key(KEY);
        let suite = sandbox_suite(move || connect().retry(RetryPolicy::off())).writes(true);
        let error = suite.run().await.unwrap_err();
        assert!(matches!(error, SuiteError::NotPivotal { .. }), "{error:?}");
        let text = error.to_string();
        let start = format!("the server at {base_url} is not Pivotal: ");
        let end = format!(", status {status}; check the address");
        assert!(text.starts_with(&start) && text.ends_with(&end), "{text}");
        assert!(!text.contains("N0tTobeSeen"), "{text}");
    }
}

#[test]
fn cases_have_names_of_their_own() {
    let suite = Suite::new(Client::builder);
    let names: Vec<_> = suite.cases().collect();
    let different: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(different.len(), names.len());
    assert!(matches!(
        Suite::new(Client::builder).without("no such case"),
        Err(SuiteError::NoSuchCase(_))
    ));
}
