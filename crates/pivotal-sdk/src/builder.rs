//! Building a client.

use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pivotal_runtime::{
    ApiKey, BaseUrl, ClientConfig, Executor, HttpTransport, KeyMode, Observer, RateLimiting,
    RetryBudget, RetryPolicy, Runtime, Transport, Wait, http_client_builder,
};

use crate::client::Client;
use crate::error::{Error, Result};

pub(crate) const DEFAULT_BASE_URL: &str = "https://my.pivotal.app";
pub(crate) const API_KEY: &str = "PIVOTAL_API_KEY";
pub(crate) const BASE_URL: &str = "PIVOTAL_BASE_URL";

/// Builds a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use pivotal_sdk::Client;
///
/// let pivotal = Client::builder()
///     .api_key("pivotal_test_aB3dE5fG7hJ9kL1m")
///     .user_agent_suffix("nightly-sync/2.1")
///     .timeout(Duration::from_secs(10))
///     .build()?;
/// assert_eq!(pivotal.base_url().as_str(), "https://my.pivotal.app");
/// # Ok::<(), pivotal_sdk::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    api_key: Key,
    base_url: Setting,
    allow_unencrypted: bool,
    allow_any_key_prefix: bool,
    require_test_mode: bool,
    http: Http,
    wrap_transport: Option<Wrap>,
    /// All other settings. Its API key and base URL are set by `build`.
    config: ClientConfig,
}

/// A text and the name to report if it is invalid.
struct Setting {
    name: &'static str,
    text: String,
}

enum Key {
    Missing,
    Set(Setting),
    Anonymous,
}

enum Http {
    Default(Vec<Adjust>),
    Custom(reqwest::Client),
}

type Wrap = Box<dyn FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport> + Send>;

type Adjust = Box<dyn FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send>;

impl Default for ClientBuilder {
    fn default() -> Self {
        let base_url = BaseUrl::parse(DEFAULT_BASE_URL).expect("the default is valid");
        Self {
            api_key: Key::Missing,
            base_url: Setting::new("base_url", DEFAULT_BASE_URL),
            allow_unencrypted: false,
            allow_any_key_prefix: false,
            require_test_mode: false,
            http: Http::Default(Vec::new()),
            wrap_transport: None,
            config: ClientConfig::new(base_url),
        }
    }
}

impl Client {
    /// A client for <https://my.pivotal.app> with this API key.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if the key is invalid, or is not an API key of Pivotal.
    pub fn new(api_key: impl Into<String>) -> Result<Self> {
        Self::builder().api_key(api_key).build()
    }

    /// A client from the environment: the API key from `PIVOTAL_API_KEY` and, if it is set, the
    /// base URL from `PIVOTAL_BASE_URL`.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config), with the variable's name in
    /// [`field`](crate::Error::field), if a variable is missing or invalid.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// A builder, for a client with other settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

impl ClientBuilder {
    /// Starts with the API key from `PIVOTAL_API_KEY` and, if it is set and not empty, the base URL
    /// from `PIVOTAL_BASE_URL`.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if `PIVOTAL_API_KEY` is not set, or a variable is not
    /// valid Unicode.
    pub fn from_env() -> Result<Self> {
        Self::from_variables(std::env::var_os)
    }

    pub(crate) fn from_variables(
        variable: impl Fn(&'static str) -> Option<OsString>,
    ) -> Result<Self> {
        let read = |name| match variable(name).map(OsString::into_string) {
            Some(Ok(text)) if !text.is_empty() => Ok(Some(Setting::new(name, text))),
            Some(Err(_)) => Err(Error::config(name, format!("{name} is not valid Unicode"))),
            _ => Ok(None),
        };
        let api_key = read(API_KEY)?.ok_or_else(|| {
            let message = format!("{API_KEY} is not set; set it to an API key of your workspace");
            Error::config(API_KEY, message)
        })?;
        let mut builder = Self {
            api_key: Key::Set(api_key),
            ..Self::default()
        };
        if let Some(base_url) = read(BASE_URL)? {
            builder.base_url = base_url;
        }
        Ok(builder)
    }

    /// Sets the API key: `pivotal_…` or, for a test key, `pivotal_test_…`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Key::Set(Setting::new("api_key", key));
        self
    }

    /// Accepts an API key without the prefix `pivotal_`. By default such a key is refused, so that
    /// the key of another service is not sent to Pivotal by mistake. A base URL on loopback, such
    /// as a sandbox, accepts any key.
    ///
    /// ```
    /// use pivotal_sdk::Client;
    ///
    /// assert!(Client::new("sk_live_aB3dE5fG7hJ9kL1m").unwrap_err().is_config());
    /// let other = Client::builder().api_key("sk_live_aB3dE5fG7hJ9kL1m");
    /// assert!(other.allow_any_key_prefix().build().is_ok());
    /// ```
    pub fn allow_any_key_prefix(mut self) -> Self {
        self.allow_any_key_prefix = true;
        self
    }

    /// Builds a client without an API key. Only [`health`](Client::health) can be called.
    pub fn anonymous(mut self) -> Self {
        self.api_key = Key::Anonymous;
        self
    }

    /// Sets the base URL, without `/api/v1`. A path is kept as a prefix. It must be `https`, except
    /// for a server on loopback. Default: `https://my.pivotal.app`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Setting::new("base_url", url);
        self
    }

    /// Allows an `http` base URL on another machine: **the API key and all data are then sent
    /// unencrypted.**
    pub fn allow_unencrypted(mut self) -> Self {
        self.allow_unencrypted = true;
        self
    }

    /// Adds the name of your program to the `User-Agent` header, after the name of the SDK.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.config.user_agent_suffix = Some(suffix.into());
        self
    }

    /// Accepts only a test key (`pivotal_test_…`), for which Pivotal suppresses outbound effects.
    /// For programs that must never affect customers, such as smoke tests and demos.
    ///
    /// ```
    /// use pivotal_sdk::Client;
    ///
    /// let live = Client::builder().api_key("pivotal_aB3dE5fG7hJ9kL1m").require_test_mode().build();
    /// assert!(live.unwrap_err().is_config());
    /// ```
    pub fn require_test_mode(mut self) -> Self {
        self.require_test_mode = true;
        self
    }

    /// Sets when calls are retried, unless the call sets it.
    /// Default: [`RetryPolicy::default`], four attempts. [`RetryPolicy::off`] disables retries.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.config.retry = policy;
        self
    }

    /// Sets how many retries all calls of the client may make together, so that an outage does not
    /// multiply the load; `None` for no limit. Default: [`RetryBudget::default`].
    pub fn retry_budget(mut self, budget: impl Into<Option<RetryBudget>>) -> Self {
        self.config.retry_budget = budget.into();
        self
    }

    /// Sets how calls keep below the rate limit. Default: [`RateLimiting::on`], calls wait if
    /// necessary. [`RateLimiting::off`] sends them at once.
    pub fn rate_limiting(mut self, rate_limiting: RateLimiting) -> Self {
        self.config.rate_limiting = rate_limiting;
        self
    }

    /// Sets the time limit for a whole call, including all attempts and waits, unless the call sets
    /// it. Default: none.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.config.deadline = Some(deadline);
        self
    }

    /// Sets the time limit for one attempt, including reading the response, unless the call sets
    /// it. Default: 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout = Some(timeout);
        self
    }

    /// Removes the time limit for attempts.
    pub fn no_timeout(mut self) -> Self {
        self.config.timeout = None;
        self
    }

    /// Sets the maximum size of a response body in bytes. Default: 16 MiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.config.body_limit = bytes;
        self
    }

    /// Configures the HTTP client that the SDK creates, such as certificates and the connection
    /// pool. Set the time limit with [`timeout`](Self::timeout) instead.
    ///
    /// ```
    /// let pivotal = pivotal_sdk::Client::builder()
    ///     .api_key("pivotal_test_aB3dE5fG7hJ9kL1m")
    ///     .adjust_http(|http| http.pool_max_idle_per_host(4))
    ///     .build()?;
    /// # Ok::<(), pivotal_sdk::Error>(())
    /// ```
    pub fn adjust_http(
        mut self,
        adjust: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + 'static,
    ) -> Self {
        match &mut self.http {
            Http::Default(adjustments) => adjustments.push(Box::new(adjust)),
            Http::Custom(_) => self.http = Http::Default(vec![Box::new(adjust)]),
        }
        self
    }

    /// Sets a proxy. By default, the proxies from the environment (such as `HTTPS_PROXY`) are used,
    /// except for a server on loopback.
    ///
    /// ```
    /// use pivotal_sdk::{Client, reqwest::Proxy};
    ///
    /// let pivotal = Client::builder()
    ///     .api_key("pivotal_test_aB3dE5fG7hJ9kL1m")
    ///     .proxy(Proxy::https("http://proxy.test:3128")?)
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn proxy(self, proxy: reqwest::Proxy) -> Self {
        self.adjust_http(|http| http.proxy(proxy))
    }

    /// Sets the HTTP client. It needs a `reqwest` with a TLS feature, and its redirect policy
    /// should not follow redirects to other hosts.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Http::Custom(client);
        self
    }

    /// Sends requests through this transport instead of HTTP, such as an in-memory server in a
    /// test.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.config.transport = Some(transport);
        self
    }

    /// Wraps the transport, HTTP or a custom one, so that a program can trace, count or delay each
    /// attempt. The wrapper sees the complete request, with its key, and the response before the key
    /// is redacted in it: [`redact_body`](crate::transport::redact_body) does so.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pivotal_sdk::transport::{BoxFuture, Failure, Transport};
    /// # use pivotal_sdk::reqwest;
    ///
    /// struct Timed(Arc<dyn Transport>);
    ///
    /// impl Transport for Timed {
    ///     fn send(
    ///         &self,
    ///         request: reqwest::Request,
    ///         body_limit: usize,
    ///     ) -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, Failure>> {
    ///         Box::pin(async move {
    ///             let started = std::time::Instant::now();
    ///             let result = self.0.send(request, body_limit).await;
    ///             eprintln!("{} ms", started.elapsed().as_millis());
    ///             result
    ///         })
    ///     }
    /// }
    ///
    /// let pivotal = pivotal_sdk::Client::builder()
    ///     .api_key("pivotal_test_aB3dE5fG7hJ9kL1m")
    ///     .wrap_transport(|http| Arc::new(Timed(http)))
    ///     .build()?;
    /// # Ok::<(), pivotal_sdk::Error>(())
    /// ```
    pub fn wrap_transport(
        mut self,
        wrap: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport> + Send + 'static,
    ) -> Self {
        self.wrap_transport = Some(Box::new(wrap));
        self
    }

    /// Sets an observer, which receives the record of every call.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.config.observer = Some(observer);
        self
    }

    /// Sets a function that is called when a call waits for more than a second, for the rate limit
    /// or before a retry. It runs on the task of the call, so it must not block. The wait is logged
    /// as a `tracing` event of the level `INFO` in any case.
    ///
    /// ```
    /// let pivotal = pivotal_sdk::Client::builder()
    ///     .api_key("pivotal_test_aB3dE5fG7hJ9kL1m")
    ///     .on_wait(|wait| eprintln!("{wait}")) // list_customers waits 12 s for the rate limit
    ///     .build()?;
    /// # Ok::<(), pivotal_sdk::Error>(())
    /// ```
    pub fn on_wait(mut self, on_wait: impl Fn(&Wait) + Send + Sync + 'static) -> Self {
        self.config.on_wait = Some(Arc::new(on_wait));
        self
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config), with the name of the setting in
    /// [`field`](Error::field), if the API key or the base URL is invalid or TLS cannot be set up.
    pub fn build(self) -> Result<Client> {
        let mut config = self.config;
        config.base_url = self.base_url.parse_base_url(self.allow_unencrypted)?;
        let http = match self.http {
            Http::Default(adjustments) => {
                let builder = http_client_builder(&config.base_url).map_err(no_http_client)?;
                let adjustments = adjustments.into_iter();
                let builder = adjustments.fold(builder, |builder, adjust| adjust(builder));
                builder.build().map_err(no_http_client)?
            }
            Http::Custom(http) => http,
        };
        if let Some(wrap) = self.wrap_transport {
            let http = || -> Arc<dyn Transport> { Arc::new(HttpTransport::new(http.clone())) };
            config.transport = Some(wrap(config.transport.take().unwrap_or_else(http)));
        }
        config.api_key = match self.api_key {
            Key::Missing => {
                let message = "the API key is missing; call api_key(…) or anonymous()";
                return Err(Error::config("api_key", message));
            }
            Key::Set(setting) => {
                let any_prefix = self.allow_any_key_prefix || config.base_url.is_loopback();
                Some(setting.parse_api_key(any_prefix, self.require_test_mode)?)
            }
            Key::Anonymous => None,
        };
        let executor = Executor::new(Arc::new(Runtime::new(config)));
        Ok(Client::assemble(http, executor))
    }
}

impl Setting {
    fn new(name: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { name, text }
    }

    fn parse_api_key(self, any_prefix: bool, require_test_mode: bool) -> Result<ApiKey> {
        let Self { name, text } = self;
        let key = ApiKey::new(text)
            .map_err(|invalid| Error::config(name, format!("{name}: {invalid}")))?;
        let message = match key.mode() {
            KeyMode::Live if require_test_mode => {
                "this is a live key, but the program requires a test key, which begins with \
                 pivotal_test_"
            }
            KeyMode::Unknown if require_test_mode || !any_prefix => {
                "this is not an API key of Pivotal, which begins with pivotal_ or pivotal_test_; \
                 check that it is not the key of another service"
            }
            _ => return Ok(key),
        };
        Err(Error::config(name, format!("{name}: {message}")))
    }

    fn parse_base_url(&self, allow_unencrypted: bool) -> Result<BaseUrl> {
        let Self { name, text } = self;
        let parse = if allow_unencrypted {
            BaseUrl::parse_insecure
        } else {
            BaseUrl::parse
        };
        let base_url =
            parse(text).map_err(|invalid| Error::config(name, format!("{name}: {invalid}")))?;
        if base_url.prefix().ends_with("/api/v1") {
            let message = format!("{name}: remove /api/v1, which is part of every request path");
            return Err(Error::config(name, message));
        }
        Ok(base_url)
    }
}

fn no_http_client(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::config("http_client", "the HTTP client could not be set up").caused_by(error)
}

/// Prints neither the API key nor the base URL, which may contain a password.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").finish_non_exhaustive()
    }
}
