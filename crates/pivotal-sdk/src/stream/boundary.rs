//! The boundary between two pages of a list whose cursors are times.
//!
//! A cursor is the creation time of the last row of a page, and the server returns rows that are
//! strictly older. Rows with the same time may be on both sides of the boundary. So the next page
//! is requested from one unit of time later, and the rows that were returned already are dropped.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use pivotal_api::endpoint::{List, Row};

use super::page::{InvalidRow, Page};

pub(super) struct Boundary {
    /// The time that the server's cursor is.
    pub(super) time: Timestamp,
    /// At most one unit later. The next page contains only rows that are older.
    pub(super) end: Timestamp,
    /// `end` in the server's format: the cursor to send.
    pub(super) cursor: String,
    /// The rows that were returned already and may be returned again: their IDs and times. One or
    /// few, as rows seldom share their time.
    seen: Vec<(String, Option<Timestamp>)>,
}

impl Boundary {
    /// The boundary at a cursor; `None` if it is not a time.
    ///
    /// The unit is that of the last digit of the cursor, or of the digit `digits` after the point
    /// if that is smaller, for servers that omit trailing zeros. `digits` becomes the number used.
    /// It must not exceed the precision of the server, which may store times finer than it sends
    /// them.
    pub(super) fn new(cursor: &str, digits: &mut usize) -> Option<Self> {
        let time: Timestamp = cursor.parse().ok()?;
        let after_seconds = cursor.get("2026-05-26T17:21:09".len()..)?;
        let (fraction, offset) = split_fraction(after_seconds);
        let digits_used = fraction.max(*digits);
        let unit = SignedDuration::from_nanos(10_i64.pow(9_u32.checked_sub(digits_used as u32)?));

        let end = time.checked_add(unit).ok()?;
        let local = cursor.strip_suffix(offset)?.parse::<DateTime>().ok()?;
        let local = local.checked_add(unit).ok()?;
        let next = format!("{local:.digits_used$}{offset}");
        *digits = digits_used;
        (next.parse::<Timestamp>().ok()? == end).then(|| Self {
            time,
            end,
            cursor: next,
            seen: Vec::new(),
        })
    }

    /// Remembers the rows of the page that ends here, and those that `last` remembers unless it is
    /// later. Returns `None` if rows have no ID, so that they cannot be recognized.
    ///
    /// A server that rounds the times that it sends may send a time later than `last`. Everything
    /// from the end of `last` on was read before, so the next page does not begin later.
    pub(super) fn after<R: Row>(
        mut self,
        page: &[R],
        invalid: &[InvalidRow],
        last: Option<&Self>,
    ) -> Option<Self> {
        let last = last.filter(|last| last.time <= self.time);
        if let Some(last) = last.filter(|last| last.end < self.end) {
            self.end = last.end;
            self.cursor.clone_from(&last.cursor);
        }
        for row in page {
            self.remember(id(row), row.created_at())?;
        }
        for row in invalid {
            // A row without a time is not older than the next one, or the cursor at the end of a page.
            let next = page.len().checked_sub(row.rows_after);
            let next = next.and_then(|next| page.get(next)?.created_at());
            let created_at = row.created_at.or(next).unwrap_or(self.time);
            self.remember(Some(&row.identity), Some(created_at));
        }
        for (id, created_at) in last.into_iter().flat_map(|last| &last.seen) {
            self.remember(Some(id), *created_at);
        }
        Some(self)
    }

    fn remember(&mut self, id: Option<&str>, created_at: Option<Timestamp>) -> Option<()> {
        if self.may_return(created_at) && !self.has_seen(id?) {
            self.seen.push((id?.to_owned(), created_at));
        }
        Some(())
    }

    /// How many rows of the next page were returned already, if none is deleted.
    pub(super) fn repeated(&self) -> usize {
        let older = |created_at: &Option<Timestamp>| created_at.is_none_or(|time| time < self.end);
        self.seen.iter().filter(|(_, time)| older(time)).count()
    }

    /// Drops the rows of a page that were returned already. Returns whether the page brings other rows
    /// from before the end.
    ///
    /// Usually the first row alone is one of them. Those at the front are only counted, as to take them
    /// out would move all others.
    pub(super) fn drop_repeated<L: List>(&self, page: &mut Page<L>) -> bool {
        let Page {
            response, invalid, ..
        } = page;
        let rows = response.value.rows_mut();
        let is_repeated = |id: Option<&str>, created_at| {
            self.may_return(created_at) && id.is_some_and(|id| self.has_seen(id))
        };
        let is_repeated_row = |row: &L::Row| is_repeated(id(row), row.created_at());
        invalid.retain(|row| !is_repeated(Some(&row.identity), row.created_at));
        page.repeated = rows.iter().take_while(|row| is_repeated_row(row)).count();
        let mut left = rows.len();
        if rows[page.repeated..].iter().any(is_repeated_row) {
            page.repeated = 0;
            rows.retain(|row| {
                let keep = !is_repeated_row(row);
                left -= 1;
                if !keep {
                    // One row less follows those before it.
                    let before = invalid.iter_mut().filter(|row| row.rows_after > left);
                    before.for_each(|row| row.rows_after -= 1);
                }
                keep
            });
        }
        let mut times = rows[page.repeated..].iter().map(Row::created_at);
        times.any(|time| self.may_return(time))
            || invalid.iter().any(|row| self.may_return(row.created_at))
    }

    /// A row may be returned unless it is newer than the end. One with the time of the end may be
    /// returned: the server may send times rounded.
    fn may_return(&self, created_at: Option<Timestamp>) -> bool {
        created_at.is_none_or(|time| time <= self.end)
    }

    fn has_seen(&self, id: &str) -> bool {
        self.seen.iter().any(|(seen, _)| seen == id)
    }
}

/// The ID by which a row is recognized. Several rows may have an empty one.
fn id<R: Row>(row: &R) -> Option<&str> {
    row.id().filter(|id| !id.is_empty())
}

/// The number of digits after the point, and the offset from UTC after them.
fn split_fraction(after_seconds: &str) -> (usize, &str) {
    let Some(fraction) = after_seconds.strip_prefix(['.', ',']) else {
        return (0, after_seconds);
    };
    let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    (fraction.len() - offset.len(), offset)
}
