//! String enums that take values which did not exist when this version was made.

/// Defines an enum of strings that never refuses one it does not know.
///
/// The vendor may add values at any time, so a value that this version does not know is kept in
/// `Unknown` and written back as it came. What is written:
///
/// - the enum, `#[non_exhaustive]`, with a last variant `Unknown(String)`;
/// - `KNOWN`, every known value in the order of declaration; `as_str`, `is_known`;
/// - `From<&str>`, `From<String>`, `From<&String>`, `From<&Self>` and `FromStr`, none of which
///   fails;
/// - `Display`, `AsRef<str>`, comparison with `str`, and serde, all by the text on the wire.
///
/// Two values are equal when their texts are. Parsing never gives `Unknown` for a known text; one
/// built by hand, `Unknown("launch".into())`, is sent, compared and hashed like the known value.
///
/// ```
/// pivotal_runtime::open_enum! {
///     /// Where an onboarding stands.
///     pub enum Phase {
///         /// The customer uses it.
///         Launch = "launch",
///         /// Nothing is left to do.
///         Completed = "completed",
///     }
/// }
///
/// assert_eq!(Phase::from("launch"), Phase::Launch);
/// assert_eq!(Phase::Launch, "launch");
///
/// let new = Phase::from("victory_lap");
/// assert!(!new.is_known());
/// assert_eq!(new.to_string(), "victory_lap");
/// match new {
///     Phase::Completed => println!("done"),
///     Phase::Unknown(text) => println!("newer than this program: {text}"),
///     _ => println!("under way"),
/// }
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$($meta:tt)*])*
        $vis:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal ),* $(,)?
        }
    ) => {
        $(#[$($meta)*])*
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        $vis enum $name {
            $( $(#[$variant_meta])* $variant, )*
            /// A value that this version does not know, as it came.
            Unknown(::std::string::String),
        }

        // How far these reach is up to the enum's own visibility.
        #[allow(unreachable_pub)]
        impl $name {
            /// Every value that this version knows, in the order of the contract.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),*];

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )*
                    Self::Unknown(text) => text,
                }
            }

            /// Whether this version knows the value.
            pub fn is_known(&self) -> bool {
                Self::known(self.as_str()).is_some()
            }

            fn known(text: &str) -> ::std::option::Option<Self> {
                match text {
                    $( $text => ::std::option::Option::Some(Self::$variant), )*
                    _ => ::std::option::Option::None,
                }
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| Self::Unknown(text.to_owned()))
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::known(&text).unwrap_or(Self::Unknown(text))
            }
        }

        impl ::std::convert::From<&::std::string::String> for $name {
            fn from(text: &::std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl ::std::convert::From<&$name> for $name {
            fn from(value: &$name) -> Self {
                value.clone()
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                ::std::result::Result::Ok(Self::from(text))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::std::cmp::PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl ::std::cmp::Eq for $name {}

        impl ::std::hash::Hash for $name {
            fn hash<H: ::std::hash::Hasher>(&self, state: &mut H) {
                ::std::hash::Hash::hash(self.as_str(), state);
            }
        }

        impl ::std::cmp::PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl ::std::cmp::PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                struct Text;

                impl $crate::__private::serde::de::Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str(concat!("a string for ", stringify!($name)))
                    }

                    fn visit_str<E>(self, text: &str) -> ::std::result::Result<$name, E> {
                        ::std::result::Result::Ok($name::from(text))
                    }

                    fn visit_string<E>(
                        self,
                        text: ::std::string::String,
                    ) -> ::std::result::Result<$name, E> {
                        ::std::result::Result::Ok($name::from(text))
                    }
                }

                deserializer.deserialize_str(Text)
            }
        }

        $crate::__open_enum_schema! { $name $(#[$($meta)*])* }
    };
}

/// The JSON Schema of an open enum: a string, with the known values as examples. Whether it is
/// written is up to this crate's feature, not to the one that the enum stands in.
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum_schema {
    ($name:ident $(#[$($meta:tt)*])*) => {
        impl $crate::__private::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(stringify!($name))
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(concat!(module_path!(), "::", stringify!($name)))
            }

            fn json_schema(
                _: &mut $crate::__private::schemars::SchemaGenerator,
            ) -> $crate::__private::schemars::Schema {
                $crate::schema::open_enum(
                    $crate::__doc_text!($(#[$($meta)*])*),
                    Self::KNOWN.iter().map(Self::as_str),
                )
            }
        }
    };
}

#[cfg(not(feature = "schemars"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum_schema {
    ($($anything:tt)*) => {};
}

/// The text of the doc comments among some attributes, a line each.
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[macro_export]
macro_rules! __doc_text {
    () => { "" };
    (#[doc = $line:literal] $($rest:tt)*) => {
        concat!($line, "\n", $crate::__doc_text!($($rest)*))
    };
    (#[$($other:tt)*] $($rest:tt)*) => { $crate::__doc_text!($($rest)*) };
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    open_enum! {
        /// Where an onboarding stands.
        enum Phase {
            /// Not begun.
            BeforeGettingStarted = "before_getting_started",
            /// In use.
            Launch = "launch",
        }
    }

    proptest! {
        #[test]
        fn any_text_survives_byte_for_byte(text in ".*") {
            let json = serde_json::to_string(&text).unwrap();
            let phase: Phase = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(phase.as_str(), &text);
            prop_assert_eq!(serde_json::to_string(&phase).unwrap(), json);
            prop_assert_eq!(text.parse::<Phase>().unwrap(), phase);
        }
    }

    #[test]
    fn a_known_text_always_parses_to_its_variant() {
        assert_eq!(Phase::KNOWN.len(), 2);
        for known in Phase::KNOWN {
            assert!(known.is_known());
            for parsed in [
                Phase::from(known.as_str()),
                Phase::from(known.to_string()),
                serde_json::from_value(known.as_str().into()).unwrap(),
            ] {
                assert!(!matches!(parsed, Phase::Unknown(_)));
                assert_eq!(&parsed, known);
            }
        }
    }

    #[test]
    fn an_unknown_built_by_hand_behaves_like_the_known_value() {
        let by_hand = Phase::Unknown("launch".to_owned());
        assert_eq!(by_hand, Phase::Launch);
        assert!(by_hand.is_known());
        assert!(HashSet::from([Phase::Launch]).contains(&by_hand));
        assert_eq!(serde_json::to_string(&by_hand).unwrap(), r#""launch""#);
    }

    #[test]
    fn what_is_not_a_string_is_refused_by_name() {
        for json in ["5", "null", "true", "[]", "{}"] {
            let error = serde_json::from_str::<Phase>(json).unwrap_err().to_string();
            assert!(error.contains("expected a string for Phase"), "{error}");
        }
    }

    #[test]
    fn display_keeps_to_the_width_asked_for() {
        assert_eq!(format!("{:>8}|", Phase::Launch), "  launch|");
    }
}
