//! What a program's log may see of a call.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use pivotal_runtime::{ApiKey, BaseUrl, Runtime, Seam, http_client};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::operations::CREATE_ROW;
use crate::server::{Server, answer};

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
        attributes.record(&mut Line(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, values: &Record<'_>) {
        values.record(&mut Line(&mut self.0.lock().unwrap()));
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

#[tokio::test]
async fn a_call_is_one_event_without_key_or_bodies() {
    let log = Log::default();
    // With one dispatcher alive, tracing asks the thread that meets an event first whether anyone
    // listens, which may be another test's thread. With two it asks all dispatchers.
    let _second = tracing::Dispatch::new(Log::default());
    let _guard = tracing::subscriber::set_default(log.clone());

    let server = Server::start(|_| answer("201 Created", "", r#"{"secret":"answered"}"#)).await;
    let base_url = BaseUrl::parse(&server.base_url).unwrap();
    let client = http_client(&base_url).unwrap();
    let key = "pivotal_K8s9aB3dE5fG7hJ9kL1m";
    let request = client.post(format!("{base_url}/api/v1/rows"));
    let mut request = request.body(r#"{"secret":"asked"}"#).build().unwrap();
    let runtime = Runtime::builder(base_url).api_key(ApiKey::new(key).unwrap());
    let seam = Seam::new(Arc::new(runtime.build()));
    seam.prepare(&mut request, &CREATE_ROW).unwrap();
    seam.send(&client, request, &CREATE_ROW).await.unwrap();

    let log = log.0.lock().unwrap();
    let ours: Vec<_> = log
        .lines()
        .filter(|line| line.contains("pivotal_runtime"))
        .collect();
    assert_eq!(ours.len(), 1, "{log}");
    for part in [
        "DEBUG",
        "operation=\"create_row\"",
        "method=POST",
        "status=201",
        "answered",
    ] {
        assert!(ours[0].contains(part), "{part}: {}", ours[0]);
    }
    for secret in [&key[12..], "secret", "asked"] {
        assert!(!log.contains(secret), "{log}");
    }
}
