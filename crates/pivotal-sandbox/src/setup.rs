//! What a sandbox starts with.

use std::{fmt, io, net::SocketAddr, sync::Arc};

use jiff::Timestamp;

use crate::{
    contract::ContractError,
    faults::{Fault, FaultError},
    fixtures::FixtureError,
    rate_limit::{RateLimits, Tier},
    webhooks::WebhookError,
};

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Other machines can reach the address, and that was not allowed.
    #[error(
        "{0} is not a loopback address: use 127.0.0.1 or [::1], or allow it with allow_non_loopback()"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be bound, for example because its port is in use.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The requested address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A key is malformed, or given twice. It is not shown.
    #[error("the API key cannot be used: {0}")]
    ApiKey(&'static str),
    /// The token of the admin API is empty, or has characters that a header cannot carry.
    #[error("the admin token cannot be used: give visible ASCII characters without spaces")]
    AdminToken,
    /// A rate limit of 0 would refuse everything.
    #[error("the rate limit must be at least 1 request a minute")]
    RateLimit,
    /// A fault is invalid.
    #[error("the fault cannot be set: {0}")]
    Fault(#[from] FaultError),
    /// The URL or the secret of webhooks is not usable.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    /// The document cannot be served.
    #[error("the contract cannot be served: {0}")]
    Contract(#[from] ContractError),
    /// A fixture cannot be loaded.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    /// The state file cannot be used.
    #[cfg(feature = "state")]
    #[error(transparent)]
    State(#[from] crate::StateError),
}

/// A receiver of lines.
type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// The state that a sandbox starts with and is reset to.
#[derive(Clone, Default)]
pub(crate) struct Setup {
    pub(crate) workspaces: Vec<NewWorkspace>,
    pub(crate) rate_limits: RateLimits,
    /// Seed of the rows.
    pub(crate) seed: Option<u64>,
    pub(crate) frozen_at: Option<Timestamp>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) fault_seed: u64,
    pub(crate) admin: bool,
    pub(crate) admin_token: Option<String>,
    #[cfg(feature = "pages")]
    pub(crate) pages: bool,
    pub(crate) log: Option<Log>,
    pub(crate) webhook: Option<String>,
    pub(crate) webhook_secret: Option<String>,
    /// Names and texts.
    pub(crate) fixtures: Vec<(String, String)>,
    #[cfg(feature = "state")]
    pub(crate) state_log: Option<Log>,
}

/// An API key to start with, `pivotal_test_…` or `pivotal_…`, for
/// [`SandboxBuilder::key`](crate::SandboxBuilder::key) and [`NewWorkspace::key`].
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct NewKey {
    pub(crate) secret: String,
    pub(crate) tier: Option<Tier>,
    pub(crate) rate_limit: Option<u32>,
    pub(crate) revoked: bool,
}

impl NewKey {
    /// A key with this secret, in the tier that its prefix names.
    pub fn new(secret: impl Into<String>) -> Self {
        Self {
            secret: secret.into(),
            tier: None,
            rate_limit: None,
            revoked: false,
        }
    }

    /// Sets the tier, such as [`Tier::Paid`].
    pub fn tier(mut self, tier: Tier) -> Self {
        self.tier = Some(tier);
        self
    }

    /// Limits this key to this many requests in any 60 seconds, whatever the limit of other keys.
    pub fn rate_limit(mut self, per_minute: u32) -> Self {
        self.rate_limit = Some(per_minute);
        self
    }

    /// Marks the key as revoked: requests with it get 401 `api_key_revoked`.
    pub fn revoked(mut self) -> Self {
        self.revoked = true;
        self
    }
}

impl<S: Into<String>> From<S> for NewKey {
    fn from(secret: S) -> Self {
        Self::new(secret)
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey")
            .field("tier", &self.tier)
            .field("rate_limit", &self.rate_limit)
            .field("revoked", &self.revoked)
            .finish_non_exhaustive()
    }
}

/// A workspace to start with. Its keys see its rows and no others; its `display_id`s count from 1.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pivotal_sandbox::StartError> {
/// use pivotal_sandbox::{NewKey, NewWorkspace, Sandbox, Tier};
///
/// let sandbox = Sandbox::builder()
///     .workspace(
///         NewWorkspace::new("Aurora")
///             .key(NewKey::new("pivotal_auroraLive").tier(Tier::Paid))
///             .key("pivotal_test_auroraTest"),
///     )
///     .workspace(NewWorkspace::new("Borealis").key("pivotal_borealisLive"))
///     .start()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct NewWorkspace {
    pub(crate) name: String,
    pub(crate) keys: Vec<NewKey>,
}

impl NewWorkspace {
    /// A workspace of this name without keys.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            keys: Vec::new(),
        }
    }

    /// Adds a key. The keys of one workspace share its rows; each has a rate limit of its own.
    pub fn key(mut self, key: impl Into<NewKey>) -> Self {
        self.keys.push(key.into());
        self
    }
}
