//! Dates without a time.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use jiff::civil;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// A date in the form `2026-07-15`, and in no other: the parser of [`civil::Date`] also takes a time
/// after the date, and drops it.
///
/// ```
/// use pivotal_runtime::Date;
///
/// let date: Date = "2026-07-15".parse()?;
/// assert_eq!((date.year(), date.to_string()), (2026, "2026-07-15".to_owned()));
/// assert_eq!(date, jiff::civil::date(2026, 7, 15).into());
/// assert!("2026-07-15T09:00:00Z".parse::<Date>().is_err());
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub civil::Date);

impl Deref for Date {
    type Target = civil::Date;

    fn deref(&self) -> &civil::Date {
        &self.0
    }
}

impl From<civil::Date> for Date {
    fn from(date: civil::Date) -> Self {
        Self(date)
    }
}

impl From<Date> for civil::Date {
    fn from(date: Date) -> Self {
        date.0
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Date {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        let date: civil::Date = text.parse()?;
        match date.to_string() == text {
            true => Ok(Self(date)),
            false => Err(jiff::Error::from_args(format_args!(
                "a date is written as {date}"
            ))),
        }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let date = String::deserialize(deserializer)?.parse();
        date.map_err(|_| D::Error::custom("expected a date such as 2026-07-15"))
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Date {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date" })
    }
}
