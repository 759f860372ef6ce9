//! What an instance is meant to try.

use std::fmt;

/// What an instance is meant to try, and with that whether the document takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Example,
    /// Only what is required.
    Least,
    /// Everything.
    Most,
    /// Made at random from the schema.
    Random,
    /// A required property is missing.
    Missing,
    /// A required property that may be null is missing.
    MissingNullable,
    /// An optional property is absent.
    Absent,
    /// Null, where it is allowed.
    Null,
    /// Null for what is required.
    NullRefused,
    /// Null for what may be absent.
    NullForAbsent,
    /// A value of another JSON type.
    WrongType,
    /// A property that the document does not have.
    ExtraKey,
    /// A value of an enum.
    KnownValue,
    /// A value that an enum does not have.
    UnknownValue,
    /// A value that an extensible enum does not have.
    NewValue,
    /// The other boolean where the document knows one.
    OtherBoolean,
    Shortest,
    Longest,
    TooShort,
    TooLong,
    Smallest,
    Largest,
    TooSmall,
    TooBig,
    /// A whole number that 64 bits cannot hold.
    WideInteger,
    /// A whole number with a fraction of zero.
    WholeFraction,
    Fraction,
    /// A spelling that a format has.
    Formatted(&'static str),
    BadFormat(&'static str),
    /// A time in a spelling of ISO 8601 that RFC 3339, and so the format, leaves out.
    OtherSpelling,
    /// The last second of year 9999.
    EndOfTime,
}

impl Kind {
    /// Whether the document takes such a value, and what it is in words, before the name of a format.
    fn described(self) -> (bool, &'static str) {
        match self {
            Self::Example => (true, "the documentation's example"),
            Self::Least => (true, "only what is required"),
            Self::Most => (true, "everything"),
            Self::Random => (true, "made at random"),
            Self::Missing => (false, "a required key is missing"),
            Self::MissingNullable => (false, "a required key that may be null is missing"),
            Self::Absent => (true, "an optional key is absent"),
            Self::Null => (true, "null, where it is allowed"),
            Self::NullRefused => (false, "null for what is required"),
            Self::NullForAbsent => (false, "null for what may be absent"),
            Self::WrongType => (false, "a value of another type"),
            Self::ExtraKey => (true, "a key that the document does not have"),
            Self::KnownValue => (true, "a value of an enum"),
            Self::UnknownValue => (false, "a value that an enum does not have"),
            Self::NewValue => (true, "a new value of an extensible enum"),
            Self::OtherBoolean => (false, "the other boolean"),
            Self::Shortest => (true, "as short as allowed"),
            Self::Longest => (true, "as long as allowed"),
            Self::TooShort => (false, "too short"),
            Self::TooLong => (false, "too long"),
            Self::Smallest => (true, "as small as allowed"),
            Self::Largest => (true, "as large as allowed"),
            Self::TooSmall => (false, "too small"),
            Self::TooBig => (false, "too big"),
            Self::WideInteger => (true, "a whole number beyond 64 bits"),
            Self::WholeFraction => (true, "a whole number written 1.0"),
            Self::Fraction => (false, "a number that is not whole"),
            Self::Formatted(_) => (true, "a value of the format"),
            Self::BadFormat(_) => (false, "no value of the format"),
            Self::OtherSpelling => (false, "a time in another spelling of ISO 8601"),
            Self::EndOfTime => (true, "the last second of year 9999"),
        }
    }

    /// Whether the document takes such a value.
    pub(super) fn is_documented(self) -> bool {
        self.described().0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.described().1)?;
        match self {
            Self::Formatted(format) | Self::BadFormat(format) => write!(f, " {format}"),
            _ => Ok(()),
        }
    }
}
