//! The last step: one request out, one whole response in.

use std::fmt;
use std::mem;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};

use crate::failure::{Failure, FailureKind};

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What carries a request to a server and its response back.
///
/// The default is the HTTP client. One of your own can be an in-memory server in a test, or wrap
/// [`HttpTransport`]. It is called once per attempt, below everything else that the SDK does; the
/// request is complete, its `Authorization` header included.
///
/// It must keep to [`reqwest::Request::timeout`] by itself, and should give up a body that grows
/// beyond `body_limit` bytes with [`FailureKind::BodyTooLarge`]. (A larger one that it hands over
/// is refused all the same.)
///
/// ```
/// use bytes::Bytes;
/// use pivotal_runtime::{BoxFuture, Failure, Transport};
///
/// /// Answers every request with an empty object.
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
    /// Sends the request and reads the response to its end.
    fn send(
        &self,
        request: reqwest::Request,
        body_limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, Failure>>;
}

/// The transport over HTTP: a [`reqwest::Client`].
#[derive(Clone)]
pub struct HttpTransport(reqwest::Client);

impl HttpTransport {
    /// Sends through this client.
    pub fn new(client: reqwest::Client) -> Self {
        Self(client)
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's own Debug prints its default headers.
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

/// The whole response to a request that the HTTP client is sending. (The request is not handed in:
/// it would be carried along for as long as the response takes.)
pub(crate) async fn receive(
    sending: impl Future<Output = reqwest::Result<reqwest::Response>>,
    body_limit: usize,
) -> Result<http::Response<Bytes>, Failure> {
    let mut response = sending.await?;
    let body = match read_body(&mut response, body_limit).await {
        Ok(body) => body,
        Err(failure) => return Err(failure.after_status(response.status())),
    };

    let mut whole = http::Response::new(body);
    *whole.status_mut() = response.status();
    *whole.version_mut() = response.version();
    *whole.headers_mut() = mem::take(response.headers_mut());
    *whole.extensions_mut() = mem::take(response.extensions_mut());
    Ok(whole)
}

async fn read_body(response: &mut reqwest::Response, limit: usize) -> Result<Bytes, Failure> {
    let too_large = || Failure::new(FailureKind::BodyTooLarge { limit });
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(too_large());
    }
    let Some(first) = response.chunk().await? else {
        return Ok(Bytes::new());
    };
    // Most answers are one chunk: it is passed on as it is.
    let Some(second) = response.chunk().await? else {
        return if first.len() > limit {
            Err(too_large())
        } else {
            Ok(first)
        };
    };
    let mut body = BytesMut::with_capacity((announced as usize).max(first.len() + second.len()));
    body.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
        next = response.chunk().await?;
    }
    Ok(body.freeze())
}
