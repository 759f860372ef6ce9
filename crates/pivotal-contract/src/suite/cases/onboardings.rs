//! The life of an onboarding.

use pivotal_sdk::{
    CreateCustomer, CreateOnboarding, Customer, Method, OnboardingPhase, OnboardingState, Response,
    Timestamp, UpdateOnboarding,
};
use serde_json::json;

use crate::suite::created_records::Kind;
use crate::suite::stage::{Flow, Stage};

async fn customer(stage: &Stage, what: &str) -> Flow<Response<Customer>> {
    let body = CreateCustomer::new(stage.name(what));
    stage
        .make(Kind::Customer, stage.client.customers().create(body))
        .await
}

fn launch() -> Timestamp {
    "2026-07-15T00:00:00Z".parse().expect("it is a time")
}

pub(super) async fn least(stage: &Stage) -> Flow {
    let customer = customer(stage, "onboarding-least").await?;
    let onboardings = stage.client.onboardings();
    let body = CreateOnboarding::new(customer.id.clone());
    let made = stage
        .make(Kind::Onboarding, onboardings.create(body.clone()))
        .await?;
    stage.echoes("create-onboarding", &body, &made)?;
    let first = made.phase == OnboardingPhase::BeforeGettingStarted;
    stage.holds(
        "create-onboarding",
        201,
        "/response/body/phase",
        first,
        "not the documented default",
    )?;
    let active = made.state == OnboardingState::Active;
    stage.holds(
        "create-onboarding",
        201,
        "/response/body/state",
        active,
        "not the documented default",
    )?;
    let onboarding = stage.client.onboarding(made.id.clone());
    let of_customer = stage.client.customer(customer.id.clone()).onboardings();
    stage.ok(onboarding.get()).await?;
    stage.ok(of_customer.list()).await?;

    stage
        .ok(stage
            .client
            .onboardings()
            .list()
            .customer_id(customer.id.clone()))
        .await?;
    let noted = UpdateOnboarding::new().notes("Not begun.");
    let answer = stage.ok(onboarding.update(noted.clone())).await?;
    stage.echoes("update-onboarding", &noted, &answer)?;

    let changes = UpdateOnboarding::new()
        .phase(OnboardingPhase::Completed)
        .state(OnboardingState::AtRisk)
        .waiting_on_customer(true)
        .target_launch_date(launch())
        .template_id("template-1")
        .csm_id("user-1")
        .se_id("user-2")
        .designer_id("user-3")
        .product_ops_id("user-4")
        .notes("A check of the contract.")
        .reminder_email(false)
        .reminder_slack(false)
        .reminder_frequency_days(3);
    let changed = stage.ok(onboarding.update(changes.clone())).await?;
    stage.echoes("update-onboarding", &changes, &changed)?;
    let got = stage.ok(onboarding.get()).await?;
    stage.echoes("update-onboarding", &changes, &got)?;
    let listed = stage.ok(of_customer.list()).await?;
    let there = listed.data.iter().any(|row| row.id == made.id);
    stage.holds(
        "list-customer-onboardings",
        200,
        "/response/body/data",
        there,
        "a new onboarding is not in the list",
    )?;

    let cleared = UpdateOnboarding::new()
        .clear_target_launch_date()
        .clear_template_id()
        .clear_csm_id()
        .clear_se_id()
        .clear_designer_id()
        .clear_product_ops_id()
        .clear_notes()
        .phase(OnboardingPhase::Launch)
        .waiting_on_customer(false);
    let answer = stage.ok(onboarding.update(cleared.clone())).await?;
    stage.echoes("update-onboarding", &cleared, &answer)?;

    let path = format!("/api/v1/onboardings/{}", made.id);
    let sent = stage
        .client
        .request(Method::PATCH, path)
        .json(&json!({ "phase": 7 }))
        .await;
    stage.refused("update-onboarding", 400, sent)?;

    let deleted = stage.ok(onboarding.delete()).await?;
    let same = deleted.id == made.id && deleted.display_id == made.display_id;
    stage.holds(
        "delete-onboarding",
        200,
        "/response/body/id",
        same,
        "another onboarding than was deleted",
    )?;
    stage.refused("get-onboarding", 404, onboarding.get().await)
}

pub(super) async fn most(stage: &Stage) -> Flow {
    let customer = customer(stage, "onboarding-most").await?;
    let onboardings = stage.client.onboardings();
    let body = CreateOnboarding::new(customer.id.clone())
        .phase(OnboardingPhase::Completed)
        .state(OnboardingState::Waiting)
        .waiting_on_customer(true)
        .target_launch_date(launch())
        .template_id("template-1")
        .csm_id("user-1")
        .se_id("user-2")
        .designer_id("user-3")
        .product_ops_id("user-4")
        .notes("A check of the contract.")
        .reminder_email(false)
        .reminder_slack(false)
        .reminder_frequency_days(3);
    let key = stage.name("onboarding");
    let create = || onboardings.create(body.clone()).idempotency_key(&key);
    let made = stage.make(Kind::Onboarding, create()).await?;
    stage.echoes("create-onboarding", &body, &made)?;
    let again = stage.make(Kind::Onboarding, create()).await?;
    let once = again.id == made.id;
    stage.holds(
        "create-onboarding",
        201,
        "/response/body/id",
        once,
        "a second row under one key",
    )?;
    let other = CreateOnboarding::new(customer.id.clone()).notes("another");
    let sent = onboardings.create(other).idempotency_key(&key).await;
    stage.refused("create-onboarding", 409, sent)?;

    let waiting = stage
        .ok(onboardings
            .list()
            .customer_id(customer.id.clone())
            .state(OnboardingState::Waiting))
        .await?;
    let there = waiting.data.iter().any(|row| row.id == made.id);
    stage.parameter_holds(
        "list-onboardings",
        "state",
        there,
        "an onboarding that waits is not in the list",
    )?;
    let launching = stage
        .ok(onboardings
            .list()
            .customer_id(customer.id.clone())
            .phase(OnboardingPhase::Launch))
        .await?;
    let none = launching.data.is_empty();
    stage.parameter_holds("list-onboardings", "phase", none, "rows in another phase")?;

    let sent = stage
        .client
        .request(Method::POST, "/api/v1/onboardings")
        .json(&json!({}))
        .await;
    stage.refused("create-onboarding", 400, sent)
}
