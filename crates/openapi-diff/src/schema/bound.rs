//! Bounds of numbers.

use serde_json::{Map, Value};

/// What limits a number on one side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound<'a> {
    pub(super) value: &'a Value,
    pub(super) number: f64,
    pub(super) exclusive: bool,
}

/// Whether a maximum leaves less than another.
pub(super) fn tighter_maximum(one: &Bound<'_>, other: &Bound<'_>) -> bool {
    one.number < other.number || one.number == other.number && one.exclusive && !other.exclusive
}

/// Whether a minimum leaves less than another.
pub(super) fn tighter_minimum(one: &Bound<'_>, other: &Bound<'_>) -> bool {
    one.number > other.number || one.number == other.number && one.exclusive && !other.exclusive
}

type Tighter = fn(&Bound<'_>, &Bound<'_>) -> bool;

/// The one of two that leaves less.
pub(super) fn tightest<'a>(
    one: Option<Bound<'a>>,
    other: Option<Bound<'a>>,
    tighter: Tighter,
) -> Option<Bound<'a>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if tighter(&other, &one) { other } else { one }),
        (one, None) => one,
        (None, other) => other,
    }
}

/// OpenAPI 3.0 says `maximum: 5` and `exclusiveMaximum: true` for `exclusiveMaximum: 5`.
pub(super) fn bound<'a>(
    object: &'a Map<String, Value>,
    inclusive: &str,
    exclusive: &str,
    tighter: Tighter,
) -> Option<Bound<'a>> {
    let read = |keyword: &str, exclusive: bool| {
        let value = object.get(keyword)?;
        let number = value.as_f64()?;
        Some(Bound {
            value,
            number,
            exclusive,
        })
    };
    let flagged = object.get(exclusive) == Some(&Value::Bool(true));
    tightest(read(inclusive, flagged), read(exclusive, true), tighter)
}
