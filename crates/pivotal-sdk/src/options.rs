//! What one call asks for beyond its parameters.

use std::fmt;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use pivotal_runtime::{CallOptions, IdempotencyKey, Operation, RetryPolicy};

use crate::error::{Error, Result};

/// The settings of one call, and what is wrong with them.
#[derive(Clone, Default)]
pub(crate) struct Options {
    settings: CallOptions,
    fault: Option<Fault>,
}

#[derive(Clone)]
struct Fault {
    field: String,
    code: &'static str,
    message: String,
}

impl Options {
    pub(crate) fn timeout(&mut self, timeout: Duration) {
        self.settings.timeout = Some(timeout);
    }

    pub(crate) fn deadline(&mut self, deadline: Duration) {
        self.settings.deadline = Some(deadline);
    }

    pub(crate) fn retry(&mut self, policy: RetryPolicy) {
        self.settings.retry = Some(policy);
    }

    pub(crate) fn header(&mut self, name: &str, value: &str) {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            (Ok(known), _) if CallOptions::reserved(&known) => {
                let message = "this header is the SDK's own: the key belongs to the client, an \
                               idempotency key to idempotency_key(…)";
                self.fault(name, "reserved_header", message);
            }
            (Ok(name), Ok(value)) => {
                self.settings.headers.insert(name, value);
            }
            (Err(_), _) => self.fault(name, "invalid_string", "this cannot be a header's name"),
            (_, Err(_)) => self.fault(name, "invalid_string", "a header cannot hold this value"),
        }
    }

    pub(crate) fn idempotency_key(&mut self, key: impl AsRef<str>) {
        match IdempotencyKey::new(key) {
            Ok(key) => self.settings.idempotency_key = Some(key),
            Err(invalid) => self.fault("Idempotency-Key", invalid.code(), &invalid.to_string()),
        }
    }

    /// The settings, if they can be sent.
    pub(crate) fn checked(self, operation: &'static Operation) -> Result<CallOptions> {
        match self.fault {
            None => Ok(self.settings),
            Some(Fault {
                field,
                code,
                message,
            }) => Err(Error::invalid_request(operation, &field, code, message)),
        }
    }

    /// The first fault stands.
    fn fault(&mut self, field: &str, code: &'static str, message: &str) {
        self.fault.get_or_insert_with(|| Fault {
            field: field.to_owned(),
            code,
            message: message.to_owned(),
        });
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

/// The options that every kind of call takes.
macro_rules! call_options {
    ([$($generics:tt)*] $call:ty) => {
        impl<$($generics)*> $call {
            /// How long one attempt may take, the reading of the response included, in place of the
            /// client's own limit.
            pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
                self.options.timeout(timeout);
                self
            }

            /// How long the call may take in all: every attempt and every wait, for a turn under
            /// the rate limit as well as between attempts. In place of the client's own.
            pub fn deadline(mut self, deadline: std::time::Duration) -> Self {
                self.options.deadline(deadline);
                self
            }

            /// When the call is repeated, in place of the client's own policy.
            /// [`RetryPolicy::off`](crate::RetryPolicy::off) sends it once.
            pub fn retry(mut self, policy: crate::RetryPolicy) -> Self {
                self.options.retry(policy);
                self
            }

            /// Sends this header too, in place of one of the SDK's with the same name. What the SDK
            /// alone decides on, such as `Authorization`, is refused.
            pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
                self.options.header(name.as_ref(), value.as_ref());
                self
            }
        }
    };
}

pub(crate) use call_options;
