//! A list, row by row, that goes on after a row that does not decode.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::stream::FusedStream;
use futures_util::{Stream, StreamExt};
use pivotal_api::endpoint::Paged;

use super::RowOf;
use super::rows::Rows;
use crate::error::Result;

/// The rows of a list as results, from [`Rows::results`].
///
/// There are two levels of errors. The outer one ends the list, as it ends [`Rows`]. The inner one
/// is a row that does not decode: an error of the kind [`Decode`](crate::ErrorKind::Decode) whose
/// [`row_id`](crate::Error::row_id) is the row, [`field`](crate::Error::field) the place in the page
/// and [`raw_body`](crate::Error::raw_body) the row's JSON. The list goes on after it.
///
/// If it ends without an outer error, every row which existed while the list was read has been
/// returned once, as a row or as an error. See [Completeness](super::Pages#completeness).
#[must_use = "a stream does nothing until it is polled"]
pub struct Results<O: Paged> {
    rows: Rows<O>,
    invalid: usize,
}

impl<O: Paged> Rows<O> {
    /// Goes on after rows that do not decode: each of them is an error of its own instead of the end
    /// of the list.
    ///
    /// ```
    /// # pivotal_tests::on_sandbox(async |pivotal| {
    /// let mut customers = pivotal.customers().list().stream().results();
    /// while let Some(customer) = customers.try_next().await? {
    ///     match customer {
    ///         Ok(customer) => println!("{}", customer.name),
    ///         Err(invalid) => eprintln!("skipped: {invalid}"),
    ///     }
    /// }
    /// assert_eq!(customers.invalid(), 0);
    /// # Ok(()) });
    /// ```
    pub fn results(mut self) -> Results<O> {
        self.pages.keep_invalid_rows();
        Results {
            rows: self,
            invalid: 0,
        }
    }
}

impl<O: Paged> Results<O> {
    /// How many rows that do not decode have been returned so far.
    pub fn invalid(&self) -> usize {
        self.invalid
    }

    /// The cursor of the page that contains the next row, as for [`Rows::cursor`].
    pub fn cursor(&self) -> Option<&str> {
        self.rows.cursor()
    }

    /// Returns the next row, or why it does not decode, or `None` after the last row.
    ///
    /// The future is cancel safe: no row is lost.
    ///
    /// # Errors
    /// The error of the call, with [`resume_cursor`](crate::Error::resume_cursor). It ends the list.
    pub async fn try_next(&mut self) -> Result<Option<Result<RowOf<O>>>> {
        self.next().await.transpose()
    }

    /// The next item of the [`Stream`].
    pub async fn next(&mut self) -> Option<Result<Result<RowOf<O>>>> {
        StreamExt::next(self).await
    }
}

impl<O: Paged> Stream for Results<O> {
    type Item = Result<Result<RowOf<O>>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let results = self.get_mut();
        ready!(results.rows.poll_page(context))?;
        let rows = &mut results.rows;
        let left = rows.page.len();
        let is_next = rows.invalid.as_slice().first();
        let is_next = is_next.is_some_and(|row| row.rows_after >= left);
        Poll::Ready(if is_next {
            results.invalid += 1;
            rows.invalid.next().map(|row| Ok(Err(row.error)))
        } else {
            rows.page.next().map(|row| Ok(Ok(row)))
        })
    }
}

impl<O: Paged> FusedStream for Results<O> {
    fn is_terminated(&self) -> bool {
        self.rows.invalid.as_slice().is_empty() && self.rows.is_terminated()
    }
}

impl<O: Paged> fmt::Debug for Results<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results")
            .field("rows", &self.rows)
            .field("invalid", &self.invalid)
            .finish()
    }
}
