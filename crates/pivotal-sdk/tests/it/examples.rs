//! Each example runs, and does what it says.

#![allow(clippy::duplicate_mod, reason = "each example has the module `server`")]

use pivotal_sdk::OnboardingPhase;

use crate::sandbox::sandbox;

#[cfg(feature = "blocking")]
#[path = "../../examples/blocking.rs"]
mod blocking;
#[path = "../../examples/dashboard.rs"]
mod dashboard;
#[path = "../../examples/first_customer.rs"]
mod first_customer;
#[path = "../../examples/nightly_sync.rs"]
mod nightly_sync;
#[path = "../../examples/onboarding_phases.rs"]
mod onboarding_phases;
#[path = "../../examples/raw_and_unknown.rs"]
mod raw_and_unknown;

/// Each `main`, on the sandbox that it starts for itself.
#[test]
fn each_example_runs_on_its_own_sandbox() {
    first_customer::main().unwrap();
    onboarding_phases::main().unwrap();
    nightly_sync::main().unwrap();
    dashboard::main().unwrap();
    raw_and_unknown::main().unwrap();
    #[cfg(feature = "blocking")]
    blocking::main().unwrap();
}

#[tokio::test]
async fn first_customer_makes_its_rows_once() {
    let (_sandbox, pivotal) = sandbox().await;
    let first = first_customer::run(&pivotal).await.unwrap();
    let again = first_customer::run(&pivotal).await.unwrap();
    assert_eq!(first.id, again.id);
    let customer = pivotal.customer(&first);
    assert_eq!(pivotal.customers().list().await.unwrap().data.len(), 1);
    assert_eq!(customer.contacts().list().await.unwrap().data.len(), 1);
    assert_eq!(customer.onboardings().list().await.unwrap().data.len(), 1);
}

#[tokio::test]
async fn onboarding_phases_ends_in_the_last() {
    let (_sandbox, pivotal) = sandbox().await;
    let onboarding = onboarding_phases::run(&pivotal).await.unwrap();
    assert_eq!(onboarding.phase, OnboardingPhase::Completed);
    assert!(onboarding.completed_at.is_some());
}

#[tokio::test]
async fn nightly_sync_is_harmless_the_second_time_and_goes_on_after_a_failure() {
    use nightly_sync::{ExchangeSlot, Report, run};

    let (_sandbox, pivotal) = sandbox().await;
    let mut records = [
        ExchangeSlot {
            slug: "aurora",
            name: "Aurora",
            domain: Some("aurora.test"),
            mrr: 5,
        },
        ExchangeSlot {
            slug: "broken",
            name: "",
            domain: None,
            mrr: 5,
        },
        ExchangeSlot {
            slug: "borealis",
            name: "Borealis",
            domain: None,
            mrr: 5,
        },
    ];
    let report = |created, changed, unchanged| Report {
        created,
        changed,
        unchanged,
        failed: Vec::new(),
    };
    let night = async |records: &[ExchangeSlot]| {
        let mut report = run(&pivotal, records).await;
        let failed = std::mem::take(&mut report.failed);
        assert_eq!(failed.len(), 1);
        assert!(
            failed[0].starts_with("broken: create_customer"),
            "{failed:?}"
        );
        report
    };
    assert_eq!(night(&records).await, report(2, 0, 0));
    assert_eq!(night(&records).await, report(0, 0, 2));

    let handle = pivotal.customers().find_by_slug("aurora").await.unwrap();
    let handle = pivotal.customer(&handle.unwrap());
    let plan = pivotal_sdk::UpdateCustomer::new().plan("Growth");
    handle.update(plan).await.unwrap();
    records[0].domain = None;
    assert_eq!(night(&records).await, report(0, 1, 1));
    let aurora = handle.get().await.unwrap();
    assert_eq!(aurora.domain, None);
    assert_eq!(
        aurora.plan.as_deref(),
        Some("Growth"),
        "it is not the CRM's"
    );
}

#[tokio::test]
async fn dashboard_counts_every_phase() {
    let (_sandbox, pivotal) = sandbox().await;
    dashboard::fill(&pivotal).await.unwrap();
    let counts = dashboard::run(&pivotal).await.unwrap();
    for (number, phase) in OnboardingPhase::KNOWN.iter().enumerate() {
        assert_eq!(counts[phase.as_str()], number + 1, "{phase}");
    }
}
