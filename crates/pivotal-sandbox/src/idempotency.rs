//! Idempotency keys: a POST repeated with the same key gets the first response again and changes
//! nothing.

#[cfg(feature = "state")]
mod saved;

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};

use crate::error::ApiError;

/// The request header. Evidence: stated.
const HEADER: &str = "idempotency-key";
/// The maximum length of a key in bytes. Evidence: stated.
const MAX_LENGTH: usize = 255;
/// The maximum total size of the keys, requests and responses that a workspace stores, in bytes. The
/// oldest are forgotten first. Evidence: decided.
pub const IDEMPOTENCY_BYTES: usize = 64 * 1024 * 1024;
/// How long a response is stored. Evidence: stated.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// A key together with the endpoint that it is unique in, within one workspace.
///
/// The endpoint is the path of the POST as sent, IDs included: keys used for contacts of different
/// customers are independent. If only what is documented is served, it is the operation. Evidence:
/// stated (workspace and endpoint), decided (what an endpoint is).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ScopedKey {
    endpoint: String,
    key: Vec<u8>,
}

impl ScopedKey {
    /// Reads the key of a POST, if it has one: from 1 to 255 bytes of any kind.
    ///
    /// Evidence: stated (optional, opaque, length), decided (the codes).
    pub(crate) fn read(endpoint: &str, headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let mut keys = headers.get_all(HEADER).iter();
        let Some(key) = keys.next() else {
            return Ok(None);
        };
        if keys.next().is_some() {
            let message = "Send the header Idempotency-Key once";
            let error = ApiError::invalid_request("duplicate_header", message);
            return Err(error.field("Idempotency-Key"));
        }
        let (code, message) = match key.len() {
            0 => ("too_small", "An idempotency key must not be empty"),
            length if length > MAX_LENGTH => {
                ("too_big", "An idempotency key has at most 255 bytes")
            }
            _ => {
                return Ok(Some(Self {
                    endpoint: endpoint.to_owned(),
                    key: key.as_bytes().to_vec(),
                }));
            }
        };
        Err(ApiError::invalid_request(code, message).field("Idempotency-Key"))
    }
}

/// A stored response, with the body of the request that it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct StoredResponse {
    stored_at: Timestamp,
    request: Bytes,
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl StoredResponse {
    /// The memory that it takes with its key, about. A key is stored twice.
    fn size(&self, key: &ScopedKey) -> usize {
        2 * (size_of::<ScopedKey>() + key.endpoint.len() + key.key.len())
            + size_of::<Self>()
            + self.request.len()
            + self.body.len()
    }

    /// The response again, provided that the request body is the same byte for byte. Evidence:
    /// stated (409 on another body), decided (the code).
    pub(crate) fn replay(self, request: &[u8]) -> Result<Self, ApiError> {
        if self.request == request {
            return Ok(self);
        }
        let message =
            "This idempotency key was used with another body. Use a new key for a new request.";
        Err(ApiError::conflict("idempotency_key_reused", message))
    }
}

fn is_expired(stored_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(stored_at) >= LIFETIME
}

/// The idempotency keys of one workspace.
#[derive(Debug, Default)]
pub(crate) struct IdempotencyKeys {
    entries: HashMap<ScopedKey, Entry>,
    /// Keys of completed requests, in the order in which they expire.
    completed: VecDeque<Completed>,
    /// The number of the next response: they are counted from 0.
    next_number: u64,
    /// The size of the stored responses.
    bytes: usize,
}

#[derive(Debug)]
struct Completed {
    #[cfg_attr(
        not(feature = "state"),
        expect(dead_code, reason = "only saving needs it")
    )]
    number: u64,
    at: Timestamp,
    key: ScopedKey,
}

#[derive(Debug)]
enum Entry {
    Running,
    Completed(StoredResponse),
}

impl IdempotencyKeys {
    /// Claims a key for a request whose head has arrived, or returns the response that is stored
    /// for it. The request holds the key until its response is stored or the key is released, so a
    /// second request is rejected even while the first is still sending its body.
    /// Evidence: stated (409, retry shortly), decided (the code).
    pub(crate) fn claim(
        &mut self,
        key: &ScopedKey,
        now: Timestamp,
    ) -> Result<Option<StoredResponse>, ApiError> {
        self.expire(now);
        match self.entries.get(key) {
            Some(Entry::Completed(stored)) if !is_expired(stored.stored_at, now) => {
                Ok(Some(stored.clone()))
            }
            Some(Entry::Running) => {
                let message =
                    "The first request with this idempotency key is still running. Retry shortly.";
                Err(ApiError::conflict("idempotency_in_progress", message))
            }
            Some(Entry::Completed(_)) | None => {
                let expired = self.entries.insert(key.clone(), Entry::Running);
                if let Some(Entry::Completed(expired)) = expired {
                    self.bytes -= expired.size(key);
                }
                Ok(None)
            }
        }
    }

    /// Stores the response of the request that claimed the key, for 24 hours. Only successes are
    /// stored. Evidence: stated.
    pub(crate) fn store(
        &mut self,
        key: &ScopedKey,
        request: Bytes,
        status: StatusCode,
        body: Bytes,
        now: Timestamp,
    ) {
        let stored = StoredResponse {
            stored_at: now,
            request,
            status,
            body,
        };
        self.bytes += stored.size(key);
        self.entries.insert(key.clone(), Entry::Completed(stored));
        self.completed.push_back(Completed {
            number: self.next_number,
            at: now,
            key: key.clone(),
        });
        self.next_number += 1;
        while self.bytes > IDEMPOTENCY_BYTES && !self.completed.is_empty() {
            self.forget_oldest();
        }
    }

    /// Forgets the response that was stored first, unless its key is in use again.
    fn forget_oldest(&mut self) {
        let Some(Completed { at, key, .. }) = self.completed.pop_front() else {
            return;
        };
        if let Some(Entry::Completed(stored)) = self.entries.get(&key)
            && stored.stored_at == at
        {
            self.bytes -= stored.size(&key);
            self.entries.remove(&key);
        }
    }

    /// Releases a claimed key unless its response is stored.
    pub(crate) fn release(&mut self, key: &ScopedKey) {
        if matches!(self.entries.get(key), Some(Entry::Running)) {
            self.entries.remove(key);
        }
    }

    /// Only the keys of requests that are still running.
    pub(crate) fn into_running(mut self) -> Self {
        self.entries
            .retain(|_, entry| matches!(entry, Entry::Running));
        self.completed.clear();
        self.bytes = 0;
        self
    }

    /// The numbers of keys and of responses with a time to expire at.
    #[cfg(test)]
    pub(crate) fn stored(&self) -> [usize; 2] {
        [self.entries.len(), self.completed.len()]
    }

    /// Drops expired responses. A key that is in use again, because the clock was set back, stays.
    fn expire(&mut self, now: Timestamp) {
        let expired = |completed: &Completed| is_expired(completed.at, now);
        while self.completed.front().is_some_and(expired) {
            self.forget_oldest();
        }
    }
}
