//! The access log: one line for each response.

use std::{fmt, sync::Arc, time::Duration};

use http::{StatusCode, request::Parts};
use jiff::Timestamp;

use crate::{clock::iso, keys::redact};

/// Whoever wants the lines.
#[derive(Clone)]
pub(crate) struct AccessLog(Arc<dyn Fn(&str) + Send + Sync>);

impl AccessLog {
    pub(crate) fn new(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// `2026-05-26T17:21:09.412Z GET /api/v1/me 200 0.3ms pivotal_test_K8s9`. The time is the
    /// sandbox's; of the key, its safe part; a dash where there was none that the sandbox knows.
    pub(crate) fn write(
        &self,
        at: Timestamp,
        head: &Parts,
        status: StatusCode,
        took: Duration,
        key: Option<&str>,
    ) {
        let target = head
            .uri
            .path_and_query()
            .map_or(head.uri.path(), |target| target.as_str());
        (self.0)(&format!(
            "{} {} {} {} {:.1}ms {}",
            iso(at),
            head.method,
            redact(target),
            status.as_u16(),
            took.as_secs_f64() * 1_000.0,
            key.unwrap_or("-"),
        ));
    }
}

impl fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessLog")
    }
}
