//! A list, page by page.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::stream::FusedStream;
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use pivotal_api::endpoint::{List, Paged};
use pivotal_runtime::{ConstraintKind, Location, Operation};
use tokio::time::Instant;

use super::boundary::Boundary;
use super::fetch::Fetch;
use super::page::{self, Page};
use crate::call::Call;
use crate::error::{Error, Result};
use crate::response::Response;

/// The pages of a list, from [`Call::pages`].
///
/// While a page is processed, the next one is fetched: at most one page ahead, and none before the
/// stream is first polled. Dropping the stream cancels the request.
///
/// # Completeness
/// `Ok(None)` at the end means that every row which existed while the list was read has been
/// returned, and none of them twice. Rows that are added or deleted meanwhile may be missing.
///
/// The cursors of Pivotal are times, and a page contains only rows that are older than its cursor.
/// Rows that share the creation time of a page's last row would be skipped. Therefore each page is
/// requested from just after that time, with as many more rows as are expected twice, which is
/// usually one; rows that were returned already are dropped. A page may have more rows than
/// [`limit`](Call::limit) if the expected rows were deleted, and [`Response::meta`] includes the
/// dropped rows. A cursor that is not a time, or that follows rows without IDs, is sent back unchanged:
/// rows that share the time of the last row of a page may then be missing.
///
/// The list ends when the server reports that no rows follow, not at an empty page. The stream ends
/// with an [`Unexpected`](crate::ErrorKind::Unexpected) error if it cannot be read to its end:
///
/// | code | meaning |
/// |---|---|
/// | `unreachable_rows` | so many rows share one time that no request goes past them: the maximum of a page, or more |
/// | `repeated_cursor` | the server repeats a cursor, or goes back to newer rows |
/// | `missing_cursor` | the server names no cursor although rows follow |
/// | `no_progress` | 1,000 pages in a row bring no new row, or no older one, although the server reports that rows follow |
///
/// A [`deadline`](Call::deadline) of the call is that of the whole stream, from its first request.
/// After it the stream ends with a [`Timeout`](crate::ErrorKind::Timeout) error.
///
/// # Resuming
/// The stream ends after an error. [`Error::resume_cursor`] and the `next_cursor` of each page are
/// cursors to resume from: no row is lost, but rows with that creation time may be returned again.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<O: Paged> {
    call: Call<O>,
    /// The server's cursor of the next page.
    cursor: Option<String>,
    /// The end of the last page, if the cursor is a time.
    boundary: Option<Boundary>,
    /// Digits after the point in the cursors of the server.
    digits: usize,
    /// The other cursors received so far.
    opaque: OpaqueCursors,
    state: State<Page<O::Response>>,
    prefetch: bool,
    /// The oldest cursor that is a time.
    oldest: Option<Timestamp>,
    /// Pages since the last one that brought a new row and an older cursor.
    idle_pages: u32,
    /// When the deadline passes; `None` before the first request, or without a deadline.
    ends_at: Option<Instant>,
    /// Whether rows that do not decode are kept apart instead of failing their page.
    keeps_invalid: bool,
}

/// A server that filters a page after it was read may send empty pages, but not without end.
const MAX_IDLE_PAGES: u32 = 1_000;

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

/// Cursors that are not times, as hashes of eight bytes.
#[derive(Default)]
struct OpaqueCursors {
    hashes: HashSet<u64>,
    state: RandomState,
}

impl OpaqueCursors {
    /// Adds a cursor and returns whether it is new.
    fn insert(&mut self, cursor: &str) -> bool {
        self.hashes.insert(self.state.hash_one(cursor))
    }
}

impl<O: Paged> Pages<O> {
    pub(super) fn new(mut call: Call<O>) -> Self {
        fill_pages(&mut call.request, u32::MAX);
        let cursor = call.request.cursor_mut().take();
        let mut opaque = OpaqueCursors::default();
        let mut boundary = None;
        if let Some(cursor) = &cursor {
            // Its precision may be the caller's.
            boundary = Boundary::new(cursor, &mut 0);
            opaque.insert(cursor);
        }
        Self {
            call,
            cursor,
            boundary,
            digits: 0,
            opaque,
            state: State::Ready,
            prefetch: true,
            oldest: None,
            idle_pages: 0,
            ends_at: None,
            keeps_invalid: false,
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
        StreamExt::next(self).await
    }

    /// From the next page on, keeps rows that do not decode apart instead of failing the page.
    pub(super) fn keep_invalid_rows(&mut self) {
        self.keeps_invalid = true;
        // A page that is being fetched would fail.
        if let State::Fetching(_) = self.state {
            self.state = State::Ready;
        }
    }

    /// Starts to fetch the next page, if there is one and prefetching is on.
    pub(super) fn fetch_ahead(&mut self) {
        if self.prefetch && matches!(self.state, State::Ready) {
            self.state = State::Fetching(Fetch::ahead(self.page()));
        }
    }

    /// The next page, without prefetching the one after it.
    pub(super) fn poll_page(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Page<O::Response>>>> {
        loop {
            match &mut self.state {
                State::Ready => {
                    self.state = State::Fetching(Fetch::here(self.page()));
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

    /// Requests the next page.
    fn page(&mut self) -> impl Future<Output = Result<Page<O::Response>>> + Send + use<O> {
        if self.ends_at.is_none()
            && let Some(deadline) = self.call.options.get_deadline()
        {
            self.ends_at = Instant::now().checked_add(deadline);
        }
        page::fetch(self.request(), self.keeps_invalid)
    }

    /// The call for the next page.
    fn request(&self) -> Call<O> {
        let mut call = self.call.clone();
        if let Some(ends_at) = self.ends_at {
            call.options
                .deadline(ends_at.saturating_duration_since(Instant::now()));
        }
        let Some(boundary) = &self.boundary else {
            call.request.cursor_mut().clone_from(&self.cursor);
            return call;
        };
        *call.request.cursor_mut() = Some(boundary.cursor.clone());
        let repeated = boundary.repeated();
        if let Some(Some(limit)) = call.request.limit_mut()
            && repeated > 0
        {
            let largest = largest_page(self.call.request.operation()).unwrap_or(u32::MAX);
            *limit = largest.min(limit.saturating_add(repeated as u32));
        }
        call
    }

    fn arrived(&mut self, result: Result<Page<O::Response>>) -> Result<Page<O::Response>> {
        match result {
            Ok(mut page) => {
                self.state = match self.go_on_after(&mut page) {
                    Ok(true) => State::Ready,
                    Ok(false) => State::Ended,
                    Err(error) => State::Failed(error.resume_at(self.cursor.clone())),
                };
                Ok(page)
            }
            Err(error) => {
                self.state = State::Ended;
                Err(error.resume_at(self.cursor.clone()))
            }
        }
    }

    /// Drops the rows of a page that were returned already, or counts them. Returns whether another
    /// page follows, or why it cannot be requested.
    fn go_on_after(&mut self, page: &mut Page<O::Response>) -> Result<bool> {
        let list = &page.response.value;
        let has_more = list.has_more();
        let cursor = list.next_cursor().filter(|_| has_more);
        let cursor = cursor.map(str::to_owned);
        let last = self.boundary.take();
        let next = cursor
            .as_deref()
            .and_then(|cursor| Boundary::new(cursor, &mut self.digits))
            .and_then(|next| next.after(list.rows(), &page.invalid, last.as_ref()));
        let brings_rows = match &last {
            Some(last) => last.drop_repeated(page),
            None => true,
        };
        let operation = self.call.request.operation();
        let broken = |code, message: &str| Err(Error::broken_list(operation, code, message));
        if !has_more {
            self.cursor = None;
            return Ok(false);
        }
        let Some(cursor) = cursor else {
            let message = "the page has no next_cursor although more rows follow";
            return broken("missing_cursor", message);
        };
        let stuck_at = match (&last, &next) {
            (Some(last), Some(next)) if next.time > last.end => {
                let message = "the server goes back to newer rows: it ignores the cursor";
                return broken("repeated_cursor", message);
            }
            (Some(last), Some(next)) if next.time >= last.time && !brings_rows => Some(next.time),
            (_, None) if !self.opaque.insert(&cursor) => {
                let message = "the server repeated a cursor, so the list would never end";
                return broken("repeated_cursor", message);
            }
            _ => None,
        };
        self.cursor = Some(cursor);
        self.boundary = next;
        let has_rows = page.response.value.rows().len() > page.repeated;
        if !self.makes_progress(has_rows || !page.invalid.is_empty()) {
            let message = "1,000 pages in a row bring no new row, or no older one, although the \
                           server reports that rows follow";
            return broken("no_progress", message);
        }
        match stuck_at {
            Some(time) if !self.enlarge_page() => {
                let message = format!(
                    "too many rows share the time {time}: the server returns only rows that were \
                     read already, although more follow; use a filter, so that fewer rows share it"
                );
                broken("unreachable_rows", &message)
            }
            _ => Ok(true),
        }
    }

    /// Counts a page and whether it brings rows. Returns whether the list may go on.
    fn makes_progress(&mut self, brings_rows: bool) -> bool {
        let time = self.boundary.as_ref().map(|boundary| boundary.time);
        let is_older = time.is_none_or(|time| self.oldest.is_none_or(|oldest| time < oldest));
        if is_older {
            self.oldest = time.or(self.oldest);
        }
        self.idle_pages = if brings_rows && is_older {
            0
        } else {
            self.idle_pages + 1
        };
        self.idle_pages < MAX_IDLE_PAGES
    }

    /// Requests pages of the maximum size from now on. Returns whether that makes the next page
    /// larger.
    fn enlarge_page(&mut self) -> bool {
        let (Some(largest), Some(Some(requested))) = (
            largest_page(self.call.request.operation()),
            self.request().request.limit_mut().copied(),
        ) else {
            return false;
        };
        if let Some(limit) = self.call.request.limit_mut() {
            *limit = Some(largest);
        }
        requested < largest
    }
}

/// Sets the page size to the maximum of the contract, or to `wanted` if that is less, unless the
/// request sets it.
pub(super) fn fill_pages<O: Paged>(request: &mut O, wanted: u32) {
    let operation = request.operation();
    if let Some(limit) = request.limit_mut()
        && limit.is_none()
    {
        *limit = largest_page(operation).map(|largest| wanted.min(largest));
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
        Poll::Ready(page.map(|page| {
            let mut page = page?;
            page.response.value.rows_mut().drain(..page.repeated);
            Ok(page.response)
        }))
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
