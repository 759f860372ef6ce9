//! What one call asks for beyond its parameters.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName};

use crate::idempotency::IdempotencyKey;
use crate::retry::RetryPolicy;

/// Settings of one call. They are never carried over to the next.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct CallOptions {
    /// The caller's own key. Sent by operations of the class `ByKey` and by undeclared POSTs, left
    /// out by all others.
    pub idempotency_key: Option<IdempotencyKey>,
    /// How long one attempt may take, in place of the client's own limit.
    pub timeout: Option<Duration>,
    /// How long the call may take in all: every attempt and every wait, for a turn as well as
    /// between attempts.
    pub deadline: Option<Duration>,
    /// When the call is repeated, in place of the client's own policy.
    pub retry: Option<RetryPolicy>,
    /// Headers to send beside the SDK's own; one of the same name replaces the SDK's. What the
    /// executor alone decides on ([`reserved`](Self::reserved)) is refused.
    pub headers: HeaderMap,
}

impl CallOptions {
    /// Whether a header is the executor's own business: the key, the idempotency key, and what
    /// frames the message.
    pub fn reserved(name: &HeaderName) -> bool {
        const NAMES: [HeaderName; 7] = [
            http::header::AUTHORIZATION,
            http::header::CONNECTION,
            http::header::CONTENT_LENGTH,
            http::header::HOST,
            http::header::TRANSFER_ENCODING,
            http::header::UPGRADE,
            HeaderName::from_static("idempotency-key"),
        ];
        NAMES.contains(name)
    }
}

/// Shows the names of the headers only: a value may be a secret.
impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("idempotency_key", &self.idempotency_key)
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .field("retry", &self.retry)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .finish()
    }
}
