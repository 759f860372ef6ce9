//! Where the recipes have to choose.

use pivotal_sdk::{CreateCustomer, ErrorCode, ErrorKind, OnboardingPhase, PhaseOrder};
use serde_json::json;

use crate::responses::{customer, list, onboarding};
use crate::sandbox::sandbox;
use crate::script::{Reply, Script};

#[tokio::test]
async fn creating_or_fetching_beside_oneself_makes_one_row() {
    let (_sandbox, pivotal) = sandbox().await;
    let ensure = || {
        let aurora = CreateCustomer::new("Aurora").slug("aurora-demo");
        pivotal.customers().create(aurora).or_fetch()
    };
    let all = tokio::join!(ensure(), ensure(), ensure(), ensure());
    let all = [all.0, all.1, all.2, all.3].map(Result::unwrap);
    assert_eq!(all.iter().filter(|ensured| ensured.is_created()).count(), 1);
    let ids = all.map(|ensured| ensured.into_inner().id);
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn a_conflict_that_is_not_about_the_slug_stays_an_error() {
    let (_sandbox, pivotal) = sandbox().await;
    let create = |name: &str| {
        let body = CreateCustomer::new(name).slug("aurora-demo");
        pivotal.customers().create(body).idempotency_key("one-key")
    };
    create("Aurora").await.unwrap();
    let error = create("Borealis").or_fetch().await.unwrap_err();
    assert!(error.is_code(ErrorCode::IdempotencyKeyReused), "{error}");
}

#[tokio::test]
async fn a_slug_that_nobody_has_when_it_is_looked_up_is_the_conflict_itself() {
    let script = Script::new(|request, _| match request.method().as_str() {
        "POST" => Reply::Json(
            409,
            json!({ "error": { "type": "conflict", "code": "slug_taken", "message": "Taken." } }),
        ),
        // A customer, but not the one that was asked for.
        _ => Reply::Json(200, list(&[customer()])),
    });
    let pivotal = script.client();
    let create = |body| pivotal.customers().create(body).or_fetch();
    let error = create(CreateCustomer::new("A").slug("b"))
        .await
        .unwrap_err();
    assert!(error.is_code(ErrorCode::SlugTaken));
    assert_eq!(script.parameter("slug")[1].as_deref(), Some("b"));

    let error = create(CreateCustomer::new("A")).await.unwrap_err();
    assert!(error.is_code(ErrorCode::SlugTaken));
    assert_eq!(
        script.count(),
        3,
        "without a slug there is nothing to look up"
    );

    let found = create(CreateCustomer::new("A").extra("slug", "aurora-demo"));
    assert!(!found.await.unwrap().is_created());
}

#[test]
fn phases_follow_each_other_as_the_contract_lists_them() {
    let mut phases = vec![OnboardingPhase::BeforeGettingStarted];
    while let Some(next) = phases[phases.len() - 1].next() {
        phases.push(next);
    }
    assert_eq!(phases, OnboardingPhase::KNOWN);
    assert_eq!(OnboardingPhase::from("victory_lap").next(), None);
    assert_eq!(
        OnboardingPhase::Unknown("launch".to_owned()).next(),
        Some(OnboardingPhase::Completed)
    );
}

#[tokio::test]
async fn advancing_from_a_phase_newer_than_the_program_changes_nothing() {
    let script = Script::new(|_, _| {
        let mut lapping = onboarding();
        lapping["phase"] = json!("victory_lap");
        Reply::Json(200, lapping)
    });
    let error = script.client().onboarding(7).advance().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unexpected);
    assert!(error.is_code("unknown_phase"));
    assert!(error.to_string().contains("victory_lap"), "{error}");
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn the_address_in_the_app_has_the_slug_when_there_is_one() {
    let mut bare = customer();
    bare["slug"] = json!(null);
    let script = Script::new(move |_, earlier| {
        Reply::Json(
            200,
            if earlier == 0 {
                customer()
            } else {
                bare.clone()
            },
        )
    });
    let pivotal = script.client();
    let address = async || pivotal.ui_url(&pivotal.customer(245).get().await.unwrap());
    assert_eq!(
        address().await,
        "https://my.pivotal.app/customers/245-aurora-demo"
    );
    assert_eq!(address().await, "https://my.pivotal.app/customers/245");
}
