//! Request bodies: a constructor for the required fields and a setter for each optional field.

use std::collections::BTreeSet;

use openapi_pipeline::shape::{Body, Field, Shaped, Type};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::types::{Taken, convertible, held, setter, taken};
use super::{docs, types};

pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    let convertible = convertible(shaped);
    let bodies = shaped.bodies.iter().map(|found| body(found, &convertible));
    quote!(#(#bodies)*)
}

fn body(body: &Body, convertible: &BTreeSet<&str>) -> TokenStream {
    let name = format_ident!("{}", body.name);
    let about = docs(
        &body.description,
        &format!("`{}`; the document says no more.", body.name),
    );
    let fields = body.fields.iter().map(|field| declaration(body, field));
    let entries = body.fields.iter().map(entry);
    let constructor = constructor(body, convertible);
    let setters = body
        .fields
        .iter()
        .map(|field| setters(body, field, convertible));
    let default = body.arguments.is_empty().then(|| quote!(, Default));
    quote! {
        #about
        #[derive(Clone, Debug, PartialEq, ::serde::Deserialize #default)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields,)*
            /// Additional keys, which are sent as well. A key with the name of a field replaces the
            /// field.
            #[serde(flatten)]
            pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        }

        impl #name {
            #constructor
            #(#setters)*

            /// Sends a key or a value that the document does not define.
            #[must_use]
            pub fn extra(mut self, key: impl ::std::convert::Into<::std::string::String>, value: impl ::std::convert::Into<::serde_json::Value>) -> Self {
                self.extra.insert(key.into(), value.into());
                self
            }
        }

        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                let mut body = ::pivotal_runtime::BodyWriter::new(serializer, &self.extra)?;
                #(#entries)*
                body.end()
            }
        }
    }
}

fn ident(field: &Field) -> Ident {
    format_ident!("{}", field.rust)
}

pub(super) fn about(body: &Body, field: &Field) -> String {
    if field.description.trim().is_empty() {
        format!(
            "`{}` of `{}`; the document says no more.",
            field.wire, body.name
        )
    } else {
        field.description.clone()
    }
}

/// How a field represents that it is not sent.
pub(super) enum Presence {
    Always,
    AlwaysOrNull,
    Optional,
    OptionalOrNull,
}

pub(super) fn presence(field: &Field) -> Presence {
    match (field.required, field.nullable) {
        (true, false) => Presence::Always,
        (true, true) => Presence::AlwaysOrNull,
        (false, false) => Presence::Optional,
        (false, true) => Presence::OptionalOrNull,
    }
}

fn declaration(body: &Body, field: &Field) -> TokenStream {
    let (name, value, wire) = (ident(field), held(&field.r#type), &field.wire);
    let about = docs(&about(body, field), "");
    let rename = (field.rust != field.wire).then(|| quote!(#[serde(rename = #wire)]));
    match presence(field) {
        Presence::Always => quote!(#about #rename pub #name: #value),
        Presence::AlwaysOrNull => quote!(#about #rename pub #name: ::std::option::Option<#value>),
        Presence::Optional => {
            quote!(#about #rename #[serde(default)] pub #name: ::std::option::Option<#value>)
        }
        Presence::OptionalOrNull => {
            quote!(#about #rename #[serde(default)] pub #name: ::pivotal_runtime::Patch<#value>)
        }
    }
}

fn entry(field: &Field) -> TokenStream {
    let (name, wire) = (ident(field), &field.wire);
    let method = match presence(field) {
        Presence::Always | Presence::AlwaysOrNull => quote!(always),
        Presence::Optional => quote!(optional),
        Presence::OptionalOrNull => quote!(patch),
    };
    quote!(body.#method(#wire, &self.#name)?;)
}

fn constructor(body: &Body, convertible: &BTreeSet<&str>) -> TokenStream {
    let fields = body.arguments.iter().filter_map(|wire| {
        let mut fields = body.fields.iter();
        fields.find(|field| field.wire == *wire)
    });
    let arguments: Vec<(Ident, Taken)> = fields
        .map(|field| {
            let name = ident(field);
            let taken = match field.nullable {
                true => {
                    let nullable = Type::Nullable(Box::new(field.r#type.clone()));
                    taken(&name, &nullable, convertible)
                }
                false => taken(&name, &field.r#type, convertible),
            };
            (name, taken)
        })
        .collect();
    let unset = body
        .fields
        .iter()
        .filter(|field| !field.required)
        .map(ident);
    let rest: Vec<TokenStream> = unset
        .chain([format_ident!("extra")])
        .map(|name| quote!(#name: ::std::default::Default::default()))
        .collect();
    let about = if arguments.is_empty() {
        "An empty body. Set its fields with the setters."
    } else {
        "A body with the required fields. Optional fields are sent only if they are set."
    };
    let (about, constructor) = (docs(about, ""), types::constructor(&arguments, &rest));
    quote!(#about #constructor)
}

fn setters(body: &Body, field: &Field, convertible: &BTreeSet<&str>) -> TokenStream {
    let name = ident(field);
    let about = docs(&about(body, field), "");
    let variant = match presence(field) {
        // Given to the constructor.
        Presence::Always | Presence::AlwaysOrNull => return TokenStream::new(),
        Presence::Optional => quote!(::std::option::Option::Some),
        Presence::OptionalOrNull => quote!(::pivotal_runtime::Patch::Value),
    };
    let setter = setter(
        &about,
        &name,
        |value| taken(value, &field.r#type, convertible),
        |_, converted| quote!(self.#name = #variant(#converted)),
    );
    let clear = field.clear.as_ref().map(|clear| {
        let clear = format_ident!("{clear}");
        let about = docs(
            &format!("Sends null for `{}`, which clears the value.", field.wire),
            "",
        );
        quote! {
            #about
            #[must_use]
            pub fn #clear(mut self) -> Self {
                self.#name = ::pivotal_runtime::Patch::Null;
                self
            }
        }
    });
    quote!(#setter #clear)
}
