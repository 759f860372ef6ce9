//! Which member of a union a value is.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Reverse;
use std::{mem, vec};

use serde_json::Value;

/// How often a value, with the unions inside it, is decoded as a member after another one failed. A union
/// of which members contain the union again would otherwise double the work with each level of a value
/// that is none of them.
const MAX_RETRIES: usize = 100_000;

thread_local! {
    /// The unions that are being decoded, one inside the other, and the retries so far.
    static UNDER_WAY: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// What is known of a member of a union before a value is decoded as one.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// The values of the union's tag that mean it.
    pub tags: &'static [&'static str],
    /// The properties of an object.
    pub properties: &'static [&'static str],
    /// Those that are always there.
    pub required: &'static [&'static str],
    /// Those that are to be there, and may be null.
    pub nullable: &'static [&'static str],
    /// Those that may be absent, and are never null.
    pub never_null: &'static [&'static str],
    /// The values of the properties that list some.
    pub listed: &'static [(&'static str, &'static [&'static str])],
    /// The values of a scalar that lists some.
    pub values: &'static [&'static str],
}

/// The positions of the members that a value may be, the likeliest first. Decode the value while this
/// exists; it ends early after 100,000 members of one value, and of the unions inside it, that failed.
#[derive(Debug)]
pub struct Candidates {
    positions: vec::IntoIter<usize>,
    is_retry: bool,
}

impl Candidates {
    fn new(positions: Vec<usize>) -> Self {
        let (open, retries) = UNDER_WAY.get();
        UNDER_WAY.set((open + 1, retries));
        Self {
            positions: positions.into_iter(),
            is_retry: false,
        }
    }
}

impl Iterator for Candidates {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let next = self.positions.next()?;
        if mem::replace(&mut self.is_retry, true) {
            let (open, retries) = UNDER_WAY.get();
            if retries == MAX_RETRIES {
                return None;
            }
            UNDER_WAY.set((open, retries + 1));
        }
        Some(next)
    }
}

impl Drop for Candidates {
    fn drop(&mut self) {
        let (open, retries) = UNDER_WAY.get();
        UNDER_WAY.set(match open {
            1 => (0, 0),
            _ => (open - 1, retries),
        });
    }
}

/// The members that a value may be.
///
/// A tag decides, if the value has one. Otherwise a member is left out if the value lacks a required
/// property, or has a value that the member does not list or a null that it does not allow, and the one
/// that knows most keys of the value comes first; of several the one that lacks the fewest keys which may
/// be null. A scalar that lists other values comes last. Equal members keep their order.
pub fn candidates(value: &Value, tag: Option<&str>, members: &[Member]) -> Candidates {
    let tag = tag.and_then(|tag| text(value.get(tag)?));
    let mut fitting: Vec<usize> = (0..members.len())
        .filter(|position| match &tag {
            Some(tag) => members[*position].tags.contains(&tag.as_ref()),
            None => members[*position].fits(value),
        })
        .collect();
    let text = text(value);
    let is_unlisted = |member: &Member| {
        let listed = text
            .as_deref()
            .is_some_and(|text| member.values.contains(&text));
        !member.values.is_empty() && !listed
    };
    let lacking = |member: &Member| {
        let nullable = member.nullable.iter();
        nullable.filter(|name| value.get(name).is_none()).count()
    };
    fitting.sort_by_key(|position| {
        let member = &members[*position];
        let knows = Reverse(member.knows(value));
        (is_unlisted(member), knows, lacking(member))
    });
    Candidates::new(fitting)
}

/// Whether a number of 64 bits in binary floating point holds this value without loss; true if it is no
/// integer.
pub fn is_exact(value: &Value) -> bool {
    let integer = value.as_u64().or(value.as_i64().map(i64::unsigned_abs));
    integer
        .is_none_or(|size| size == 0 || size.ilog2() - size.trailing_zeros() < f64::MANTISSA_DIGITS)
}

impl Member {
    /// A member of which nothing is known.
    pub const ANY: Self = Self {
        tags: &[],
        properties: &[],
        required: &[],
        nullable: &[],
        never_null: &[],
        listed: &[],
        values: &[],
    };

    fn fits(&self, value: &Value) -> bool {
        let has = |name: &&str| value.get(name).is_some_and(|value| !value.is_null());
        let lists = |(name, values): &(&str, &[&str])| {
            let stated = value.get(name).and_then(text);
            stated.is_none_or(|stated| values.contains(&stated.as_ref()))
        };
        let is_null = |name: &&str| value.get(name).is_some_and(Value::is_null);
        self.required.iter().all(has)
            && self.listed.iter().all(lists)
            && !self.never_null.iter().any(is_null)
    }

    /// How many keys of a value it knows. A map, which knows none, is more than an object that knows
    /// none of them.
    fn knows(&self, value: &Value) -> usize {
        let known = self.properties.iter();
        let known = known.filter(|name| value.get(name).is_some()).count();
        match value {
            Value::Object(keys) if !keys.is_empty() && self.properties.is_empty() => 1,
            _ => 2 * known,
        }
    }
}

/// The text of a string, a number or a boolean; `None` for null, lists and objects.
pub(crate) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string().into()),
        _ => None,
    }
}
