use std::time::Duration;

use pivotal_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use crate::client::{Client, display_ids, send};

const NOW: &str = "2026-05-26T17:21:09.412Z";

async fn frozen() -> Client {
    Client::of(Sandbox::builder().frozen_at(NOW.parse().unwrap())).await
}

#[tokio::test]
async fn rows_made_under_a_frozen_clock_share_their_time_and_a_page_boundary_loses_them() {
    let pivotal = frozen().await;
    pivotal.customer("Older").await;
    pivotal.sandbox.advance_clock(Duration::from_secs(1));
    for name in ["A", "B", "C"] {
        let made = pivotal.customer(name).await;
        assert_eq!(made["created_at"], "2026-05-26T17:21:10.412Z");
    }
    let page = pivotal.get("/customers?limit=2").await.ok();
    assert_eq!(display_ids(&page), [4, 3]);
    assert_eq!(page["has_more"], true);
    assert_eq!(page["next_cursor"], "2026-05-26T17:21:10.412Z");
    // Strictly older than the cursor: the third of the three is skipped.
    let next = pivotal
        .get("/customers?limit=2&cursor=2026-05-26T17:21:10.412Z")
        .await
        .ok();
    assert_eq!(display_ids(&next), [1]);
    assert_eq!(
        display_ids(&pivotal.get("/customers").await.ok()),
        [4, 3, 2, 1]
    );
}

#[tokio::test]
async fn all_times_follow_the_clock() {
    let pivotal = frozen().await;
    assert_eq!(pivotal.sandbox.now(), NOW.parse().unwrap());
    assert_eq!(pivotal.get("/health").await.ok()["timestamp"], NOW);
    let customer = pivotal.customer("Aurora").await;
    pivotal.sandbox.advance_clock(Duration::from_millis(1_500));
    let changed = pivotal
        .patch("/customers/1", json!({ "plan": "Growth" }))
        .await
        .ok();
    assert_eq!(changed["created_at"], NOW);
    assert_eq!(changed["updated_at"], "2026-05-26T17:21:10.912Z");
    let body = json!({ "customer_id": customer["id"], "phase": "review" });
    let onboarding = pivotal.post("/onboardings", body).await.created();
    assert_eq!(onboarding["started_at"], "2026-05-26T17:21:10.912Z");
    pivotal.sandbox.thaw_clock();
    let now = pivotal.get("/health").await.ok();
    assert!(
        now["timestamp"]
            .as_str()
            .unwrap()
            .starts_with("2026-05-26T17:2")
    );
    let [first, second] = [pivotal.customer("B").await, pivotal.customer("C").await];
    assert!(first["created_at"].as_str() < second["created_at"].as_str());
}

#[tokio::test]
async fn rows_made_in_the_past_are_listed_where_they_belong() {
    let pivotal = frozen().await;
    let customer = pivotal.customer("Today").await;
    for (name, at) in [
        ("Long ago", "2024-01-01T00:00:00Z"),
        ("Between", "2025-01-01T00:00:00Z"),
        ("Again", NOW),
    ] {
        pivotal.sandbox.freeze_clock(at.parse().unwrap());
        pivotal.customer(name).await;
        pivotal.onboarding(&customer).await;
    }
    let list = pivotal.get("/customers").await.ok();
    assert_eq!(display_ids(&list), [4, 1, 3, 2]);
    let list = pivotal
        .get("/customers?cursor=2025-01-01T00:00:00.001Z")
        .await
        .ok();
    assert_eq!(display_ids(&list), [3, 2]);
    let list = pivotal.get("/customers/1/onboardings").await.ok();
    assert_eq!(display_ids(&list), [3, 2, 1]);
}

#[tokio::test]
async fn an_idempotency_key_lives_for_24_hours() {
    let pivotal = frozen().await;
    let create = || pivotal.post_with_key("/customers", "k", json!({ "name": "Aurora" }));
    let first = create().await;
    pivotal
        .sandbox
        .advance_clock(Duration::from_secs(24 * 3600) - Duration::from_millis(1));
    let replayed = create().await;
    assert_eq!(replayed.bytes, first.bytes);
    assert_eq!(replayed.headers["idempotent-replayed"], "true");
    pivotal.sandbox.advance_clock(Duration::from_millis(1));
    let second = create().await;
    assert!(!second.headers.contains_key("idempotent-replayed"));
    assert_eq!(second.created()["display_id"], 2);
    // Set back, the clock makes no response older than it is.
    pivotal.sandbox.freeze_clock(NOW.parse().unwrap());
    assert_eq!(create().await.created()["display_id"], 2);
}

#[tokio::test]
async fn the_rate_limit_follows_the_clock() {
    let builder = Sandbox::builder()
        .rate_limit(2)
        .frozen_at(NOW.parse().unwrap());
    let pivotal = Client::of(builder).await;
    for remaining in ["1", "0"] {
        let response = pivotal.get("/me").await;
        assert_eq!(response.headers["x-ratelimit-remaining"], remaining);
        // 17:22:09.412, rounded up.
        assert_eq!(response.headers["x-ratelimit-reset"], "1779816130");
    }
    let refused = pivotal.get("/me").await;
    refused.refused(429, "rate_limited");
    assert_eq!(refused.headers["retry-after"], "60");
    pivotal.sandbox.advance_clock(Duration::from_secs(59));
    let refused = pivotal.get("/me").await;
    refused.refused(429, "rate_limited");
    assert_eq!(refused.headers["retry-after"], "1");
    pivotal.sandbox.advance_clock(Duration::from_secs(1));
    pivotal.get("/me").await.ok();
    // A clock that is set back forgets what it has not seen yet.
    pivotal
        .sandbox
        .freeze_clock("2025-01-01T00:00:00Z".parse().unwrap());
    for _ in 0..2 {
        pivotal.get("/me").await.ok();
    }
}

#[tokio::test]
async fn the_last_moment_of_time_can_be_reached_and_written() {
    let pivotal = frozen().await;
    pivotal.sandbox.advance_clock(Duration::MAX);
    let customer = pivotal.customer("Aurora").await;
    assert_eq!(customer["created_at"], "9999-12-30T22:00:00.999Z");
    let body = json!({ "customer_id": "1", "target_launch_date": "9999-12-30T22:00:00.5Z" });
    let onboarding = pivotal.post("/onboardings", body).await.created();
    assert_eq!(onboarding["target_launch_date"], "9999-12-30T22:00:00.500Z");
    pivotal.sandbox.thaw_clock();
    send(pivotal.request(Method::GET, "/health")).await.ok();
}

#[tokio::test]
async fn a_running_clock_advances_and_stops_at_the_end_of_time() {
    let sandbox = Sandbox::start().await;
    sandbox.advance_clock(Duration::from_secs(3_600));
    let ahead = sandbox.now().duration_since(jiff::Timestamp::now());
    assert!(ahead.as_mins() == 59 || ahead.as_mins() == 60, "{ahead}");
    sandbox.advance_clock(Duration::MAX);
    assert_eq!(sandbox.now().to_string(), "9999-12-30T22:00:00.999Z");
}
