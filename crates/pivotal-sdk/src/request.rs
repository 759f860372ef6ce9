//! Requests that are not in the contract.

use std::fmt;

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use pivotal_api::WireError;
use pivotal_runtime::{BoxFuture, CallOptions, Outcome};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::call::{call_options, checked};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::response::{Meta, Response};

/// A request by method and path, from [`Client::request`]. It is sent when it is awaited.
///
/// `.await` returns the response as JSON; [`send`](Self::send) decodes it into a type and returns
/// its metadata as well. Retries depend on the method: a POST is retried only if it has an
/// [idempotency key](Self::idempotency_key), if it did not reach the server, or after a 429.
#[must_use = "a request is sent when it is awaited"]
pub struct Request {
    client: Client,
    method: Method,
    path: String,
    body: Option<serde_json::Result<Vec<u8>>>,
    options: CallOptions,
}

call_options!([] Request);

impl Client {
    /// A request by method and path, for operations that are not in the contract. Authentication,
    /// rate limiting, retries, options and errors are those of any other call.
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
        Request {
            client: self.clone(),
            method,
            path: path.into(),
            body: None,
            options: CallOptions::default(),
        }
    }
}

impl Request {
    /// Sets the body, which is sent as JSON.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        self.body = Some(serde_json::to_vec(body));
        self
    }

    /// Sets the `Idempotency-Key` of a POST, 1 to 255 visible ASCII characters, with which it is
    /// retried. The server must support the key. By default, none is sent.
    pub fn idempotency_key(mut self, key: impl AsRef<str>) -> Self {
        self.options.idempotency_key(key);
        self
    }

    /// Sends the request and returns the response, decoded as `T`, with its metadata. An empty body
    /// is decoded as `null`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = pivotal_sandbox::Sandbox::start().await;
    /// # let (base_url, key) = (sandbox.base_url(), sandbox.api_key());
    /// # let pivotal = pivotal_sdk::Client::builder().base_url(base_url).api_key(key).build()?;
    /// use pivotal_sdk::{Customer, Method};
    ///
    /// let created = pivotal
    ///     .request(Method::POST, "/api/v1/customers")
    ///     .json(&serde_json::json!({ "name": "Aurora", "metadata": "gold" }))
    ///     .idempotency_key("aurora-1")
    ///     .send::<Customer>()
    ///     .await?;
    /// assert_eq!(created.meta.status(), 201);
    /// assert_eq!(created.extra["metadata"], "gold");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// An [`Error`] of any kind except `Config`. `InvalidRequest`, without sending anything, if the
    /// path does not begin with `/` or is not below the base URL.
    pub async fn send<T: DeserializeOwned>(self) -> Result<Response<T>> {
        let (mut request, operation) = self
            .client
            .undeclared(&self.method, &self.path)
            .map_err(|invalid| Error::rejected(&invalid))?;
        let options = checked(self.options, operation)?;
        let (http, executor, record) = self.client.for_request(options);
        if let Some(body) = self.body {
            let body = body.map_err(|error| {
                Error::invalid_request(operation, "body", "invalid_type", error.to_string())
            })?;
            *request.body_mut() = Some(body.into());
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
        }
        executor
            .prepare(&mut request, operation)
            .map_err(|invalid| Error::rejected(&invalid).of(operation))?;

        let sent = executor.send(http, request, operation).await;
        let exchange = record.take().expect("an executor for one call records it");
        let raw = match (sent, &exchange.outcome) {
            (Err(error), _) => WireError::CommunicationError(error),
            (Ok(_), Outcome::Response(response)) if response.status.is_success() => {
                match decode(&response.body) {
                    Ok(value) => {
                        let meta = Meta::from_exchange(exchange);
                        return Ok(Response { value, meta });
                    }
                    Err(error) => WireError::InvalidResponsePayload(response.body.clone(), error),
                }
            }
            (Ok(response), _) => WireError::UnexpectedResponse(response.into()),
        };
        Err(Error::from_exchange(raw, exchange))
    }
}

fn decode<T: DeserializeOwned>(body: &Bytes) -> serde_json::Result<T> {
    serde_json::from_slice(if body.is_empty() { b"null" } else { body })
}

impl IntoFuture for Request {
    type Output = Result<Value>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.send::<Value>().await?.value) })
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Path, query and body may be customer data.
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
