//! The client, which holds settings, connections and the API key.

use std::fmt;
use std::sync::Arc;

use http::Method;
use pivotal_runtime::{
    ApiKey, BaseUrl, CallOptions, ExchangeSlot, Executor, InvalidRequest, KeyMode, Operation,
    RateLimit,
};

use crate::error::Result;

/// A connection to one Pivotal workspace.
///
/// Clones are cheap and share connections. `Debug` shows the settings, and of the API key the first
/// characters at most: nothing of a short key or of one without the prefix `pivotal_`.
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
    pub(crate) fn assemble(http: reqwest::Client, executor: Executor) -> Self {
        let api = pivotal_api::Client::new(http, executor.clone());
        Self {
            shared: Arc::new(Shared { api, executor }),
        }
    }

    /// The generated client with the options of one call, and the slot for the record of the call.
    pub(crate) fn for_call(&self, options: CallOptions) -> (pivotal_api::Client, ExchangeSlot) {
        let (executor, record) = self.shared.executor.for_call(options);
        let executor = executor.strip_response_headers();
        (self.shared.api.with_executor(executor), record)
    }

    /// A request that is not in the contract, and its operation.
    pub(crate) fn undeclared(
        &self,
        method: &Method,
        path: &str,
    ) -> Result<(reqwest::Request, &'static Operation), InvalidRequest> {
        self.shared.executor.undeclared(method, path)
    }

    /// Like [`for_call`](Self::for_call), for a request that is not in the contract.
    pub(crate) fn for_request(
        &self,
        options: CallOptions,
    ) -> (&reqwest::Client, Executor, ExchangeSlot) {
        let (executor, record) = self.shared.executor.for_call(options);
        (self.shared.api.client(), executor, record)
    }

    /// The generated client: a method for every operation, with the same connections, key and
    /// limits.
    ///
    /// **Its errors print the body and all headers of the response**, which is customer data.
    /// Convert them into [`Error`](crate::Error) before anything prints them; `?` does so. IDs and
    /// limits are not checked before sending.
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

    /// The rate limit of the API key: what the responses reported, minus the calls in flight.
    /// `None` before the first response with rate-limit headers. Clones of a client share it.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.shared.executor.runtime().rate_limit()
    }

    /// The URL that requests are sent to.
    pub fn base_url(&self) -> &BaseUrl {
        self.shared.executor.runtime().base_url()
    }

    /// Whether the key is a live or a test key, from its prefix. `None` without a key.
    pub fn key_mode(&self) -> Option<KeyMode> {
        let key = self.shared.executor.runtime().api_key();
        key.map(ApiKey::mode)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client")
            .field(self.shared.executor.runtime())
            .finish()
    }
}
