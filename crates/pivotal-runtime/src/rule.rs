//! Single limits, in the terms of JSON Schema.

use serde_json::Value;

/// A limit in the terms of JSON Schema. Each applies to values of its type and passes all others.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConstraintKind {
    /// At least this many Unicode code points.
    MinLength(u64),
    /// At most this many Unicode code points.
    MaxLength(u64),
    /// At least this number.
    Minimum(f64),
    /// At most this number.
    Maximum(f64),
    /// More than this number.
    ExclusiveMinimum(f64),
    /// Less than this number.
    ExclusiveMaximum(f64),
    /// A whole multiple of this number.
    MultipleOf(f64),
    /// At least this many items.
    MinItems(u64),
    /// At most this many items.
    MaxItems(u64),
    /// No two items alike.
    UniqueItems,
}

/// How a value breaks a rule.
pub(crate) struct Breach {
    pub(crate) code: &'static str,
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl ConstraintKind {
    /// The rule as a keyword of JSON Schema and its value.
    #[cfg(feature = "schemars")]
    pub(crate) fn keyword(self) -> (&'static str, Value) {
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
        }
    }

    /// How the value breaks the rule, if it does. A value of another type does not.
    pub(crate) fn breach(self, value: &Value) -> Option<Breach> {
        let length = || value.as_str().map(|text| text.chars().count() as u64);
        let items = || value.as_array().map(|items| items.len() as u64);
        let number = || value.as_f64();
        match self {
            Self::MinLength(limit) => count(
                length()?,
                |n| n < limit,
                "too_small",
                "at least",
                limit,
                "character",
            ),
            Self::MaxLength(limit) => count(
                length()?,
                |n| n > limit,
                "too_big",
                "at most",
                limit,
                "character",
            ),
            Self::MinItems(limit) => count(
                items()?,
                |n| n < limit,
                "too_small",
                "at least",
                limit,
                "item",
            ),
            Self::MaxItems(limit) => {
                count(items()?, |n| n > limit, "too_big", "at most", limit, "item")
            }
            Self::Minimum(limit) => bound(number()?, |n| n < limit, "too_small", "at least", limit),
            Self::Maximum(limit) => bound(number()?, |n| n > limit, "too_big", "at most", limit),
            Self::ExclusiveMinimum(limit) => {
                bound(number()?, |n| n <= limit, "too_small", "more than", limit)
            }
            Self::ExclusiveMaximum(limit) => {
                bound(number()?, |n| n >= limit, "too_big", "less than", limit)
            }
            Self::MultipleOf(step) => {
                // Decimal steps such as 0.1 are not exact in binary: only a clear miss is refused.
                let misses = |n: f64| (n / step - (n / step).round()).abs() > 1e-9;
                bound(number()?, misses, "not_multiple_of", "a multiple of", step)
            }
            Self::UniqueItems => {
                let items = value.as_array()?;
                let twice = items
                    .iter()
                    .enumerate()
                    .find_map(|(index, item)| items[..index].contains(item).then_some(index))?;
                Some(Breach {
                    code: "not_unique",
                    expected: "must not hold an item twice".to_owned(),
                    found: format!("item {twice} a second time"),
                })
            }
        }
    }
}

/// `1` rather than `1.0` for a whole number.
#[cfg(feature = "schemars")]
fn number(limit: f64) -> Value {
    let text = limit.to_string();
    text.parse::<i64>()
        .map_or_else(|_| limit.into(), Value::from)
}

fn count(
    found: u64,
    breaks: impl FnOnce(u64) -> bool,
    code: &'static str,
    comparison: &str,
    limit: u64,
    unit: &str,
) -> Option<Breach> {
    let plural = if limit == 1 { "" } else { "s" };
    breaks(found).then(|| Breach {
        code,
        expected: format!("must have {comparison} {limit} {unit}{plural}"),
        found: found.to_string(),
    })
}

fn bound(
    found: f64,
    breaks: impl FnOnce(f64) -> bool,
    code: &'static str,
    comparison: &str,
    limit: f64,
) -> Option<Breach> {
    breaks(found).then(|| Breach {
        code,
        expected: format!("must be {comparison} {limit}"),
        found: found.to_string(),
    })
}
