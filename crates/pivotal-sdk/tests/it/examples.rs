//! Each example runs, and does what it says.

#![allow(clippy::duplicate_mod, reason = "each example has the module `server`")]

use std::time::Duration;

use futures_util::future::join_all;
use pivotal_sdk::{Client, CreateCustomer, OnboardingPhase, OnboardingState, RetryPolicy, reqwest};

use crate::sandbox::{in_both_modes, sandbox};

#[path = "../../examples/backfill.rs"]
mod backfill;
#[cfg(feature = "blocking")]
#[path = "../../examples/blocking.rs"]
mod blocking;
#[path = "../../examples/dashboard.rs"]
mod dashboard;
#[path = "../../examples/duplicate_domains.rs"]
mod duplicate_domains;
#[path = "../../examples/first_customer.rs"]
mod first_customer;
#[path = "../../examples/nightly_sync.rs"]
mod nightly_sync;
#[path = "../../examples/onboarding_phases.rs"]
mod onboarding_phases;
#[path = "../../examples/raw_and_unknown.rs"]
mod raw_and_unknown;
#[cfg(feature = "webhooks")]
#[path = "../../examples/receive_events.rs"]
pub(crate) mod receive_events;
#[path = "../../examples/webhook.rs"]
mod webhook;

/// Each `main`, on the sandbox that it starts for itself.
#[test]
fn each_example_runs_on_its_own_sandbox() {
    first_customer::main().unwrap();
    onboarding_phases::main().unwrap();
    nightly_sync::main().unwrap();
    dashboard::main().unwrap();
    duplicate_domains::main().unwrap();
    webhook::main().unwrap();
    backfill::main().unwrap();
    raw_and_unknown::main().unwrap();
    #[cfg(feature = "blocking")]
    blocking::main().unwrap();
    #[cfg(feature = "webhooks")]
    receive_events::main().unwrap();
}

#[tokio::test]
async fn first_customer_makes_its_rows_once() {
    in_both_modes(async |_, pivotal| {
        let first = first_customer::run(&pivotal).await.unwrap();
        let again = first_customer::run(&pivotal).await.unwrap();
        assert_eq!(first.id, again.id);
        let customer = pivotal.customer(&first);
        assert_eq!(pivotal.customers().list().await.unwrap().data.len(), 1);
        assert_eq!(customer.contacts().list().await.unwrap().data.len(), 1);
        assert_eq!(customer.onboardings().list().await.unwrap().data.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn onboarding_phases_ends_in_the_last() {
    let (_sandbox, pivotal) = sandbox().await;
    let onboarding = onboarding_phases::run(&pivotal).await.unwrap();
    assert_eq!(onboarding.phase, OnboardingPhase::Completed);
    assert!(onboarding.completed_at.is_some());
}

#[tokio::test]
async fn duplicate_domains_finds_all_pairs_and_the_older_of_each() {
    in_both_modes(async |sandbox, pivotal| {
        let customer = async |name: &str, domain: &str| {
            let create = CreateCustomer::new(name).domain(domain);
            pivotal.customers().create(create).await.unwrap()
        };
        sandbox.freeze_clock("2026-05-26T17:21:09Z".parse().unwrap());
        let old = customer("Aurora", "aurora.test").await;
        customer("Borealis", "borealis.test").await;
        sandbox.advance_clock(Duration::from_secs(3600));
        let new = customer("Aurora Ltd", "www.AURORA.test.").await;
        let found = duplicate_domains::run(&pivotal).await.unwrap();
        let ids = |domain: &str| -> Vec<String> {
            let customers = found[domain].iter();
            customers.map(|(_, customer)| customer.id.clone()).collect()
        };
        assert_eq!(found.len(), 1);
        assert_eq!(ids("aurora.test"), [old.id, new.id]);
        assert_eq!(found["aurora.test"][0].0, old.created_at);
    })
    .await;
}

#[tokio::test]
async fn nightly_sync_only_reads_the_second_time_and_goes_on_after_a_failure() {
    use nightly_sync::{Company, Report, run};

    let (sandbox, pivotal) = sandbox().await;
    let company = |slug, name, domain| Company {
        slug,
        name,
        domain,
        mrr: 5,
    };
    let mut companies = [
        company("aurora", "Aurora", Some("aurora.test")),
        company("broken", "", None),
        company("borealis", "Borealis", None),
    ];
    let report = |created, updated, unchanged| Report {
        created,
        updated,
        unchanged,
        failed: Vec::new(),
    };
    let night = async |companies: &[Company]| {
        sandbox.clear_requests();
        let mut report = run(&pivotal, companies).await.unwrap();
        let failed = std::mem::take(&mut report.failed);
        assert_eq!(failed.len(), 1);
        assert!(
            failed[0].starts_with("broken: create_customer"),
            "{failed:?}"
        );
        let requests = sandbox.requests();
        let writes = requests.iter().filter(|request| request.method != "GET");
        (report, writes.count())
    };
    assert_eq!(night(&companies).await, (report(2, 0, 0), 2));
    assert_eq!(night(&companies).await, (report(0, 0, 2), 0));

    let handle = pivotal.customers().find_by_slug("aurora").await.unwrap();
    let handle = pivotal.customer(&handle.unwrap());
    let plan = pivotal_sdk::UpdateCustomer::new().plan("Growth");
    handle.update(plan).await.unwrap();
    companies[0].domain = None;
    assert_eq!(night(&companies).await, (report(0, 1, 1), 1));
    let aurora = handle.get().await.unwrap();
    assert_eq!(aurora.domain, None);
    assert_eq!(
        aurora.plan.as_deref(),
        Some("Growth"),
        "it is not the CRM's"
    );
}

#[tokio::test]
async fn dashboard_counts_every_open_onboarding() {
    let (_sandbox, pivotal) = sandbox().await;
    dashboard::fill(&pivotal).await.unwrap();
    let counts = dashboard::run(&pivotal).await.unwrap();
    let mut expected = dashboard::Counts::new();
    for phase in OnboardingPhase::KNOWN {
        if *phase != OnboardingPhase::Completed {
            for (number, state) in OnboardingState::KNOWN.iter().enumerate() {
                expected.insert((phase.to_string(), state.to_string()), number + 1);
            }
        }
    }
    assert_eq!(counts, expected);
}

#[tokio::test]
async fn webhook_creates_one_of_each_whatever_is_lost_on_the_way() {
    let (sandbox, pivotal) = sandbox().await;
    for operation in [
        "create-customer",
        "create-customer-contact",
        "create-onboarding",
    ] {
        let fault = format!("{operation}:reset-after-processing:count=1");
        sandbox.faults().add(fault.parse().unwrap()).unwrap();
    }
    let url = webhook::serve(pivotal.clone()).await.unwrap();
    let http = reqwest::Client::new();
    let deliver = async || {
        let deal = r#"{"id":"7","stage":"closedwon","company_id":"19","company":"Aurora",
            "contact":"Mira Chen","email":"mira@aurora.test"}"#;
        let response = http.post(&url).body(deal).send().await.unwrap();
        response.status().as_u16()
    };
    let statuses = join_all((0..5).map(|_| deliver())).await;
    assert_eq!(statuses, [200; 5]);
    assert_eq!(deliver().await, 200);

    let customers = pivotal.customers().list().await.unwrap().data;
    assert_eq!(customers.len(), 1);
    let aurora = pivotal.customer(&customers[0]);
    assert_eq!(aurora.contacts().list().await.unwrap().data.len(), 1);
    assert_eq!(aurora.onboardings().list().await.unwrap().data.len(), 1);

    let open = r#"{"id":"8","stage":"proposal","company_id":"20","company":"Borealis",
        "contact":"Jo","email":"jo@borealis.test"}"#;
    for (body, status) in [(open, 204), ("{", 400)] {
        let response = http.post(&url).body(body).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status);
    }
    assert_eq!(pivotal.customers().list().await.unwrap().data.len(), 1);
}

#[tokio::test]
async fn backfill_goes_on_after_each_interruption_and_reports_dirty_rows() {
    let (sandbox, _) = sandbox().await;
    let pivotal = Client::builder()
        .base_url(sandbox.base_url())
        .api_key(sandbox.api_key())
        .retry(RetryPolicy::off())
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("customers.csv");
    let mut text = "\u{feff}id,name,domain,mrr\n".to_owned();
    for id in 0..300 {
        text += &match id % 50 {
            7 => format!("{id},,,\n"),
            13 => format!("{id},Name {id},,12.345\n"),
            21 => format!("{id},Name {id}\n"),
            34 => format!("{id},\"Name, {id}\", Example-{id}.TEST ,99.5\n"),
            _ => format!("{id},Name {id},,\n"),
        };
    }
    std::fs::write(&file, text).unwrap();

    let mut created = 0;
    for run in 0..6 {
        let passes = "pass,".repeat(20);
        let fault = format!("create-customer:{passes}reset-after-processing");
        sandbox.faults().add(fault.parse().unwrap()).unwrap();
        let error = backfill::run(&pivotal, &file).await.unwrap_err();
        assert!(error.to_string().contains("no response"), "{error}");
        // The first create of a later run finds the row whose response was lost.
        created += if run == 0 { 21 } else { 20 };
        let customers = pivotal.customers().list().collect_up_to(1000);
        assert_eq!(customers.await.unwrap().len(), created);
    }
    let report = backfill::run(&pivotal, &file).await.unwrap();
    assert_eq!(report.existing, 1, "the row whose response was lost");
    assert_eq!(report.skipped, created - 1);
    assert_eq!(report.created, 300 - 18 - created);
    assert_eq!(report.rejected.len(), 18);
    assert_eq!(
        report.rejected[1],
        "line 15: mrr is not an amount: \"12.345\""
    );

    let found = pivotal.customers().find_by_slug("import-34").await.unwrap();
    let found = found.unwrap();
    assert_eq!(found.name, "Name, 34");
    assert_eq!(found.domain.as_deref(), Some("example-34.test"));
    assert_eq!(found.mrr, Some(9950));
    let again = backfill::run(&pivotal, &file).await.unwrap();
    assert_eq!((again.created, again.existing, again.skipped), (0, 0, 282));
}
