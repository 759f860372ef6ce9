//! What one call asks for beyond its parameters.

use std::time::Duration;

use crate::idempotency::IdempotencyKey;

/// Settings of one call. They are never carried over to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// The caller's own key. Sent by operations of the class `ByKey`, left out by all others.
    pub idempotency_key: Option<IdempotencyKey>,
    /// How long the call may take, in place of the client's own limit.
    pub timeout: Option<Duration>,
}
