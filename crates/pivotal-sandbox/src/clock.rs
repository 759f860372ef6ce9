//! Time as the API tells it: UTC, in milliseconds. It runs with the system's clock until it is set.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The sandbox's clock: rate limits, the life of idempotency keys and all times in responses follow
/// it.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    mode: Mode,
    /// How often it has been set.
    settings: u64,
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    /// With the system's clock, this far ahead of it.
    Running(SignedDuration),
    Frozen(Timestamp),
}

/// What the clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) time: Timestamp,
    pub(crate) frozen: bool,
    settings: u64,
}

impl Moment {
    /// A given time, as a frozen clock would show it.
    pub(crate) fn at(time: Timestamp) -> Self {
        Self {
            time: to_millisecond(time),
            frozen: true,
            settings: 0,
        }
    }
}

impl Clock {
    /// A clock that runs with the system's, or stands at a time.
    pub(crate) fn new(frozen_at: Option<Timestamp>) -> Self {
        let mode = match frozen_at {
            Some(time) => Mode::Frozen(possible(time)),
            None => Mode::Running(SignedDuration::ZERO),
        };
        Self { mode, settings: 0 }
    }

    /// The present, cut to milliseconds.
    pub(crate) fn now(&self) -> Timestamp {
        match self.mode {
            Mode::Running(ahead) => to_millisecond(moved(Timestamp::now(), ahead)),
            Mode::Frozen(time) => time,
        }
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment {
            time: self.now(),
            frozen: self.is_frozen(),
            settings: self.settings,
        }
    }

    pub(crate) fn is_frozen(&self) -> bool {
        matches!(self.mode, Mode::Frozen(_))
    }

    /// Stops it at a time; one before 1970 counts as the beginning of 1970.
    pub(crate) fn freeze(&mut self, at: Timestamp) {
        self.set(Mode::Frozen(possible(at)));
    }

    /// Moves it forward, frozen or not; at most to the end of time, the year 9999.
    pub(crate) fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.set(match self.mode {
            Mode::Running(ahead) => Mode::Running(ahead.saturating_add(by)),
            Mode::Frozen(time) => Mode::Frozen(to_millisecond(moved(time, by))),
        });
    }

    /// Lets it run on from what it shows.
    pub(crate) fn thaw(&mut self) {
        if let Mode::Frozen(time) = self.mode {
            self.set(Mode::Running(time.duration_since(Timestamp::now())));
        }
    }

    fn set(&mut self, mode: Mode) {
        self.mode = mode;
        self.settings += 1;
    }
}

/// A time that answers can tell: the rate limit counts from 1970.
fn possible(time: Timestamp) -> Timestamp {
    to_millisecond(time).max(Timestamp::UNIX_EPOCH)
}

/// A time later, or earlier, but within what a timestamp can hold.
pub(crate) fn moved(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(if by.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// A time as answers write it: `2026-05-26T17:21:09.412Z`. Evidence: stated.
pub(crate) fn iso(time: Timestamp) -> String {
    format!("{:.3}", to_millisecond(time))
}

fn to_millisecond(time: Timestamp) -> Timestamp {
    let nanoseconds = time.subsec_nanosecond();
    Timestamp::new(time.as_second(), nanoseconds - nanoseconds % 1_000_000)
        .expect("a timestamp with less of its fraction is in range")
}

/// Hands out creation times: while the clock runs, each at least a millisecond after the one
/// before.
///
/// A cursor is a creation time and a page holds rows strictly older than it, so rows that share
/// theirs can be lost at a page boundary (inferred of Pivotal). Spreading them makes paging
/// complete; a burst of more than 1,000 rows a second dates them ahead of the clock. Rows made
/// while the clock is frozen share its time, so that a test can have such ties. Evidence: decided.
#[derive(Debug, Default)]
pub(crate) struct CreationTimes {
    last: Option<Moment>,
}

impl CreationTimes {
    pub(crate) fn next(&mut self, now: Moment) -> Timestamp {
        let time = match self.last {
            // A clock that has been set, perhaps back, begins anew.
            Some(last) if !now.frozen && last.settings == now.settings => now
                .time
                .max(moved(last.time, SignedDuration::from_millis(1))),
            _ => now.time,
        };
        self.last = Some(Moment { time, ..now });
        time
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};

    use super::{Clock, CreationTimes, Moment, iso};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_written_in_utc_with_three_digits() {
        assert_eq!(
            iso(at("2026-05-26T19:21:09.4129+02:00")),
            "2026-05-26T17:21:09.412Z"
        );
        assert_eq!(iso(at("2026-07-15T00:00:00Z")), "2026-07-15T00:00:00.000Z");
    }

    #[test]
    fn no_two_rows_share_a_creation_time_while_the_clock_runs() {
        let moment = |text: &str| Moment {
            time: at(text),
            frozen: false,
            settings: 0,
        };
        let mut times = CreationTimes::default();
        let handed_out = [
            times.next(moment("2026-05-26T17:21:09.412Z")),
            times.next(moment("2026-05-26T17:21:09.412Z")),
            times.next(moment("2026-05-26T17:21:09Z")),
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

    #[test]
    fn a_frozen_clock_gives_ties_and_one_that_is_set_back_begins_anew() {
        let mut clock = Clock::new(Some(at("2026-05-26T17:21:09.4129Z")));
        let mut times = CreationTimes::default();
        let frozen = at("2026-05-26T17:21:09.412Z");
        assert_eq!(
            [times.next(clock.moment()), times.next(clock.moment())],
            [frozen; 2]
        );
        clock.freeze(at("2025-01-01T00:00:00Z"));
        assert_eq!(times.next(clock.moment()), at("2025-01-01T00:00:00Z"));
        clock.thaw();
        let thawed = [times.next(clock.moment()), times.next(clock.moment())];
        assert!(thawed[0] < thawed[1] && thawed[1] < at("2025-01-01T01:00:00Z"));
    }

    #[test]
    fn it_advances_frozen_or_not_and_stops_at_the_end_of_time() {
        let mut clock = Clock::new(Some(at("2026-05-26T17:21:09Z")));
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(clock.now(), at("2026-05-26T17:21:10.5Z"));
        clock.advance(Duration::MAX);
        assert_eq!(iso(clock.now()), "9999-12-30T22:00:00.999Z");
        let mut clock = Clock::new(None);
        clock.advance(Duration::from_secs(3_600));
        let ahead = clock.now().duration_since(Timestamp::now());
        assert!(ahead > SignedDuration::from_mins(59) && ahead <= SignedDuration::from_mins(60));
        clock.advance(Duration::MAX);
        assert_eq!(iso(clock.now()), "9999-12-30T22:00:00.999Z");
        clock.thaw();
        assert!(!clock.is_frozen());
    }
}
