//! Webhooks, as a receiver gets them. Signatures are judged by Svix's own library.

use std::{convert::Infallible, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use pivotal_sandbox::{DeliveryState, PENDING_EVENTS, Sandbox, SandboxBuilder, StartError};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use svix::webhooks::{Webhook, WebhookError};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

use crate::client::Client;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A server that records what it gets.
struct Receiver {
    url: String,
    received: UnboundedReceiver<(http::HeaderMap, bytes::Bytes)>,
}

impl Receiver {
    /// Responds with these statuses, then with 200; 0 is no response.
    async fn with(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/hooks?from=sandbox",
            listener.local_addr().unwrap()
        );
        let (sender, received) = unbounded_channel();
        let mut statuses = statuses.iter().copied();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let status = statuses.next().unwrap_or(200);
                let sender = sender.clone();
                tokio::spawn(http1::Builder::new().serve_connection(
                    TokioIo::new(stream),
                    service_fn(move |request: http::Request<Incoming>| {
                        let sender = sender.clone();
                        async move {
                            assert_eq!(request.uri(), "/hooks?from=sandbox");
                            let (head, body) = request.into_parts();
                            let body = body.collect().await.unwrap().to_bytes();
                            let _ = sender.send((head.headers, body));
                            if status == 0 {
                                std::future::pending::<()>().await;
                            }
                            let mut response =
                                http::Response::new(Full::new(bytes::Bytes::from("an answer")));
                            *response.status_mut() = StatusCode::from_u16(status).unwrap();
                            Ok::<_, Infallible>(response)
                        }
                    }),
                ));
            }
        });
        Self { url, received }
    }

    /// The next delivery: its ID, its payload and the judgement of its signature.
    async fn next(&mut self) -> (String, Value, Result<(), WebhookError>) {
        let next = timeout(Duration::from_secs(30), self.received.recv()).await;
        let (headers, body) = next.expect("an event in time").unwrap();
        assert_eq!(headers["content-type"], "application/json");
        let judgement = Webhook::new(SECRET).unwrap().verify(&body, &headers);
        let id = headers["svix-id"].to_str().unwrap().to_owned();
        (id, serde_json::from_slice(&body).unwrap(), judgement)
    }

    /// The ID and the payload of the next delivery, whose signature is right.
    async fn verified(&mut self) -> (String, Value) {
        let (id, payload, judgement) = self.next().await;
        judgement.unwrap();
        (id, payload)
    }

    /// The types of the next deliveries.
    async fn types<const N: usize>(&mut self) -> [String; N] {
        let mut types = [const { String::new() }; N];
        for event_type in &mut types {
            *event_type = self.verified().await.1["type"].as_str().unwrap().to_owned();
        }
        types
    }

    fn sandbox(&self) -> SandboxBuilder {
        Sandbox::builder().webhook(&self.url).webhook_secret(SECRET)
    }
}

/// Returns when no event waits any more.
async fn settled(sandbox: &Sandbox) {
    let waits = || {
        let events = sandbox.webhooks().events();
        events
            .iter()
            .any(|event| event.state == DeliveryState::Pending)
    };
    let settled = async {
        while waits() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(30), settled).await.unwrap();
}

#[tokio::test]
async fn every_change_is_sent_once_signed_and_in_order() {
    let mut receiver = Receiver::with(&[]).await;
    let builder = receiver
        .sandbox()
        .frozen_at("2026-05-26T17:21:09.412Z".parse().unwrap());
    let pivotal = Client::of(builder).await;
    let customer = pivotal.customer("Aurora").await;
    let (_, payload) = receiver.verified().await;
    let expected = json!({
        "type": "customer.created",
        "timestamp": "2026-05-26T17:21:09.412Z",
        "data": { "object": "customer", "id": customer["id"], "display_id": 1 },
    });
    assert_eq!(payload, expected);

    let contacts = "/customers/1/contacts";
    let mira = json!({ "name": "Mira Chen", "email": "mira@aurora.test" });
    let contact = pivotal.post(contacts, mira.clone()).await.created();
    let (_, payload) = receiver.verified().await;
    assert_eq!(payload["type"], "contact.created");
    assert_eq!(payload["data"]["id"], contact["id"]);
    assert_eq!(payload["data"]["customer_id"], customer["id"]);
    // These change nothing.
    pivotal.post(contacts, mira).await.created();
    pivotal
        .patch("/customers/1", json!({ "mrr": -1 }))
        .await
        .refused(400, "too_small");
    pivotal.get("/customers").await.ok();
    let onboarding = pivotal.onboarding(&customer).await;
    assert_eq!(receiver.types().await, ["onboarding.created"]);

    let path = format!("/onboardings/{}", onboarding["id"].as_str().unwrap());
    for phase in ["program_design", "review", "launch"] {
        pivotal.patch(&path, json!({ "phase": phase })).await.ok();
    }
    pivotal.delete(&path).await.ok();
    pivotal.delete(&path).await.ok();
    let updated = "onboarding.updated";
    let expected = [updated, updated, updated, "onboarding.deleted"];
    assert_eq!(receiver.types().await, expected);
    settled(&pivotal.sandbox).await;
    assert_eq!(pivotal.sandbox.webhooks().events().len(), 7);
    pivotal.sandbox.reset();
    assert_eq!(pivotal.sandbox.webhooks().events(), []);
}

#[tokio::test]
async fn a_refused_event_is_sent_again_before_those_that_follow() {
    let mut receiver = Receiver::with(&[503]).await;
    let pivotal = Client::of(receiver.sandbox()).await;
    pivotal.customer("Aurora").await;
    pivotal
        .patch("/customers/1", json!({ "plan": "Growth" }))
        .await
        .ok();
    let first = receiver.verified().await;
    assert_eq!(receiver.verified().await, first, "the same ID");
    assert_eq!(receiver.types().await, ["customer.updated"]);
    settled(&pivotal.sandbox).await;
    let events = pivotal.sandbox.webhooks().events();
    let answers = events[0].attempts.iter();
    let answers = answers.map(|attempt| (attempt.status, attempt.answer.as_str()));
    let expected = [(Some(503), "an answer"), (Some(200), "an answer")];
    assert_eq!(answers.collect::<Vec<_>>(), expected);
    assert_eq!(events[1].event_type, "customer.updated");
}

#[tokio::test]
async fn faults_of_webhooks_are_what_a_receiver_has_to_expect() {
    let mut receiver = Receiver::with(&[]).await;
    let pivotal = Client::of(receiver.sandbox()).await;
    let faults = pivotal.sandbox.faults();
    let fault = |text: &str| faults.add(text.parse().unwrap()).unwrap();
    fault("*:latency=0ms");
    fault("webhook:duplicate,wrong-signature,old-timestamp,latency=1ms");
    let trigger = || {
        pivotal
            .sandbox
            .webhooks()
            .trigger("customer.created", &json!({}))
    };

    let id = trigger().unwrap();
    assert_eq!(
        [receiver.verified().await.0, receiver.verified().await.0],
        [&*id, &*id]
    );
    settled(&pivotal.sandbox).await;
    trigger().unwrap();
    let judgement = receiver.next().await.2;
    assert!(matches!(judgement, Err(WebhookError::InvalidSignature)));
    trigger().unwrap();
    let judgement = receiver.next().await.2;
    assert!(matches!(judgement, Err(WebhookError::TimestampTooOldError)));
    trigger().unwrap();
    receiver.verified().await;

    faults.clear();
    fault("webhook:reorder:count=1");
    pivotal.customer("Aurora").await;
    pivotal
        .patch("/customers/1", json!({ "plan": "Growth" }))
        .await
        .ok();
    assert_eq!(
        receiver.types().await,
        ["customer.updated", "customer.created"]
    );
    assert_eq!(faults.armed()[0].applied, 1);
}

#[tokio::test]
async fn a_receiver_that_never_responds_neither_slows_the_api_nor_fills_the_memory() {
    let mut receiver = Receiver::with(&[0; 4096]).await;
    let pivotal = Client::of(receiver.sandbox()).await;
    let created = PENDING_EVENTS + 20;
    for _ in 0..created {
        pivotal.customer("Aurora").await;
    }
    receiver.verified().await;
    let webhooks = pivotal.sandbox.webhooks();
    assert_eq!(webhooks.events().len(), PENDING_EVENTS);
    assert_eq!(webhooks.dropped(), 20);
    let error = webhooks.trigger("customer.created", &json!({}));
    assert!(error.unwrap_err().to_string().contains("too many"));
    let stopped = timeout(Duration::from_secs(8), pivotal.sandbox.stop()).await;
    assert!(stopped.is_ok(), "it does not wait for the receiver");
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_in_the_journal() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let pivotal = Client::of(Sandbox::builder().webhook(url)).await;
    pivotal.customer("Aurora").await;
    let first = async {
        loop {
            if let Some(attempt) = pivotal.sandbox.webhooks().events()[0].attempts.first() {
                break attempt.clone();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let first = timeout(Duration::from_secs(30), first).await.unwrap();
    assert!(first.answer.starts_with("cannot connect"));
}

#[tokio::test]
async fn the_admin_api_sets_the_url_triggers_lists_and_sends_again() {
    let mut receiver = Receiver::with(&[400]).await;
    let pivotal = Client::of(Sandbox::builder().admin(true)).await;
    let admin = async |method: Method, path: &str, body: Value| {
        let url = format!("{}/_sandbox/{path}", pivotal.sandbox.base_url());
        let response = pivotal
            .http
            .request(method, url)
            .json(&body)
            .send()
            .await
            .unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };
    let trigger = json!({ "type": "plan.changed", "data": { "to": "Growth" } });
    let (status, refused) = admin(Method::POST, "webhooks/trigger", trigger.clone()).await;
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(
        status == 400 && message.starts_with("no webhook URL is set"),
        "{refused}"
    );
    let set = json!({ "url": receiver.url, "secret": SECRET });
    let (status, listed) = admin(Method::POST, "webhooks", set).await;
    let expected = json!({ "url": receiver.url, "dropped": 0, "events": [] });
    assert_eq!((status, listed), (200, expected));

    let (_, triggered) = admin(Method::POST, "webhooks/trigger", trigger).await;
    let (id, payload) = receiver.verified().await;
    assert_eq!(triggered, json!({ "id": id }));
    assert_eq!(payload["type"], "plan.changed");
    assert_eq!(payload["data"], json!({ "to": "Growth" }));
    receiver.verified().await;
    settled(&pivotal.sandbox).await;
    let (_, again) = admin(Method::POST, "webhooks/resend", json!({ "id": id })).await;
    assert_eq!((&again, &receiver.verified().await.0), (&triggered, &id));
    settled(&pivotal.sandbox).await;
    let (_, listed) = admin(Method::GET, "webhooks", Value::Null).await;
    let event = &listed["events"][0];
    assert_eq!(
        (&event["type"], &event["state"]),
        (&json!("plan.changed"), &json!("accepted"))
    );
    let statuses: Vec<_> = (0..3).map(|n| &event["attempts"][n]["status"]).collect();
    assert_eq!(statuses, [400, 200, 200]);
    assert!(!listed.to_string().contains("whsec_"), "{listed}");

    for (path, body, status) in [
        ("webhooks/resend", json!({ "id": "msg_other" }), 404),
        (
            "webhooks/trigger",
            json!({ "type": "a", "data": "x".repeat(20_000) }),
            400,
        ),
        ("webhooks", json!({ "url": "https://localhost/" }), 400),
        (
            "webhooks",
            json!({ "url": "http://localhost/", "secret": "secret" }),
            400,
        ),
    ] {
        assert_eq!(admin(Method::POST, path, body).await.0, status, "{path}");
    }
}

#[tokio::test]
async fn a_url_of_another_machine_and_a_malformed_secret_are_refused() {
    for url in [
        "https://127.0.0.1/",
        "http://example.com/",
        "http://10.0.0.1:80/",
        "http://user@127.0.0.1/",
        "http://localhost.example.com/",
        "/hooks",
        "",
    ] {
        let started = Sandbox::builder().webhook(url).start().await;
        assert!(matches!(started, Err(StartError::Webhook(_))), "{url}");
    }
    for secret in [
        "",
        "whsec_",
        "whsec_%%%",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ] {
        let started = Sandbox::builder().webhook_secret(secret).start().await;
        let error = started.unwrap_err().to_string();
        assert!(
            error.contains("whsec_") && !error.contains("MfKQ"),
            "{error}"
        );
    }
    let debug = format!("{:?}", Sandbox::builder().webhook_secret(SECRET));
    assert!(!debug.contains("MfKQ"), "{debug}");
    for url in [
        "http://localhost:9",
        "http://[::1]:9/x",
        "http://127.0.0.2:9?y",
    ] {
        Sandbox::builder().webhook(url).start().await.unwrap();
    }
}

#[tokio::test]
async fn sandboxes_of_one_builder_have_secrets_of_their_own() {
    let builder = Sandbox::builder();
    let [one, other] = [builder.clone(), builder].map(SandboxBuilder::start);
    let (one, other) = (one.await.unwrap(), other.await.unwrap());
    let secret = one.webhooks().secret();
    assert_ne!(secret, other.webhooks().secret());
    one.reset();
    assert_eq!(secret, one.webhooks().secret());
}

/// Only that events are signed is stated, and that a test key has no outbound effects.
#[tokio::test]
async fn strict_mode_sends_no_key_of_a_payload_and_nothing_for_a_test_key() {
    let mut receiver = Receiver::with(&[]).await;
    let builder = receiver
        .sandbox()
        .undocumented(false)
        .api_key("pivotal_liveLive");
    let pivotal = Client::of(builder.key("pivotal_test_testTest")).await;
    let test_key = pivotal.http.post(pivotal.url("/customers"));
    let test_key = test_key.bearer_auth("pivotal_test_testTest");
    let created = test_key
        .json(&json!({ "name": "Aurora" }))
        .send()
        .await
        .unwrap();
    assert_eq!(created.status(), 201);
    pivotal.customer("Borealis").await;
    assert_eq!(receiver.verified().await.1, json!({}));
    settled(&pivotal.sandbox).await;
    assert_eq!(pivotal.sandbox.webhooks().events().len(), 1);
}
