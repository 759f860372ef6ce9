//! The traits of the generated request types.

use futures_util::TryStreamExt;
use http::StatusCode;
use jiff::Timestamp;
use pivotal_runtime::{Operation, Violation};
use progenitor_client::{ByteStream, Error, ResponseValue};
use serde::de::DeserializeOwned;

use super::client::Client;

/// The result type of the generated client.
pub type Sent<T> = Result<ResponseValue<T>, Error<ByteStream>>;

/// One operation with its parameters and body.
///
/// Implemented by the generated request types, one for each operation of the contract.
pub trait Endpoint: Send + Sync + 'static {
    /// The type of a successful response.
    type Response: DeserializeOwned + Send + 'static;

    /// The type of the bodies that the contract documents for errors. Where these depend on the
    /// status, it is an enum with a variant for each; if the contract documents none, `()`.
    type Error: ErrorBody;

    /// The operation's entry in the operation table.
    const OPERATION: &'static Operation;

    /// The entry of this request: [`OPERATION`](Self::OPERATION), unless the type stands for several
    /// operations.
    fn operation(&self) -> &'static Operation {
        Self::OPERATION
    }

    /// Checks IDs and the limits of the contract, without sending anything.
    ///
    /// # Errors
    /// The first [`Violation`], for which the server would reject the request.
    fn check(&self) -> Result<(), Violation>;

    /// Sends the request through the generated client, unchecked.
    fn send(&self, client: &Client) -> impl Future<Output = Sent<Self::Response>> + Send;
}

/// The documented body of an error.
///
/// Every type that can be decoded is the body of all statuses that its operation documents. The
/// generated enums choose by the status.
pub trait ErrorBody: Sized {
    /// Decodes the body of a response that is no success. `None` if the contract does not document the
    /// status, or documents another body for it.
    fn decode(operation: &Operation, status: StatusCode, body: &[u8]) -> Option<Self>;
}

impl<T: DeserializeOwned> ErrorBody for T {
    fn decode(operation: &Operation, status: StatusCode, body: &[u8]) -> Option<Self> {
        operation.documents(status).then(|| json(body)).flatten()
    }
}

/// A body as JSON.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// An operation that takes an idempotency key.
pub trait ByKey: Endpoint {}

/// An operation whose response is one page of a list.
pub trait Paged: Endpoint<Response: List> + Clone {
    /// The cursor of the page: the `next_cursor` of the previous page.
    fn cursor_mut(&mut self) -> &mut Option<String>;

    /// The maximum number of rows on the page; `None` for an operation without such a parameter.
    fn limit_mut(&mut self) -> Option<&mut Option<u32>>;
}

/// A response that is one page of a list.
///
/// Implemented for the responses of the contract's lists.
pub trait List: DeserializeOwned + Send + 'static {
    /// The type of its rows.
    type Row: Row;

    /// The key of the rows in the JSON of the page.
    const ROWS: &'static str;

    /// The rows of this page, newest first.
    fn rows(&self) -> &[Self::Row];

    /// The rows of this page, to change them.
    fn rows_mut(&mut self) -> &mut Vec<Self::Row>;

    /// Whether older rows follow. A short page does not mean that the list ends.
    fn has_more(&self) -> bool;

    /// The cursor of the next page.
    fn next_cursor(&self) -> Option<&str>;
}

/// A row of a list.
pub trait Row: DeserializeOwned + Send + Unpin + 'static {
    /// The ID, by which a row is recognized; `None` if rows of this type have none.
    fn id(&self) -> Option<&str> {
        None
    }

    /// The creation time, by which lists are ordered; `None` if the row has none.
    fn created_at(&self) -> Option<Timestamp> {
        None
    }
}

/// Reads a binary response to its end. The runtime has limited its length.
///
/// # Errors
/// The error of the HTTP stack.
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
