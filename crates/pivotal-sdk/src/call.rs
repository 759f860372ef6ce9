//! A call that has not been sent yet.

use std::fmt;
use std::pin::Pin;

use pivotal_api::endpoint::{ByKey, Endpoint, Paged};
use pivotal_runtime::{CallOptions, ExchangeSlot, Operation};

use crate::client::Client;
use crate::error::{Error, Result};
use crate::options::{call_options, checked};
use crate::response::{Response, answer};

/// A call that is sent when it is awaited, and not before.
///
/// `.await` gives the response; [`with_meta`](Self::with_meta) gives its status, headers and body
/// as well. Dropping the future cancels the call. Ids and the limits of the contract are checked
/// first: what the server would surely refuse fails with the server's own code and nothing is sent.
#[derive(Clone)]
#[must_use = "a call is sent when it is awaited"]
pub struct Call<O> {
    pub(crate) client: Client,
    pub(crate) request: O,
    options: CallOptions,
}

call_options!([O: Endpoint] Call<O>);

impl Client {
    /// A call of any operation of the contract, by its [request](crate::requests): the way to an
    /// operation that has no method of its own yet.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::requests::ListCustomersRequest;
    ///
    /// let onboarding = ListCustomersRequest::new().status("onboarding").limit(50);
    /// let mut customers = pivotal.call(onboarding).stream();
    /// while let Some(customer) = customers.try_next().await? {
    ///     println!("{}", customer.name);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn call<O: Endpoint>(&self, request: O) -> Call<O> {
        Call {
            client: self.clone(),
            request,
            options: CallOptions::default(),
        }
    }
}

impl<O: Endpoint> Call<O> {
    /// Sends the call; gives the response with everything that came with it.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::CreateCustomer;
    ///
    /// let aurora = CreateCustomer::new("Aurora").extra("metadata", "a key of our own");
    /// let answer = pivotal.customers().create(aurora).with_meta().await?;
    /// println!("customer {} in {:?}", answer.display_id, answer.meta.elapsed());
    /// assert_eq!(answer.meta.status(), 201);
    /// assert_eq!(answer.extra()["metadata"], "a key of our own");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// As for awaiting the call itself: an [`Error`](crate::Error) of any kind but `Config`.
    pub async fn with_meta(self) -> Result<Response<O::Response>> {
        let (api, slot) = prepare(&self.client, &self.request, self.options)?;
        let sent = self.request.send(&api).await;
        Response::from_exchange(O::OPERATION, sent, slot.take())
    }
}

/// Checks a request; gives what it is sent through, and the slot for its exchange.
fn prepare<O: Endpoint>(
    client: &Client,
    request: &O,
    options: CallOptions,
) -> Result<(pivotal_api::Client, ExchangeSlot)> {
    let operation: &'static Operation = O::OPERATION;
    let options = checked(options, operation)?;
    request.check().map_err(|violation| {
        let (field, code) = (violation.field(), violation.code());
        Error::invalid_request(operation, field, code, violation.to_string())
    })?;
    Ok(client.for_call(options))
}

impl<O: ByKey> Call<O> {
    /// Creates at most one row under this key, however often the call is sent within 24 hours:
    /// the server answers the second time as it did the first. 1 to 255 visible ASCII characters.
    ///
    /// The same key with another body is refused by the server (409).
    pub fn idempotency_key(mut self, key: impl AsRef<str>) -> Self {
        self.options.idempotency_key(key);
        self
    }
}

/// ```compile_fail,E0599
/// fn only_creates_take_a_key(client: pivotal_sdk::Client) {
///     let _ = client.customers().list().idempotency_key("nightly");
/// }
/// ```
#[cfg(doctest)]
struct OnlyCreatesTakeAKey;

impl<O: Paged> Call<O> {
    /// How many rows a page holds at most: 1 to 100. Without effect on an operation that lets the
    /// server decide.
    pub fn limit(mut self, rows: u32) -> Self {
        if let Some(limit) = self.request.limit_mut() {
            *limit = Some(rows);
        }
        self
    }

    /// Continues after the page that gave this cursor as its `next_cursor`. Cursors are opaque:
    /// send them back as they came.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        *self.request.cursor_mut() = Some(cursor.into());
        self
    }
}

impl<O: Endpoint> IntoFuture for Call<O> {
    type Output = Result<O::Response>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        // The future holds the request alone, not all that the call was put together from.
        let prepared = prepare(&self.client, &self.request, self.options);
        let request = self.request;
        Box::pin(async move {
            match prepared {
                Ok((ref api, ref slot)) => {
                    let sent = request.send(api).await;
                    answer(O::OPERATION, sent, || slot.take())
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
            .field("operation", &O::OPERATION.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
