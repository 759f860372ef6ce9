//! Many requests at once.

use std::collections::BTreeSet;

use bytes::Bytes;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::{Client, display_ids, send};

/// Sends a POST again while the first one with its key is still running.
async fn settled(request: reqwest::RequestBuilder) -> (Bytes, bool) {
    loop {
        let response = send(request.try_clone().unwrap()).await;
        if response.status == 409 {
            response.refused(409, "idempotency_in_progress");
            tokio::task::yield_now().await;
            continue;
        }
        let replayed = response.headers.contains_key("idempotent-replayed");
        let bytes = response.bytes.clone();
        response.created();
        return (bytes, replayed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_identical_posts_with_one_key_make_one_row() {
    for (path, body) in [
        ("/customers", json!({ "name": "Aurora Outfitters" })),
        ("/onboardings", json!({ "customer_id": "1" })),
    ] {
        let pivotal = Client::start().await;
        if path == "/onboardings" {
            pivotal.customer("Aurora Outfitters").await;
        }
        let mut posts = JoinSet::new();
        for _ in 0..1_000 {
            let post = pivotal
                .request(Method::POST, path)
                .header("idempotency-key", "the one key")
                .json(&body);
            posts.spawn(settled(post));
        }
        let responses = posts.join_all().await;
        let firsts = responses.iter().filter(|(_, replayed)| !replayed).count();
        assert_eq!((responses.len(), firsts), (1_000, 1));
        let distinct: BTreeSet<_> = responses.iter().map(|(bytes, _)| bytes).collect();
        assert_eq!(distinct.len(), 1);
        let listed = pivotal.get(path).await.ok();
        let made: Value = serde_json::from_slice(&responses[0].0).unwrap();
        assert_eq!(listed["data"], json!([made]));
        assert_eq!(display_ids(&listed), [1]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_creates_count_without_gap_or_repetition() {
    let pivotal = Client::start().await;
    let mut posts = JoinSet::new();
    for number in 0..200 {
        // Every name twice: one of both gets the slug, the other one of its own.
        let body = json!({ "name": format!("Customer {}", number / 2) });
        posts.spawn(send(
            pivotal.request(Method::POST, "/customers").json(&body),
        ));
    }
    let made: Vec<Value> = posts
        .join_all()
        .await
        .into_iter()
        .map(|response| response.created())
        .collect();
    let distinct = |key: &str| {
        made.iter()
            .map(|row| row[key].to_string())
            .collect::<BTreeSet<_>>()
    };
    for key in ["id", "display_id", "slug", "created_at"] {
        assert_eq!(distinct(key).len(), 200, "{key}");
    }
    let highest = made
        .iter()
        .filter_map(|row| row["display_id"].as_u64())
        .max();
    assert_eq!(highest, Some(200));
}
