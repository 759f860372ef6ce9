use std::sync::{Arc, Mutex};

use pivotal_sandbox::Sandbox;
use serde_json::json;

use crate::client::{Client, send};

#[tokio::test]
async fn every_response_is_a_line_and_no_key_is_in_it() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let builder = Sandbox::builder()
        .api_key("pivotal_test_K8s9secretsecret")
        .frozen_at("2026-05-26T17:21:09.412Z".parse().unwrap())
        .access_log(move |line| sink.lock().unwrap().push(line.to_owned()));
    let pivotal = Client::of(builder).await;
    pivotal.customer("Aurora").await;
    pivotal
        .get("/customers?slug=a%20b&api_key=pivotal_test_K8s9secretsecret")
        .await
        .ok();
    send(
        pivotal
            .http
            .get(pivotal.url("/me"))
            .bearer_auth("pivotal_Other1secret"),
    )
    .await
    .refused(401, "invalid_api_key");
    pivotal
        .patch("/customers/1", json!({ "mrr": -1 }))
        .await
        .refused(400, "too_small");

    let lines = lines.lock().unwrap();
    // The duration moves.
    let lines: Vec<String> = lines
        .iter()
        .map(|line| {
            let words = line.split(' ').map(|word| match word.strip_suffix("ms") {
                Some(number) if number.parse::<f64>().is_ok() => "_",
                _ => word,
            });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(
        lines,
        [
            "2026-05-26T17:21:09.412Z POST /api/v1/customers 201 _ pivotal_test_K8s9",
            "2026-05-26T17:21:09.412Z GET /api/v1/customers?slug=a%20b&api_key=pivotal_test_K8s9[redacted] 200 _ \
             pivotal_test_K8s9",
            "2026-05-26T17:21:09.412Z GET /api/v1/me 401 _ -",
            "2026-05-26T17:21:09.412Z PATCH /api/v1/customers/1 400 _ pivotal_test_K8s9",
        ]
    );
}
