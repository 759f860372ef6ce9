//! Rust types of shaped schemas.

use std::collections::BTreeSet;

use openapi_pipeline::shape::{Shaped, Type};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{docs, ident};

/// The type as a field holds it.
pub(super) fn held(r#type: &Type) -> TokenStream {
    let of = |name: TokenStream, inner: &Type| {
        let inner = held(inner);
        quote!(#name<#inner>)
    };
    match r#type {
        Type::String => quote!(::std::string::String),
        Type::Integer => quote!(i64),
        Type::Unsigned => quote!(u64),
        Type::Count => quote!(u32),
        Type::Number => quote!(f64),
        Type::Boolean => quote!(bool),
        Type::Timestamp => quote!(::jiff::Timestamp),
        Type::Date => quote!(::pivotal_runtime::Date),
        Type::Bytes => quote!(::std::vec::Vec<u8>),
        Type::Json => quote!(::serde_json::Value),
        Type::Named(name) => {
            let name = ident(name);
            quote!(super::#name)
        }
        Type::Boxed(inner) => of(quote!(::std::boxed::Box), inner),
        Type::Nullable(inner) => of(quote!(::std::option::Option), inner),
        Type::List(inner) => of(quote!(::std::vec::Vec), inner),
        // The generator's type of a map of anything.
        Type::Map(inner) if **inner == Type::Json => {
            quote!(::serde_json::Map<::std::string::String, ::serde_json::Value>)
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

impl Taken {
    /// By `Into`.
    pub(super) fn into(value: &Ident, held: &TokenStream) -> Self {
        Self {
            parameter: quote!(impl ::std::convert::Into<#held>),
            conversion: quote!(#value.into()),
        }
    }
}

/// How a function takes the ID of an object.
pub(super) fn taken_id(value: &Ident, object: &str) -> Taken {
    let object = ident(object);
    Taken::into(value, &quote!(::pivotal_runtime::Id<super::#object>))
}

/// What callers write without ceremony: `"text"` for strings and enums, any list of them for lists.
pub(super) fn taken(value: &Ident, r#type: &Type, convertible: &BTreeSet<&str>) -> Taken {
    let held = held(r#type);
    match r#type {
        Type::String | Type::Bytes | Type::Json | Type::Nullable(_) => Taken::into(value, &held),
        Type::Named(name) if convertible.contains(name.as_str()) => Taken::into(value, &held),
        Type::Boxed(inner) => {
            let taken = taken(value, inner, convertible);
            let conversion = taken.conversion;
            Taken {
                conversion: quote!(::std::boxed::Box::new(#conversion)),
                ..taken
            }
        }
        Type::List(inner) => {
            let held = self::held(inner);
            let converts = match inner.as_ref() {
                Type::String => true,
                Type::Named(name) => convertible.contains(name.as_str()),
                _ => false,
            };
            let (item, map) = if converts {
                let map = quote!(.map(::std::convert::Into::into));
                (quote!(impl ::std::convert::Into<#held>), Some(map))
            } else {
                (held, None)
            };
            Taken {
                parameter: quote!(impl ::std::iter::IntoIterator<Item = #item>),
                conversion: quote!(#value.into_iter() #map.collect()),
            }
        }
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

/// A setter of a `value` of this type, and the setter `maybe` that takes a value or none.
pub(super) fn setters(
    about: &TokenStream,
    (name, maybe): (&str, &str),
    parameter: &TokenStream,
    statement: &TokenStream,
) -> TokenStream {
    let about_maybe = docs(&format!(
        "[`{name}`](Self::{name}) with an optional value. `None` changes nothing and sends no null."
    ));
    let (name, maybe) = (ident(name), ident(maybe));
    quote! {
        #about
        #[must_use]
        pub fn #name(mut self, value: #parameter) -> Self {
            #statement;
            self
        }

        #about_maybe
        #[must_use]
        pub fn #maybe(self, value: ::std::option::Option<#parameter>) -> Self {
            match value {
                ::std::option::Option::Some(value) => self.#name(value),
                ::std::option::Option::None => self,
            }
        }
    }
}

/// Generated types that take more than themselves.
pub(super) fn convertible(shaped: &Shaped) -> BTreeSet<&str> {
    let enums = shaped.enums.iter().map(|found| found.name.as_str());
    let unions = shaped.unions.iter().map(|union| union.name.as_str());
    enums.chain(unions).collect()
}
