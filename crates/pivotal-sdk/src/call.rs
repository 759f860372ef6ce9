//! A call that has not been sent yet.

use std::fmt;

use pivotal_api::endpoint::{ByKey, Endpoint, Paged, Sent};
use pivotal_runtime::{BoxFuture, CallOptions, Exchange, ExchangeSlot, Operation};

use crate::client::Client;
use crate::error::{Error, Result};
use crate::response::{Response, value};

/// A call that is sent when it is awaited.
///
/// `.await` returns the response; [`with_meta`](Self::with_meta) returns its status, headers and
/// body as well. A call is not a future: functions that take one, such as `tokio::spawn`, take
/// [`call.send()`](Self::send). Dropping the future cancels the call. IDs and the limits of the contract are
/// checked first: a request that violates them fails locally, with the error code that the server
/// would return.
#[derive(Clone)]
#[must_use = "a call is sent when it is awaited"]
pub struct Call<O> {
    pub(crate) client: Client,
    pub(crate) request: O,
    pub(crate) options: CallOptions,
}

/// The options that a [`Call`] and a [`Request`](crate::Request) take.
macro_rules! call_options {
    ([$($generics:tt)*] $call:ty) => {
        impl<$($generics)*> $call {
            /// Sets the time limit for one attempt, including reading the response. Default: that
            /// of the client.
            pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
                self.options.timeout(timeout);
                self
            }

            /// Sets the time limit for the whole call, including all attempts and waits. For a
            /// stream of pages or rows, it is the time limit of the whole stream. Default: that of
            /// the client, for each request.
            pub fn deadline(mut self, deadline: std::time::Duration) -> Self {
                self.options.deadline(deadline);
                self
            }

            /// Sets when the call is retried. Default: that of the client.
            /// [`RetryPolicy::off`](crate::RetryPolicy::off) disables retries.
            pub fn retry(mut self, policy: crate::RetryPolicy) -> Self {
                self.options.retry(policy);
                self
            }

            /// Sets a header, which replaces one of the SDK with the same name. Headers that only
            /// the SDK may set, such as `Authorization`, are rejected.
            pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
                self.options.header(name.as_ref(), value.as_ref());
                self
            }

            /// Adds a query parameter, which is percent-encoded. Use it for parameters that this
            /// version does not know. It is sent beside those of the request, and does not replace
            /// one of the same name.
            pub fn query(mut self, name: impl Into<String>, value: impl ToString) -> Self {
                self.options.query(name, value.to_string());
                self
            }
        }
    };
}

pub(crate) use call_options;

call_options!([O: Endpoint] Call<O>);

impl Client {
    /// Calls any operation of the contract, by its [request type](crate::requests). Use it for
    /// operations that do not have a method yet.
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
    /// The call as a future, for functions that take one: `tokio::spawn`, `join_all`,
    /// `buffer_unordered`. Nothing is sent until the future is polled. `call.await` is the same as
    /// `call.send().await`.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use futures_util::{StreamExt, TryStreamExt, stream};
    /// use pivotal_sdk::{Call, CreateCustomer};
    ///
    /// let names = ["Aurora", "Borealis", "Corona"];
    /// let creates = names.map(|name| pivotal.customers().create(CreateCustomer::new(name)));
    /// // At most two at a time.
    /// let created: Vec<_> =
    ///     stream::iter(creates).map(Call::send).buffer_unordered(2).try_collect().await?;
    /// assert_eq!(created.len(), 3);
    ///
    /// let task = tokio::spawn(pivotal.customer(&created[0]).get().send());
    /// assert_eq!(task.await.unwrap()?.id, created[0].id);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// An [`Error`] of any kind except `Config`.
    #[must_use = "a call is sent when the future is awaited"]
    pub fn send(self) -> BoxFuture<'static, Result<O::Response>> {
        self.into_future()
    }

    /// Sends the call and returns the response with its metadata.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// use pivotal_sdk::CreateCustomer;
    ///
    /// let aurora = CreateCustomer::new("Aurora").extra("metadata", "a key of our own");
    /// let created = pivotal.customers().create(aurora).with_meta().await?;
    /// println!("customer {} in {:?}", created.display_id, created.meta.elapsed());
    /// assert_eq!(created.meta.status(), 201);
    /// assert_eq!(created.extra["metadata"], "a key of our own");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// The same as awaiting the call: an [`Error`] of any kind except `Config`.
    pub async fn with_meta(self) -> Result<Response<O::Response>> {
        let operation = self.request.operation();
        let (sent, exchange) = exchange(self).await?;
        Response::from_exchange(operation, sent, exchange)
    }
}

/// Sends a call. Returns the result of the generated client and the record of the executor.
///
/// Not a method: a setter of a call may have its name.
pub(crate) async fn exchange<O: Endpoint>(
    call: Call<O>,
) -> Result<(Sent<O::Response>, Option<Exchange>)> {
    let (api, slot) = prepare(&call.client, &call.request, call.options)?;
    let sent = call.request.send(&api).await;
    Ok((sent, slot.take()))
}

/// Checks a request. Returns the client that sends it and the slot for its exchange.
fn prepare<O: Endpoint>(
    client: &Client,
    request: &O,
    options: CallOptions,
) -> Result<(pivotal_api::Client, ExchangeSlot)> {
    let operation = request.operation();
    let options = checked(options, operation)?;
    request.check()?;
    Ok(client.for_call(options))
}

/// The options, if they are valid.
pub(crate) fn checked(options: CallOptions, operation: &'static Operation) -> Result<CallOptions> {
    match options.validate() {
        Ok(()) => Ok(options),
        Err(invalid) => Err(Error::rejected(&invalid.into()).of(operation)),
    }
}

impl<O: ByKey> Call<O> {
    /// Sets the idempotency key, 1 to 255 visible ASCII characters. The server creates at most one
    /// row per key within 24 hours, and returns the first response again if the call is repeated.
    ///
    /// The server rejects the same key with another body (409).
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
    /// Sets the maximum number of rows per page, 1 to 100. Has no effect on an operation without a
    /// `limit` parameter.
    pub fn limit(mut self, rows: u32) -> Self {
        if let Some(limit) = self.request.limit_mut() {
            *limit = Some(rows);
        }
        self
    }

    /// [`limit`](Self::limit) with an optional value. `None` changes nothing.
    pub fn maybe_limit(self, rows: Option<u32>) -> Self {
        match rows {
            Some(rows) => self.limit(rows),
            None => self,
        }
    }

    /// Starts after the page whose `next_cursor` this is. Pass cursors unchanged.
    ///
    /// An awaited call sends the cursor as it is. Pivotal's cursors are times, and the server returns
    /// rows that are older: it skips rows that share the time. A [`stream`](Self::stream) also
    /// returns the rows that have the time of the cursor, so that none is lost.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        *self.request.cursor_mut() = Some(cursor.into());
        self
    }

    /// [`cursor`](Self::cursor) with an optional value. `None` changes nothing.
    pub fn maybe_cursor(self, cursor: Option<impl Into<String>>) -> Self {
        match cursor {
            Some(cursor) => self.cursor(cursor),
            None => self,
        }
    }
}

impl<O: Endpoint> IntoFuture for Call<O> {
    type Output = Result<O::Response>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        // The future contains only the request, not the whole call.
        let prepared = prepare(&self.client, &self.request, self.options);
        let request = self.request;
        Box::pin(async move {
            match prepared {
                Ok((ref api, ref slot)) => {
                    let sent = request.send(api).await;
                    value(request.operation(), sent, || slot.take())
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
            .field("operation", &self.request.operation().name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
