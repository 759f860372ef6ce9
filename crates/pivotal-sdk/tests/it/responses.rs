//! Responses with more or fewer keys than the contract decode, and no key is lost.

use pivotal_sdk::{CustomerStatus, OnboardingPhase};
use serde_json::{Value, json};

use crate::server::Server;

pub(crate) fn customer() -> Value {
    json!({
        "object": "customer", "id": "cl9bn00of0000g7l8gcq8c4xk", "display_id": 245,
        "name": "Aurora Outfitters", "slug": "aurora-demo", "domain": "aurora-demo.com",
        "status": "onboarding", "plan": null, "mrr": null, "monthly_orders": null,
        "hubspot_company_id": null, "hubspot_deal_id": null, "stripe_customer_id": null,
        "intercom_company_id": null, "slack_channel_id": null,
        "created_at": "2026-05-26T17:21:09.412Z", "updated_at": "2026-05-26T17:21:09.412Z"
    })
}

pub(crate) fn onboarding() -> Value {
    json!({
        "object": "onboarding", "id": "cl9bo00of0000g7l8gcq8c4xk", "display_id": 7,
        "customer_id": "cl9bn00of0000g7l8gcq8c4xk", "template_id": null, "phase": "launch",
        "state": "active", "started_at": null, "completed_at": null, "target_launch_date": null,
        "csm_id": null, "se_id": null, "designer_id": null, "product_ops_id": null, "notes": null,
        "waiting_on_customer": false, "waiting_on_customer_since": null,
        "wizard_completed_at": null, "reminder_email": true, "reminder_slack": true,
        "reminder_frequency_days": 1,
        "created_at": "2026-05-26T17:21:09.412Z", "updated_at": "2026-05-26T17:21:09.412Z"
    })
}

pub(crate) fn list(data: &[Value]) -> Value {
    json!({ "object": "list", "data": data, "has_more": false, "next_cursor": null })
}

/// The value with some keys set, or removed when they are set to `Value::Null` by `remove`.
fn with(mut value: Value, key: &str, new: Value) -> Value {
    value[key] = new;
    value
}

fn without(mut value: Value, keys: &[&str]) -> Value {
    let object = value.as_object_mut().unwrap();
    for key in keys {
        object.remove(*key).unwrap();
    }
    value
}

#[tokio::test]
async fn an_enum_value_newer_than_the_program_decodes_and_survives_a_round_trip() {
    let body = with(onboarding(), "phase", json!("victory_lap"));
    let server = Server::json(200, &body).await;
    let onboarding = server.client().onboarding(7).get().await.unwrap();
    assert_eq!(onboarding.phase, "victory_lap");
    assert!(!onboarding.phase.is_known());
    assert!(matches!(&onboarding.phase, OnboardingPhase::Unknown(text) if text == "victory_lap"));
    assert_eq!(
        serde_json::to_value(&onboarding.phase).unwrap(),
        "victory_lap"
    );
}

#[tokio::test]
async fn one_unknown_value_in_a_page_does_not_cost_the_page() {
    let odd = with(
        with(customer(), "status", json!("dormant")),
        "object",
        json!("account"),
    );
    let server = Server::json(200, &list(&[customer(), odd])).await;
    let page = server.client().customers().list().await.unwrap();
    assert_eq!(page.data[0].status, CustomerStatus::Onboarding);
    assert_eq!(page.data[1].status, "dormant");
}

#[tokio::test]
async fn keys_that_the_contract_does_not_know_stay_reachable() {
    let metadata = json!({ "tier": ["gold", { "since": 2024 }] });
    let body = with(customer(), "metadata", metadata.clone());
    let server = Server::json(200, &body).await;
    let response = server
        .client()
        .customer(245)
        .get()
        .with_meta()
        .await
        .unwrap();
    assert_eq!(
        response.name, "Aurora Outfitters",
        "reads like the response"
    );
    assert_eq!(
        response.extra,
        *json!({ "metadata": metadata }).as_object().unwrap()
    );
    assert_eq!(
        response.pointer("/metadata/tier/1/since"),
        Some(json!(2024))
    );
    assert_eq!(response.pointer("/nothing"), None);

    let server = Server::json(200, &list(&[body])).await;
    let page = server
        .client()
        .customers()
        .list()
        .with_meta()
        .await
        .unwrap();
    assert!(page.extra.is_empty());
    assert_eq!(page.data[0].extra["metadata"]["tier"][0], "gold");
    assert_eq!(page.pointer("/data/0/metadata/tier/0"), Some(json!("gold")));
}

#[tokio::test]
async fn the_kept_body_is_the_response_byte_for_byte() {
    let text = format!("  {} \n", customer());
    let server = Server::start(200, "x-request-id: r1\r\n", &text).await;
    let response = server
        .client()
        .customer(245)
        .get()
        .with_meta()
        .await
        .unwrap();
    assert_eq!(response.meta.body(), &text);
    assert_eq!(response.meta.status(), 200);
    assert_eq!(response.meta.headers()["x-request-id"], "r1");
    assert_eq!(response.meta.attempts(), 1);
    assert!(!format!("{:?}", response.meta).contains("Aurora"));
}

#[tokio::test]
async fn a_missing_nullable_key_reads_as_null() {
    let body = without(
        customer(),
        &["slug", "domain", "plan", "mrr", "slack_channel_id"],
    );
    let server = Server::json(200, &body).await;
    let customer = server.client().customer(245).get().await.unwrap();
    assert_eq!(
        (customer.slug, customer.domain, customer.mrr),
        (None, None, None)
    );

    let page = without(list(&[]), &["next_cursor"]);
    let server = Server::json(200, &page).await;
    assert_eq!(
        server
            .client()
            .customers()
            .list()
            .await
            .unwrap()
            .next_cursor,
        None
    );
}

#[tokio::test]
async fn an_integer_may_be_written_with_a_fraction_of_zero_or_an_exponent() {
    let with = |mrr: &str| {
        let text = with(customer(), "mrr", json!("MRR")).to_string();
        text.replace("\"MRR\"", mrr)
    };
    for (written, read) in [
        ("1.0", 1),
        ("1e3", 1000),
        ("-2.50e1", -25),
        ("9007199254740991.0", 9_007_199_254_740_991),
    ] {
        let server = Server::start(200, "", &with(written)).await;
        let customer = server.client().customer(245).get().await.unwrap();
        assert_eq!(customer.mrr, Some(read), "{written}");
    }
    // From here on, a fraction is not exact.
    for written in ["1.5", "9007199254740992.0", "1e30", "18446744073709551615"] {
        let server = Server::start(200, "", &with(written)).await;
        let error = server.client().customer(245).get().await.unwrap_err();
        assert_eq!(error.field(), Some("/mrr"), "{written}");
    }
}
