//! The options that every kind of call takes.

use pivotal_runtime::{CallOptions, Operation};

use crate::error::{Error, Result};

/// The options, if they are valid.
pub(crate) fn checked(options: CallOptions, operation: &'static Operation) -> Result<CallOptions> {
    match options.validate() {
        Ok(()) => Ok(options),
        Err(invalid) => Err(Error::invalid_request(
            operation,
            invalid.field(),
            invalid.code(),
            invalid.to_string(),
        )),
    }
}

macro_rules! call_options {
    ([$($generics:tt)*] $call:ty) => {
        impl<$($generics)*> $call {
            /// Sets the time limit for one attempt, including reading the response. Default: that
            /// of the client.
            pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
                self.options.timeout(timeout);
                self
            }

            /// Sets the time limit for the whole call, including all attempts and waits. Default:
            /// that of the client.
            pub fn deadline(mut self, deadline: std::time::Duration) -> Self {
                self.options.deadline(deadline);
                self
            }

            /// Sets when the call is retried. Default: that of the client.
            /// [`RetryPolicy::off`](crate::RetryPolicy::off) disables retries.
            pub fn retry(mut self, policy: crate::RetryPolicy) -> Self {
                self.options.retry(policy);
                self
            }

            /// Sets a header, which replaces one of the SDK with the same name. Headers that only
            /// the SDK may set, such as `Authorization`, are rejected.
            pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
                self.options.header(name.as_ref(), value.as_ref());
                self
            }
        }
    };
}

pub(crate) use call_options;
