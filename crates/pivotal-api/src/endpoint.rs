//! What the generated request types have in common.

use futures_util::TryStreamExt;
use jiff::Timestamp;
use pivotal_runtime::{Operation, Violation};
use progenitor_client::{ByteStream, Error, ResponseValue};
use serde::de::DeserializeOwned;

use super::generated::Client;

/// What the generated client returns.
pub type Sent<T> = Result<ResponseValue<T>, Error<ByteStream>>;

/// One operation with its parameters and body.
///
/// Implemented by the generated request types, one for each operation of the contract.
pub trait Endpoint: Send + Sync + 'static {
    /// What a successful response holds.
    type Response: DeserializeOwned + Send + 'static;

    /// The operation's entry in the operation table.
    const OPERATION: &'static Operation;

    /// Checks IDs and the limits of the contract, without sending anything.
    ///
    /// # Errors
    /// The first [`Violation`]: the server would refuse the request.
    fn check(&self) -> Result<(), Violation>;

    /// Sends the request through the generated client, unchecked.
    fn send(&self, client: &Client) -> impl Future<Output = Sent<Self::Response>> + Send;
}

/// An operation that takes an idempotency key.
pub trait ByKey: Endpoint {}

/// An operation whose response is one page of a list.
pub trait Paged: Endpoint<Response: List> + Clone {
    /// Where the page begins: the `next_cursor` of the page before.
    fn cursor_mut(&mut self) -> &mut Option<String>;

    /// How many rows the page holds; `None` for an operation without such a parameter.
    fn limit_mut(&mut self) -> Option<&mut Option<u32>>;
}

/// A response that is one page of a list.
///
/// Implemented for the responses of the contract's lists.
pub trait List: Send + 'static {
    /// What it lists.
    type Row: Row;

    /// The rows of this page, newest first.
    fn rows(&self) -> &[Self::Row];

    /// The rows of this page, newest first, by value.
    fn into_rows(self) -> Vec<Self::Row>;

    /// Whether older rows follow. The number of rows does not tell.
    fn has_more(&self) -> bool;

    /// Where the next page begins.
    fn next_cursor(&self) -> Option<&str>;
}

/// A row of a list.
pub trait Row: Send + Unpin + 'static {
    /// When it was created, which is what lists are ordered by; `None` for rows that do not tell.
    fn created_at(&self) -> Option<Timestamp> {
        None
    }
}

/// Reads a response of bytes to its end. The runtime has bounded its length.
///
/// # Errors
/// The HTTP stack's own.
#[doc(hidden)]
pub async fn bytes(response: ResponseValue<ByteStream>) -> Sent<Vec<u8>> {
    let (status, headers) = (response.status(), response.headers().clone());
    let chunks = response.into_inner().into_inner();
    let read = chunks.try_fold(Vec::new(), |mut read, chunk| async move {
        read.extend_from_slice(&chunk);
        Ok(read)
    });
    let bytes = read.await.map_err(Error::ResponseBodyError)?;
    Ok(ResponseValue::new(bytes, status, headers))
}
