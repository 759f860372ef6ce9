//! The requests that the sandbox has received.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderName, header, request::Parts};

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
    /// The method, such as `POST`.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query without its question mark, still percent-encoded.
    pub query: Option<String>,
    /// Names in lower case and values in the order of arrival, values of one name together. The value of a header that
    /// carries a secret is `[redacted]`; a scheme before it, such as `Bearer`, is kept.
    pub headers: Vec<(String, String)>,
    /// The body; empty when there was none or it was refused for its size.
    pub body: Bytes,
}

impl ReceivedRequest {
    pub(crate) fn new(head: &Parts, body: Bytes) -> Self {
        let value = |name: &HeaderName, value: &[u8]| {
            let value = String::from_utf8_lossy(value);
            if SECRET.contains(name) {
                redact(&value)
            } else {
                value.into_owned()
            }
        };
        Self {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers: head
                .headers
                .iter()
                .map(|(name, v)| (name.to_string(), value(name, v.as_bytes())))
                .collect(),
            body,
        }
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// `Bearer pivotal_…` as `Bearer [redacted]`.
fn redact(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme @ ("Bearer" | "Basic"), _)) => format!("{scheme} [redacted]"),
        _ => "[redacted]".to_owned(),
    }
}

/// The last requests.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    requests: VecDeque<ReceivedRequest>,
    bytes: usize,
}

impl Journal {
    pub(crate) fn record(&mut self, request: ReceivedRequest) {
        self.bytes += request.body.len();
        self.requests.push_back(request);
        while self.requests.len() > JOURNAL_REQUESTS || self.bytes > JOURNAL_BYTES {
            let Some(oldest) = self.requests.pop_front() else {
                break;
            };
            self.bytes -= oldest.body.len();
        }
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.requests.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Request, header};

    use super::{JOURNAL_BYTES, JOURNAL_REQUESTS, Journal, ReceivedRequest};

    fn request(path: &str, size: usize) -> ReceivedRequest {
        let (head, ()) = Request::get(path).body(()).unwrap().into_parts();
        ReceivedRequest::new(&head, vec![b'x'; size].into())
    }

    #[test]
    fn the_oldest_leave_first() {
        let mut journal = Journal::default();
        (0..JOURNAL_REQUESTS + 2)
            .for_each(|number| journal.record(request(&format!("/{number}"), 1)));
        assert_eq!(journal.requests().len(), JOURNAL_REQUESTS);
        assert_eq!(journal.requests()[0].path, "/2");
        journal.record(request("/large", JOURNAL_BYTES));
        assert_eq!(journal.requests().len(), 1);
    }

    #[test]
    fn secrets_are_not_kept() {
        for (sent, kept) in [
            ("Bearer pivotal_secret", "Bearer [redacted]"),
            ("pivotal_secret", "[redacted]"),
            ("pivotal_secret twice", "[redacted]"),
        ] {
            let request = Request::get("/")
                .header(header::AUTHORIZATION, sent)
                .body(())
                .unwrap();
            let received = ReceivedRequest::new(&request.into_parts().0, Bytes::new());
            assert_eq!(received.header("authorization"), Some(kept));
            assert!(!format!("{received:?}").contains("secret"));
        }
    }
}
