//! Rust types of shaped schemas.

use std::collections::BTreeSet;

use openapi_pipeline::shape::{Shaped, Type};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// The type as a field holds it.
pub(super) fn held(r#type: &Type) -> TokenStream {
    match r#type {
        Type::String => quote!(::std::string::String),
        Type::Integer => quote!(i64),
        Type::Unsigned => quote!(u64),
        Type::Count => quote!(u32),
        Type::Number => quote!(f64),
        Type::Boolean => quote!(bool),
        Type::Timestamp => quote!(::jiff::Timestamp),
        Type::Date => quote!(::jiff::civil::Date),
        Type::Json => quote!(::serde_json::Value),
        Type::Named(name) => {
            let name = format_ident!("{name}");
            quote!(super::#name)
        }
        Type::Boxed(inner) => {
            let inner = held(inner);
            quote!(::std::boxed::Box<#inner>)
        }
        Type::Nullable(inner) => {
            let inner = held(inner);
            quote!(::std::option::Option<#inner>)
        }
        Type::List(inner) => {
            let inner = held(inner);
            quote!(::std::vec::Vec<#inner>)
        }
        Type::Map(inner) => {
            let inner = held(inner);
            quote!(::std::collections::BTreeMap<::std::string::String, #inner>)
        }
    }
}

/// How a function takes a value of a type, and how it becomes what a field holds.
pub(super) struct Taken {
    /// Type of the parameter.
    pub(super) parameter: TokenStream,
    /// The argument as the field holds it.
    pub(super) conversion: TokenStream,
}

/// What callers write without ceremony: `"text"` for strings and enums, any list of them for lists.
pub(super) fn taken(value: &Ident, r#type: &Type, convertible: &BTreeSet<&str>) -> Taken {
    let held = held(r#type);
    match r#type {
        Type::String | Type::Json => Taken {
            parameter: quote!(impl ::std::convert::Into<#held>),
            conversion: quote!(#value.into()),
        },
        Type::Named(name) if convertible.contains(name.as_str()) => Taken {
            parameter: quote!(impl ::std::convert::Into<#held>),
            conversion: quote!(#value.into()),
        },
        Type::Nullable(_) => Taken {
            parameter: quote!(impl ::std::convert::Into<#held>),
            conversion: quote!(#value.into()),
        },
        Type::Boxed(inner) => {
            let Taken {
                parameter,
                conversion,
            } = taken(value, inner, convertible);
            Taken {
                parameter,
                conversion: quote!(::std::boxed::Box::new(#conversion)),
            }
        }
        Type::List(inner) => match inner.as_ref() {
            Type::String => list_of_convertible(value, inner),
            Type::Named(name) if convertible.contains(name.as_str()) => {
                list_of_convertible(value, inner)
            }
            _ => {
                let inner = self::held(inner);
                Taken {
                    parameter: quote!(impl ::std::iter::IntoIterator<Item = #inner>),
                    conversion: quote!(#value.into_iter().collect()),
                }
            }
        },
        _ => Taken {
            parameter: held,
            conversion: quote!(#value),
        },
    }
}

/// A constructor that takes these fields; `rest` are the others as they begin.
pub(super) fn constructor(arguments: &[(Ident, Taken)], rest: &[TokenStream]) -> TokenStream {
    let parameters = arguments
        .iter()
        .map(|(name, Taken { parameter, .. })| quote!(#name: #parameter));
    let fields = arguments.iter().map(|(name, Taken { conversion, .. })| {
        // `name: name` is written `name`.
        match name == &conversion.to_string() {
            true => quote!(#name),
            false => quote!(#name: #conversion),
        }
    });
    quote! {
        pub fn new(#(#parameters),*) -> Self {
            Self { #(#fields,)* #(#rest,)* }
        }
    }
}

/// A setter; `set` makes the statement from the argument and from what the field holds of it.
pub(super) fn setter(
    about: &TokenStream,
    name: &Ident,
    taken: impl FnOnce(&Ident) -> Taken,
    set: impl FnOnce(&Ident, &TokenStream) -> TokenStream,
) -> TokenStream {
    let value = format_ident!("value");
    let Taken {
        parameter,
        conversion,
    } = taken(&value);
    let set = set(&value, &conversion);
    quote! {
        #about
        #[must_use]
        pub fn #name(mut self, value: #parameter) -> Self {
            #set;
            self
        }
    }
}

fn list_of_convertible(value: &Ident, inner: &Type) -> Taken {
    let inner = held(inner);
    Taken {
        parameter: quote!(impl ::std::iter::IntoIterator<Item = impl ::std::convert::Into<#inner>>),
        conversion: quote!(#value.into_iter().map(::std::convert::Into::into).collect()),
    }
}

/// Generated types that take more than themselves.
pub(super) fn convertible(shaped: &Shaped) -> BTreeSet<&str> {
    let enums = shaped.enums.iter().map(|found| found.name.as_str());
    enums
        .chain(shaped.unions.iter().map(|union| union.name.as_str()))
        .collect()
}
