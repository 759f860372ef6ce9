//! String enums that accept unknown values.

/// Defines a string enum that accepts unknown values.
///
/// The vendor may add values at any time. A value that this version does not know is kept in
/// `Unknown` and serialized unchanged. The macro generates:
///
/// - the enum, `#[non_exhaustive]`, with an additional variant `Unknown(String)`;
/// - `KNOWN` (all known values in the order of declaration), `as_str` and `is_known`;
/// - `From<&str>`, `From<String>`, `From<&String>`, `From<&Self>` and an infallible `FromStr`;
/// - `Display`, `AsRef<str>`, comparison with `str`, and serde, all by the text on the wire;
/// - `Ord`, by the order of declaration.
///
/// Two values are equal if their texts are. Parsing a known text never results in `Unknown`. A
/// manually built `Unknown("launch".into())` is sent, compared and hashed like the known value.
///
/// Known values are ordered as they are declared. Unknown values come after all of them, in the order
/// of their texts.
///
/// ```
/// pivotal_runtime::open_enum! {
///     /// The phase of an onboarding.
///     pub enum Phase {
///         /// In use.
///         Launch = "launch",
///         /// Finished.
///         Completed = "completed",
///     }
/// }
///
/// assert_eq!(Phase::from("launch"), Phase::Launch);
/// assert_eq!(Phase::Launch, "launch");
/// assert!(Phase::Launch < Phase::Completed);
///
/// let new = Phase::from("victory_lap");
/// assert!(!new.is_known());
/// assert!(new > Phase::Completed);
/// assert_eq!(new.to_string(), "victory_lap");
/// match new {
///     Phase::Completed => println!("done"),
///     Phase::Unknown(text) => println!("unknown: {text}"),
///     _ => println!("in progress"),
/// }
/// ```
// Names of types in it begin with underscores, because the enum may have any other name.
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
            /// A value that this version does not know.
            Unknown(::std::string::String),
        }

        #[allow(unreachable_pub)]
        impl $name {
            /// All values that this version knows, in the order of the contract.
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

        /// Known values are in the order of [`KNOWN`](Self::KNOWN). Unknown values come after them,
        /// in the order of their texts.
        impl ::std::cmp::Ord for $name {
            fn cmp(&self, other: &Self) -> ::std::cmp::Ordering {
                let rank = |value: &Self| {
                    let position = Self::KNOWN.iter().position(|known| known == value);
                    position.unwrap_or(Self::KNOWN.len())
                };
                let by_text = || self.as_str().cmp(other.as_str());
                rank(self).cmp(&rank(other)).then_with(by_text)
            }
        }

        impl ::std::cmp::PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> ::std::option::Option<::std::cmp::Ordering> {
                ::std::option::Option::Some(self.cmp(other))
            }
        }

        impl ::std::hash::Hash for $name {
            fn hash<__H: ::std::hash::Hasher>(&self, state: &mut __H) {
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
            fn serialize<__S>(&self, serializer: __S) -> ::std::result::Result<__S::Ok, __S::Error>
            where
                __S: $crate::__private::serde::Serializer,
            {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<__D>(deserializer: __D) -> ::std::result::Result<Self, __D::Error>
            where
                __D: $crate::__private::serde::Deserializer<'de>,
            {
                struct __Text;

                impl $crate::__private::serde::de::Visitor<'_> for __Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str(concat!("a string for ", stringify!($name)))
                    }

                    fn visit_str<__E>(self, text: &str) -> ::std::result::Result<$name, __E> {
                        ::std::result::Result::Ok($name::from(text))
                    }
                }

                deserializer.deserialize_str(__Text)
            }
        }

        $crate::__open_enum_schema! { $name $(#[$($meta)*])* }
    };
}

/// The JSON Schema of an open enum: a string, with the known values as examples. It depends on the
/// feature of this crate, not on one of the crate that defines the enum.
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

/// The text of the doc comments in a list of attributes, one line each.
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
