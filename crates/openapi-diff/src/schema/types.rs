//! Sets of types.

use bitflags::bitflags;
use serde_json::{Value, json};

bitflags! {
    /// A set of JSON types, null aside. Whole numbers are a type of their own, and part of the
    /// numbers.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub(crate) struct Types: u8 {
        const BOOLEAN = 1;
        const INTEGER = 2;
        const NUMBER = 2 | 4;
        const STRING = 8;
        const ARRAY = 16;
        const OBJECT = 32;
        /// What is written as one text.
        const SCALAR = 1 | 2 | 4 | 8;
    }
}

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
    /// The type of a name; `None` for `null` and for an unknown name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, types)| *types)
    }

    /// The type of a value; none for null.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::empty(),
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

    /// The types as a schema writes them: one name, an array of names, or `"any"`.
    pub(super) fn names(self, nullable: bool) -> Value {
        if self.is_all() {
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
        Self::all()
    }
}
