//! Three states for a key that may be left alone, cleared or set.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error as _, Serialize, Serializer};

/// What a request does to one nullable key: leaves it alone, clears it, or sets it.
///
/// `Option` cannot say "set this to null" and "do not touch this" apart. As a field it needs
/// `#[serde(default, skip_serializing_if = "Patch::is_absent")]`; then absent, `null` and a value
/// survive the way to JSON and back.
///
/// ```
/// use pivotal_runtime::Patch;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Default)]
/// struct Update {
///     #[serde(default, skip_serializing_if = "Patch::is_absent")]
///     plan: Patch<String>,
///     #[serde(default, skip_serializing_if = "Patch::is_absent")]
///     domain: Patch<String>,
///     #[serde(default, skip_serializing_if = "Patch::is_absent")]
///     slug: Patch<String>,
/// }
///
/// let update = Update { plan: "Growth".into(), domain: Patch::Null, ..Update::default() };
/// assert_eq!(serde_json::to_string(&update)?, r#"{"plan":"Growth","domain":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// Not sent: the server keeps what it has.
    #[default]
    Absent,
    /// Sent as `null`: the server clears it.
    Null,
    /// Sent as a value.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether nothing is to be sent.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether `null` is to be sent.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The same state, borrowing the value.
    pub const fn as_ref(&self) -> Patch<&T> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(value),
        }
    }

    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The same state with the value changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(change(value)),
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// `Some` sets, `None` clears. To leave the key alone, do not set the field at all.
impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl From<&str> for Patch<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // Writing null here would clear what the caller wanted left alone.
            Self::Absent => Err(S::Error::custom(
                "an absent Patch has no JSON form; mark the field \
                 #[serde(skip_serializing_if = \"Patch::is_absent\")]",
            )),
            Self::Null => serializer.serialize_none(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}

/// A value or null. That the key may be left out is said where it stands, by `#[serde(default)]`.
#[cfg(feature = "schemars")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Patch<T> {
    fn inline_schema() -> bool {
        Option::<T>::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        Option::<T>::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Option::<T>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Body {
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        labels: Patch<Vec<String>>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        mrr: Patch<i64>,
    }

    fn patch<T: Clone + std::fmt::Debug>(
        value: impl Strategy<Value = T>,
    ) -> impl Strategy<Value = Patch<T>> {
        prop_oneof![
            Just(Patch::Absent),
            Just(Patch::Null),
            value.prop_map(Patch::Value),
        ]
    }

    proptest! {
        #[test]
        fn all_three_states_survive_the_way_to_json_and_back(
            labels in patch(proptest::collection::vec(".*", 0..3)),
            mrr in patch(any::<i64>()),
        ) {
            let body = Body { labels, mrr };
            let text = serde_json::to_string(&body).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Body>(&text).unwrap(), &body);

            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(json.get("mrr").is_none(), body.mrr.is_absent());
            prop_assert_eq!(json.get("mrr").is_some_and(|v| v.is_null()), body.mrr.is_null());
        }
    }

    #[test]
    fn absent_outside_a_skipped_field_is_an_error_rather_than_a_null() {
        let error = serde_json::to_string(&[Patch::<i64>::Absent]).unwrap_err();
        assert!(error.to_string().contains("skip_serializing_if"), "{error}");
    }

    #[test]
    fn an_option_sets_or_clears() {
        assert_eq!(Patch::from(Some(5)), Patch::Value(5));
        assert_eq!(Patch::<i64>::from(None), Patch::Null);
        assert_eq!(Patch::<i64>::default(), Patch::Absent);
    }

    #[test]
    fn map_and_value_touch_only_a_value() {
        assert_eq!(Patch::Value(2).map(|n| n + 1).value(), Some(3));
        assert_eq!(Patch::<i64>::Null.map(|n| n + 1), Patch::Null);
        assert_eq!(Patch::<i64>::Absent.as_ref().value(), None);
    }
}
