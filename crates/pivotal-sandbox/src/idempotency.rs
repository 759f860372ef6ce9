//! Idempotency keys: a POST sent again with the same key answers as the first time and does
//! nothing.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};

use crate::error::ApiError;

/// The request header. Evidence: stated.
const HEADER: &str = "idempotency-key";
/// Most bytes of a key. Evidence: stated.
const LONGEST: usize = 255;
/// How long a response is kept. Evidence: stated.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// What a key is unique in: the endpoint, which is the POST's path, within one workspace's store.
///
/// The path is taken as sent, ids included: a key used for a contact of one customer says nothing
/// of another customer's. Evidence: stated (workspace and endpoint), decided (what an endpoint is).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    path: String,
    key: Vec<u8>,
}

impl Scope {
    /// The scope of a POST to `path` when it carries a key: any bytes that a header takes, at most
    /// 255 and not none.
    ///
    /// Evidence: stated (optional, opaque, length), decided (the codes).
    pub(crate) fn read(path: &str, headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(key) = headers.get(HEADER) else {
            return Ok(None);
        };
        let refuse = |code, message: &str| {
            Err(ApiError::invalid_request(code, message).field("Idempotency-Key"))
        };
        match key.len() {
            0 => refuse("too_small", "An idempotency key must not be empty"),
            length if length > LONGEST => {
                refuse("too_big", "An idempotency key has at most 255 bytes")
            }
            _ => Ok(Some(Self {
                path: path.to_owned(),
                key: key.as_bytes().to_vec(),
            })),
        }
    }
}

/// A kept answer, with the request body that it answered.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    since: Timestamp,
    request: Bytes,
    pub(crate) status: StatusCode,
    pub(crate) answer: Bytes,
}

/// Whether what was kept at a time has had its life.
fn over(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) >= LIFE
}

impl Kept {
    fn is_over(&self, now: Timestamp) -> bool {
        over(self.since, now)
    }

    /// The response once more, byte for byte, if the request is the same byte for byte. Evidence:
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

/// What a store knows of a key when a request with it arrives.
#[derive(Debug)]
pub(crate) enum Claim {
    /// Nothing: the key is now this request's until it is kept or released.
    Fresh(Scope),
    /// The first request with it succeeded.
    Kept(Kept),
}

/// The keys of one workspace.
#[derive(Debug, Default)]
pub(crate) struct Store {
    entries: HashMap<Scope, Entry>,
    /// Kept keys in the order in which their life ends.
    kept: VecDeque<(Timestamp, Scope)>,
}

#[derive(Debug)]
enum Entry {
    Running,
    Kept(Kept),
}

impl Store {
    /// Takes a key for a request whose head has arrived. Whoever holds a key runs until it is
    /// answered, so a second request is refused while the first is still sending its body.
    /// Evidence: stated (409, retry shortly), decided (the code).
    pub(crate) fn claim(&mut self, scope: Scope, now: Timestamp) -> Result<Claim, ApiError> {
        self.forget_before(now);
        match self.entries.get(&scope) {
            Some(Entry::Kept(kept)) if !kept.is_over(now) => Ok(Claim::Kept(kept.clone())),
            Some(Entry::Running) => {
                let message =
                    "The first request with this idempotency key is still running. Retry shortly.";
                Err(ApiError::conflict("idempotency_in_progress", message))
            }
            Some(Entry::Kept(_)) | None => {
                self.entries.insert(scope.clone(), Entry::Running);
                Ok(Claim::Fresh(scope))
            }
        }
    }

    /// Keeps the response of the request that claimed the key, for 24 hours. Only successes are
    /// kept. Evidence: stated.
    pub(crate) fn keep(
        &mut self,
        scope: &Scope,
        request: Bytes,
        status: StatusCode,
        answer: Bytes,
        now: Timestamp,
    ) {
        self.entries.insert(
            scope.clone(),
            Entry::Kept(Kept {
                since: now,
                request,
                status,
                answer,
            }),
        );
        self.kept.push_back((now, scope.clone()));
    }

    /// Gives up a claimed key; one whose response was kept stays.
    pub(crate) fn release(&mut self, scope: &Scope) {
        if matches!(self.entries.get(scope), Some(Entry::Running)) {
            self.entries.remove(scope);
        }
    }

    /// The store without its responses: keys in use stay so until whoever holds them gives them up.
    pub(crate) fn without_answers(mut self) -> Self {
        self.entries
            .retain(|_, entry| matches!(entry, Entry::Running));
        self.kept.clear();
        self
    }

    /// Makes room. A key that is in use again by now, because the clock was set back, stays.
    fn forget_before(&mut self, now: Timestamp) {
        while let Some((_, scope)) = self.kept.front().filter(|(since, _)| over(*since, now)) {
            if matches!(self.entries.get(scope), Some(Entry::Kept(kept)) if kept.is_over(now)) {
                self.entries.remove(scope);
            }
            self.kept.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;
    use jiff::{SignedDuration, Timestamp};

    use super::{Claim, LIFE, Scope, Store};

    fn scope(key: &str) -> Scope {
        Scope {
            path: "/api/v1/customers".to_owned(),
            key: key.into(),
        }
    }

    #[test]
    fn an_answer_is_kept_for_24_hours() {
        let start: Timestamp = "2026-05-26T17:21:09.412Z".parse().unwrap();
        let mut store = Store::default();
        assert!(matches!(
            store.claim(scope("a"), start),
            Ok(Claim::Fresh(_))
        ));
        store.keep(
            &scope("a"),
            Bytes::from("{}"),
            StatusCode::CREATED,
            Bytes::from("answer"),
            start,
        );
        let last = start + LIFE - SignedDuration::from_millis(1);
        assert!(
            matches!(store.claim(scope("a"), last), Ok(Claim::Kept(kept)) if kept.answer == "answer")
        );
        assert!(matches!(
            store.claim(scope("a"), start + LIFE),
            Ok(Claim::Fresh(_))
        ));
        assert!(store.kept.is_empty());
    }

    #[test]
    fn a_released_key_is_free_and_a_kept_one_is_not_released() {
        let now = Timestamp::UNIX_EPOCH;
        let mut store = Store::default();
        assert!(store.claim(scope("a"), now).is_ok());
        assert!(store.claim(scope("a"), now).is_err());
        store.release(&scope("a"));
        assert!(matches!(store.claim(scope("a"), now), Ok(Claim::Fresh(_))));
        store.keep(
            &scope("a"),
            Bytes::new(),
            StatusCode::CREATED,
            Bytes::new(),
            now,
        );
        store.release(&scope("a"));
        assert!(matches!(store.claim(scope("a"), now), Ok(Claim::Kept(_))));
    }
}
