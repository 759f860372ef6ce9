//! Time as the API tells it: UTC, in milliseconds.

use jiff::{SignedDuration, Timestamp};

/// The sandbox's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock;

impl Clock {
    /// The present, cut to milliseconds.
    pub(crate) fn now(self) -> Timestamp {
        to_millisecond(Timestamp::now())
    }
}

/// A time as answers write it: `2026-05-26T17:21:09.412Z`. Evidence: stated.
pub(crate) fn iso(time: Timestamp) -> String {
    format!("{:.3}", to_millisecond(time))
}

fn to_millisecond(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond())
        .expect("a timestamp without its fraction is in range")
}

/// Hands out creation times, each at least a millisecond after the one before.
///
/// A cursor is a creation time and a page holds rows strictly older than it, so rows that shared theirs could be lost
/// at a page boundary. Spreading them makes paging complete; a burst of more than 1,000 rows a second dates them ahead
/// of the clock. Evidence: decided.
#[derive(Debug, Default)]
pub(crate) struct CreationTimes {
    last: Option<Timestamp>,
}

impl CreationTimes {
    pub(crate) fn next(&mut self, now: Timestamp) -> Timestamp {
        let earliest = self
            .last
            .map(|last| last.saturating_add(SignedDuration::from_millis(1)));
        let time = earliest
            .and_then(Result::ok)
            .map_or(now, |earliest| earliest.max(now));
        self.last = Some(time);
        time
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{CreationTimes, iso};

    #[test]
    fn times_are_written_in_utc_with_three_digits() {
        let time: Timestamp = "2026-05-26T19:21:09.4129+02:00".parse().unwrap();
        assert_eq!(iso(time), "2026-05-26T17:21:09.412Z");
        assert_eq!(
            iso("2026-07-15T00:00:00Z".parse().unwrap()),
            "2026-07-15T00:00:00.000Z"
        );
    }

    #[test]
    fn no_two_rows_share_a_creation_time() {
        let now: Timestamp = "2026-05-26T17:21:09.412Z".parse().unwrap();
        let mut times = CreationTimes::default();
        let handed_out = [
            times.next(now),
            times.next(now),
            times.next("2026-05-26T17:21:09Z".parse().unwrap()),
        ];
        assert_eq!(
            handed_out.map(iso),
            [
                "2026-05-26T17:21:09.412Z",
                "2026-05-26T17:21:09.413Z",
                "2026-05-26T17:21:09.414Z"
            ]
        );
    }
}
