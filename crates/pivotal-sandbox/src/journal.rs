//! The requests that the sandbox has received.

use std::{collections::VecDeque, fmt, sync::Arc};

use bytes::Bytes;
use http::{HeaderName, header, request::Parts};
use jiff::Timestamp;

use crate::keys::{redact, redact_header};

/// Most requests in the journal; the oldest leave first.
pub const JOURNAL_REQUESTS: usize = 1_000;
/// Most bytes that the bodies in the journal have together.
pub const JOURNAL_BYTES: usize = 16 * 1024 * 1024;

/// Headers whose value is a secret.
const SECRET: [HeaderName; 3] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
];

/// A request as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// When it came, by the sandbox's clock.
    pub at: Timestamp,
    /// The `operationId` of what it asks for, such as `create-customer`; none where path and method
    /// name no operation.
    pub operation: Option<String>,
    /// The method, such as `POST`.
    pub method: String,
    /// The path, still percent-encoded. A key in it, where none belongs, is redacted.
    pub path: String,
    /// The query without its question mark, still percent-encoded. A key in it, where none belongs,
    /// is redacted.
    pub query: Option<String>,
    /// Names in lower case and values in the order of arrival, values of one name together. The
    /// value of a header that carries a secret is `[redacted]`; a scheme before it, such as
    /// `Bearer`, is kept. A key in any other header is redacted.
    pub headers: Vec<(String, String)>,
    /// The body; empty when there was none or it was refused for its size.
    pub body: Bytes,
}

impl ReceivedRequest {
    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// `Bearer pivotal_…` as `Bearer [redacted]`.
fn without_secret(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme @ ("Bearer" | "Basic"), _)) => format!("{scheme} [redacted]"),
        _ => "[redacted]".to_owned(),
    }
}

/// A request as it is kept: cheap to write, with its secrets, which [`Journal::requests`] takes
/// out.
pub(crate) struct Entry {
    at: Timestamp,
    operation: Option<String>,
    head: Arc<Parts>,
    body: Bytes,
}

impl Entry {
    /// What a head has among its extensions lives as long as the journal keeps it.
    pub(crate) fn new(
        at: Timestamp,
        operation: Option<&str>,
        head: &Arc<Parts>,
        body: Bytes,
    ) -> Self {
        Self {
            at,
            operation: operation.map(str::to_owned),
            head: Arc::clone(head),
            body,
        }
    }

    fn shown(&self) -> ReceivedRequest {
        let value = |name: &HeaderName, value: &[u8]| {
            let value = String::from_utf8_lossy(value);
            if SECRET.contains(name) {
                without_secret(&value)
            } else {
                redact_header(&value)
            }
        };
        ReceivedRequest {
            at: self.at,
            operation: self.operation.clone(),
            method: self.head.method.to_string(),
            path: redact(self.head.uri.path()),
            query: self.head.uri.query().map(redact),
            headers: self
                .head
                .headers
                .iter()
                .map(|(name, v)| (name.to_string(), value(name, v.as_bytes())))
                .collect(),
            body: self.body.clone(),
        }
    }
}

/// The last requests.
#[derive(Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl Journal {
    pub(crate) fn record(&mut self, entry: Entry) {
        self.bytes += entry.body.len();
        self.entries.push_back(entry);
        while self.entries.len() > JOURNAL_REQUESTS || self.bytes > JOURNAL_BYTES {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            self.bytes -= oldest.body.len();
        }
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.entries.iter().map(Entry::shown).collect()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("requests", &self.entries.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Request, header};
    use jiff::Timestamp;

    use super::{Entry, JOURNAL_BYTES, JOURNAL_REQUESTS, Journal};

    fn entry(path: &str, size: usize) -> Entry {
        let (head, ()) = Request::get(path).body(()).unwrap().into_parts();
        Entry::new(
            Timestamp::UNIX_EPOCH,
            None,
            &head.into(),
            vec![b'x'; size].into(),
        )
    }

    #[test]
    fn the_oldest_leave_first() {
        let mut journal = Journal::default();
        (0..JOURNAL_REQUESTS + 2)
            .for_each(|number| journal.record(entry(&format!("/{number}"), 1)));
        assert_eq!(journal.requests().len(), JOURNAL_REQUESTS);
        assert_eq!(journal.requests()[0].path, "/2");
        journal.record(entry("/large", JOURNAL_BYTES));
        assert_eq!(journal.requests().len(), 1);
    }

    #[test]
    fn secrets_are_not_shown() {
        for (sent, kept) in [
            ("Bearer pivotal_secret", "Bearer [redacted]"),
            ("pivotal_secret", "[redacted]"),
            ("pivotal_secret twice", "[redacted]"),
        ] {
            let request = Request::get("/me?api_key=pivotal_K8s9secret")
                .header(header::AUTHORIZATION, sent)
                .body(())
                .unwrap();
            let mut journal = Journal::default();
            let head = request.into_parts().0.into();
            journal.record(Entry::new(Timestamp::UNIX_EPOCH, None, &head, Bytes::new()));
            let received = journal.requests().remove(0);
            assert_eq!(received.header("authorization"), Some(kept));
            assert!(!format!("{received:?} {journal:?}").contains("secret"));
        }
    }
}
