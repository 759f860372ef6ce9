//! The client: settings, connections and the key.

use std::fmt;
use std::sync::Arc;

use http::Method;
use pivotal_api::ClientInfo;
use pivotal_runtime::{
    BaseUrl, CallOptions, ExchangeSlot, Executor, InvalidRequest, KeyMode, Operation, RateLimit,
};

use crate::builder::ClientBuilder;
use crate::error::Result;
use crate::request::Request;

/// A connection to one Pivotal workspace.
///
/// Clones are cheap and share connections. `Debug` shows no more of the key than its first
/// characters.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use pivotal_sdk::{Client, CreateCustomer, UpdateCustomer};
///
/// # let sandbox = pivotal_sandbox::Sandbox::start().await;
/// # let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
/// let pivotal = Client::builder().base_url(base_url).api_key(key).build()?;
/// let customer = pivotal
///     .customers()
///     .create(CreateCustomer::new("Aurora Outfitters").slug("aurora-demo"))
///     .await?;
/// let customer = pivotal
///     .customer(&customer)
///     .update(UpdateCustomer::new().plan("Growth").clear_domain())
///     .await?;
/// assert_eq!(customer.plan.as_deref(), Some("Growth"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    api: pivotal_api::Client,
    executor: Executor,
}

impl Client {
    /// A client for <https://my.pivotal.app> with this API key.
    ///
    /// # Errors
    /// `Config` when the key cannot be one.
    pub fn new(api_key: impl Into<String>) -> Result<Self> {
        Self::builder().api_key(api_key).build()
    }

    /// A client from the environment: the key from `PIVOTAL_API_KEY`, the address from
    /// `PIVOTAL_BASE_URL` when it is set.
    ///
    /// # Errors
    /// `Config`, with the variable's name in [`field`](crate::Error::field), when one is missing or
    /// unusable.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// A client with settings of your own.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn assemble(http: reqwest::Client, executor: Executor) -> Self {
        let base_url = executor.runtime().base_url().as_str();
        let api = pivotal_api::Client::new_with_client(base_url, http, executor.clone());
        Self {
            shared: Arc::new(Shared { api, executor }),
        }
    }

    /// The generated client with the settings of one call, and the record it will leave.
    pub(crate) fn for_call(&self, options: CallOptions) -> (pivotal_api::Client, ExchangeSlot) {
        let (executor, record) = self.shared.executor.for_call(options);
        (
            self.shared
                .api
                .with_executor(executor.strip_response_headers()),
            record,
        )
    }

    /// A request that is not in the contract, and what is known of it.
    pub(crate) fn undeclared(
        &self,
        method: &Method,
        path: &str,
    ) -> Result<(reqwest::Request, &'static Operation), InvalidRequest> {
        self.shared.executor.undeclared(method, path)
    }

    /// As [`for_call`](Self::for_call), for a request that is not in the contract.
    pub(crate) fn for_request(
        &self,
        options: CallOptions,
    ) -> (&reqwest::Client, Executor, ExchangeSlot) {
        let (executor, record) = self.shared.executor.for_call(options);
        (self.shared.api.client(), executor, record)
    }

    /// The generated client: every operation of the contract, always, through the same connections,
    /// key and limits.
    ///
    /// **Its errors print bodies and all headers of the response**, which is customer data. Lift
    /// them into [`Error`](crate::Error) before anything prints them; `?` does so. Ids and limits
    /// are not checked before sending.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// async fn organization(pivotal: &pivotal_sdk::Client) -> pivotal_sdk::Result<String> {
    ///     Ok(pivotal.raw().get_me().await?.into_inner().organization.name)
    /// }
    /// assert!(!organization(&pivotal).await?.is_empty());
    /// # Ok(()) });
    /// ```
    pub fn raw(&self) -> &pivotal_api::Client {
        &self.shared.api
    }

    /// A request by method and path, for what this version does not know: with the key, the
    /// pacing, the retries, the options and the errors that every call has.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::{CustomerList, Method};
    ///
    /// let newest = pivotal
    ///     .request(Method::GET, "/api/v1/customers")
    ///     .query("limit", 1)
    ///     .send::<CustomerList>()
    ///     .await?;
    /// assert_eq!(newest.meta.status(), 200);
    ///
    /// let me = pivotal.request(Method::GET, "/api/v1/me").await?; // as JSON
    /// assert_eq!(me["object"], "me");
    /// # Ok(()) });
    /// ```
    pub fn request(&self, method: Method, path: impl Into<String>) -> Request {
        Request::new(self, method, path.into())
    }

    /// What is left of the key's allowance, as far as this client knows from its responses; `None`
    /// until one has said something. Clones of a client share it.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.shared.executor.runtime().rate_limit()
    }

    /// Where requests go.
    pub fn base_url(&self) -> &BaseUrl {
        self.shared.executor.runtime().base_url()
    }

    /// Whether the key is a live or a test key, told by its prefix; `None` without a key.
    pub fn key_mode(&self) -> Option<KeyMode> {
        self.shared
            .executor
            .runtime()
            .api_key()
            .map(|key| key.mode())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client")
            .field(self.shared.executor.runtime())
            .finish()
    }
}
