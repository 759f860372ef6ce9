//! The sandbox's clock: UTC in milliseconds. It follows the system's clock until it is set.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The clock that rate limits, the life of idempotency keys and all times in responses follow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Clock {
    mode: Mode,
    /// How often it has been set.
    settings: u64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// This far ahead of the system's clock.
    Running(SignedDuration),
    Frozen(Timestamp),
}

/// A reading of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moment {
    pub(crate) time: Timestamp,
    frozen: bool,
    settings: u64,
}

impl Moment {
    /// The reading of a clock that is frozen at `time`.
    pub(crate) fn at(time: Timestamp) -> Self {
        Self {
            time: to_millisecond(time),
            frozen: true,
            settings: 0,
        }
    }
}

impl Clock {
    /// A clock that runs with the system's, or is frozen.
    pub(crate) fn new(frozen_at: Option<Timestamp>) -> Self {
        let mode = match frozen_at {
            Some(time) => Mode::Frozen(representable(time)),
            None => Mode::Running(SignedDuration::ZERO),
        };
        Self { mode, settings: 0 }
    }

    /// The present, cut to milliseconds.
    pub(crate) fn now(&self) -> Timestamp {
        match self.mode {
            Mode::Running(ahead) => to_millisecond(shift(Timestamp::now(), ahead)),
            Mode::Frozen(time) => time,
        }
    }

    /// The reading that creation times follow. If only what is documented is served, it is as if
    /// frozen: rows of one millisecond share their creation time.
    pub(crate) fn moment(&self, undocumented: bool) -> Moment {
        if !undocumented {
            return Moment::at(self.now());
        }
        Moment {
            time: self.now(),
            frozen: self.is_frozen(),
            settings: self.settings,
        }
    }

    pub(crate) fn is_frozen(&self) -> bool {
        matches!(self.mode, Mode::Frozen(_))
    }

    /// Stops the clock at a time; one before 1970 counts as the beginning of 1970.
    pub(crate) fn freeze(&mut self, at: Timestamp) {
        self.set(Mode::Frozen(representable(at)));
    }

    /// Moves the clock forward, frozen or not; at most to the end of the year 9999.
    pub(crate) fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.set(match self.mode {
            Mode::Running(ahead) => Mode::Running(ahead.saturating_add(by)),
            Mode::Frozen(time) => Mode::Frozen(to_millisecond(shift(time, by))),
        });
    }

    /// Lets a frozen clock run on.
    pub(crate) fn thaw(&mut self) {
        if let Mode::Frozen(time) = self.mode {
            self.set(Mode::Running(time.duration_since(Timestamp::now())));
        }
    }

    fn set(&mut self, mode: Mode) {
        self.mode = mode;
        self.settings = self.settings.wrapping_add(1);
    }
}

/// The nearest time that responses can express: the rate limit counts from 1970.
fn representable(time: Timestamp) -> Timestamp {
    to_millisecond(time).max(Timestamp::UNIX_EPOCH)
}

/// A time moved forward or back, within the range of a timestamp.
pub(crate) fn shift(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(if by.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// A time as responses write it: `2026-05-26T17:21:09.412Z`. Evidence: stated.
pub(crate) fn iso(time: Timestamp) -> String {
    format!("{:.3}", to_millisecond(time))
}

fn to_millisecond(time: Timestamp) -> Timestamp {
    let nanoseconds = time.subsec_nanosecond();
    Timestamp::new(time.as_second(), nanoseconds - nanoseconds % 1_000_000)
        .expect("a timestamp with less of its fraction is in range")
}

/// Assigns creation times: while the clock runs, each is at least a millisecond after the last.
///
/// A cursor is a creation time and a page holds rows strictly older than it, so rows with equal
/// times can be lost at a page boundary (inferred of Pivotal). Spreading them makes paging
/// complete; a burst of more than 1,000 rows a second dates them ahead of the clock. Rows created
/// while the clock is frozen share its time, so that a test can have such ties. Evidence: decided.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct CreationTimes {
    last: Option<Moment>,
}

impl CreationTimes {
    pub(crate) fn next(&mut self, now: Moment) -> Timestamp {
        let time = match self.last {
            // A clock that has been set, perhaps back, starts over.
            Some(last) if !now.frozen && last.settings == now.settings => now
                .time
                .max(shift(last.time, SignedDuration::from_millis(1))),
            _ => now.time,
        };
        self.last = Some(Moment { time, ..now });
        time
    }
}
