//! Options of a sandbox.

#[cfg(feature = "state")]
use std::path::PathBuf;
use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use jiff::Timestamp;
use tokio::net::TcpListener;

use super::Sandbox;
#[cfg(feature = "state")]
use crate::saved::Opened;
use crate::{
    contract::Contract,
    faults::Fault,
    keys,
    rate_limit::RateLimits,
    setup::{NewKey, NewWorkspace, Setup, StartError},
    state::Shared,
};

/// Builds a [`Sandbox`]; created by [`Sandbox::builder`].
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
    contract: Option<String>,
    undocumented: bool,
    #[cfg(feature = "state")]
    state: Option<PathBuf>,
    #[cfg(feature = "state")]
    empty: bool,
    /// The first workspace is that of `api_key`, which is added at the start.
    setup: Setup,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            allow_non_loopback: false,
            api_key: None,
            contract: None,
            undocumented: true,
            #[cfg(feature = "state")]
            state: None,
            #[cfg(feature = "state")]
            empty: false,
            setup: Setup {
                workspaces: vec![NewWorkspace::new("Sandbox")],
                ..Setup::default()
            },
        }
    }
}

impl SandboxBuilder {
    /// Sets the address to listen on; port 0 takes a free one. Default: a free port of `127.0.0.1`.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Allows [`listen`](Self::listen) an address that other machines can reach. The sandbox speaks
    /// plain HTTP, and whoever runs it prints and logs its key: do not use this on a network that
    /// you do not trust.
    pub fn allow_non_loopback(mut self) -> Self {
        self.allow_non_loopback = true;
        self
    }

    /// Sets the API key: `pivotal_test_` or `pivotal_`, followed by at least one printable ASCII
    /// character. Default: a test key that no other sandbox has.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Adds a key to the workspace of [`api_key`](Self::api_key): a live key beside a test key, a
    /// revoked one, one on a paid plan.
    pub fn key(mut self, key: impl Into<NewKey>) -> Self {
        self.setup.workspaces[0].keys.push(key.into());
        self
    }

    /// Adds a workspace beside that of [`api_key`](Self::api_key), which is called Sandbox.
    pub fn workspace(mut self, workspace: NewWorkspace) -> Self {
        self.setup.workspaces.push(workspace);
        self
    }

    /// Limits each key to this many requests in any 60 seconds; further ones get 429 with
    /// `Retry-After`, as from Pivotal. By default nothing is refused, and the headers count down
    /// from [`DEFAULT_PER_MINUTE`](crate::DEFAULT_PER_MINUTE).
    pub fn rate_limit(mut self, per_minute: u32) -> Self {
        self.setup.rate_limits = RateLimits::Each(per_minute);
        self
    }

    /// Enforces Pivotal's limits: in any 60 seconds, 60 requests with a live key, 30 with a test
    /// key and 600 on a [paid](crate::Tier::Paid) plan.
    pub fn documented_rate_limits(mut self) -> Self {
        self.setup.rate_limits = RateLimits::Documented;
        self
    }

    /// Fills every workspace with realistic rows: companies, their contacts, onboardings in all
    /// phases and states, some domains twice. The same seed gives the same rows, byte for byte, in
    /// the same mode: some differ in [strict mode](Self::undocumented).
    ///
    /// The newest rows are from 26 May 2026, or from shortly before the time of
    /// [`frozen_at`](Self::frozen_at).
    pub fn seed(mut self, seed: u64) -> Self {
        self.setup.seed = Some(seed);
        self
    }

    /// Creates the rows of a fixture at the start, after those of [`seed`](Self::seed) and of fixtures
    /// given before: `text` is its JSON, and `name` is what errors call it, such as the path of its
    /// file. The rows are in the workspace of [`api_key`](Self::api_key).
    ///
    /// Each row has the fields of the request that creates it. A contact or an onboarding names its
    /// customer: by slug, or by the name that the key `fixture` gives that customer. If a row cannot be
    /// created, the sandbox does not start.
    ///
    /// ```
    /// let builder = pivotal_sandbox::Sandbox::builder().load(
    ///     "aurora.json",
    ///     r#"{
    ///         "customers": [{ "fixture": "big", "name": "Aurora Outfitters", "plan": "Scale" }],
    ///         "contacts": [{ "customer": "big", "name": "Mira Chen", "email": "mira@aurora.com" }],
    ///         "onboardings": [{ "customer": "aurora-outfitters", "phase": "launch" }]
    ///     }"#,
    /// );
    /// ```
    pub fn load(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.setup.fixtures.push((name.into(), text.into()));
        self
    }

    /// Keeps the state in this file: it is loaded at the start, saved within a second of a change, and
    /// saved at the end. If the process is killed, at most the changes of the last second are lost.
    ///
    /// If the file has a state, [`seed`](Self::seed), [`load`](Self::load) and
    /// [`frozen_at`](Self::frozen_at) are for [`Sandbox::reset`] only; without
    /// [`api_key`](Self::api_key), the sandbox has the key that it had before. Kept are rows, what
    /// was done with them, responses for idempotency keys, clock, IDs and keys; not the journal, the
    /// faults, webhooks that wait and a secret that was generated for them, and the requests that count
    /// against a rate limit. One sandbox at a time can use the file, which only its owner can
    /// read.
    ///
    /// If a save fails, as on a full disk, the sandbox goes on and tries again; see
    /// [`state_log`](Self::state_log) and [`Sandbox::stop_saved`].
    #[cfg(feature = "state")]
    pub fn state(mut self, path: impl Into<PathBuf>) -> Self {
        self.state = Some(path.into());
        self
    }

    /// Starts without what [`state`](Self::state) has saved, which is replaced. The key stays.
    #[cfg(feature = "state")]
    pub fn empty(mut self) -> Self {
        self.empty = true;
        self
    }

    /// Passes `sink` a line when the state can no longer be saved, and when it can again.
    #[cfg(feature = "state")]
    pub fn state_log(mut self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.setup.state_log = Some(Arc::new(sink));
        self
    }

    /// Starts with the clock frozen at a time, as by [`Sandbox::freeze_clock`].
    pub fn frozen_at(mut self, time: Timestamp) -> Self {
        self.setup.frozen_at = Some(time);
        self
    }

    /// Starts with a fault, after those given before. [`Sandbox::faults`] adds and removes faults
    /// while the sandbox runs.
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
        self.setup.faults.push(fault);
        self
    }

    /// Sets the seed of all random choices of faults, such as which requests a fault with a
    /// probability applies to. Default: 0.
    pub fn fault_seed(mut self, seed: u64) -> Self {
        self.setup.fault_seed = seed;
        self
    }

    /// Serves the admin API under `/_sandbox/`: reset, clock, faults and journal for test runners
    /// in any language. It needs no API key. Requests of web pages are refused. If other machines can
    /// reach the sandbox, a [token](Sandbox::admin_token) is required.
    pub fn admin(mut self, serve: bool) -> Self {
        self.setup.admin = serve;
        self
    }

    /// Requires this token in requests to the admin API, as `Authorization: Bearer <token>`. By
    /// default, one is generated if the address is not loopback, and none is required otherwise.
    pub fn admin_token(mut self, token: impl Into<String>) -> Self {
        self.setup.admin_token = Some(token.into());
        self
    }

    /// Sends signed [webhooks](crate::Webhooks) about changed rows to this URL: plain HTTP, to
    /// localhost or a loopback address.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pivotal_sandbox::StartError> {
    /// use pivotal_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().webhook("http://127.0.0.1:8788/").start().await?;
    /// assert!(sandbox.webhooks().secret().starts_with("whsec_"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn webhook(mut self, url: impl Into<String>) -> Self {
        self.setup.webhook = Some(url.into());
        self
    }

    /// Sets the secret that signs webhooks: `whsec_`, followed by Base64. Default: a secret that no
    /// other sandbox has.
    pub fn webhook_secret(mut self, secret: impl Into<String>) -> Self {
        self.setup.webhook_secret = Some(secret.into());
        self
    }

    /// Serves pages to look at in a browser: customers, onboardings, the journal, webhooks, faults
    /// and clock.
    /// The first is `/customers`. They show the workspace of [`api_key`](Self::api_key) and need no
    /// key, so they are only served if the sandbox listens on a loopback address, to requests whose
    /// `Host` is one. With [`admin`](Self::admin) and without a token they have forms.
    ///
    /// No path of the API changes, and a request with a key never gets a page.
    #[cfg(feature = "pages")]
    pub fn pages(mut self, serve: bool) -> Self {
        self.setup.pages = serve;
        self
    }

    /// Passes `sink` a line for each response, without a line break: time, method, path and query,
    /// status, duration, and the safe part of the key. Keys are redacted.
    ///
    /// ```
    /// let builder = pivotal_sandbox::Sandbox::builder().access_log(|line| eprintln!("{line}"));
    /// ```
    pub fn access_log(mut self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.setup.log = Some(Arc::new(sink));
        self
    }

    /// Serves this document instead of the one that ships with the crate: another version of the
    /// contract, in the dialect of `openapi/pivotal.json`. Fields that it adds are validated,
    /// stored and returned; operations that it adds respond from their schemas and examples,
    /// without state.
    pub fn contract(mut self, document: impl Into<String>) -> Self {
        self.contract = Some(document.into());
        self
    }

    #[doc = include_str!("undocumented.md")]
    pub fn undocumented(mut self, serve: bool) -> Self {
        self.undocumented = serve;
        self
    }

    /// Starts the sandbox on the current tokio runtime, which must have I/O and time enabled.
    ///
    /// # Errors
    ///
    /// [`StartError`] if an option is invalid or the address cannot be bound.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let contract = match &self.contract {
            None if self.undocumented => Contract::shipped(),
            document => {
                let document = document.as_deref().unwrap_or(pivotal_openapi::CONTRACT);
                Arc::new(Contract::parse(document, self.undocumented)?)
            }
        };
        if !self.listen.ip().is_loopback() && !self.allow_non_loopback {
            return Err(StartError::NotLoopback(self.listen));
        }
        #[cfg(feature = "state")]
        let opened = (self.state.as_deref())
            .map(|path| Opened::at(path, self.empty))
            .transpose()?;
        #[cfg(feature = "state")]
        let api_key = (self.api_key).or_else(|| opened.as_ref().and_then(Opened::api_key));
        #[cfg(not(feature = "state"))]
        let api_key = self.api_key;
        let api_key = api_key.unwrap_or_else(keys::generate);
        let mut setup = self.setup;
        setup.workspaces[0].keys.insert(0, api_key.as_str().into());
        if !self.listen.ip().is_loopback() {
            #[cfg(feature = "pages")]
            {
                setup.pages = false;
            }
            setup
                .admin_token
                .get_or_insert_with(keys::generate_admin_token);
        }
        let usable = |token: &str| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        if !setup.admin_token.as_deref().is_none_or(usable) {
            return Err(StartError::AdminToken);
        }
        let shared = Shared::new(contract, setup)?;
        let bind = |source| StartError::Bind {
            address: self.listen,
            source,
        };
        let listener = TcpListener::bind(self.listen).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        #[cfg(feature = "state")]
        if let Some(opened) = opened {
            let (saving, saver) = opened.start(&shared)?;
            let mut sandbox = Sandbox::serve(listener, address, api_key, shared, Some(saving));
            sandbox.saver = Some(saver);
            return Ok(sandbox);
        }
        Ok(Sandbox::serve(listener, address, api_key, shared, None))
    }
}

impl fmt::Debug for SandboxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxBuilder")
            .field("listen", &self.listen)
            .field("allow_non_loopback", &self.allow_non_loopback)
            .field("undocumented", &self.undocumented)
            .field("workspaces", &self.setup.workspaces)
            .finish_non_exhaustive()
    }
}
