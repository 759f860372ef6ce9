//! Waits that a call reports, so that a program does not seem to hang.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::exchange::Attempt;
use crate::operation::Operation;

/// A call that waits less than this is not reported.
pub(crate) const LONG_WAIT: Duration = Duration::from_secs(1);

/// A call that waits for more than a second before it sends its request. Reported once per wait.
///
/// `Display` is one line for people, such as `list_customers waits 12 s for the rate limit`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Wait {
    /// The operation of the call.
    pub operation: &'static Operation,
    /// Why it waits.
    pub reason: WaitReason,
    /// How long it waits from now on. For the rate limit this is the minimum, because other calls
    /// may be sent first. `None` if no response has reported a limit yet.
    pub remaining: Option<Duration>,
}

/// Why a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitReason {
    /// The rate limit of the API key is used up.
    RateLimit,
    /// The last attempt failed, and the next one is sent after its delay.
    Retry(Attempt),
}

impl WaitReason {
    /// A stable identifier: `rate_limit` or `retry`.
    pub fn code(self) -> &'static str {
        match self {
            Self::RateLimit => "rate_limit",
            Self::Retry(_) => "retry",
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation.name)?;
        f.write_str(" waits")?;
        if let Some(remaining) = self.remaining {
            write!(f, " {} s", remaining.as_secs_f64().ceil())?;
        }
        match &self.reason {
            WaitReason::RateLimit => f.write_str(" for the rate limit"),
            WaitReason::Retry(attempt) => write!(f, " before a retry: {attempt}"),
        }
    }
}

/// The function of [`ClientConfig::on_wait`](crate::ClientConfig::on_wait).
pub type OnWait = Arc<dyn Fn(&Wait) + Send + Sync>;
