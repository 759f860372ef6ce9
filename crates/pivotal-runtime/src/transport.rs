//! Transports: one request out, one complete response in.

use std::fmt;
use std::mem;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};

use crate::failure::{Failure, FailureKind};

/// A boxed `Send` future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends requests to a server.
///
/// The default is the HTTP client. A custom transport can be an in-memory server for tests, or wrap
/// [`HttpTransport`]. It is called once per attempt. The request is complete, including its
/// `Authorization` header.
///
/// A transport must respect [`reqwest::Request::timeout`]. It should stop reading a body that
/// exceeds `body_limit` bytes and return [`FailureKind::BodyTooLarge`]; the SDK rejects larger
/// bodies in any case.
///
/// ```
/// use bytes::Bytes;
/// use pivotal_runtime::{BoxFuture, Failure, Transport};
///
/// /// Responds to every request with an empty object.
/// struct Empty;
///
/// impl Transport for Empty {
///     fn send(
///         &self,
///         _request: reqwest::Request,
///         _body_limit: usize,
///     ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
///         Box::pin(async { Ok(http::Response::new(Bytes::from_static(b"{}"))) })
///     }
/// }
/// ```
pub trait Transport: Send + Sync {
    /// Sends the request and reads the complete response.
    fn send(
        &self,
        request: reqwest::Request,
        body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>>;
}

/// The HTTP transport: a [`reqwest::Client`].
#[derive(Clone)]
pub struct HttpTransport(reqwest::Client);

impl HttpTransport {
    /// A transport that uses this client.
    pub fn new(client: reqwest::Client) -> Self {
        Self(client)
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // reqwest would print the default headers.
        f.write_str("HttpTransport")
    }
}

impl Transport for HttpTransport {
    fn send(
        &self,
        request: reqwest::Request,
        body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>> {
        Box::pin(receive(self.0.execute(request), body_limit))
    }
}

/// Reads the complete response. Takes the future of the request, not the request itself, which would
/// stay in memory until the response is complete.
pub(crate) async fn receive(
    sending: impl Future<Output = reqwest::Result<reqwest::Response>>,
    body_limit: usize,
) -> Result<http::Response<Bytes>, Failure> {
    let mut response = sending.await?;
    let body = match read_body(&mut response, body_limit).await {
        Ok(body) => body,
        Err(failure) => return Err(failure.after_status(response.status())),
    };

    let mut complete = http::Response::new(body);
    *complete.status_mut() = response.status();
    *complete.version_mut() = response.version();
    *complete.headers_mut() = mem::take(response.headers_mut());
    *complete.extensions_mut() = mem::take(response.extensions_mut());
    Ok(complete)
}

async fn read_body(response: &mut reqwest::Response, limit: usize) -> Result<Bytes, Failure> {
    let too_large = || Failure::new(FailureKind::BodyTooLarge { limit });
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(too_large());
    }
    // Most responses are one chunk, which need not be copied.
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if first.len().max(whole.len()) + chunk.len() > limit {
            return Err(too_large());
        }
        if first.is_empty() {
            first = chunk;
            continue;
        }
        if whole.is_empty() {
            whole.reserve((announced as usize).max(first.len() + chunk.len()));
            whole.extend_from_slice(&first);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(if whole.is_empty() {
        first
    } else {
        whole.freeze()
    })
}
