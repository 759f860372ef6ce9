//! Where the validators are meant to disagree, and why.

use super::kind::Kind;
use super::validators::{Direction, Verdict};

/// One reason for disagreement. Its places are not listed here: the snapshot shows every place that
/// a row was needed for, so that a new one is a line of the diff.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// In responses or requests alone, or in both.
    pub(super) direction: Option<Direction>,
    pub(super) kind: Kind,
    pub(super) verdict: Verdict,
    pub(super) reason: &'static str,
}

/// The Rust type takes more than is documented, and says so.
const TYPE_ALONE: Verdict = Verdict {
    document: false,
    schema: true,
    serde: true,
};

/// The Rust type takes more than it says.
const SERDE_ALONE: Verdict = Verdict {
    document: false,
    schema: false,
    serde: true,
};

/// The Rust type cannot hold what both schemas allow.
const SCHEMAS_ALONE: Verdict = Verdict {
    document: true,
    schema: true,
    serde: false,
};

/// The one table.
pub(super) const TABLE: &[Row] = &[
    Row {
        direction: None,
        kind: Kind::UnknownValue,
        verdict: TYPE_ALONE,
        reason: "Enums are open: a value that is newer than this version is kept and written back as it came.",
    },
    Row {
        direction: Some(Direction::Response),
        kind: Kind::OtherBoolean,
        verdict: TYPE_ALONE,
        reason: "Leniency towards responses: a marker that is always true is read as the boolean that it is.",
    },
    Row {
        direction: Some(Direction::Response),
        kind: Kind::MissingNullable,
        verdict: TYPE_ALONE,
        reason: "Leniency towards responses: a key that may be null may be missing too; both are read as None.",
    },
    Row {
        direction: Some(Direction::Response),
        kind: Kind::NullForAbsent,
        verdict: TYPE_ALONE,
        reason: "Leniency towards responses: a key that may be missing may be null too; both are read as None.",
    },
    Row {
        direction: Some(Direction::Response),
        kind: Kind::BadFormat("email"),
        verdict: TYPE_ALONE,
        reason: "Leniency towards responses: an address is a string; one that the server stored is not refused here.",
    },
    Row {
        direction: None,
        kind: Kind::OtherSpelling,
        verdict: SERDE_ALONE,
        reason: "Times are read in every spelling that is one point in time, and sent as RFC 3339 has them.",
    },
    Row {
        direction: None,
        kind: Kind::EndOfTime,
        verdict: SCHEMAS_ALONE,
        reason: "A Timestamp ends a day before the year 9999 does.",
    },
    Row {
        direction: None,
        kind: Kind::WideInteger,
        verdict: SCHEMAS_ALONE,
        reason: "Whole numbers have 64 bits in Rust and any length in JSON.",
    },
    Row {
        direction: Some(Direction::Request),
        kind: Kind::WholeFraction,
        verdict: SCHEMAS_ALONE,
        reason: "JSON Schema counts 1.0 as a whole number; a body holds integers, and they are sent as 1.",
    },
];

impl Row {
    /// Whether this is the reason for a disagreement.
    pub(super) fn explains(&self, direction: Direction, kind: Kind, verdict: Verdict) -> bool {
        self.kind == kind
            && self.verdict == verdict
            && self.direction.is_none_or(|only| only == direction)
    }
}
