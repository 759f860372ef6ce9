//! What all calls of one client share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::api_key::ApiKey;
use crate::base_url::BaseUrl;
use crate::exchange::Observer;
use crate::transport::Transport;

const USER_AGENT: &str = concat!("pivotal-sdk-rust/", env!("CARGO_PKG_VERSION"));

/// What all calls of one client share: key, address, limits and who looks on.
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
    pub(crate) base_url: BaseUrl,
    pub(crate) user_agent: HeaderValue,
    pub(crate) timeout: Option<Duration>,
    pub(crate) body_limit: usize,
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

impl Runtime {
    /// How long a call may take unless the builder or the call says otherwise.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
    /// How many bytes of an answer are read unless the builder says otherwise: 16 MiB.
    pub const DEFAULT_BODY_LIMIT: usize = 16 * 1024 * 1024;

    /// Begins with an address and the defaults.
    pub fn builder(base_url: BaseUrl) -> RuntimeBuilder {
        RuntimeBuilder {
            runtime: Self {
                api_key: None,
                base_url,
                user_agent: HeaderValue::from_static(USER_AGENT),
                timeout: Some(Self::DEFAULT_TIMEOUT),
                body_limit: Self::DEFAULT_BODY_LIMIT,
                transport: None,
                observer: None,
            },
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
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("base_url", &self.base_url)
            .field("api_key", &self.api_key)
            .field("timeout", &self.timeout)
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Runtime`].
#[derive(Debug)]
#[must_use]
pub struct RuntimeBuilder {
    runtime: Runtime,
}

impl RuntimeBuilder {
    /// The key that is sent with every request to the base URL, and to no other host.
    pub fn api_key(mut self, key: ApiKey) -> Self {
        self.runtime.api_key = Some(key);
        self
    }

    /// The text after `pivotal-sdk-rust/<version>` in the `User-Agent` header, such as
    /// `nightly-sync/2.1`. What a header cannot hold is left out.
    pub fn user_agent_suffix(mut self, suffix: &str) -> Self {
        let printable: String = suffix.chars().filter(|c| (' '..='~').contains(c)).collect();
        let text = format!("{USER_AGENT} {printable}");
        self.runtime.user_agent =
            HeaderValue::from_str(text.trim_end()).expect("printable ASCII is a header value");
        self
    }

    /// How long a call may take; `None` waits for ever. Default: 30 seconds.
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.runtime.timeout = timeout;
        self
    }

    /// How many bytes of an answer are read at most. Default: 16 MiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.runtime.body_limit = bytes;
        self
    }

    /// Sends through this instead of the HTTP client.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.runtime.transport = Some(transport);
        self
    }

    /// Shows every exchange to this observer.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.runtime.observer = Some(observer);
        self
    }

    /// The finished runtime.
    pub fn build(self) -> Runtime {
        self.runtime
    }
}
