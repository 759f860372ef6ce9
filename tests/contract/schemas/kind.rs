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
    /// Whether the document takes such a value.
    pub(super) fn is_documented(self) -> bool {
        match self {
            Self::Example
            | Self::Least
            | Self::Most
            | Self::Random
            | Self::Absent
            | Self::Null
            | Self::ExtraKey
            | Self::KnownValue
            | Self::NewValue
            | Self::Shortest
            | Self::Longest
            | Self::Smallest
            | Self::Largest
            | Self::WideInteger
            | Self::WholeFraction
            | Self::Formatted(_)
            | Self::EndOfTime => true,
            Self::Missing
            | Self::MissingNullable
            | Self::NullRefused
            | Self::NullForAbsent
            | Self::WrongType
            | Self::UnknownValue
            | Self::OtherBoolean
            | Self::TooShort
            | Self::TooLong
            | Self::TooSmall
            | Self::TooBig
            | Self::Fraction
            | Self::BadFormat(_)
            | Self::OtherSpelling => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Example => "the documentation's example",
            Self::Least => "only what is required",
            Self::Most => "everything",
            Self::Random => "made at random",
            Self::Missing => "a required key is missing",
            Self::MissingNullable => "a required key that may be null is missing",
            Self::Absent => "an optional key is absent",
            Self::Null => "null, where it is allowed",
            Self::NullRefused => "null for what is required",
            Self::NullForAbsent => "null for what may be absent",
            Self::WrongType => "a value of another type",
            Self::ExtraKey => "a key that the document does not have",
            Self::KnownValue => "a value of an enum",
            Self::UnknownValue => "a value that an enum does not have",
            Self::NewValue => "a new value of an extensible enum",
            Self::OtherBoolean => "the other boolean",
            Self::Shortest => "as short as allowed",
            Self::Longest => "as long as allowed",
            Self::TooShort => "too short",
            Self::TooLong => "too long",
            Self::Smallest => "as small as allowed",
            Self::Largest => "as large as allowed",
            Self::TooSmall => "too small",
            Self::TooBig => "too big",
            Self::WideInteger => "a whole number beyond 64 bits",
            Self::WholeFraction => "a whole number written 1.0",
            Self::Fraction => "a number that is not whole",
            Self::Formatted(format) => return write!(f, "a value of the format {format}"),
            Self::BadFormat(format) => return write!(f, "no value of the format {format}"),
            Self::OtherSpelling => "a time in another spelling of ISO 8601",
            Self::EndOfTime => "the last second of year 9999",
        };
        f.write_str(text)
    }
}
