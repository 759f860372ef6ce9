//! What all calls of one client share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::api_key::ApiKey;
use crate::base_url::BaseUrl;
use crate::deprecation::Deprecations;
use crate::exchange::Observer;
use crate::rate_limiter::{RateLimit, RateLimiter, RateLimiting};
use crate::retry::{Jitter, RetryBudget, RetryPolicy, Tokens};
use crate::transport::Transport;

const USER_AGENT: &str = concat!("pivotal-sdk-rust/", env!("CARGO_PKG_VERSION"));

/// What all calls of one client share: key, address, limits, pace and who looks on.
///
/// ```
/// use pivotal_runtime::{ApiKey, BaseUrl, Runtime};
///
/// let runtime = Runtime::builder(BaseUrl::parse("https://my.pivotal.app")?)
///     .api_key(ApiKey::new("pivotal_K8s9aB3dE5fG7hJ9kL1m")?)
///     .build();
/// assert!(format!("{runtime:?}").contains("pivotal_K8s9…"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Runtime {
    pub(crate) api_key: Option<ApiKey>,
    /// The key as it is sent; made once, since every copy of a header shares its bytes.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) base_url: BaseUrl,
    pub(crate) user_agent: HeaderValue,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) body_limit: usize,
    pub(crate) gzip: bool,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Option<Tokens>,
    pub(crate) jitter: Jitter,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) deprecations: Deprecations,
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

impl Runtime {
    /// How long one attempt may take unless the builder or the call says otherwise.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
    /// How many bytes of a response are read unless the builder says otherwise: 16 MiB.
    pub const DEFAULT_BODY_LIMIT: usize = 16 * 1024 * 1024;

    /// Begins with an address and the defaults.
    pub fn builder(base_url: BaseUrl) -> RuntimeBuilder {
        RuntimeBuilder {
            api_key: None,
            base_url,
            user_agent: HeaderValue::from_static(USER_AGENT),
            timeout: Some(Self::DEFAULT_TIMEOUT),
            deadline: None,
            body_limit: Self::DEFAULT_BODY_LIMIT,
            gzip: true,
            retry: RetryPolicy::default(),
            budget: Some(RetryBudget::default()),
            jitter: None,
            pacing: RateLimiting::default(),
            transport: None,
            observer: None,
        }
    }

    /// The address that requests go to.
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// The key, which does not print itself.
    pub fn api_key(&self) -> Option<&ApiKey> {
        self.api_key.as_ref()
    }

    /// What is left of the key's allowance, as far as this client knows: what the responses have
    /// said, less the calls that are under way. `None` until a response has said something.
    ///
    /// `resets_in` is the time until at least one more is left.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.rate_limiter.state()
    }

    /// How many calls wait for their turn at this moment.
    pub fn waiting_calls(&self) -> usize {
        self.rate_limiter.waiting()
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("base_url", &self.base_url)
            .field("api_key", &self.api_key)
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .field("body_limit", &self.body_limit)
            .field("retry", &self.retry)
            .field("rate_limiter", &self.rate_limiter)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Runtime`].
#[must_use]
pub struct RuntimeBuilder {
    api_key: Option<ApiKey>,
    base_url: BaseUrl,
    user_agent: HeaderValue,
    timeout: Option<Duration>,
    deadline: Option<Duration>,
    body_limit: usize,
    gzip: bool,
    retry: RetryPolicy,
    budget: Option<RetryBudget>,
    jitter: Option<u64>,
    pacing: RateLimiting,
    transport: Option<Arc<dyn Transport>>,
    observer: Option<Arc<dyn Observer>>,
}

impl RuntimeBuilder {
    /// The key that is sent with every request to the base URL, and to no other host.
    pub fn api_key(mut self, key: ApiKey) -> Self {
        self.api_key = Some(key);
        self
    }

    /// The text after `pivotal-sdk-rust/<version>` in the `User-Agent` header, such as
    /// `nightly-sync/2.1`. What a header cannot hold is left out.
    pub fn user_agent_suffix(mut self, suffix: &str) -> Self {
        let printable: String = suffix.chars().filter(|c| (' '..='~').contains(c)).collect();
        let text = format!("{USER_AGENT} {printable}");
        self.user_agent =
            HeaderValue::from_str(text.trim_end()).expect("printable ASCII is a header value");
        self
    }

    /// How long one attempt may take, the reading of the response included; `None` waits for ever.
    /// Default: 30 seconds.
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a call may take in all: every attempt and every wait, for a turn as well as between
    /// attempts. Default: `None`, which leaves it to the number of attempts, their time limit and
    /// the longest wait. Mind that a call may wait long for its turn when many are made at once.
    pub fn deadline(mut self, deadline: Option<Duration>) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many bytes of a response are read at most, after decompression. Default: 16 MiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Whether answers may come compressed. Default: yes. An HTTP client of your own has to
    /// understand gzip for that.
    pub fn gzip(mut self, on: bool) -> Self {
        self.gzip = on;
        self
    }

    /// When calls are repeated, unless the call says otherwise.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many repetitions all calls may afford together; `None` sets no bound.
    pub fn retry_budget(mut self, budget: Option<RetryBudget>) -> Self {
        self.budget = budget;
        self
    }

    /// Draws the waits between attempts from this seed, so that a test can repeat them. Default: a
    /// seed of the system's.
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.jitter = Some(seed);
        self
    }

    /// How calls keep below the rate limit. Default: they wait for their turn.
    pub fn rate_limiting(mut self, pacing: RateLimiting) -> Self {
        self.pacing = pacing;
        self
    }

    /// Sends through this instead of the HTTP client.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Shows every exchange to this observer.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The finished runtime.
    pub fn build(self) -> Runtime {
        Runtime {
            authorization: self.api_key.as_ref().map(ApiKey::header),
            api_key: self.api_key,
            base_url: self.base_url,
            user_agent: self.user_agent,
            timeout: self.timeout,
            deadline: self.deadline,
            body_limit: self.body_limit,
            gzip: self.gzip,
            retry: self.retry,
            budget: self.budget.map(Tokens::new),
            jitter: self.jitter.map_or_else(Jitter::from_system, Jitter::seeded),
            rate_limiter: RateLimiter::new(self.pacing, self.retry.max_retry_after),
            deprecations: Deprecations::default(),
            transport: self.transport,
            observer: self.observer,
        }
    }
}

impl fmt::Debug for RuntimeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeBuilder")
            .field("base_url", &self.base_url)
            .field("api_key", &self.api_key)
            .finish_non_exhaustive()
    }
}
