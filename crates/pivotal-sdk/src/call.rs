//! A call that has not been sent yet.

use std::fmt;
use std::mem;
use std::pin::Pin;

use pivotal_api::{ByteStream, OPERATIONS, ResponseValue, WireError};
use pivotal_runtime::{CallOptions, ExchangeSlot, Operation, ResponseObject};
use serde::de::DeserializeOwned;

use crate::check::Check;
use crate::client::Client;
use crate::error::Result;
use crate::list::List;
use crate::options::{call_options, checked};
use crate::response::{Response, answer};

/// What the generated client gives back.
pub(crate) type Sent<T> = Result<ResponseValue<T>, WireError<ByteStream>>;

/// One operation with its parameters: what a [`Call`] will send.
///
/// Implemented by the types in [`operation`](crate::operation), one for each operation of the
/// contract; it cannot be implemented elsewhere.
pub trait Endpoint: Send + Sync + 'static {
    /// What the server answers with.
    type Response: ResponseObject + DeserializeOwned + Send;

    /// The operation's name in the contract's table, `create_customer`.
    const NAME: &'static str;

    /// Whether the server would surely refuse it.
    #[doc(hidden)]
    fn check(&self, check: Check) -> Result<()>;

    /// Sends it through the generated client.
    #[doc(hidden)]
    fn send(&self, api: &pivotal_api::Client) -> impl Future<Output = Sent<Self::Response>> + Send;
}

/// An operation that takes an idempotency key.
pub trait ByKey: Endpoint {}

/// An operation that answers one page of many.
pub trait Paged: Endpoint<Response: List> + Clone {
    #[doc(hidden)]
    fn page(&mut self) -> &mut Page;
}

/// Which page is asked for.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub(crate) cursor: Option<String>,
    pub(crate) limit: Option<u32>,
}

/// A call that is sent when it is awaited, and not before.
///
/// `.await` gives the response; [`with_meta`](Self::with_meta) gives its status, headers and body
/// as well. Dropping the future cancels the call. Ids and the limits of the contract are checked
/// first: what the server would surely refuse fails with the server's own code and nothing is sent.
#[must_use = "a call is sent when it is awaited"]
pub struct Call<O> {
    client: Client,
    pub(crate) request: O,
    options: CallOptions,
}

call_options!([O: Endpoint] Call<O>);

impl<O: Endpoint> Call<O> {
    pub(crate) fn new(client: &Client, request: O) -> Self {
        Self {
            client: client.clone(),
            request,
            options: CallOptions::default(),
        }
    }

    /// Sends the call; gives the response with everything that came with it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = pivotal_sandbox::Sandbox::start().await;
    /// # let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
    /// # let pivotal = pivotal_sdk::Client::builder().base_url(base_url).api_key(key).build()?;
    /// use pivotal_sdk::CreateCustomer;
    ///
    /// let aurora = CreateCustomer::new("Aurora").extra("metadata", "a key of our own");
    /// let answer = pivotal.customers().create(aurora).with_meta().await?;
    /// println!("customer {} in {:?}", answer.display_id, answer.meta.elapsed());
    /// assert_eq!(answer.meta.status(), 201);
    /// assert_eq!(answer.extra()["metadata"], "a key of our own");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for awaiting the call itself: an [`Error`](crate::Error) of any kind but `Config`.
    pub async fn with_meta(mut self) -> Result<Response<O::Response>> {
        let (api, record) = self.checked()?;
        let sent = self.request.send(&api).await;
        Response::from_exchange(Self::operation(), sent, record.take())
    }

    /// What it is sent through, and the record that it will leave.
    fn checked(&mut self) -> Result<(pivotal_api::Client, ExchangeSlot)> {
        let operation = Self::operation();
        let options = checked(mem::take(&mut self.options), operation)?;
        self.request.check(Check::new(operation))?;
        Ok(self.client.for_call(options))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The operation's entry in the table, looked up by the compiler.
    const OPERATION: &'static Operation = entry(O::NAME);

    pub(crate) fn operation() -> &'static Operation {
        Self::OPERATION
    }
}

const fn entry(name: &str) -> &'static Operation {
    let mut position = 0;
    while position < OPERATIONS.len() {
        if same(OPERATIONS[position].name.as_bytes(), name.as_bytes()) {
            return &OPERATIONS[position];
        }
        position += 1;
    }
    panic!("an Endpoint has a name that is not in the operation table")
}

/// `==`, which the compiler cannot do yet when it evaluates a constant.
const fn same(one: &[u8], other: &[u8]) -> bool {
    let mut position = 0;
    while position < one.len() && position < other.len() {
        if one[position] != other[position] {
            return false;
        }
        position += 1;
    }
    one.len() == other.len()
}

impl<O: ByKey> Call<O> {
    /// Creates at most one row under this key, however often the call is sent within 24 hours:
    /// the server answers the second time as it did the first. 1 to 255 visible ASCII characters.
    ///
    /// The same key with another body is refused by the server (409).
    ///
    /// Only creates take a key:
    ///
    /// ```compile_fail,E0599
    /// # fn list(client: pivotal_sdk::Client) {
    /// let _ = client.customers().list().idempotency_key("nightly");
    /// # }
    /// ```
    pub fn idempotency_key(mut self, key: impl AsRef<str>) -> Self {
        self.options.idempotency_key(key);
        self
    }
}

impl<O: Paged> Call<O> {
    /// The same call once more, for another page.
    pub(crate) fn again(&self) -> Self {
        Self {
            client: self.client.clone(),
            request: self.request.clone(),
            options: self.options.clone(),
        }
    }

    /// How many rows a page holds at most: 1 to 100.
    pub fn limit(mut self, rows: u32) -> Self {
        self.request.page().limit = Some(rows);
        self
    }

    /// Continues after the page that gave this cursor as its `next_cursor`. Cursors are opaque:
    /// send them back as they came.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.request.page().cursor = Some(cursor.into());
        self
    }
}

impl<O: Endpoint> IntoFuture for Call<O> {
    type Output = Result<O::Response>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        // The future holds the request alone, not all that the call was put together from.
        let checked = self.checked();
        let request = self.request;
        Box::pin(async move {
            match checked {
                Ok((ref api, ref record)) => {
                    let sent = request.send(api).await;
                    answer(Self::operation(), sent, || record.take())
                }
                Err(error) => Err(error),
            }
        })
    }
}

impl<O: Endpoint> fmt::Debug for Call<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The parameters are customer data.
        f.debug_struct("Call")
            .field("operation", &O::NAME)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
