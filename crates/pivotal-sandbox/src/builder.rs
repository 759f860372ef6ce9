//! Choices before the start.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use jiff::Timestamp;
use tokio::net::TcpListener;

use crate::{
    contract::{Contract, ContractError},
    faults::{Fault, FaultError},
    keys,
    log::AccessLog,
    rate_limit::RateLimits,
    sandbox::Sandbox,
    setup::{NewKey, NewWorkspace},
    state::{Setup, SetupError, Shared},
};

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is reachable from other machines, which was not asked for.
    #[error(
        "{0} is not a loopback address: use 127.0.0.1 or [::1], or allow it with allow_non_loopback()"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be bound, for example because its port is in use.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A key cannot be a Pivotal key, or is given twice. It is not shown.
    #[error("the API key cannot be used: {0}")]
    ApiKey(&'static str),
    /// A rate limit of nothing would refuse everything.
    #[error("the rate limit must be at least 1 request a minute")]
    RateLimit,
    /// A fault cannot be.
    #[error("the fault cannot be set: {0}")]
    Fault(#[from] FaultError),
    /// The document cannot be served.
    #[error("the contract cannot be served: {0}")]
    Contract(#[from] ContractError),
}

/// Choices for a [`Sandbox`]; made by [`Sandbox::builder`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pivotal_sandbox::StartError> {
/// use pivotal_sandbox::Sandbox;
///
/// let sandbox = Sandbox::builder().api_key("pivotal_test_docs").rate_limit(30).start().await?;
/// assert_eq!(sandbox.api_key(), "pivotal_test_docs");
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until it is started"]
#[derive(Clone)]
pub struct SandboxBuilder {
    listen: SocketAddr,
    allow_non_loopback: bool,
    api_key: Option<String>,
    keys: Vec<NewKey>,
    workspaces: Vec<NewWorkspace>,
    rate_limits: RateLimits,
    seed: Option<u64>,
    frozen_at: Option<Timestamp>,
    faults: Vec<Fault>,
    fault_seed: u64,
    admin: bool,
    log: Option<AccessLog>,
    contract: Option<String>,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            allow_non_loopback: false,
            api_key: None,
            keys: Vec::new(),
            workspaces: Vec::new(),
            rate_limits: RateLimits::None,
            seed: None,
            frozen_at: None,
            faults: Vec::new(),
            fault_seed: 0,
            admin: false,
            log: None,
            contract: None,
        }
    }
}

impl SandboxBuilder {
    /// Listens on this address; port 0 takes a free one. Without it, a free port of `127.0.0.1`.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Allows [`listen`](Self::listen) an address that other machines can reach. The sandbox speaks
    /// plain HTTP and its key is printed and logged by those who run it: not for a network that you
    /// do not trust.
    pub fn allow_non_loopback(mut self) -> Self {
        self.allow_non_loopback = true;
        self
    }

    /// Takes this key: `pivotal_test_` or `pivotal_`, and at least one printable ASCII character.
    /// Without it, a test key that no other sandbox has.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Adds a key to the workspace of [`api_key`](Self::api_key): a live key beside a test key, a
    /// revoked one, one on a paid plan.
    pub fn key(mut self, key: impl Into<NewKey>) -> Self {
        self.keys.push(key.into());
        self
    }

    /// Adds a workspace beside that of [`api_key`](Self::api_key), which is called Sandbox.
    pub fn workspace(mut self, workspace: NewWorkspace) -> Self {
        self.workspaces.push(workspace);
        self
    }

    /// Refuses more than this many requests with one key in any 60 seconds, with 429 and
    /// `Retry-After`, as Pivotal does. Without it nothing is refused, and the headers count down
    /// from [`DEFAULT_PER_MINUTE`](crate::DEFAULT_PER_MINUTE).
    pub fn rate_limit(mut self, per_minute: u32) -> Self {
        self.rate_limits = RateLimits::Each(per_minute);
        self
    }

    /// Refuses what Pivotal refuses: more than 60 requests in any 60 seconds with a live key, 30
    /// with a test key, 600 on a [paid](crate::Tier::Paid) plan.
    pub fn documented_rate_limits(mut self) -> Self {
        self.rate_limits = RateLimits::Documented;
        self
    }

    /// Fills every workspace with believable rows: companies, their contacts, onboardings in all
    /// phases and states, some domains twice. The same seed gives the same rows, to the byte.
    ///
    /// The newest are from 26 May 2026, or from shortly before the time of
    /// [`frozen_at`](Self::frozen_at).
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Starts with the clock frozen at a time, as by [`Sandbox::freeze_clock`].
    pub fn frozen_at(mut self, time: Timestamp) -> Self {
        self.frozen_at = Some(time);
        self
    }

    /// Starts with a fault, behind those given before. [`Sandbox::faults`] adds and removes them
    /// while it runs.
    ///
    /// ```
    /// # fn main() -> Result<(), pivotal_sandbox::FaultError> {
    /// let builder = pivotal_sandbox::Sandbox::builder()
    ///     .fault("create-customer:reset-after-processing:count=1".parse()?)
    ///     .fault("*:latency=200ms:probability=0.05".parse()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Decides which requests a fault with a probability meets, and what else faults leave open; 0
    /// without it.
    pub fn fault_seed(mut self, seed: u64) -> Self {
        self.fault_seed = seed;
        self
    }

    /// Serves the admin API under `/_sandbox/`: reset, clock, faults and journal for test runners
    /// in any language. It takes no key, so whoever reaches the sandbox controls it.
    pub fn admin(mut self, serve: bool) -> Self {
        self.admin = serve;
        self
    }

    /// Hands a line for each response to `sink`, without its end: time, method, path and query,
    /// status, duration, and the safe part of the key. Keys are redacted.
    ///
    /// ```
    /// let builder = pivotal_sandbox::Sandbox::builder().access_log(|line| eprintln!("{line}"));
    /// ```
    pub fn access_log(mut self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.log = Some(AccessLog::new(sink));
        self
    }

    /// Serves this document in the place of the one shipped with the crate: another version of the
    /// contract, in the dialect of `openapi/pivotal.json`. Fields that it adds are validated,
    /// stored and answered; operations that it adds are answered, without state, from their schemas
    /// and examples.
    pub fn contract(mut self, document: impl Into<String>) -> Self {
        self.contract = Some(document.into());
        self
    }

    /// Starts the sandbox on the present tokio runtime, which must have I/O and time.
    ///
    /// # Errors
    ///
    /// When a choice cannot be served, or the address not bound.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let contract = match &self.contract {
            Some(document) => Arc::new(Contract::parse(document)?),
            None => Contract::shipped(),
        };
        self.start_with(contract).await
    }

    /// Starts with a contract that is read already.
    pub(crate) async fn start_with(self, contract: Arc<Contract>) -> Result<Sandbox, StartError> {
        if !self.listen.ip().is_loopback() && !self.allow_non_loopback {
            return Err(StartError::NotLoopback(self.listen));
        }
        let api_key = self.api_key.unwrap_or_else(keys::generate);
        let mut first = NewWorkspace::new("Sandbox").key(api_key.as_str());
        first.keys.extend(self.keys);
        let mut workspaces = vec![first];
        workspaces.extend(self.workspaces);
        let setup = Setup {
            workspaces,
            rate_limits: self.rate_limits,
            seed: self.seed,
            frozen_at: self.frozen_at,
            faults: self.faults,
            fault_seed: self.fault_seed,
        };
        let shared =
            Shared::new(contract, setup, self.admin, self.log).map_err(|error| match error {
                SetupError::Key(problem) => StartError::ApiKey(problem),
                SetupError::RateLimit => StartError::RateLimit,
                SetupError::Contract(problem) => StartError::Contract(problem),
                SetupError::Fault(problem) => StartError::Fault(problem),
            })?;
        let bind = |source| StartError::Bind {
            address: self.listen,
            source,
        };
        let listener = TcpListener::bind(self.listen).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        Ok(Sandbox::serve(listener, address, api_key, shared))
    }
}

impl fmt::Debug for SandboxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxBuilder")
            .field("listen", &self.listen)
            .field("allow_non_loopback", &self.allow_non_loopback)
            .field("keys", &self.keys)
            .field("workspaces", &self.workspaces)
            .field("rate_limits", &self.rate_limits)
            .field("seed", &self.seed)
            .field("frozen_at", &self.frozen_at)
            .field("faults", &self.faults)
            .field("fault_seed", &self.fault_seed)
            .field("admin", &self.admin)
            .finish_non_exhaustive()
    }
}
