//! Choices before the start.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use tokio::net::TcpListener;

use crate::{
    contract::{Contract, ContractError},
    idempotency::Store,
    journal::Journal,
    keys::Key,
    rate_limit::Window,
    sandbox::Sandbox,
    state::{Shared, State},
    store::{IdSequence, Workspace},
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
    /// The key cannot be a Pivotal key. It is not shown.
    #[error("the API key cannot be used: {0}")]
    ApiKey(&'static str),
    /// A rate limit of nothing would refuse everything.
    #[error("the rate limit must be at least 1 request a minute")]
    RateLimit,
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
    rate_limit: Option<u32>,
    contract: Option<String>,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            allow_non_loopback: false,
            api_key: None,
            rate_limit: None,
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

    /// Allows [`listen`](Self::listen) an address that other machines can reach. The sandbox speaks plain HTTP and its
    /// key is printed and logged by those who run it: not for a network that you do not trust.
    pub fn allow_non_loopback(mut self) -> Self {
        self.allow_non_loopback = true;
        self
    }

    /// Takes this key: `pivotal_test_` or `pivotal_`, and at least one printable ASCII character. Without it, a test
    /// key that no other sandbox has.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Refuses more than this many requests in any 60 seconds, with 429 and `Retry-After`, as Pivotal does (60 for a
    /// live key, 30 for a test key, 600 on paid plans). Without it nothing is refused, and the headers count down from
    /// [`DEFAULT_PER_MINUTE`](crate::DEFAULT_PER_MINUTE).
    pub fn rate_limit(mut self, per_minute: u32) -> Self {
        self.rate_limit = Some(per_minute);
        self
    }

    /// Serves this document in the place of the one shipped with the crate: another version of the contract, in the
    /// dialect of `openapi/pivotal.json`. Fields that it adds are validated, stored and answered; operations that it
    /// adds answer 501 until the sandbox has a rule for them.
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
        if !self.listen.ip().is_loopback() && !self.allow_non_loopback {
            return Err(StartError::NotLoopback(self.listen));
        }
        if self.rate_limit == Some(0) {
            return Err(StartError::RateLimit);
        }
        let contract = match &self.contract {
            Some(document) => Arc::new(Contract::parse(document)?),
            None => Contract::shipped(),
        };
        let mut ids = IdSequence::new(0);
        let key_id = ids.next();
        let key = match self.api_key {
            Some(secret) => Key::parse(key_id, secret).map_err(StartError::ApiKey)?,
            None => Key::generate(key_id),
        };
        let state = State {
            key,
            window: Window::new(self.rate_limit),
            workspace: Workspace::new(&contract, ids)?,
            idempotency: Store::default(),
            journal: Journal::default(),
        };
        let bind = |source| StartError::Bind {
            address: self.listen,
            source,
        };
        let listener = TcpListener::bind(self.listen).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        Ok(Sandbox::serve(
            listener,
            address,
            Shared::new(contract, state),
        ))
    }
}

impl fmt::Debug for SandboxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxBuilder")
            .field("listen", &self.listen)
            .field("allow_non_loopback", &self.allow_non_loopback)
            .field("rate_limit", &self.rate_limit)
            .finish_non_exhaustive()
    }
}
