use serde_json::{Value, json};

use crate::client::{Client, DOCUMENT, assert_has, display_ids};

#[tokio::test]
async fn an_onboarding_created_with_the_least_has_every_key_and_its_defaults() {
    let pivotal = Client::start().await;
    let customer = pivotal.customer("Aurora").await;
    let mut onboarding = pivotal
        .post("/onboardings", json!({ "customer_id": "1" }))
        .await
        .created();
    for key in ["id", "created_at", "updated_at"] {
        assert!(onboarding[key].take().is_string(), "{key}");
    }
    assert_has(
        &onboarding,
        &json!({
            "object": "onboarding", "id": null, "display_id": 1, "customer_id": customer["id"], "template_id": null,
            "phase": "before_getting_started", "state": "active", "started_at": null, "completed_at": null,
            "target_launch_date": null, "csm_id": null, "se_id": null, "designer_id": null, "product_ops_id": null,
            "notes": null, "waiting_on_customer": false, "waiting_on_customer_since": null, "wizard_completed_at": null,
            "reminder_email": true, "reminder_slack": true, "reminder_frequency_days": 1, "created_at": null,
            "updated_at": null,
        }),
    );
}

#[tokio::test]
async fn an_onboarding_keeps_what_it_was_created_with_and_tells_times_in_utc() {
    let pivotal = Client::start().await;
    let customer = pivotal.customer("Aurora").await;
    let sent = json!({
        "customer_id": customer["id"], "template_id": "t", "csm_id": "u1", "se_id": "u2", "designer_id": "u3",
        "product_ops_id": "u4", "notes": "Call first", "reminder_email": false, "reminder_slack": false,
        "reminder_frequency_days": 7, "state": "paused",
    });
    let mut body = sent.clone();
    body["target_launch_date"] = json!("2026-07-15T02:00:00.1239+02:00");
    let onboarding = pivotal.post("/onboardings", body).await.created();
    for (key, value) in sent.as_object().unwrap() {
        assert_eq!(onboarding[key], *value, "{key}");
    }
    assert_eq!(onboarding["target_launch_date"], "2026-07-15T00:00:00.123Z");
}

#[tokio::test]
async fn an_onboarding_needs_a_customer_that_is_there() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    pivotal.delete("/customers/1").await.ok();
    for reference in ["1", "2", "unknown"] {
        let response = pivotal
            .post("/onboardings", json!({ "customer_id": reference }))
            .await;
        assert_eq!(
            response.refused(404, "customer_not_found"),
            Some("customer_id")
        );
    }
    let response = pivotal
        .post("/onboardings", json!({ "customer_id": 1 }))
        .await;
    assert_eq!(response.refused(400, "invalid_type"), Some("customer_id"));
}

#[tokio::test]
async fn walking_the_phases_sets_when_it_started_and_completed() {
    let pivotal = Client::start().await;
    let customer = pivotal.customer("Aurora").await;
    let created = pivotal.onboarding(&customer).await;
    let phases = DOCUMENT["components"]["schemas"]["Onboarding"]["properties"]["phase"]["enum"]
        .as_array()
        .unwrap();
    let mut started = Value::Null;
    for phase in phases {
        let onboarding = pivotal
            .patch("/onboardings/1", json!({ "phase": phase }))
            .await
            .ok();
        if phase != "before_getting_started" && started.is_null() {
            started = onboarding["started_at"].clone();
            assert!(started.as_str() >= created["created_at"].as_str());
        }
        assert_eq!(
            (&onboarding["phase"], &onboarding["started_at"]),
            (phase, &started)
        );
        assert_eq!(onboarding["completed_at"].is_string(), phase == "completed");
    }
    let completed = pivotal.get("/onboardings/1").await.ok();
    let again = pivotal
        .patch(
            "/onboardings/1",
            json!({ "phase": "completed", "notes": "done" }),
        )
        .await
        .ok();
    assert_eq!(again["completed_at"], completed["completed_at"]);
    let reopened = pivotal
        .patch("/onboardings/1", json!({ "phase": "launch" }))
        .await
        .ok();
    assert_eq!(
        (&reopened["completed_at"], &reopened["started_at"]),
        (&Value::Null, &started)
    );
}

#[tokio::test]
async fn an_onboarding_created_in_a_later_phase_has_started() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    let body = json!({ "customer_id": "1", "phase": "completed" });
    let onboarding = pivotal.post("/onboardings", body).await.created();
    assert!(onboarding["started_at"].is_string() && onboarding["completed_at"].is_string());
}

#[tokio::test]
async fn waiting_is_a_state_and_a_flag() {
    let pivotal = Client::start().await;
    let customer = pivotal.customer("Aurora").await;
    pivotal.onboarding(&customer).await;
    let mut waiting_since = Value::Null;
    for (body, state, waiting) in [
        (json!({ "waiting_on_customer": true }), "active", true),
        (json!({ "state": "at_risk" }), "at_risk", true),
        (json!({ "waiting_on_customer": false }), "at_risk", false),
        (json!({ "state": "waiting" }), "waiting", true),
        (json!({ "notes": "still" }), "waiting", true),
        (json!({ "state": "paused" }), "paused", false),
        (
            json!({ "state": "waiting", "phase": "review" }),
            "waiting",
            true,
        ),
        (json!({ "waiting_on_customer": false }), "active", false),
        (
            json!({ "state": "paused", "waiting_on_customer": true }),
            "paused",
            true,
        ),
        (
            json!({ "state": "active", "waiting_on_customer": false }),
            "active",
            false,
        ),
        (
            json!({ "state": "waiting", "waiting_on_customer": false }),
            "waiting",
            false,
        ),
    ] {
        let onboarding = pivotal.patch("/onboardings/1", body.clone()).await.ok();
        assert_eq!(
            (&onboarding["state"], &onboarding["waiting_on_customer"]),
            (&json!(state), &json!(waiting)),
            "{body}"
        );
        let since = &onboarding["waiting_on_customer_since"];
        assert_eq!(since.is_string(), waiting, "{body}");
        if waiting && waiting_since.is_string() {
            assert_eq!(*since, waiting_since, "{body}");
        }
        waiting_since = since.clone();
        let listed = pivotal.get("/onboardings?state=waiting").await.ok();
        assert_eq!(display_ids(&listed).len(), usize::from(waiting), "{body}");
    }
}

#[tokio::test]
async fn one_created_waiting_waits_from_its_creation() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    for body in [
        json!({ "customer_id": "1", "state": "waiting" }),
        json!({ "customer_id": "1", "waiting_on_customer": true }),
    ] {
        let onboarding = pivotal.post("/onboardings", body).await.created();
        assert!(onboarding["waiting_on_customer_since"].is_string());
        assert_eq!(onboarding["waiting_on_customer"], true);
    }
}

#[tokio::test]
async fn null_clears_what_is_nullable() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    let body = json!({ "customer_id": "1", "notes": "n", "csm_id": "u", "target_launch_date": "2026-07-15T00:00:00Z" });
    pivotal.post("/onboardings", body).await.created();
    let cleared = pivotal
        .patch(
            "/onboardings/1",
            json!({ "notes": null, "csm_id": null, "target_launch_date": null }),
        )
        .await
        .ok();
    assert_eq!(
        [
            &cleared["notes"],
            &cleared["csm_id"],
            &cleared["target_launch_date"]
        ],
        [&Value::Null; 3]
    );
    for field in [
        "phase",
        "state",
        "waiting_on_customer",
        "reminder_email",
        "reminder_frequency_days",
    ] {
        let response = pivotal
            .patch("/onboardings/1", json!({ field: null }))
            .await;
        assert_eq!(response.refused(400, "invalid_type"), Some(field));
    }
    // The customer of an onboarding is no field of an update.
    pivotal
        .patch(
            "/onboardings/1",
            json!({ "customer_id": "7", "started_at": "now" }),
        )
        .await
        .ok();
}

#[tokio::test]
async fn lists_are_filtered_by_customer_state_and_phase_together() {
    let pivotal = Client::start().await;
    let first = pivotal.customer("Aurora").await;
    pivotal.customer("Borealis").await;
    for (customer, phase, state) in [
        ("1", "launch", "active"),
        ("1", "launch", "paused"),
        ("2", "launch", "active"),
        ("1", "review", "active"),
    ] {
        let body = json!({ "customer_id": customer, "phase": phase, "state": state });
        pivotal.post("/onboardings", body).await.created();
    }
    let by_id = format!("customer_id={}", first["id"].as_str().unwrap());
    for (query, expected) in [
        ("", vec![4, 3, 2, 1]),
        ("phase=launch", vec![3, 2, 1]),
        ("state=active", vec![4, 3, 1]),
        ("state=active&phase=launch", vec![3, 1]),
        ("customer_id=1", vec![4, 2, 1]),
        (&by_id, vec![4, 2, 1]),
        ("customer_id=1&state=active&phase=launch", vec![1]),
        ("customer_id=3", vec![]),
        ("customer_id=unknown", vec![]),
    ] {
        assert_eq!(
            display_ids(&pivotal.get(&format!("/onboardings?{query}")).await.ok()),
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_onboardings_of_a_customer_come_all_at_once_newest_first() {
    let pivotal = Client::start().await;
    let customer = pivotal.customer("Aurora").await;
    for _ in 0..30 {
        pivotal.onboarding(&customer).await;
    }
    let list = pivotal.get("/customers/1/onboardings?limit=5").await.ok();
    assert_eq!(display_ids(&list), (1..=30).rev().collect::<Vec<_>>());
    assert_eq!(
        (&list["has_more"], &list["next_cursor"]),
        (&json!(false), &Value::Null)
    );
    pivotal
        .get("/customers/2/onboardings")
        .await
        .refused(404, "customer_not_found");
}
