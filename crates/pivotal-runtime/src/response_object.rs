//! Decoding of response objects.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// Implements `Deserialize` for a generated struct of a response. Keys that the struct does not
/// know are kept in a map, which is the field after `..`.
///
/// A derive does the same with `#[serde(flatten)]`, but then copies every value of the object into
/// a buffer first. Here only the values of unknown keys are stored apart.
///
/// An `optional` key may be missing: its field then has the default. An `integer` may be written as
/// `7.0` or `7e0`. A key that occurs twice is an error.
///
/// ```
/// use serde_json::{Map, Value};
///
/// struct Customer {
///     id: String,
///     display_id: i64,
///     mrr: Option<i64>,
///     extra: Map<String, Value>,
/// }
///
/// mod generated {
///     pivotal_runtime::response_object! {
///         super::Customer {
///             id: "id",
///             display_id: integer "display_id",
///             mrr: optional integer "mrr",
///             ..extra
///         }
///     }
/// }
///
/// # fn main() -> serde_json::Result<()> {
/// let json = r#"{"id":"c1","display_id":245.0,"tier":"gold"}"#;
/// let customer: Customer = serde_json::from_str(json)?;
/// assert_eq!((customer.id.as_str(), customer.display_id, customer.mrr), ("c1", 245, None));
/// assert_eq!(customer.extra["tier"], "gold");
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! response_object {
    (super::$name:ident { $($field:ident: $($kind:ident)* $key:literal,)* ..$extra:ident }) => {
        const _: () = {
            use ::std::option::Option::{None, Some};
            use ::std::result::Result::{Err, Ok};
            use $crate::__private::serde::de;

            #[allow(non_camel_case_types)]
            enum Key {
                $($field,)*
                $extra(::std::string::String),
            }

            impl<'de> de::Deserialize<'de> for Key {
                fn deserialize<D: de::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::std::result::Result<Self, D::Error> {
                    struct Keys;

                    impl de::Visitor<'_> for Keys {
                        type Value = Key;

                        fn expecting(
                            &self,
                            f: &mut ::std::fmt::Formatter<'_>,
                        ) -> ::std::fmt::Result {
                            f.write_str("a key")
                        }

                        fn visit_str<E>(self, key: &str) -> ::std::result::Result<Key, E> {
                            Ok(match key {
                                $($key => Key::$field,)*
                                key => Key::$extra(::std::string::String::from(key)),
                            })
                        }
                    }

                    deserializer.deserialize_identifier(Keys)
                }
            }

            struct Object;

            impl<'de> de::Visitor<'de> for Object {
                type Value = super::$name;

                fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.write_str(concat!("an object for ", stringify!($name)))
                }

                fn visit_map<A: de::MapAccess<'de>>(
                    self,
                    mut object: A,
                ) -> ::std::result::Result<super::$name, A::Error> {
                    $(let mut $field = None;)*
                    let mut $extra = $crate::__private::serde_json::Map::new();
                    while let Some(key) = object.next_key()? {
                        match key {
                            $(Key::$field => {
                                if $field.is_some() {
                                    return Err(de::Error::duplicate_field($key));
                                }
                                $field = Some(
                                    $crate::response_object!(@value object $($kind)*)
                                );
                            })*
                            Key::$extra(key) => {
                                $extra.insert(key, object.next_value()?);
                            }
                        }
                    }
                    Ok(super::$name {
                        $($field: $crate::response_object!(@field $field $key $($kind)*),)*
                        $extra,
                    })
                }
            }

            impl<'de> de::Deserialize<'de> for super::$name {
                fn deserialize<D: de::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::std::result::Result<Self, D::Error> {
                    deserializer.deserialize_map(Object)
                }
            }
        };
    };
    (@value $object:ident integer) => {
        $object.next_value::<$crate::__private::Integer<_>>()?.0
    };
    (@value $object:ident optional integer) => {
        $object
            .next_value::<::std::option::Option<$crate::__private::Integer<_>>>()?
            .map(|integer| integer.0)
    };
    (@value $object:ident $(optional)?) => {
        $object.next_value()?
    };
    (@field $field:ident $key:literal optional $($integer:ident)?) => {
        $field.unwrap_or_default()
    };
    (@field $field:ident $key:literal $($integer:ident)?) => {
        match $field {
            Some(value) => value,
            None => return Err(de::Error::missing_field($key)),
        }
    };
}

/// An integer that may also be written with a fraction of zero or an exponent.
#[derive(Debug)]
pub struct Integer<T>(pub T);

impl<'de, T: TryFrom<i64> + TryFrom<u64>> Deserialize<'de> for Integer<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(Digits(PhantomData))
    }
}

struct Digits<T>(PhantomData<T>);

impl<T: TryFrom<i64> + TryFrom<u64>> Visitor<'_> for Digits<T> {
    type Value = Integer<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::any::type_name::<T>())
    }

    #[inline]
    fn visit_i64<E: Error>(self, value: i64) -> Result<Integer<T>, E> {
        let integer = T::try_from(value).map(Integer);
        integer.map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
    }

    #[inline]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Integer<T>, E> {
        let integer = T::try_from(value).map(Integer);
        integer.map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Integer<T>, E> {
        // Beyond this, neighbouring integers are the same number with a fraction.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() < EXACT {
            return self.visit_i64(value as i64);
        }
        Err(E::invalid_type(Unexpected::Float(value), &self))
    }
}
