//! Tests of what cannot be seen, or not often enough, over HTTP.

mod faults;
mod idempotency;
mod panics;
mod random;
mod redact;
mod webhooks;
