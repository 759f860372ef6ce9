//! A list, page by page.

use std::collections::HashSet;
use std::fmt;
use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use futures_util::stream::FusedStream;
use pivotal_api::endpoint::{List, Paged, Row};
use pivotal_runtime::{ConstraintKind, Location, Operation};

use super::fetch::Fetch;
use crate::call::Call;
use crate::error::{Error, Result};
use crate::response::Response;

/// The pages of a list, from [`Call::pages`].
///
/// While a page is processed, the next one is fetched: at most one page ahead, and none before the
/// stream is first polled. Dropping the stream cancels the request.
///
/// The stream ends when the server reports that no rows follow, not at an empty page. A cursor that
/// is repeated, or missing although more rows follow, is an
/// [`Unexpected`](crate::ErrorKind::Unexpected) error with the code `repeated_cursor` or
/// `missing_cursor`. The stream ends after an error; [`Error::resume_cursor`] is the cursor to
/// resume from.
///
/// # Rows with the same creation time
/// A cursor is a time, and the next page contains only older rows. If the last rows of a page share
/// their `created_at`, the server skips further rows with that time. The response does not show
/// whether there are any; the stream logs a `tracing` warning for such a page. A sync that must not
/// miss a row should also read the list with another [`limit`](Call::limit), or compare counts.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<O: Paged> {
    call: Call<O>,
    /// The cursor of the next page.
    cursor: Option<String>,
    state: State<Response<O::Response>>,
    prefetch: bool,
    seen: Seen,
}

enum State<P> {
    /// The next page has not been requested.
    Ready,
    /// The next page is being fetched.
    Fetching(Fetch<P>),
    /// There is no next page because of this error, which is still to be returned.
    Failed(Error),
    /// There is no next page.
    Ended,
}

/// The cursors received so far, as hashes of eight bytes.
#[derive(Default)]
struct Seen {
    hashes: HashSet<u64>,
    state: RandomState,
}

impl Seen {
    /// Adds a cursor and returns whether it is new.
    fn insert(&mut self, cursor: &str) -> bool {
        self.hashes.insert(self.state.hash_one(cursor))
    }
}

impl<O: Paged> Pages<O> {
    pub(super) fn new(mut call: Call<O>) -> Self {
        fill_pages(&mut call.request, u32::MAX);
        let cursor = call.request.cursor_mut().take();
        let mut seen = Seen::default();
        if let Some(cursor) = &cursor {
            seen.insert(cursor);
        }
        Self {
            call,
            cursor,
            state: State::Ready,
            prefetch: true,
            seen,
        }
    }

    /// Sets whether the next page is fetched while the current one is processed. Default: yes. If
    /// not, each page is fetched when it is needed.
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.prefetch = prefetch;
        self
    }

    /// The cursor of the next page, for [`Call::cursor`]. `None` after the last page and, unless
    /// the call has a cursor, before the first.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Returns the next page, or `None` after the last page or an error.
    ///
    /// The future is cancel safe: no page is lost.
    ///
    /// # Errors
    /// The error of the call, with [`resume_cursor`](Error::resume_cursor).
    pub async fn try_next(&mut self) -> Result<Option<Response<O::Response>>> {
        self.next().await.transpose()
    }

    /// The next page or error, as an item of the [`Stream`].
    pub async fn next(&mut self) -> Option<Result<Response<O::Response>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Starts to fetch the next page, if there is one and prefetching is on.
    pub(super) fn fetch_ahead(&mut self) {
        if self.prefetch && matches!(self.state, State::Ready) {
            self.state = State::Fetching(Fetch::ahead(self.request().with_meta()));
        }
    }

    /// The next page, without prefetching the one after it.
    pub(super) fn poll_page(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Response<O::Response>>>> {
        loop {
            match &mut self.state {
                State::Ready => {
                    self.state = State::Fetching(Fetch::here(self.request().with_meta()));
                }
                State::Fetching(fetch) => {
                    let result = ready!(fetch.poll(context));
                    return Poll::Ready(Some(self.arrived(result)));
                }
                State::Failed(_) | State::Ended => {
                    let ended = mem::replace(&mut self.state, State::Ended);
                    return Poll::Ready(match ended {
                        State::Failed(error) => Some(Err(error)),
                        _ => None,
                    });
                }
            }
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// The call for the next page.
    fn request(&self) -> Call<O> {
        let mut call = self.call.clone();
        call.request.cursor_mut().clone_from(&self.cursor);
        call
    }

    fn arrived(&mut self, result: Result<Response<O::Response>>) -> Result<Response<O::Response>> {
        match result {
            Ok(page) => {
                self.state = self.go_on_after(&page.value);
                Ok(page)
            }
            Err(error) => {
                self.state = State::Ended;
                Err(error.resume_at(self.cursor.clone()))
            }
        }
    }

    fn go_on_after(&mut self, page: &O::Response) -> State<Response<O::Response>> {
        if !page.has_more() {
            self.cursor = None;
            return State::Ended;
        }
        warn_of_a_tie::<O>(page);
        let (code, message) = match page.next_cursor() {
            Some(cursor) if self.seen.insert(cursor) => {
                self.cursor = Some(cursor.to_owned());
                return State::Ready;
            }
            Some(_) => (
                "repeated_cursor",
                "the server repeated a cursor, so the list would never end",
            ),
            None => (
                "missing_cursor",
                "the page has no next_cursor although more rows follow",
            ),
        };
        let error = Error::broken_list(O::OPERATION, code, message);
        State::Failed(error.resume_at(self.cursor.clone()))
    }
}

/// Logs a warning if the server may skip rows that have the creation time of the last row.
fn warn_of_a_tie<O: Paged>(page: &O::Response) {
    if let [.., before, last] = page.rows()
        && let Some(created_at) = last.created_at()
        && before.created_at() == Some(created_at)
    {
        tracing::warn!(
            operation = O::OPERATION.name,
            %created_at,
            "the last rows of a page share their created_at: \
             the server skips further rows with that time"
        );
    }
}

/// Sets the page size to the maximum of the contract, or to `wanted` if that is less, unless the
/// request sets it.
pub(super) fn fill_pages<O: Paged>(request: &mut O, wanted: u32) {
    if let Some(limit) = request.limit_mut()
        && limit.is_none()
    {
        *limit = largest_page(O::OPERATION).map(|largest| wanted.min(largest));
    }
}

/// The maximum page size of the contract.
fn largest_page(operation: &Operation) -> Option<u32> {
    operation
        .constraints
        .iter()
        .filter(|limit| limit.location == Location::Query && limit.name == "limit")
        .find_map(|limit| match limit.rule {
            ConstraintKind::Maximum(most) => Some(most as u32),
            _ => None,
        })
}

impl<O: Paged> Stream for Pages<O> {
    type Item = Result<Response<O::Response>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let pages = self.get_mut();
        let page = ready!(pages.poll_page(context));
        pages.fetch_ahead();
        Poll::Ready(page)
    }
}

impl<O: Paged> FusedStream for Pages<O> {
    fn is_terminated(&self) -> bool {
        self.has_ended()
    }
}

/// No field is structurally pinned.
impl<O: Paged> Unpin for Pages<O> {}

impl<O: Paged> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("call", &self.call)
            .field("cursor", &self.cursor)
            .field("ended", &self.has_ended())
            .finish_non_exhaustive()
    }
}
