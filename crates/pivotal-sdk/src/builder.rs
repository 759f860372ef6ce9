//! How a client is made.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pivotal_runtime::{
    ApiKey, BaseUrl, Executor, KeyMode, Observer, RateLimiting, RetryBudget, RetryPolicy, Runtime,
    Transport, http_client_builder,
};

use crate::client::Client;
use crate::error::{Error, Result};

const DEFAULT_BASE_URL: &str = "https://my.pivotal.app";
const API_KEY: &str = "PIVOTAL_API_KEY";
const BASE_URL: &str = "PIVOTAL_BASE_URL";

/// Sets up a [`Client`].
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
    key: Key,
    base_url: Setting,
    insecure: bool,
    user_agent_suffix: Option<String>,
    timeout: Option<Duration>,
    deadline: Option<Duration>,
    retry: RetryPolicy,
    retry_budget: Option<RetryBudget>,
    pacing: RateLimiting,
    test_mode: bool,
    body_limit: usize,
    http: Http,
    transport: Option<Arc<dyn Transport>>,
    observer: Option<Arc<dyn Observer>>,
}

/// A text and what to call it when it is wrong.
struct Setting {
    name: &'static str,
    text: String,
}

enum Key {
    Missing,
    Given(Setting),
    None,
}

enum Http {
    Ours(Vec<Adjust>),
    Given(reqwest::Client),
}

type Adjust = Box<dyn FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send>;

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            key: Key::Missing,
            base_url: Setting {
                name: "base_url",
                text: DEFAULT_BASE_URL.to_owned(),
            },
            insecure: false,
            user_agent_suffix: None,
            timeout: Some(Runtime::DEFAULT_TIMEOUT),
            deadline: None,
            retry: RetryPolicy::default(),
            retry_budget: Some(RetryBudget::default()),
            pacing: RateLimiting::default(),
            test_mode: false,
            body_limit: Runtime::DEFAULT_BODY_LIMIT,
            http: Http::Ours(Vec::new()),
            transport: None,
            observer: None,
        }
    }
}

impl ClientBuilder {
    /// Begins with the key from `PIVOTAL_API_KEY` and, when it is set and not empty, the address
    /// from `PIVOTAL_BASE_URL`.
    ///
    /// # Errors
    /// `Config` when the key's variable is not set, or either is not Unicode.
    pub fn from_env() -> Result<Self> {
        Self::from_variables(std::env::var_os)
    }

    fn from_variables(
        variable: impl Fn(&'static str) -> Option<std::ffi::OsString>,
    ) -> Result<Self> {
        let read = |name| match variable(name).map(std::ffi::OsString::into_string) {
            Some(Ok(text)) if !text.is_empty() => Ok(Some(Setting { name, text })),
            Some(Err(_)) => Err(Error::config(name, format!("{name} is not Unicode"))),
            _ => Ok(None),
        };
        let key = read(API_KEY)?.ok_or_else(|| {
            let message = format!("{API_KEY} is not set; put an API key of your workspace there");
            Error::config(API_KEY, message)
        })?;
        let mut builder = Self {
            key: Key::Given(key),
            ..Self::default()
        };
        if let Some(base_url) = read(BASE_URL)? {
            builder.base_url = base_url;
        }
        Ok(builder)
    }

    /// The API key: `pivotal_…` or, for a test key, `pivotal_test_…`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.key = Key::Given(Setting {
            name: "api_key",
            text: key.into(),
        });
        self
    }

    /// No key: only [`health`](Client::health) answers.
    pub fn anonymous(mut self) -> Self {
        self.key = Key::None;
        self
    }

    /// Where the API is, without `/api/v1`. A path is kept as a prefix. It must be `https`, except
    /// for a server on this machine. Default: `https://my.pivotal.app`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Setting {
            name: "base_url",
            text: url.into(),
        };
        self
    }

    /// Lets the base URL be `http` to another machine: **the key and all data then travel
    /// unencrypted.**
    pub fn allow_unencrypted(mut self) -> Self {
        self.insecure = true;
        self
    }

    /// Names your program in the `User-Agent` header, after the SDK's own name.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
        self
    }

    /// Refuses to build a client with any key but a test key (`pivotal_test_…`), whose outbound
    /// effects Pivotal suppresses. For programs that must never touch customers: smoke tests,
    /// demos, anything that deletes.
    ///
    /// ```
    /// use pivotal_sdk::Client;
    ///
    /// let live = Client::builder().api_key("pivotal_aB3dE5fG7hJ9kL1m").require_test_mode().build();
    /// assert!(live.unwrap_err().is_config());
    /// ```
    pub fn require_test_mode(mut self) -> Self {
        self.test_mode = true;
        self
    }

    /// When calls are repeated, unless the call says otherwise.
    /// Default: [`RetryPolicy::default`], four attempts. [`RetryPolicy::off`] sends each once.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many repetitions all calls of the client may afford together, so that an outage is not
    /// multiplied; `None` sets no bound.
    pub fn retry_budget(mut self, budget: impl Into<Option<RetryBudget>>) -> Self {
        self.retry_budget = budget.into();
        self
    }

    /// How calls keep below the rate limit. Default: they wait for their turn.
    /// [`RateLimiting::off`] sends at once, whatever the headers say.
    pub fn rate_limiting(mut self, pacing: RateLimiting) -> Self {
        self.pacing = pacing;
        self
    }

    /// How long a call may take in all, with every attempt and every wait, unless the call says
    /// otherwise. Default: no limit of its own; the attempts and their limits are one.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How long one attempt may take, the reading of the response included, unless the call says
    /// otherwise. Default: 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Lets attempts take for ever.
    pub fn no_timeout(mut self) -> Self {
        self.timeout = None;
        self
    }

    /// How many bytes of a response are read at most. Default: 16 MiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Adjusts the HTTP client that the SDK makes: a proxy, another certificate, the pool. Its time
    /// limit is the business of [`timeout`](Self::timeout).
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
            Http::Ours(adjustments) => adjustments.push(Box::new(adjust)),
            Http::Given(_) => self.http = Http::Ours(vec![Box::new(adjust)]),
        }
        self
    }

    /// Sends through this proxy. Without it the proxies of the environment are used (`HTTPS_PROXY`
    /// and its like), except for a server on this machine.
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

    /// Sends through an HTTP client of your own, made by a `reqwest` with a TLS feature of its own.
    /// Its redirects are yours too: let none of them lead to another host.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Http::Given(client);
        self
    }

    /// Sends through this instead of HTTP, such as an in-memory server in a test.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Shows every exchange to an observer.
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config`, with the setting's name in [`field`](Error::field), when the key or the address
    /// cannot be used or TLS cannot be set up.
    pub fn build(self) -> Result<Client> {
        let base_url = parse_base_url(&self.base_url, self.insecure)?;
        let http = match self.http {
            Http::Ours(adjustments) => make_http(&base_url, adjustments)?,
            Http::Given(http) => http,
        };

        let mut runtime = Runtime::builder(base_url)
            .timeout(self.timeout)
            .deadline(self.deadline)
            .retry(self.retry)
            .retry_budget(self.retry_budget)
            .rate_limiting(self.pacing)
            .body_limit(self.body_limit);
        match self.key {
            Key::Missing => {
                let message = "no API key was given; call api_key(…), or anonymous() to go without";
                return Err(Error::config("api_key", message));
            }
            Key::Given(Setting { name, text }) => {
                let key = ApiKey::new(text)
                    .map_err(|invalid| Error::config(name, format!("{name}: {invalid}")))?;
                if self.test_mode && key.mode() != KeyMode::Test {
                    let message = "this is a live key, and the program asks for a test key; \
                                   test keys begin with pivotal_test_";
                    return Err(Error::config(name, format!("{name}: {message}")));
                }
                runtime = runtime.api_key(key);
            }
            Key::None => {}
        }
        if let Some(suffix) = &self.user_agent_suffix {
            runtime = runtime.user_agent_suffix(suffix);
        }
        if let Some(transport) = self.transport {
            runtime = runtime.transport(transport);
        }
        if let Some(observer) = self.observer {
            runtime = runtime.observer(observer);
        }
        Ok(Client::assemble(
            http,
            Executor::new(Arc::new(runtime.build())),
        ))
    }
}

/// How many idle connections are kept. RateLimiting leaves few calls under way at a time.
const IDLE_CONNECTIONS: usize = 8;
/// How long an idle connection is kept: less than the minute after which load balancers commonly
/// close one, since a request on a connection that is being closed is lost and has to be repeated.
const IDLE_TIME: Duration = Duration::from_secs(50);

/// The HTTP client that the SDK makes. It speaks HTTP/1.1: a few connections serve what a rate
/// limit of hundreds a minute lets through, one that stalls does not hold up the others, and HTTP/2
/// would be a library more to build. Who wants it gives a client that has it.
fn make_http(base_url: &BaseUrl, adjustments: Vec<Adjust>) -> Result<reqwest::Client> {
    const MESSAGE: &str = "the HTTP client could not be set up";
    let builder = http_client_builder(base_url)
        .map_err(|error| Error::config("http_client", MESSAGE).caused_by(error))?
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .pool_idle_timeout(IDLE_TIME);
    adjustments
        .into_iter()
        .fold(builder, |builder, adjust| adjust(builder))
        .build()
        .map_err(|error| Error::config("http_client", MESSAGE).caused_by(error))
}

fn parse_base_url(setting: &Setting, insecure: bool) -> Result<BaseUrl> {
    let Setting { name, text } = setting;
    let parse = if insecure {
        BaseUrl::parse_insecure
    } else {
        BaseUrl::parse
    };
    let base_url =
        parse(text).map_err(|invalid| Error::config(name, format!("{name}: {invalid}")))?;
    if base_url.prefix().ends_with("/api/v1") {
        let message = format!("{name}: leave out /api/v1, every request adds it");
        return Err(Error::config(name, message));
    }
    Ok(base_url)
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the key nor an address that may hold a password.
        f.debug_struct("ClientBuilder").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn from(variables: &'static [(&str, &str)]) -> Result<Client> {
        ClientBuilder::from_variables(|name| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some(value.into())
        })?
        .build()
    }

    fn refused(result: Result<Client>, field: &str) -> String {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.field(), Some(field));
        error.to_string()
    }

    #[test]
    fn the_environment_gives_key_and_address() {
        let client = from(&[
            (API_KEY, "pivotal_test_x"),
            (BASE_URL, "http://127.0.0.1:4010/"),
        ]);
        let client = client.unwrap();
        assert_eq!(client.base_url().as_str(), "http://127.0.0.1:4010");
        assert_eq!(client.key_mode(), Some(pivotal_runtime::KeyMode::Test));

        let client = from(&[(API_KEY, "pivotal_x"), (BASE_URL, "")]).unwrap();
        assert_eq!(client.base_url().as_str(), DEFAULT_BASE_URL);
    }

    #[test]
    fn what_is_wrong_in_the_environment_is_named_and_not_repeated() {
        for missing in [&[][..], &[(API_KEY, "")][..]] {
            let message = refused(from(missing), API_KEY);
            assert!(message.contains("PIVOTAL_API_KEY is not set"), "{message}");
        }
        let message = refused(from(&[(API_KEY, "pivotal_hunter2\n")]), API_KEY);
        assert!(
            message.contains(API_KEY) && !message.contains("hunter2"),
            "{message}"
        );
        let message = refused(
            from(&[(API_KEY, "k"), (BASE_URL, "http://a.test")]),
            BASE_URL,
        );
        assert!(
            message.contains(BASE_URL) && message.contains("https"),
            "{message}"
        );
    }

    #[test]
    fn a_builder_says_what_it_lacks() {
        let message = refused(ClientBuilder::default().build(), "api_key");
        assert!(message.contains("anonymous()"), "{message}");
        let with_path = Client::builder()
            .api_key("k")
            .base_url("https://my.pivotal.app/api/v1/");
        assert!(refused(with_path.build(), "base_url").contains("leave out /api/v1"));
    }

    #[test]
    fn plain_http_to_another_machine_needs_a_word_in_code() {
        let builder = || {
            Client::builder()
                .api_key("k")
                .base_url("http://pivotal.test")
        };
        refused(builder().build(), "base_url");
        assert!(builder().allow_unencrypted().build().is_ok());
    }

    #[test]
    fn nothing_prints_the_key() {
        let builder = Client::builder().api_key("pivotal_K8s9aB3dE5fG7hJ9kL1m");
        assert!(!format!("{builder:?}").contains("K8s9"));
        let client = builder.build().unwrap();
        let printed = format!("{client:?} {:?}", client.customers().list());
        assert!(printed.contains("pivotal_K8s9…"), "{printed}");
        assert!(!printed.contains("aB3d"), "{printed}");
    }
}
