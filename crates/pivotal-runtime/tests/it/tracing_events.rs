//! What a program's log may see of a call.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use pivotal_runtime::{ApiKey, BaseUrl, ClientConfig, Executor, FailureKind, Runtime, http_client};
use pivotal_test_support::{ScriptedServer, response};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::operations::{CREATE_ROW, GET_ROW, SEND_ROW};
use crate::script::{Script, Step, call, status, with_header};

/// Writes down every event of every level, of the HTTP stack's too.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Log {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut log = self.0.lock().unwrap();
        let about = attributes.metadata();
        let _ = write!(
            log,
            "\n{} {} {}",
            about.level(),
            about.target(),
            about.name()
        );
        attributes.record(&mut Line(&mut log));
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, values: &Record<'_>) {
        let mut log = self.0.lock().unwrap();
        let _ = write!(log, "\nRECORD");
        values.record(&mut Line(&mut log));
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut log = self.0.lock().unwrap();
        let _ = write!(
            log,
            "\n{} {}",
            event.metadata().level(),
            event.metadata().target()
        );
        event.record(&mut Line(&mut log));
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

/// Runs with a log of its own; gives what was written by us.
async fn logged<F: Future>(work: impl FnOnce() -> F) -> (F::Output, String) {
    let log = Log::default();
    // With one dispatcher alive, tracing asks the thread that meets an event first whether anyone
    // listens, which may be another test's thread. With two it asks all dispatchers.
    let _second = tracing::Dispatch::new(Log::default());
    let _guard = tracing::subscriber::set_default(log.clone());
    let result = work().await;
    let text = log.0.lock().unwrap().clone();
    (result, text)
}

fn ours(log: &str) -> Vec<&str> {
    log.lines()
        .filter(|line| line.contains("pivotal_runtime"))
        .collect()
}

#[tokio::test]
async fn a_call_is_one_span_and_one_event_without_key_ids_or_bodies() {
    let server = ScriptedServer::start(|_| response("201 Created", "", r#"{"secret":"received"}"#));
    let base_url = BaseUrl::parse(server.base_url()).unwrap();
    let port = server.base_url().rsplit(':').next().unwrap().to_owned();
    let key = "pivotal_K8s9aB3dE5fG7hJ9kL1m";
    let ((), log) = logged(|| async {
        let client = http_client(&base_url).unwrap();
        let request = client.post(format!("{base_url}/api/v1/rows/hidden-id/send"));
        let mut request = request.body(r#"{"secret":"asked"}"#).build().unwrap();
        let mut config = ClientConfig::new(base_url.clone());
        config.api_key = Some(ApiKey::new(key).unwrap());
        let executor = Executor::new(Arc::new(Runtime::new(config)));
        executor.prepare(&mut request, &SEND_ROW).unwrap();
        executor.send(&client, request, &SEND_ROW).await.unwrap();
    })
    .await;

    let ours = ours(&log);
    assert_eq!(ours.len(), 2, "{log}");
    for part in [
        "INFO",
        "pivotal.call",
        "otel.name=POST /api/v1/rows/{id}/send",
        "otel.kind=\"client\"",
        "http.request.method=\"POST\"",
        "url.template=\"/api/v1/rows/{id}/send\"",
        "server.address=\"127.0.0.1\"",
        &format!("server.port={port}"),
    ] {
        assert!(ours[0].contains(part), "{part}: {}", ours[0]);
    }
    for part in ["DEBUG", "attempt=1", "http.response.status_code=201"] {
        assert!(ours[1].contains(part), "{part}: {}", ours[1]);
    }
    let recorded = log.rsplit_once("RECORD").unwrap().1;
    assert!(recorded.contains("http.response.status_code=201"), "{log}");
    assert!(!recorded.contains("resend_count"), "{log}");
    for secret in [&key[12..], "secret", "asked", "received"] {
        assert!(!log.contains(secret), "{log}");
    }
    // The HTTP stack below us writes the path at TRACE; we do not.
    assert!(ours.iter().all(|line| !line.contains("hidden-id")), "{log}");
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_an_event_and_the_span_has_retries_and_the_error() {
    let script = Script::new([
        Step::Fail(FailureKind::Connect),
        with_header(503, "retry-after", "2"),
        status(404),
    ]);
    let executor = script.executor();
    let (_, log) = logged(|| call(&executor, &GET_ROW)).await;
    let ours = ours(&log);
    assert_eq!(ours.len(), 5, "{log}");
    assert!(ours[1].contains("error.type=\"connect\""), "{}", ours[1]);
    assert!(ours[2].contains("retry_in_ms=2000"), "{}", ours[2]);
    assert!(
        ours[3].starts_with("INFO")
            && ours[3].contains("get_row waits 2 s before a retry: 503")
            && ours[3].contains("reason=\"retry\" remaining_ms=2000"),
        "{}",
        ours[3]
    );
    assert!(ours[4].contains("attempt=3"), "{}", ours[4]);
    for part in [
        "RECORD http.response.status_code=404",
        "RECORD http.request.resend_count=2",
        "RECORD error.type=404",
    ] {
        assert!(log.contains(part), "{part}: {log}");
    }
}

#[tokio::test]
async fn a_deprecation_is_warned_of_once_for_each_operation() {
    let script = Script::new([with_header(200, "deprecation", "@1798761600")]);
    let executor = script.executor();
    let ((), log) = logged(|| async {
        for operation in [&GET_ROW, &CREATE_ROW, &GET_ROW, &CREATE_ROW] {
            call(&executor.clone(), operation).await;
        }
    })
    .await;
    let warnings: Vec<_> = ours(&log)
        .into_iter()
        .filter(|line| line.starts_with("WARN"))
        .collect();
    assert_eq!(warnings.len(), 2, "{log}");
    assert!(warnings[0].contains("get_row") && warnings[0].contains("1798761600"));
    assert!(warnings[1].contains("create_row"), "{}", warnings[1]);
}
