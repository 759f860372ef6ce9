use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pivotal_sandbox::{DEFAULT_PER_MINUTE, Sandbox};

use crate::client::{Client, Response, send};

fn headers(response: &Response) -> [u64; 3] {
    ["limit", "remaining", "reset"].map(|name| {
        response.headers[&format!("x-ratelimit-{name}")]
            .to_str()
            .unwrap()
            .parse()
            .unwrap()
    })
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

#[tokio::test]
async fn every_response_tells_what_is_left() {
    let pivotal = Client::of(Sandbox::builder().rate_limit(30)).await;
    for (call, remaining) in [
        ("/me", 29),
        ("/customers", 28),
        ("/customers/1", 27),
        ("/customers?limit=0", 26),
    ] {
        let before = now();
        let [limit, left, reset] = headers(&pivotal.get(call).await);
        assert_eq!((limit, left), (30, remaining), "{call}");
        assert!(
            (before + 60..=now() + 61).contains(&reset),
            "{call}: {reset}"
        );
    }
}

#[tokio::test]
async fn health_refused_keys_and_unknown_paths_cost_nothing() {
    let pivotal = Client::of(Sandbox::builder().rate_limit(30)).await;
    for response in [
        pivotal.get("/health").await,
        pivotal.get("/nothing").await,
        send(pivotal.request(reqwest::Method::PUT, "/me")).await,
        send(pivotal.http.get(pivotal.url("/me"))).await,
        send(
            pivotal
                .http
                .get(pivotal.url("/me"))
                .bearer_auth("pivotal_wrong"),
        )
        .await,
    ] {
        assert_eq!(headers(&response)[..2], [30, 30], "{}", response.body);
    }
}

#[tokio::test]
async fn requests_over_the_limit_get_429_with_retry_after() {
    let pivotal = Client::of(Sandbox::builder().rate_limit(2)).await;
    for _ in 0..2 {
        pivotal.get("/me").await.ok();
    }
    for _ in 0..3 {
        let response = pivotal.get("/me").await;
        response.refused(429, "rate_limited");
        let wait: u64 = response.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((50..=60).contains(&wait), "{wait}");
        assert_eq!(headers(&response)[..2], [2, 0]);
    }
    pivotal.get("/health").await.ok();
}

#[tokio::test]
async fn a_refused_post_claims_no_idempotency_key() {
    let pivotal = Client::of(Sandbox::builder().rate_limit(1)).await;
    pivotal.customer("Aurora").await;
    for _ in 0..2 {
        let body = serde_json::json!({ "name": "Borealis" });
        pivotal
            .post_with_key("/customers", "k", body)
            .await
            .refused(429, "rate_limited");
    }
}

#[tokio::test]
async fn nothing_is_refused_unless_asked_for() {
    let pivotal = Client::start().await;
    let [limit, remaining, _] = headers(&pivotal.get("/me").await);
    assert_eq!(
        (limit, remaining),
        (
            u64::from(DEFAULT_PER_MINUTE),
            u64::from(DEFAULT_PER_MINUTE) - 1
        )
    );
}

#[tokio::test]
async fn no_minute_exceeds_the_limit_and_retry_after_is_long_enough() {
    let start: jiff::Timestamp = "2026-05-26T17:21:00Z".parse().unwrap();
    let pivotal = Client::of(Sandbox::builder().rate_limit(30).frozen_at(start)).await;
    let mut admitted = Vec::new();
    while pivotal.sandbox.now().duration_since(start).as_secs() < 600 {
        let mut response = pivotal.get("/me").await;
        if let Some(seconds) = response.headers.get("retry-after") {
            let seconds = seconds.to_str().unwrap().parse().unwrap();
            pivotal.sandbox.advance_clock(Duration::from_secs(seconds));
            response = pivotal.get("/me").await;
        }
        response.ok();
        let now = pivotal.sandbox.now().duration_since(start).as_millis();
        admitted.push(now);
        pivotal.sandbox.advance_clock(Duration::from_millis(700));
    }
    assert!(
        admitted
            .windows(31)
            .all(|times| times[30] - times[0] >= 60_000)
    );
    assert!(admitted.len() > 290, "{}", admitted.len());
}

#[tokio::test]
async fn requests_leave_the_window_one_by_one_after_a_minute() {
    let start: jiff::Timestamp = "2026-05-26T17:21:00Z".parse().unwrap();
    let pivotal = Client::of(Sandbox::builder().rate_limit(2).frozen_at(start)).await;
    for (milliseconds, wait) in [
        (0, None),
        (30_500, None),
        (31_500, Some("29")),
        (59_999, Some("1")),
        (60_000, None),
        (60_001, Some("31")),
    ] {
        let now = start + jiff::SignedDuration::from_millis(milliseconds);
        pivotal.sandbox.freeze_clock(now);
        let response = pivotal.get("/me").await;
        let retry_after = response.headers.get("retry-after");
        assert_eq!(
            retry_after.map(|value| value.to_str().unwrap()),
            wait,
            "{now}"
        );
    }
}
