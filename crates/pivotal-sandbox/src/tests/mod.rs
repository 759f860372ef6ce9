//! Tests of what cannot be seen, or not often enough, over HTTP.

mod faults;
mod idempotency;
mod random;
mod redact;
