use std::time::Duration;

use pivotal_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::client::{Client, display_ids, send};

#[tokio::test]
async fn a_repeated_post_gets_the_same_bytes_and_creates_nothing() {
    let pivotal = Client::start().await;
    let body = json!({ "name": "Aurora Outfitters" });
    let first = pivotal
        .post_with_key("/customers", "first-customer", body.clone())
        .await;
    assert_eq!(first.headers.get("idempotent-replayed"), None);
    pivotal
        .patch("/customers/1", json!({ "name": "Renamed since" }))
        .await
        .ok();
    let again = pivotal
        .post_with_key("/customers", "first-customer", body)
        .await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
    assert_eq!(display_ids(&pivotal.get("/customers").await.ok()), [1]);
}

#[tokio::test]
async fn every_create_takes_a_key() {
    let pivotal = Client::start().await;
    for (path, body) in [
        ("/customers", json!({ "name": "Aurora" })),
        (
            "/customers/1/contacts",
            json!({ "name": "Mira", "email": "m@x.io" }),
        ),
        ("/onboardings", json!({ "customer_id": "1" })),
    ] {
        let first = pivotal
            .post_with_key(path, "the same key", body.clone())
            .await;
        let again = pivotal.post_with_key(path, "the same key", body).await;
        assert_eq!(first.bytes, again.bytes);
        assert_eq!(again.headers["idempotent-replayed"], "true");
        first.created();
    }
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let pivotal = Client::start().await;
    pivotal
        .post_with_key("/customers", "k", json!({ "name": "Aurora" }))
        .await
        .created();
    for body in [json!({ "name": "Borealis" }), json!({}), json!([])] {
        let response = pivotal.post_with_key("/customers", "k", body).await;
        assert_eq!(response.refused(409, "idempotency_key_reused"), None);
    }
    assert_eq!(display_ids(&pivotal.get("/customers").await.ok()), [1]);
}

#[tokio::test]
async fn a_key_belongs_to_one_endpoint() {
    let pivotal = Client::start().await;
    for name in ["Aurora", "Borealis"] {
        pivotal.customer(name).await;
    }
    let first = pivotal
        .post_with_key(
            "/customers/1/contacts",
            "k",
            json!({ "name": "A", "email": "a@x.io" }),
        )
        .await;
    let second = pivotal
        .post_with_key(
            "/customers/2/contacts",
            "k",
            json!({ "name": "B", "email": "b@x.io" }),
        )
        .await;
    let third = pivotal
        .post_with_key("/onboardings", "k", json!({ "customer_id": "1" }))
        .await;
    assert_ne!(
        first.created()["customer_id"],
        second.created()["customer_id"]
    );
    third.created();
}

#[tokio::test]
async fn only_successes_are_kept() {
    let pivotal = Client::start().await;
    let body = json!({ "name": "Aurora", "slug": "aurora" });
    pivotal
        .post_with_key("/customers", "k", json!({ "name": "" }))
        .await
        .refused(400, "too_small");
    pivotal.post("/customers", body.clone()).await.created();
    pivotal
        .post_with_key("/customers", "k", body.clone())
        .await
        .refused(409, "slug_taken");
    let not_json = pivotal
        .request(Method::POST, "/customers")
        .header("idempotency-key", "k")
        .body("{}");
    send(not_json).await.refused(415, "unsupported_media_type");
    pivotal.delete("/customers/1").await.ok();
    let response = pivotal.post_with_key("/customers", "k", body).await;
    assert_eq!(response.headers.get("idempotent-replayed"), None);
    response.created();
}

#[tokio::test]
async fn a_key_has_1_to_255_bytes() {
    let pivotal = Client::start().await;
    let body = json!({ "name": "Aurora" });
    let longest = "k".repeat(255);
    pivotal
        .post_with_key("/customers", &longest, body.clone())
        .await
        .created();
    let too_long = pivotal
        .post_with_key("/customers", &format!("{longest}k"), body.clone())
        .await;
    assert_eq!(too_long.refused(400, "too_big"), Some("Idempotency-Key"));
    let empty = pivotal.post_with_key("/customers", "", body).await;
    assert_eq!(empty.refused(400, "too_small"), Some("Idempotency-Key"));
}

#[tokio::test]
async fn other_methods_take_no_notice_of_a_key() {
    let pivotal = Client::start().await;
    pivotal.customer("Aurora").await;
    let with_key = |method, path| pivotal.request(method, path).header("idempotency-key", "k");
    for plan in ["Growth", "Scale"] {
        let patch = with_key(Method::PATCH, "/customers/1").json(&json!({ "plan": plan }));
        assert_eq!(send(patch).await.ok()["plan"], plan);
    }
    for _ in 0..2 {
        let response = send(with_key(Method::GET, "/customers")).await;
        assert_eq!(response.headers.get("idempotent-replayed"), None);
    }
    send(with_key(Method::GET, "/customers").header("idempotency-key", "k".repeat(300)))
        .await
        .ok();
}

/// Sends the head of a keyed POST that announces a body of 17 bytes, and waits until the sandbox
/// asks for the body: from then on the request runs.
async fn begin_post(sandbox: &Sandbox) -> TcpStream {
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    let head = format!(
        "POST /api/v1/customers HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         idempotency-key: k\r\ncontent-length: 17\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        sandbox.api_key()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

/// Sends the same POST until it has the wanted response, for at most ten seconds.
async fn post_until(pivotal: &Client, wanted: impl Fn(u16) -> bool) -> crate::client::Response {
    for _ in 0..1_000 {
        let post = pivotal
            .request(Method::POST, "/customers")
            .header("idempotency-key", "k");
        let response = send(
            post.header("content-type", "application/json")
                .body(r#"{"name":"Aurora"}"#),
        )
        .await;
        if wanted(response.status.as_u16()) {
            return response;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the sandbox never gave the wanted response");
}

#[tokio::test]
async fn a_key_whose_first_request_still_runs_is_refused_then_replayed() {
    let pivotal = Client::start().await;
    let mut slow = begin_post(&pivotal.sandbox).await;
    let response = pivotal
        .post_with_key("/customers", "k", json!({ "name": "Aurora" }))
        .await;
    response.refused(409, "idempotency_in_progress");

    slow.write_all(br#"{"name":"Aurora"}"#).await.unwrap();
    let mut first = String::new();
    slow.read_to_string(&mut first).await.unwrap();
    assert!(first.starts_with("HTTP/1.1 201 Created"), "{first}");

    let again = pivotal
        .post_with_key("/customers", "k", json!({ "name": "Aurora" }))
        .await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert!(first.ends_with(std::str::from_utf8(&again.bytes).unwrap()));
    assert_eq!(display_ids(&pivotal.get("/customers").await.ok()), [1]);
}

#[tokio::test]
async fn a_caller_that_goes_away_gives_its_key_up() {
    let pivotal = Client::start().await;
    let slow = begin_post(&pivotal.sandbox).await;
    pivotal
        .post_with_key("/customers", "k", json!({ "name": "Aurora" }))
        .await
        .refused(409, "idempotency_in_progress");
    drop(slow);
    let response = post_until(&pivotal, |status| status == 201).await;
    assert_eq!(response.headers.get("idempotent-replayed"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_posts_with_one_key_make_one_row() {
    let pivotal = Client::start().await;
    let posts: Vec<_> = (0..256)
        .map(|_| {
            let post = pivotal
                .request(Method::POST, "/customers")
                .header("idempotency-key", "k");
            tokio::spawn(send(post.json(&json!({ "name": "Aurora" }))))
        })
        .collect();
    let mut responses = Vec::new();
    for post in posts {
        responses.push(post.await.unwrap());
    }
    let (made, refused): (Vec<_>, Vec<_>) = responses
        .iter()
        .partition(|response| response.status == 201);
    assert_eq!(
        made.iter()
            .filter(|response| !response.headers.contains_key("idempotent-replayed"))
            .count(),
        1
    );
    assert!(made.iter().all(|response| response.bytes == made[0].bytes));
    for response in refused {
        response.refused(409, "idempotency_in_progress");
    }
    assert_eq!(display_ids(&pivotal.get("/customers").await.ok()), [1]);
}

#[tokio::test]
async fn two_idempotency_keys_are_refused() {
    let pivotal = Client::start().await;
    let create = pivotal.request(Method::POST, "/customers");
    let create = create
        .header("idempotency-key", "a")
        .header("idempotency-key", "b");
    let response = send(create.json(&json!({ "name": "Aurora" }))).await;
    assert_eq!(
        response.refused(400, "duplicate_header"),
        Some("Idempotency-Key")
    );
    assert_eq!(pivotal.get("/customers").await.ok()["data"], json!([]));
}
