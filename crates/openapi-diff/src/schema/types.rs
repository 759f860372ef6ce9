//! Sets of types.

use std::ops::{BitAnd, BitOr};

use serde_json::{Value, json};

/// A set of the types of JSON, null aside. Whole numbers are a type of their own, and a part of the
/// numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const NONE: Self = Self(0);
    pub(super) const BOOLEAN: Self = Self(1);
    pub(super) const INTEGER: Self = Self(2);
    pub(super) const NUMBER: Self = Self(2 | 4);
    pub(super) const STRING: Self = Self(8);
    pub(super) const ARRAY: Self = Self(16);
    pub(super) const OBJECT: Self = Self(32);
    pub(super) const ANY: Self = Self(63);

    /// The type of a name; none for `null` and for what is no type.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => return None,
        })
    }

    /// The type of a value; none for null.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NONE,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) if is_whole(number) => Self::INTEGER,
            Value::Number(_) => Self::NUMBER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(super) fn holds(self, other: Self) -> bool {
        self & other == other
    }

    pub(super) fn meets(self, other: Self) -> bool {
        !(self & other).is_none()
    }

    /// The types in the words of a schema: one name, an array of names, `"any"`.
    pub(super) fn words(self, nullable: bool) -> Value {
        if self == Self::ANY {
            return json!("any");
        }
        let all = [
            ("array", Self::ARRAY),
            ("boolean", Self::BOOLEAN),
            ("number", Self::NUMBER),
            ("integer", Self::INTEGER),
            ("object", Self::OBJECT),
            ("string", Self::STRING),
        ];
        let mut names: Vec<&str> = all
            .iter()
            .filter(|(name, types)| {
                self.holds(*types) && !(*name == "integer" && self.holds(Self::NUMBER))
            })
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

fn is_whole(number: &serde_json::Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|value| value.fract() == 0.0)
}
