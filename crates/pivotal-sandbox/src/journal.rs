//! Records of requests: the journal that tests read, and the lines of the access log.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, header, request::Parts};
use jiff::Timestamp;

use crate::{
    clock::iso,
    redact::{redact_header, redact_url},
};

/// The maximum number of requests in the journal. The oldest are dropped first.
pub const JOURNAL_REQUESTS: usize = 1_000;
/// The maximum total size of the requests in the journal, heads and bodies, in bytes. The journal may
/// take up to 64 KiB of memory more for each request.
pub const JOURNAL_BYTES: usize = 16 * 1024 * 1024;

const SECRET_HEADERS: [HeaderName; 3] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
];

/// A request as the sandbox received it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// When it arrived, by the sandbox's clock.
    pub at: Timestamp,
    /// The `operationId`, such as `create-customer`; `None` if path and method match no operation.
    pub operation: Option<String>,
    /// The method, such as `POST`.
    pub method: String,
    /// The path, still percent-encoded. API keys are redacted.
    pub path: String,
    /// The query without its question mark, still percent-encoded. API keys are redacted.
    pub query: Option<String>,
    /// Names in lower case and values in the order of arrival, values of one name together. The
    /// value of a header that carries a secret is `[redacted]`, after its scheme, such as `Bearer`.
    /// API keys in other headers are redacted.
    pub headers: Vec<(String, String)>,
    /// The body; empty if there was none or it was too large.
    pub body: Bytes,
    /// The response; `None` while there is none.
    pub response: Option<SentResponse>,
}

/// What the sandbox responded to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentResponse {
    /// The status. With a fault that keeps the response from the caller, nothing with this status
    /// was sent.
    pub status: u16,
    /// From the arrival of the head until the response was ready to be sent, with the delay of a
    /// fault.
    pub took: Duration,
    /// Whether it is the response to an earlier request with the same idempotency key.
    pub replayed: bool,
    /// The fault that the request met, such as `status=503`; delays are added up.
    pub fault: Option<String>,
}

impl ReceivedRequest {
    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

impl SentResponse {
    /// `2026-05-26T17:21:09.412Z GET /api/v1/me 200 0.3ms pivotal_test_K8s9`: the sandbox's time, the
    /// request, and the safe part of a known key or a dash.
    pub(crate) fn line(&self, at: Timestamp, head: &Parts, key: Option<&str>) -> String {
        let target = head.uri.path_and_query();
        let target = target.map_or(head.uri.path(), |target| target.as_str());
        format!(
            "{} {} {} {} {:.1}ms {}",
            iso(at),
            head.method,
            redact_url(target),
            self.status,
            self.took.as_secs_f64() * 1_000.0,
            key.unwrap_or("-"),
        )
    }
}

/// A request as the journal stores it: cheap to write, with its secrets, which
/// [`Journal::requests`] removes.
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) operation: Option<String>,
    pub(crate) head: Arc<Parts>,
    pub(crate) body: Bytes,
    pub(crate) response: Option<SentResponse>,
}

impl Entry {
    /// The size of its parts, about. It may take 64 KiB more: its head keeps what was read at once.
    fn size(&self) -> usize {
        const HEADER: usize = size_of::<(HeaderName, HeaderValue)>();
        let uri = self.head.uri.path_and_query();
        let headers = self.head.headers.iter();
        let headers = headers.map(|(name, value)| HEADER + name.as_str().len() + value.len());
        size_of::<Self>()
            + size_of::<Parts>()
            + uri.map_or(0, |uri| uri.as_str().len())
            + headers.sum::<usize>()
            + self.body.len()
    }

    pub(crate) fn redacted(&self) -> ReceivedRequest {
        let uri = &self.head.uri;
        let headers = self.head.headers.iter();
        ReceivedRequest {
            at: self.at,
            operation: self.operation.clone(),
            method: self.head.method.to_string(),
            path: redact_url(uri.path()),
            query: uri.query().map(redact_url),
            headers: headers
                .map(|(name, value)| (name.to_string(), redacted_value(name, value)))
                .collect(),
            body: self.body.clone(),
            response: self.response.clone(),
        }
    }
}

/// `Bearer pivotal_…` becomes `Bearer [redacted]`.
fn redacted_value(name: &HeaderName, value: &HeaderValue) -> String {
    let value = String::from_utf8_lossy(value.as_bytes());
    if !SECRET_HEADERS.contains(name) {
        return redact_header(&value);
    }
    match value.split_once(' ') {
        Some((scheme @ ("Bearer" | "Basic"), _)) => format!("{scheme} [redacted]"),
        _ => "[redacted]".to_owned(),
    }
}

/// The most recent requests.
#[derive(Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// How many requests were there that are not any more.
    dropped: u64,
}

impl Journal {
    pub(crate) fn record(&mut self, entry: Entry) {
        self.bytes += entry.size();
        self.entries.push_back(entry);
        while self.entries.len() > JOURNAL_REQUESTS || self.bytes > JOURNAL_BYTES {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            self.bytes -= oldest.size();
            self.dropped += 1;
        }
    }

    /// Adds the response to the request with this head, if it is still there.
    pub(crate) fn complete(&mut self, head: &Arc<Parts>, response: SentResponse) {
        let mut newest_first = self.entries.iter_mut().rev();
        if let Some(entry) = newest_first.find(|entry| Arc::ptr_eq(&entry.head, head)) {
            entry.response = Some(response);
        }
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.entries.iter().map(Entry::redacted).collect()
    }

    /// The requests with their numbers, which count from 1, oldest first.
    #[cfg(feature = "pages")]
    pub(crate) fn numbered(&self) -> impl DoubleEndedIterator<Item = (u64, &Entry)> {
        let entries = self.entries.iter().enumerate();
        entries.map(|(index, entry)| (self.dropped + 1 + index as u64, entry))
    }

    pub(crate) fn clear(&mut self) {
        *self = Self {
            dropped: self.dropped + self.entries.len() as u64,
            ..Self::default()
        };
    }
}
