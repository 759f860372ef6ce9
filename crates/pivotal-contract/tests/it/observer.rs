//! What the observer finds in single exchanges.

use pivotal_contract::{AdditionKind, Evidence, Source, Violation, ViolationKind};
use pivotal_openapi::Document;
use pivotal_sandbox::Sandbox;
use pivotal_sdk::{Client, CreateContact, CreateCustomer, Method, RetryPolicy, UpdateCustomer};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::scripted::{HEADERS, Reports, client, serve};

async fn sandbox(fault: &str) -> (Sandbox, Client, Reports) {
    let mut sandbox = Sandbox::builder().seed(7);
    if !fault.is_empty() {
        sandbox = sandbox.fault(fault.parse().unwrap());
    }
    let sandbox = sandbox.start().await.unwrap();
    let reports = Reports::default();
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .retry(RetryPolicy::off())
        .observer(Arc::new(reports.observer()))
        .build()
        .unwrap();
    (sandbox, client, reports)
}

fn example(schema: &str) -> Value {
    Document::contract().schema(schema).unwrap()["examples"][0].clone()
}

#[tokio::test]
async fn a_server_that_keeps_to_the_contract_is_left_alone() {
    let (_sandbox, pivotal, reports) = sandbox("").await;
    pivotal.customers().list().limit(100).await.unwrap();
    pivotal.onboardings().list().await.unwrap();
    let missing = pivotal.customer("nobody").get().await;
    assert!(missing.unwrap_err().is_not_found());
    assert_eq!((reports.lines(), reports.additions()), (vec![], vec![]));
}

/// Fault, and the violations that it causes in `get-contact`: kind, source, evidence, place, rule.
const FAULTS: [(&str, ViolationKind, Source, Evidence, &str, &str); 7] = [
    (
        "missing-key=name",
        ViolationKind::Body,
        Source::Document,
        Evidence::Example,
        "/response/body",
        "/components/schemas/Contact/properties/name",
    ),
    (
        "missing-key=title",
        ViolationKind::Body,
        Source::ProjectDecision,
        Evidence::Inferred,
        "/response/body",
        "/components/schemas/Contact/properties/title",
    ),
    (
        "status=503",
        ViolationKind::Status,
        Source::Document,
        Evidence::Stated,
        "/response/status",
        "/paths/~1api~1v1~1contacts~1{id}/get/responses",
    ),
    (
        "status-after-processing=504",
        ViolationKind::Status,
        Source::Document,
        Evidence::Stated,
        "/response/status",
        "/paths/~1api~1v1~1contacts~1{id}/get/responses",
    ),
    (
        "html-502",
        ViolationKind::Status,
        Source::Document,
        Evidence::Stated,
        "/response/status",
        "/paths/~1api~1v1~1contacts~1{id}/get/responses",
    ),
    (
        "malformed-json",
        ViolationKind::Body,
        Source::Document,
        Evidence::Stated,
        "/response/body",
        "/paths/~1api~1v1~1contacts~1{id}/get/responses/200/content",
    ),
    (
        "rate-limited",
        ViolationKind::Header,
        Source::Document,
        Evidence::Stated,
        "/response/headers/retry-after",
        "/components/headers/Retry-After",
    ),
];

#[tokio::test]
async fn each_alteration_of_a_response_is_reported_with_source_and_evidence() {
    for (fault, kind, source, evidence, place, rule) in FAULTS {
        let (_sandbox, pivotal, reports) = sandbox(&format!("get-contact:{fault}")).await;
        let _ = pivotal.contact(1).get().await;
        let violations = reports.violations();
        let [violation] = violations.as_slice() else {
            panic!("{fault}: {violations:?}");
        };
        let Violation {
            operation,
            kind: found,
            ..
        } = violation;
        assert_eq!(
            (operation.as_str(), *found),
            ("get-contact", kind),
            "{fault}"
        );
        assert_eq!(
            (violation.source, violation.evidence),
            (source, evidence),
            "{fault}"
        );
        assert_eq!(
            (violation.place.as_str(), violation.rule.as_str()),
            (place, rule),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn keys_and_values_of_a_later_version_are_additions() {
    let (_sandbox, pivotal, reports) = sandbox("list-onboardings:unknown-key").await;
    pivotal.onboardings().list().await.unwrap();
    let additions = reports.additions();
    let places: Vec<_> = additions
        .iter()
        .map(|new| (new.kind, new.name.as_str(), new.place.as_str()))
        .collect();
    let key = (AdditionKind::Key, "key_of_a_later_version");
    assert_eq!(
        places,
        [
            (key.0, key.1, "/response/body"),
            (key.0, key.1, "/response/body/data/*")
        ]
    );

    let (_sandbox, pivotal, new) = sandbox("get-onboarding:unknown-enum-value").await;
    pivotal.onboarding(1).get().await.unwrap();
    let additions = new.additions();
    let values: Vec<_> = additions
        .iter()
        .map(|new| (new.kind, new.name.as_str(), new.schema.as_str()))
        .collect();
    let value = (AdditionKind::EnumValue, "value_of_a_later_version");
    assert_eq!(
        values,
        [
            (
                value.0,
                value.1,
                "/components/schemas/Onboarding/properties/phase"
            ),
            (
                value.0,
                value.1,
                "/components/schemas/Onboarding/properties/state"
            ),
        ]
    );
    assert_eq!((reports.lines(), new.lines()), (vec![], vec![]));
}

#[tokio::test]
async fn a_wrong_type_is_reported_once_for_all_rows_and_by_its_shape() {
    let mut page = example("CustomerList");
    page["data"][0]["mrr"] = json!("a lot of money");
    let row = page["data"][0].clone();
    page["data"].as_array_mut().unwrap().push(row);
    let reports = Reports::default();
    let base_url = serve(200, HEADERS, &page.to_string()).await;
    let _ = client(&base_url, reports.observer())
        .customers()
        .list()
        .await;
    assert_eq!(
        reports.lines(),
        [
            "list-customers returned 200: body at /response/body/data/0/mrr: the value is not of types \"null\", \
             \"integer\", it is text of 14 characters (2 places); contradicts the document (stated, \
             /components/schemas/Customer/properties/mrr/type)"
        ]
    );
}

#[tokio::test]
async fn headers_have_to_be_there_and_well_formed() {
    let health = example("Health").to_string();
    let reports = Reports::default();
    let headers = HEADERS.replace("x-ratelimit-limit: 30", "x-ratelimit-limit: many");
    let base_url = serve(200, &headers, &health).await;
    client(&base_url, reports.observer())
        .health()
        .await
        .unwrap();
    let lines = reports.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains(
            "header at /response/headers/x-ratelimit-limit: the value is not of type \"integer\""
        ),
        "{lines:?}"
    );

    let base_url = serve(
        200,
        "content-type: application/json; charset=utf-8\r\n",
        &health,
    )
    .await;
    client(&base_url, reports.observer())
        .health()
        .await
        .unwrap();
    let missing = reports.violations();
    assert_eq!(missing.len(), 3);
    assert!(missing.iter().all(|one| one.kind == ViolationKind::Header
        && one.message.ends_with("is missing")
        && one.source == Source::Document));

    let base_url = serve(
        200,
        &HEADERS.replace("application/json", "text/plain"),
        &health,
    )
    .await;
    let _ = client(&base_url, reports.observer()).health().await;
    let lines = reports.lines();
    assert!(
        lines.len() == 1 && lines[0].contains("the response is text/plain, not application/json"),
        "{lines:?}"
    );

    for (given, shown) in [
        ("", "without a media type"),
        ("content-type: text/a letter to Mira\r\n", "text/[16 bytes]"),
    ] {
        let headers = HEADERS.replace("content-type: application/json\r\n", given);
        let base_url = serve(200, &headers, &health).await;
        let _ = client(&base_url, reports.observer()).health().await;
        let line = reports.lines().concat();
        assert!(
            line.contains(&format!("the response is {shown}, not")),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_request_that_is_refused_is_agreement_and_one_that_is_taken_is_not() {
    let (_sandbox, pivotal, reports) = sandbox("").await;
    // The SDK sends it: the server decides what an address is.
    let bad = CreateContact::new("Mira Chen", "mira..chen@aurora-demo.com");
    let refused = pivotal.customer(1).contacts().create(bad.clone()).await;
    assert!(refused.unwrap_err().is_invalid_request());
    let sent = pivotal
        .request(Method::POST, "/api/v1/customers")
        .json(&json!({ "name": 7 }))
        .await;
    assert!(sent.unwrap_err().is_invalid_request());
    assert_eq!(reports.lines(), [""; 0]);

    let base_url = serve(201, HEADERS, &example("Contact").to_string()).await;
    let lenient = client(&base_url, reports.observer());
    lenient.customer(1).contacts().create(bad).await.unwrap();
    let violations = reports.violations();
    assert_eq!(violations.len(), 1, "{violations:?}");
    let Violation {
        kind,
        source,
        place,
        rule,
        ..
    } = &violations[0];
    assert_eq!(
        (*kind, *source, place.as_str(), rule.as_str()),
        (
            ViolationKind::RequestBody,
            Source::ProjectDecision,
            "/request/body/email",
            "/components/schemas/CreateContact/properties/email/format"
        )
    );
}

#[tokio::test]
async fn requests_by_method_and_path_are_checked_where_the_contract_has_them() {
    let reports = Reports::default();
    let page = example("CustomerList").to_string();
    let base_url = serve(200, HEADERS, &page).await;
    // Behind a prefix, as through a proxy of one's own.
    let pivotal = client(&format!("{base_url}/pivotal"), reports.observer());
    let list = pivotal.request(Method::GET, "/api/v1/customers");
    list.query("limit", 0).query("sort", "name").await.unwrap();
    let lines = reports.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains("parameter at /request/query/limit"),
        "{lines:?}"
    );
    let additions = reports.additions();
    assert_eq!(additions.len(), 1);
    assert_eq!(
        (additions[0].kind, additions[0].name.as_str()),
        (AdditionKind::Parameter, "sort")
    );
    pivotal
        .request(Method::GET, "/api/v1/reports/7")
        .await
        .unwrap();
    pivotal
        .request(Method::PUT, "/api/v1/customers")
        .await
        .unwrap();
    assert_eq!(reports.lines(), [""; 0], "no operation of the contract");
}

#[tokio::test]
async fn a_key_that_a_request_adds_is_an_addition() {
    let (_sandbox, pivotal, reports) = sandbox("").await;
    let aurora = CreateCustomer::new("Aurora").extra("metadata", json!({ "tier": 1 }));
    pivotal.customers().create(aurora).await.unwrap();
    let places: Vec<_> = reports
        .additions()
        .into_iter()
        .map(|new| new.place)
        .collect();
    assert_eq!(places, ["/request/body", "/response/body"]);
    let changed = UpdateCustomer::new().plan("Growth");
    pivotal.customer(1).update(changed).await.unwrap();
    assert_eq!(reports.lines(), [""; 0]);
}

#[tokio::test]
async fn an_attempt_that_is_repeated_is_not_looked_at() {
    let sandbox = Sandbox::builder()
        .fault("get-me:html-502:count=1".parse().unwrap())
        .start()
        .await
        .unwrap();
    let reports = Reports::default();
    let quick = std::time::Duration::from_millis(1);
    let pivotal = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .retry(RetryPolicy::default().backoff(quick, quick))
        .observer(Arc::new(reports.observer()))
        .build()
        .unwrap();
    let response = pivotal.me().with_meta().await.unwrap();
    assert_eq!(response.meta.attempts(), 2);
    assert_eq!(reports.lines(), [""; 0]);
}
