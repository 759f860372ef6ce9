//! A list, row by row.

use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_util::stream::FusedStream;
use futures_util::{Stream, StreamExt};
use pivotal_api::endpoint::{List, Paged};

use super::RowOf;
use super::page::InvalidRow;
use super::pages::Pages;
use crate::error::Result;

/// The rows of a list, newest first, from [`Call::stream`](crate::Call::stream).
///
/// Rows are fetched in pages, as by [`Pages`]: the next page is fetched while rows are read. The
/// stream ends when the server reports that no rows follow, and after an error, which has a cursor
/// to resume from. If it ends without an error, every row which existed while the list was read has
/// been returned once: see [Completeness](Pages#completeness). After resuming, some rows may be
/// returned again. It implements [`Stream`]; [`try_next`](Self::try_next) needs no further crate.
///
/// ```
/// # pivotal_tests::on_sandbox(async |pivotal| {
/// use pivotal_sdk::OnboardingState;
///
/// let mut from: Option<String> = None;
/// 'again: for _ in 0..3 {
///     let mut list = pivotal.onboardings().list().state(OnboardingState::Active);
///     if let Some(cursor) = &from {
///         list = list.cursor(cursor);
///     }
///     let mut active = list.stream();
///     loop {
///         match active.try_next().await {
///             Ok(Some(onboarding)) => println!("{}", onboarding.display_id),
///             Ok(None) => break 'again,
///             Err(error) if error.is_retryable() => {
///                 from = error.resume_cursor().map(String::from);
///                 continue 'again;
///             }
///             Err(error) => return Err(error.into()),
///         }
///     }
/// }
/// # Ok(()) });
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct Rows<O: Paged> {
    pub(super) pages: Pages<O>,
    pub(crate) page: vec::IntoIter<RowOf<O>>,
    /// The rows of the page that do not decode. Empty unless they are kept.
    pub(super) invalid: vec::IntoIter<InvalidRow>,
    /// The cursor of the page whose rows are in `page`.
    cursor: Option<String>,
    /// The maximum number of rows that will be read. No page is prefetched beyond it.
    wanted: usize,
}

impl<O: Paged> Rows<O> {
    pub(super) fn new(pages: Pages<O>) -> Self {
        Self {
            pages,
            page: Vec::new().into_iter(),
            invalid: Vec::new().into_iter(),
            cursor: None,
            wanted: usize::MAX,
        }
    }

    /// Sets the maximum number of rows that will be read.
    pub(super) fn at_most(mut self, rows: usize) -> Self {
        self.wanted = rows;
        self
    }

    /// Sets whether the next page is fetched while rows are read. Default: yes.
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.pages = self.pages.prefetch(prefetch);
        self
    }

    /// The cursor of the page that contains the next row. Pass it to
    /// [`Call::cursor`](crate::Call::cursor) to resume without missing a row; rows of that page, and
    /// rows with the creation time of the row before it, may be repeated.
    pub fn cursor(&self) -> Option<&str> {
        if self.page_is_read() {
            self.pages.cursor()
        } else {
            self.cursor.as_deref()
        }
    }

    /// Returns the next row, or `None` after the last row or an error.
    ///
    /// The future is cancel safe: no row is lost.
    ///
    /// # Errors
    /// The error of the call, with [`resume_cursor`](crate::Error::resume_cursor).
    #[inline]
    pub fn try_next(&mut self) -> impl Future<Output = Result<Option<RowOf<O>>>> {
        // Not an `async fn`, which would copy each row once more.
        poll_fn(move |context| self.poll_row(context))
    }

    /// The next row or error, as an item of the [`Stream`].
    pub async fn next(&mut self) -> Option<Result<RowOf<O>>> {
        StreamExt::next(self).await
    }

    /// Most rows have been fetched already, and every further call would copy the row.
    #[inline(always)]
    fn poll_row(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<RowOf<O>>>> {
        if self.page.as_slice().is_empty() {
            ready!(self.poll_page(context))?;
        }
        self.wanted = self.wanted.saturating_sub(1);
        Poll::Ready(Ok(self.page.next()))
    }

    fn page_is_read(&self) -> bool {
        self.page.as_slice().is_empty() && self.invalid.as_slice().is_empty()
    }

    /// Fetches pages until there is a row or the list ends.
    #[inline(never)]
    pub(super) fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        while self.page_is_read() {
            let begins_at = self.pages.cursor().map(str::to_owned);
            match ready!(self.pages.poll_page(context)) {
                Some(Ok(mut page)) => {
                    self.page = mem::take(page.response.value.rows_mut()).into_iter();
                    self.page.by_ref().take(page.repeated).for_each(drop);
                    self.invalid = page.invalid.into_iter();
                    self.cursor = begins_at;
                    if self.wanted > self.page.len() {
                        self.pages.fetch_ahead();
                    }
                }
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<O: Paged> Stream for Rows<O> {
    type Item = Result<RowOf<O>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_row(context).map(Result::transpose)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let at_hand = self.page.len();
        (at_hand, self.pages.has_ended().then_some(at_hand))
    }
}

impl<O: Paged> FusedStream for Rows<O> {
    fn is_terminated(&self) -> bool {
        self.page.as_slice().is_empty() && self.pages.has_ended()
    }
}

/// Nothing in it is pinned where it stands.
impl<O: Paged> Unpin for Rows<O> {}

impl<O: Paged> fmt::Debug for Rows<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("pages", &self.pages)
            .field("at_hand", &self.page.len())
            .finish_non_exhaustive()
    }
}
