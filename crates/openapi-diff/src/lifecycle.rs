//! What is announced of an operation, a parameter or a property: that it is deprecated, the day of
//! its removal, how stable it is.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

/// A change of an announcement.
pub(crate) struct Announcement {
    /// The rule, as it is called for schemas.
    pub(crate) aspect: &'static str,
    /// Where it is written.
    pub(crate) keyword: &'static str,
    pub(crate) from: Option<Value>,
    pub(crate) to: Option<Value>,
    pub(crate) message: String,
}

/// What is announced of one thing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lifecycle<'a> {
    pub(crate) deprecated: bool,
    sunset: Option<&'a str>,
    stability: Option<&'a str>,
}

/// The levels of `x-stability-level`, the least stable first; the last one is the default.
const STABILITY: [&str; 4] = ["draft", "alpha", "beta", "stable"];

impl<'a> Lifecycle<'a> {
    pub(crate) fn of(object: &'a Map<String, Value>) -> Self {
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        Self {
            deprecated: object.get("deprecated") == Some(&Value::Bool(true)),
            sunset: text("x-sunset"),
            stability: text("x-stability-level"),
        }
    }

    /// What is announced of something that both describe.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            deprecated: self.deprecated || other.deprecated,
            sunset: self.sunset.or(other.sunset),
            stability: self.stability.or(other.stability),
        }
    }

    /// The day of removal, if it is one.
    pub(crate) fn sunset(self) -> Option<(Date, &'a str)> {
        self.sunset.and_then(|text| Some((day(text)?, text)))
    }

    /// The changes from this to another.
    pub(crate) fn changes(self, now: Self) -> Vec<Announcement> {
        let mut changes = Vec::new();
        let mut add = |aspect, keyword, from, to, message| {
            changes.push(Announcement {
                aspect,
                keyword,
                from,
                to,
                message,
            });
        };
        let (was, is) = (self.deprecated, now.deprecated);
        if was != is {
            let (aspect, message) = match (is, now.sunset()) {
                (false, _) => ("reactivated", "it is no longer deprecated".to_owned()),
                (true, None) => ("deprecated", "it is deprecated".to_owned()),
                (true, Some((_, day))) => {
                    let message = format!("it is deprecated; it will be removed on {day}");
                    ("deprecated", message)
                }
            };
            add(
                aspect,
                "deprecated",
                Some(json!(was)),
                Some(json!(is)),
                message,
            );
        } else {
            let change = match (self.sunset(), now.sunset()) {
                (Some((_, old)), None) => {
                    let message = format!("the day of removal is no longer stated; it was {old}");
                    Some(("sunset-deleted", message))
                }
                (Some((was, old)), Some((is, new))) if is < was => {
                    let message = format!("it will be removed on {new}, earlier than on {old}");
                    Some(("sunset-date-changed-too-small", message))
                }
                (was, Some((is, new))) if was.is_none_or(|(was, _)| was < is) => {
                    let message = format!("it will be removed on {new}");
                    Some(("sunset-date-moved-later", message))
                }
                _ => None,
            };
            if let Some((aspect, message)) = change {
                let [from, to] = [self, now].map(|one| one.sunset.map(Value::from));
                add(aspect, "x-sunset", from, to, message);
            }
        }
        let rank = |level: &str| STABILITY.iter().position(|known| *known == level);
        let [old, new] = [self, now].map(|one| one.stability.unwrap_or("stable"));
        if let (Some(was), Some(is)) = (rank(old), rank(new))
            && was != is
        {
            let aspect = if is < was {
                "stability-decreased"
            } else {
                "stability-increased"
            };
            let message = format!("its stability was `{old}` and is `{new}`");
            let (from, to) = (Some(json!(old)), Some(json!(new)));
            add(aspect, "x-stability-level", from, to, message);
        }
        changes
    }
}

/// The day at the beginning of a text such as `2030-10-01`, `2030-9-1` or `2030-10-01T08:00:00Z`.
fn day(text: &str) -> Option<Date> {
    let mut numbers = text.trim().split(|c: char| !c.is_ascii_digit());
    let year = numbers.next()?.parse().ok()?;
    let month = numbers.next()?.parse().ok()?;
    let day = numbers.next()?.parse().ok()?;
    Date::new(year, month, day).ok()
}
