//! Sets of types.

use std::ops::{BitAnd, BitOr};

use serde_json::{Value, json};

/// A set of JSON types, null aside. Whole numbers are a type of their own, and part of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Types(u8);

/// The types by name, in alphabetical order but for `number`, which includes `integer`.
const NAMES: [(&str, Types); 6] = [
    ("array", Types::ARRAY),
    ("boolean", Types::BOOLEAN),
    ("number", Types::NUMBER),
    ("integer", Types::INTEGER),
    ("object", Types::OBJECT),
    ("string", Types::STRING),
];

impl Types {
    pub(super) const NONE: Self = Self(0);
    const BOOLEAN: Self = Self(1);
    pub(super) const INTEGER: Self = Self(2);
    pub(super) const NUMBER: Self = Self(2 | 4);
    pub(super) const STRING: Self = Self(8);
    pub(super) const ARRAY: Self = Self(16);
    pub(super) const OBJECT: Self = Self(32);
    pub(super) const ANY: Self = Self(63);

    /// The type of a name; `None` for `null` and for an unknown name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, types)| *types)
    }

    /// The type of a value; none for null.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NONE,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) => {
                let fraction = number.as_f64().map_or(0.0, f64::fract);
                if !number.is_f64() || fraction == 0.0 {
                    Self::INTEGER
                } else {
                    Self::NUMBER
                }
            }
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    pub(super) fn union(types: impl Iterator<Item = Self>) -> Self {
        types.fold(Self::NONE, |all, one| all | one)
    }

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(super) fn contains(self, other: Self) -> bool {
        self & other == other
    }

    pub(super) fn intersects(self, other: Self) -> bool {
        !(self & other).is_none()
    }

    /// The types as a schema writes them: one name, an array of names, or `"any"`.
    pub(super) fn names(self, nullable: bool) -> Value {
        if self == Self::ANY {
            return json!("any");
        }
        let is_named = |(name, types): &&(&str, Self)| {
            self.contains(*types) && !(*name == "integer" && self.contains(Self::NUMBER))
        };
        let mut names: Vec<&str> = NAMES
            .iter()
            .filter(is_named)
            .map(|(name, _)| *name)
            .collect();
        if nullable {
            names.push("null");
        }
        match names[..] {
            [] => json!("none"),
            [only] => json!(only),
            _ => json!(names),
        }
    }
}

impl Default for Types {
    fn default() -> Self {
        Self::ANY
    }
}

impl BitAnd for Types {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Types {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
