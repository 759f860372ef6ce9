//! The constraints that the contract sets, checked before anything is sent.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::error::Error;
use std::fmt;

use serde_json::Value;

use crate::or_text::{date, timestamp};

/// The part of a request that contains a constrained value.
// Variants have the same names in `openapi_pipeline::shape`; see `RetryClass`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// A segment of the path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
    /// The JSON body.
    Body,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
        })
    }
}

/// One constraint on one value. The table of all constraints is generated.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// The part of the request that contains the value.
    pub location: Location,
    /// The name of the parameter. In the body, a dotted path with `*` for the items of an array, as
    /// in `labels.*`.
    pub name: &'static str,
    /// The constraint.
    pub rule: ConstraintKind,
}

/// A validation keyword of JSON Schema. Each applies to values of its type and accepts all others.
// Variants have the same names in `openapi_pipeline::shape`; see `RetryClass`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConstraintKind {
    /// The minimum number of Unicode code points.
    MinLength(u64),
    /// The maximum number of Unicode code points.
    MaxLength(u64),
    /// The minimum, inclusive.
    Minimum(f64),
    /// The maximum, inclusive.
    Maximum(f64),
    /// The minimum, exclusive.
    ExclusiveMinimum(f64),
    /// The maximum, exclusive.
    ExclusiveMaximum(f64),
    /// The number that the value must be a multiple of.
    MultipleOf(f64),
    /// The minimum number of items.
    MinItems(u64),
    /// The maximum number of items.
    MaxItems(u64),
    /// All items must be different.
    UniqueItems,
    /// The form of an e-mail address: text, one `@`, and a domain with a dot.
    Email,
    /// A date, such as `2026-07-15`.
    Date,
    /// A date and time with an offset, such as `2026-07-15T09:00:00Z`, or a date.
    DateTime,
}

impl ConstraintKind {
    /// The constraint as a keyword of JSON Schema and its value.
    #[cfg(feature = "schemars")]
    pub(crate) fn keyword(self) -> (&'static str, Value) {
        // `1` rather than `1.0` for a whole number.
        let number = |limit: f64| {
            let whole = limit.to_string().parse::<i64>();
            whole.map_or_else(|_| limit.into(), Value::from)
        };
        match self {
            Self::MinLength(limit) => ("minLength", limit.into()),
            Self::MaxLength(limit) => ("maxLength", limit.into()),
            Self::Minimum(limit) => ("minimum", number(limit)),
            Self::Maximum(limit) => ("maximum", number(limit)),
            Self::ExclusiveMinimum(limit) => ("exclusiveMinimum", number(limit)),
            Self::ExclusiveMaximum(limit) => ("exclusiveMaximum", number(limit)),
            Self::MultipleOf(step) => ("multipleOf", number(step)),
            Self::MinItems(limit) => ("minItems", limit.into()),
            Self::MaxItems(limit) => ("maxItems", limit.into()),
            Self::UniqueItems => ("uniqueItems", true.into()),
            Self::Email => ("format", "email".into()),
            Self::Date => ("format", "date".into()),
            Self::DateTime => ("format", "date-time".into()),
        }
    }

    /// The error code, what was expected and what was found, if the value violates the constraint.
    fn violation(self, value: &Value) -> Option<(&'static str, String, String)> {
        let number = value.as_f64();
        let length = value.as_str().map(|text| text.chars().count() as u64);
        let items = value.as_array().map(|items| items.len() as u64);
        let bound = |violated: bool, code, comparison, limit: f64| {
            violated.then(|| {
                let expected = format!("must be {comparison} {limit}");
                (code, expected, number.unwrap_or_default().to_string())
            })
        };
        let (small, big) = ("too_small", "too_big");
        // `Less` violates a minimum, `Greater` a maximum.
        let count = |found: Option<u64>, violation: Ordering, limit: u64, unit| {
            let found = found.filter(|found| found.cmp(&limit) == violation)?;
            let (code, comparison) = match violation {
                Ordering::Less => (small, "at least"),
                _ => (big, "at most"),
            };
            let plural = if limit == 1 { "" } else { "s" };
            let expected = format!("must have {comparison} {limit} {unit}{plural}");
            Some((code, expected, found.to_string()))
        };
        // Without the text, which may be personal data.
        let form = |valid: fn(&str) -> bool, expected: &str| {
            let text = value.as_str().filter(|text| !valid(text))?;
            let found = format!("text of {} characters", text.chars().count());
            Some(("invalid_string", format!("must be {expected}"), found))
        };
        match self {
            Self::MinLength(limit) => count(length, Ordering::Less, limit, "character"),
            Self::MaxLength(limit) => count(length, Ordering::Greater, limit, "character"),
            Self::MinItems(limit) => count(items, Ordering::Less, limit, "item"),
            Self::MaxItems(limit) => count(items, Ordering::Greater, limit, "item"),
            Self::Minimum(limit) => bound(number? < limit, small, "at least", limit),
            Self::Maximum(limit) => bound(number? > limit, big, "at most", limit),
            Self::ExclusiveMinimum(limit) => bound(number? <= limit, small, "more than", limit),
            Self::ExclusiveMaximum(limit) => bound(number? >= limit, big, "less than", limit),
            Self::MultipleOf(step) => {
                // Decimal steps such as 0.1 are not exact in binary, so small errors are accepted.
                let quotient = number? / step;
                let violated = (quotient - quotient.round()).abs() > 1e-9;
                bound(violated, "not_multiple_of", "a multiple of", step)
            }
            Self::UniqueItems => {
                let items = value.as_array()?;
                let duplicate = (0..items.len()).find(|i| items[..*i].contains(&items[*i]))?;
                let expected = "must not contain an item twice".to_owned();
                Some(("not_unique", expected, format!("item {duplicate} again")))
            }
            Self::Email => form(is_email, "an e-mail address"),
            Self::Date => form(|text| date(text).is_some(), "a date such as 2026-07-15"),
            Self::DateTime => form(
                |text| timestamp(text).is_some(),
                "a date such as 2026-07-15 or a time such as 2026-07-15T09:00:00Z",
            ),
        }
    }
}

/// Accepts more than most servers do: only what is certainly no address is rejected.
fn is_email(text: &str) -> bool {
    let is_other = |c: char| c == '@' || c.is_whitespace() || c.is_control();
    text.split_once('@').is_some_and(|(local, domain)| {
        let dotted = domain.split_once('.');
        let dotted = dotted.is_some_and(|(name, zone)| !name.is_empty() && !zone.is_empty());
        dotted && !local.is_empty() && !local.contains(is_other) && !domain.contains(is_other)
    })
}

/// A value that the server would reject, because it violates a constraint or is not an ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub(crate) operation: &'static str,
    pub(crate) location: Location,
    pub(crate) field: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.message)
    }
}

impl Error for Violation {}

impl Violation {
    /// The name of the operation.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The part of the request that contains the value.
    pub fn location(&self) -> Location {
        self.location
    }

    /// The name of the parameter, or the dotted path in the body with the item's index, `labels.2`.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong: the field, the constraint and what was found, without the operation.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The server's error code: `too_small`, `too_big`, `not_multiple_of`, `not_unique`,
    /// `invalid_string` for an ID, e-mail address, date or time, or `invalid_type` for a value that cannot be serialized.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl Constraint {
    /// Checks a parameter or body with this name. `body` is the name of the whole body.
    pub(crate) fn check(
        &self,
        operation: &'static str,
        name: &'static str,
        value: &Value,
    ) -> Result<(), Violation> {
        let (path, mut place) = match self.location {
            Location::Body => (Some(self.name), Vec::new()),
            _ => match self.name.strip_prefix(name) {
                Some("") => (None, vec![name.into()]),
                Some(rest) if rest.starts_with('.') => (Some(&rest[1..]), vec![name.into()]),
                _ => return Ok(()),
            },
        };
        visit(value, path, &mut place, &mut |value, place| {
            let Some((code, expected, found)) = self.rule.violation(value) else {
                return Ok(());
            };
            let field = place.join(".");
            Err(Violation {
                operation,
                location: self.location,
                message: format!("{field} {expected}, got {found}"),
                field,
                code,
            })
        })
    }
}

/// Calls `check` for every value that the path leads to, with the concrete path of each.
///
/// A property name may contain dots: the longest name that the object has is the next step.
fn visit<'v>(
    value: &'v Value,
    path: Option<&'v str>,
    place: &mut Vec<Cow<'v, str>>,
    check: &mut impl FnMut(&Value, &[Cow<'v, str>]) -> Result<(), Violation>,
) -> Result<(), Violation> {
    let Some(path) = path else {
        return check(value, place);
    };
    let mut descend = |inner: &'v Value, step: &str, name: Cow<'v, str>| {
        let rest = path[step.len()..].strip_prefix('.');
        place.push(name);
        let result = visit(inner, rest, place, check);
        place.pop();
        result
    };
    match value {
        Value::Array(items) if path == "*" || path.starts_with("*.") => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| descend(item, "*", index.to_string().into())),
        Value::Object(properties) => {
            let shorter = |name: &&'v str| name.rsplit_once('.').map(|(shorter, _)| shorter);
            std::iter::successors(Some(path), shorter)
                .find_map(|name| Some((name, properties.get(name)?)))
                .map_or(Ok(()), |(name, inner)| descend(inner, name, name.into()))
        }
        _ => Ok(()),
    }
}
