//! The configuration of a client and the state that all of its calls share.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::api_key::ApiKey;
use crate::base_url::BaseUrl;
use crate::exchange::Observer;
use crate::operation::Operation;
use crate::rate_limit::RateLimit;
use crate::rate_limiter::{RateLimiter, RateLimiting};
use crate::redact::redact_text;
use crate::retry::{Jitter, RetryBudget, RetryPolicy, TokenBucket};
use crate::transport::Transport;
use crate::wait::{OnWait, Wait, WaitReason};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const USER_AGENT: &str = concat!("pivotal-sdk-rust/", env!("CARGO_PKG_VERSION"));

/// The configuration of a client. `pivotal_sdk::ClientBuilder` sets it.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientConfig {
    /// The API key, which is sent to the base URL's origin only.
    pub api_key: Option<ApiKey>,
    /// The other keys of operations that require several at once, by the name of their security
    /// scheme in the document. They are sent and hidden like the API key; if one is missing, none is
    /// sent. Pivotal has no such operation.
    pub more_keys: BTreeMap<String, ApiKey>,
    /// The base URL of the API.
    pub base_url: BaseUrl,
    /// The text after `pivotal-sdk-rust/<version>` in the `User-Agent` header, such as
    /// `nightly-sync/2.1`. Characters that a header cannot contain are removed.
    pub user_agent_suffix: Option<String>,
    /// The time limit for one attempt, including reading the response. Default: 30 seconds.
    pub timeout: Option<Duration>,
    /// The time limit for a whole call, including all attempts and waits. Default: none.
    pub deadline: Option<Duration>,
    /// The maximum size of a response body in bytes, after decompression. Default: 16 MiB.
    pub body_limit: usize,
    /// Whether responses may be compressed. Default: yes. A custom HTTP client must then support
    /// gzip.
    pub gzip: bool,
    /// When calls are retried, unless the call options say otherwise.
    pub retry: RetryPolicy,
    /// How many retries all calls may make together; `None` for no limit.
    pub retry_budget: Option<RetryBudget>,
    /// The seed of the retry delays, so that a test can reproduce them. Default: random.
    pub jitter_seed: Option<u64>,
    /// How calls keep below the rate limit.
    pub rate_limiting: RateLimiting,
    /// Sends the requests instead of the HTTP client.
    pub transport: Option<Arc<dyn Transport>>,
    /// Receives the record of every call.
    pub observer: Option<Arc<dyn Observer>>,
    /// Called when a call waits for more than a second.
    pub on_wait: Option<OnWait>,
}

impl ClientConfig {
    /// The default for `timeout`.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
    /// The default for `body_limit`.
    pub const DEFAULT_BODY_LIMIT: usize = 16 * 1024 * 1024;

    /// The default configuration for a base URL, without an API key.
    pub fn new(base_url: BaseUrl) -> Self {
        Self {
            api_key: None,
            more_keys: BTreeMap::new(),
            base_url,
            user_agent_suffix: None,
            timeout: Some(Self::DEFAULT_TIMEOUT),
            deadline: None,
            body_limit: Self::DEFAULT_BODY_LIMIT,
            gzip: true,
            retry: RetryPolicy::default(),
            retry_budget: Some(RetryBudget::default()),
            jitter_seed: None,
            rate_limiting: RateLimiting::default(),
            transport: None,
            observer: None,
            on_wait: None,
        }
    }

    fn user_agent(&self) -> HeaderValue {
        let suffix = self.user_agent_suffix.as_deref().unwrap_or_default();
        let printable: String = suffix.chars().filter(|c| (' '..='~').contains(c)).collect();
        let text = format!("{USER_AGENT} {printable}");
        HeaderValue::from_str(text.trim_end()).expect("printable ASCII is a header value")
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("base_url", &self.base_url)
            .field("api_key", &self.api_key)
            .field("more_keys", &self.more_keys)
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .field("body_limit", &self.body_limit)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// The configuration of a client and the state that all of its calls share.
///
/// ```
/// use pivotal_runtime::{ApiKey, BaseUrl, ClientConfig, Runtime};
///
/// let mut config = ClientConfig::new(BaseUrl::parse("https://my.pivotal.app")?);
/// config.api_key = Some(ApiKey::new("pivotal_K8s9aB3dE5fG7hJ9kL1m")?);
/// let runtime = Runtime::new(config);
/// assert!(format!("{runtime:?}").contains("pivotal_K8s9…"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Runtime {
    pub(crate) config: ClientConfig,
    /// Every key, none of which may be in an error or a log.
    pub(crate) keys: Arc<[ApiKey]>,
    /// Made once, because copies of a header value share its bytes.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) retry_tokens: Option<TokenBucket>,
    pub(crate) jitter: Jitter,
    pub(crate) rate_limiter: RateLimiter,
    /// The names of the operations whose deprecation was logged.
    deprecated: Mutex<Vec<&'static str>>,
}

impl Runtime {
    /// The state of a client with this configuration.
    pub fn new(config: ClientConfig) -> Self {
        Self {
            keys: (config.api_key.iter())
                .chain(config.more_keys.values())
                .cloned()
                .collect(),
            authorization: config.api_key.as_ref().map(ApiKey::header),
            user_agent: config.user_agent(),
            retry_tokens: config.retry_budget.map(TokenBucket::new),
            jitter: Jitter::new(config.jitter_seed),
            rate_limiter: RateLimiter::new(config.rate_limiting, config.retry.max_retry_after),
            deprecated: Mutex::default(),
            config,
        }
    }

    /// The base URL.
    pub fn base_url(&self) -> &BaseUrl {
        &self.config.base_url
    }

    /// The API key, which does not print itself.
    pub fn api_key(&self) -> Option<&ApiKey> {
        self.config.api_key.as_ref()
    }

    /// The rate limit as this client knows it: what the responses reported, minus the calls in
    /// flight. `None` until a response has reported a limit.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.rate_limiter.state()
    }

    /// The number of calls that wait for the rate limiter.
    pub fn waiting_calls(&self) -> usize {
        self.rate_limiter.waiting()
    }

    /// Reports a call that waits for more than a second.
    pub(crate) fn report_wait(
        &self,
        operation: &'static Operation,
        reason: WaitReason,
        remaining: Option<Duration>,
    ) {
        let wait = Wait {
            operation,
            reason,
            remaining,
        };
        tracing::info!(
            reason = reason.code(),
            remaining_ms = remaining.map(|remaining| remaining.as_millis() as u64),
            "{wait}"
        );
        if let Some(on_wait) = &self.config.on_wait
            && catch_unwind(AssertUnwindSafe(|| on_wait(&wait))).is_err()
        {
            tracing::warn!(operation = operation.name, "the on_wait function panicked");
        }
    }

    /// Logs a warning if a response has a `Deprecation` header, once for each operation.
    pub(crate) fn warn_if_deprecated(&self, operation: &'static Operation, headers: &HeaderMap) {
        let Some(deprecation) = headers.get(DEPRECATION) else {
            return;
        };
        let mut deprecated = self
            .deprecated
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if deprecated.contains(&operation.name) {
            return;
        }
        deprecated.push(operation.name);
        drop(deprecated);
        // Anything longer than a date is not the API's.
        let is_date = |text: &&str| {
            let mut keys = self.keys.iter();
            text.len() <= 40 && keys.all(|key| redact_text(text, key.as_str()).is_none())
        };
        let deprecation = deprecation.to_str().ok().filter(is_date);
        tracing::warn!(
            operation = operation.name,
            "http.request.method" = %operation.method,
            "url.template" = operation.path,
            deprecation,
            "this operation is deprecated; use a newer SDK or another operation"
        );
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("config", &self.config)
            .field("rate_limiter", &self.rate_limiter)
            .finish_non_exhaustive()
    }
}
