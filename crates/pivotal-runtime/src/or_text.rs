//! Dates and times that are given as text.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::{Map, Value};

use crate::date::Date;

/// A value, or text that is parsed as one: what setters of dates and times take.
///
/// For a [`Date`], the text is a date such as `2026-07-15`. For a [`Timestamp`], it is a date and
/// time with an offset, such as `2026-07-15T09:00:00Z` or `2026-07-15T11:00:00+02:00`, or a date,
/// which is midnight UTC.
///
/// Setters do not fail. Other text is kept in the body, and the body is rejected with the code
/// `invalid_string` and the name of the field when it is validated or sent.
///
/// ```
/// use jiff::Timestamp;
/// use pivotal_runtime::OrText;
///
/// let midnight: OrText<Timestamp> = "2026-07-15".into();
/// assert_eq!(midnight, "2026-07-15T00:00:00Z".into());
/// assert_eq!(midnight.parsed(), Some("2026-07-15T00:00:00Z".parse()?));
/// assert_eq!(OrText::<Timestamp>::from("2026-07-15T09:00:00").parsed(), None); // no offset
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrText<T>(Result<T, String>);

impl<T> OrText<T> {
    /// The value, if it is one.
    pub fn parsed(self) -> Option<T> {
        self.0.ok()
    }

    /// The value, for the field of a body. Text that is none is put among the extra keys, which
    /// replace the fields of the same names.
    #[doc(hidden)]
    pub fn or_keep(self, key: &str, extra: &mut Map<String, Value>) -> Option<T> {
        match self.0 {
            Ok(value) => {
                extra.remove(key);
                Some(value)
            }
            Err(text) => {
                extra.insert(key.to_owned(), text.into());
                None
            }
        }
    }
}

impl<T> From<T> for OrText<T> {
    fn from(value: T) -> Self {
        Self(Ok(value))
    }
}

impl From<civil::Date> for OrText<Date> {
    fn from(date: civil::Date) -> Self {
        Self(Ok(date.into()))
    }
}

macro_rules! from_text {
    ($parse:ident, $of:ty: $($source:ty)*) => {$(
        impl From<$source> for OrText<$of> {
            fn from(text: $source) -> Self {
                Self($parse(&text).ok_or_else(|| text.into()))
            }
        }
    )*};
}
from_text! { date, Date: &str String &String }
from_text! { timestamp, Timestamp: &str String &String }

/// A date in the form `2026-07-15`.
pub(crate) fn date(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// A date and time with an offset, or a date, which is midnight UTC.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    let midnight = || Some(date(text)?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(midnight)
}
