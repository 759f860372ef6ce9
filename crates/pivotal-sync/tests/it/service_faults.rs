//! A service that fails: the run says so, and the key goes nowhere else.

use std::time::Duration;

use pivotal_sync::{Error, Report};
use pivotal_test_support::{Reply, ScriptedServer, response};

use crate::hubspot::{FIELDS, account};
use crate::service::{Account, Fault, KEY, Service, hubspot, no_fault, query, stripe};
use crate::world::{World, world};

async fn sync(world: &World, service: &Service) -> Result<Report, Error> {
    let config = service.config(FIELDS);
    service.sync(world, &config).await
}

/// An account of three pages.
fn pages() -> Account {
    let mut account = account(6);
    account.page = 2;
    account
}

fn limited(policy: &str, interval: &str) -> Option<Reply> {
    let body = format!(
        r#"{{"status":"error","message":"You have reached your limit","policyName":"{policy}"}}"#
    );
    let headers = format!("X-HubSpot-RateLimit-Interval-Milliseconds: {interval}\r\n");
    Some(response("429 Too Many Requests", &headers, body))
}

#[tokio::test]
async fn temporary_failures_are_retried() {
    let faults: [Fault; 4] = [
        |_, number| (number == 1).then(|| limited("TEN_SECONDLY_ROLLING", "20").unwrap()),
        |_, number| (number == 1).then(|| response("500 Error", "", "oops")),
        |_, number| (number == 1).then_some(Reply::Close),
        |_, number| (number == 1).then(|| response("502 Bad Gateway", "", "<html>")),
    ];
    for (index, fault) in faults.into_iter().enumerate() {
        let service = hubspot(pages(), fault);
        let report = sync(&world(false).await, &service).await.unwrap();
        assert_eq!(report.run.exit_code, Some(0), "fault {index}: {report}");
        assert_eq!(
            (report.run.rows, service.requests().len()),
            (6, 4),
            "fault {index}"
        );
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_is_partial_and_what_was_read_is_used() {
    let faults: [(Fault, &str); 9] = [
        (
            |_, number| {
                let body = r#"{"results":[],"paging":{"next":{"after":9}}}"#;
                (number > 0).then(|| response("200 OK", "", body))
            },
            "no text `after`",
        ),
        (
            |_, number| (number > 0).then(|| response("500 Error", "", "")),
            "status 500",
        ),
        (
            |_, number| (number > 0).then_some(Reply::Close),
            "connection",
        ),
        (
            |_, number| (number > 0).then(|| response("200 OK", "", "<html>")),
            "is not JSON",
        ),
        (
            |_, number| (number > 0).then(|| response("200 OK", "", "{}")),
            "no list `results`",
        ),
        (
            |_, number| (number > 0).then(|| response("200 OK", "", r#"{"results":[{"name":1}]}"#)),
            "`id`",
        ),
        (
            |_, number| {
                let body = r#"{"results":[],"paging":{"next":{"after":"9"}}}"#;
                (number > 0).then(|| response("200 OK", "", body))
            },
            "no rows",
        ),
        (
            |_, number| (number > 0).then(|| limited("DAILY", "10000").unwrap()),
            "run it again tomorrow",
        ),
        (
            |request, number| {
                let is_second = query(request).get("after").map(String::as_str) == Some("2");
                let body = r#"{"results":[{"id":"2","properties":{"name":"C2","domain":"c2.test"}}],"paging":{"next":{"after":"2"}}}"#;
                (number > 0 && is_second).then(|| response("200 OK", "", body))
            },
            "was repeated",
        ),
    ];
    for (fault, why) in faults {
        let service = hubspot(pages(), fault);
        let world = world(false).await;
        let report = sync(&world, &service).await.unwrap();
        assert_eq!(
            (report.run.state.as_str(), report.run.exit_code),
            ("partial", Some(5)),
            "{report}"
        );
        let incomplete = report.run.incomplete.unwrap();
        assert!(
            incomplete.starts_with("HubSpot: ") && incomplete.contains(why),
            "{incomplete}"
        );
        assert_eq!(world.customers().await.len(), 2, "{why}");
        let after_failure = service.requests().len();
        assert!(
            !incomplete.contains("tomorrow") || after_failure == 2,
            "{after_failure}"
        );
    }
}

#[tokio::test]
async fn if_nothing_could_be_read_nothing_is_planned() {
    let faults: [(Fault, &str, u8); 5] = [
        (|_, _| Some(response("500 Error", "", "")), "status 500", 5),
        (
            |_, _| Some(response("401 No", "", r#"{"message":"The token expired"}"#)),
            "The token expired",
            4,
        ),
        (
            |_, _| {
                Some(response(
                    "403 No",
                    "",
                    r#"{"message":"needs the scope x\u001b[31m"}"#,
                ))
            },
            "needs the scope x\\u{1b}",
            4,
        ),
        // Also after the first page.
        (
            |_, number| (number > 0).then(|| response("401 No", "", "")),
            "status 401",
            4,
        ),
        (|_, _| limited("DAILY", "10000"), "daily limit", 5),
    ];
    for (fault, why, code) in faults {
        let service = hubspot(pages(), fault);
        let world = world(false).await;
        let error = sync(&world, &service).await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.exit_code(), code, "{text}");
        assert!(
            text.starts_with("HubSpot: GET /crm/") && text.contains(why),
            "{text}"
        );
        assert_eq!(world.sandbox.requests(), []);
        let run = &world.state.runs().unwrap()[0];
        assert_eq!((run.state.as_str(), run.exit_code), ("failed", Some(code)));
    }
}

#[tokio::test]
async fn the_key_is_in_no_error_and_is_not_sent_to_the_host_of_a_redirect() {
    let service = hubspot(account(1), |request, _| {
        let key = request
            .header("authorization")
            .unwrap_or_default()
            .to_owned();
        Some(response(
            "400 No",
            "",
            format!(r#"{{"message":"you sent {key}"}}"#),
        ))
    });
    let text = sync(&world(false).await, &service)
        .await
        .unwrap_err()
        .to_string();
    assert!(text.contains("you sent Bearer [redacted]"), "{text}");

    let other = ScriptedServer::responding("200 OK", "", r#"{"results":[]}"#);
    let location = format!("location: {}/crm\r\n", other.base_url());
    let from = ScriptedServer::responding("302 Found", &location, "");
    let service = hubspot(account(1), no_fault);
    let mut config = service.config(FIELDS);
    config.source.base_url = Some(from.base_url().into());
    let world = world(false).await;
    let error = service.sync(&world, &config).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("a redirect, which is not followed"),
        "{error}"
    );
    assert_eq!((from.requests().len(), other.requests().len()), (1, 0));
    assert!(from.requests()[0].text().contains(KEY));
}

#[tokio::test]
async fn contacts_that_are_not_returned_make_the_run_partial() {
    let mut account = account(1);
    account.rows[0]["contacts"] = serde_json::json!(["5", "6"]);
    account.contacts = vec![serde_json::json!({ "id": "5", "properties": {} })];
    let service = hubspot(account, no_fault);
    let text = format!("{FIELDS}plan = {{ column = \"contacts\" }}");
    let config = service.config(&text);
    let world = world(false).await;
    let plan = world.plan_sources(&config, vec![service.source(&config)]);
    let run = world.state.run(plan.await.unwrap()).unwrap();
    let incomplete = run.incomplete.unwrap();
    assert!(
        incomplete.contains("1 of 2 were not returned, the first 6: Could not get"),
        "{incomplete}"
    );
}

#[tokio::test]
async fn stripe_says_why_it_refuses_and_where_a_list_breaks_off() {
    let fields = crate::stripe::FIELDS;
    let rows = || Account {
        rows: (1..=4)
            .map(|number| crate::stripe::customer(&format!("cus_{number}"), &[]))
            .collect(),
        page: 2,
        ..Account::default()
    };
    let service = stripe(rows(), |_, _| {
        let body = r#"{"error":{"type":"invalid_request_error","message":"Expired API Key provided: rk_live_***abc"}}"#;
        Some(response("401 Unauthorized", "", body))
    });
    let config = service.config(fields);
    let world = world(false).await;
    let error = service.sync(&world, &config).await.unwrap_err();
    assert_eq!(error.exit_code(), 4);
    let text = error.to_string();
    assert!(
        text.starts_with("Stripe: GET /v1/customers: status 401: Expired API Key"),
        "{text}"
    );

    let faults: [(Fault, &str); 2] = [
        (
            |_, number| {
                (number > 0).then(|| {
                    response(
                        "200 OK",
                        "",
                        r#"{"object":"list","data":[],"has_more":true}"#,
                    )
                })
            },
            "no rows",
        ),
        (
            |_, number| {
                (number > 0).then(|| response("200 OK", "", r#"{"object":"list","data":[]}"#))
            },
            "has_more",
        ),
    ];
    for (fault, why) in faults {
        let service = stripe(rows(), fault);
        let config = service.config(fields);
        let report = service.sync(&world, &config).await.unwrap();
        assert_eq!(report.run.exit_code, Some(5), "{report}");
        assert!(report.run.incomplete.unwrap().contains(why));
    }
}

#[tokio::test]
async fn hubspot_is_asked_no_faster_than_its_headers_allow() {
    // The window is 10 seconds of HubSpot, of which two requests are left: the third waits.
    let service = hubspot(pages(), |_, number| {
        let body = r#"{"results":[{"id":"1","properties":{"name":"C1","domain":"c1.test"}}],"paging":{"next":{"after":"7"}}}"#;
        let headers = "X-HubSpot-RateLimit-Max: 100\r\nX-HubSpot-RateLimit-Remaining: 0\r\n";
        (number == 0).then(|| response("200 OK", headers, body))
    });
    let world = world(false).await;
    let waits = tokio::time::timeout(Duration::from_millis(700), sync(&world, &service));
    assert!(waits.await.is_err(), "the second request waits");
    assert_eq!(service.requests().len(), 1);
}
