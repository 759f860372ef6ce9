//! The observer disturbs nothing and gives nothing away.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use pivotal_contract::{ContractObserver, Suite};
use pivotal_sdk::{Client, RetryPolicy};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::scripted::{HEADERS, KEY, Reports, client, serve};

#[tokio::test]
async fn a_panicking_callback_gets_the_next_violation_and_the_call_continues() {
    let base_url = serve(
        200,
        "content-type: application/json\r\n",
        r#"{"status":"ok","timestamp":"now"}"#,
    )
    .await;
    let heard = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&heard);
    let observer = ContractObserver::new(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        panic!("a callback of a test");
    });
    let health = client(&base_url, observer).health().await.unwrap();
    assert_eq!(health.status.as_str(), "ok");
    assert_eq!(
        heard.load(Ordering::Relaxed),
        3,
        "one for each header that is missing"
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_passed_over_and_its_head_is_not() {
    let row = json!({ "name": "x".repeat(1_000) });
    let page = json!({ "object": "list", "data": vec![row; 40], "has_more": 7 }).to_string();
    let reports = Reports::default();
    let base_url = serve(200, "content-type: application/json\r\n", &page).await;
    let _ = client(&base_url, reports.observer().body_limit(10_000))
        .customers()
        .list()
        .await;
    let kinds: Vec<_> = reports
        .violations()
        .iter()
        .map(|one| one.kind.as_str())
        .collect();
    assert_eq!(kinds, ["header"; 3]);
    let _ = client(&base_url, reports.observer())
        .customers()
        .list()
        .await;
    assert!(
        reports
            .lines()
            .iter()
            .any(|line| line.contains("(40 places)"))
    );
}

#[tokio::test]
async fn findings_of_one_exchange_are_bounded() {
    let keys: serde_json::Map<_, _> = (0..5_000).map(|n| (format!("key_{n}"), json!(n))).collect();
    let reports = Reports::default();
    let base_url = serve(200, HEADERS, &json!(keys).to_string()).await;
    let _ = client(&base_url, reports.observer())
        .customer(1)
        .get()
        .await;
    assert_eq!(reports.additions().len(), 50);
    assert!(reports.violations().len() <= 50);
}

#[tokio::test]
async fn invalid_json_and_deep_nesting_are_reported_as_such() {
    let deep = "[".repeat(10_000);
    for body in ["", "no json", "\u{0}", deep.as_str()] {
        let reports = Reports::default();
        let base_url = serve(200, HEADERS, body).await;
        assert!(client(&base_url, reports.observer()).me().await.is_err());
        let lines = reports.lines();
        assert!(
            lines.len() == 1 && lines[0].contains("is no JSON"),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn a_call_without_a_response_is_not_checked() {
    let reports = Reports::default();
    let pivotal = client("http://127.0.0.1:1", reports.observer());
    assert!(pivotal.me().await.is_err());
    assert!(pivotal.customer("a/b").get().await.is_err());
    assert_eq!(reports.lines(), [""; 0]);
}

/// Keeps the text of all events and spans.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<String>>);

impl Subscriber for Events {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Text(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Text(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = self.0.lock().unwrap();
        let _ = writeln!(
            text,
            "\n{} {}",
            event.metadata().level(),
            event.metadata().target()
        );
        event.record(&mut Text(&mut text));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Text<'t>(&'t mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = writeln!(self.0, "{field}={value:?}");
    }
}

/// A server that sends the key back wherever it can.
fn echo() -> String {
    json!({
        "object": KEY,
        KEY: KEY,
        "data": [{ KEY: KEY, "status": KEY, "mrr": KEY, "created_at": KEY, "customer of mine": 1 }],
        "error": { "type": KEY, "code": KEY, "message": KEY, "field": KEY, KEY: KEY },
    })
    .to_string()
}

#[tokio::test]
async fn neither_events_nor_findings_hold_a_key_or_a_value() {
    let headers = format!(
        "content-type: application/json\r\nx-ratelimit-limit: {KEY}\r\nretry-after: {KEY}\r\n"
    );
    for status in [200, 401, 418, 429] {
        let base_url = serve(status, &headers, &echo()).await;
        let reports = Reports::default();
        let events = Events::default();
        let pivotal = client(&base_url, reports.observer());
        // With one dispatcher alive, tracing asks the thread that meets an event first whether
        // anyone listens, which may be another test's thread. With two it asks all dispatchers.
        let _second = tracing::Dispatch::new(Events::default());
        let _guard = tracing::subscriber::set_default(events.clone());
        let _ = pivotal.customers().list().await;
        drop(_guard);

        let violations = reports.violations();
        assert!(!violations.is_empty(), "{status}");
        let all = format!(
            "{}{violations:?}{:?}{}",
            events.0.lock().unwrap(),
            reports.additions(),
            serde_json::to_string(&violations).unwrap(),
        );
        assert!(all.contains("WARN pivotal_contract"), "{all}");
        for secret in ["N0tTobeSeen", "customer of mine"] {
            assert!(!all.contains(secret), "{status}: {all}");
        }
    }
}

#[tokio::test]
async fn no_report_holds_a_key_or_what_the_server_says() {
    for status in [200, 403, 404, 500] {
        let base_url = serve(status, HEADERS, &echo()).await;
        let suite = Suite::new(move || {
            Client::builder()
                .base_url(&base_url)
                .api_key(KEY)
                .retry(RetryPolicy::off())
        })
        .writes(true);
        let report = suite.run().await.unwrap();
        assert!(!report.agrees());
        let all = format!(
            "{report}{report:?}{}",
            serde_json::to_string(&report).unwrap()
        );
        assert!(!all.contains("N0tTobeSeen"), "{status}: {all}");
    }
}
