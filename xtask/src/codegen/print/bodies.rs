//! Request bodies: a constructor for the required fields and a setter for each optional field.

use std::collections::BTreeSet;

use openapi_pipeline::shape::{Body, Field, Shaped, Type};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::types::{self, Taken, convertible, held, setter, taken};
use super::{described, docs, ident};

pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    let convertible = convertible(shaped);
    let bodies = shaped.bodies.iter().map(|found| body(found, &convertible));
    quote!(#(#bodies)*)
}

fn body(body: &Body, convertible: &BTreeSet<&str>) -> TokenStream {
    let name = ident(&body.name);
    let about = docs(&described(&body.description, &format!("The body `{name}`")));
    let fields = body.fields.iter().map(|field| declaration(body, field));
    let entries = body.fields.iter().map(entry);
    let constructor = constructor(body, convertible);
    let setters = body.fields.iter();
    let setters = setters.filter_map(|field| setters_of(body, field, convertible));
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

pub(super) fn about(body: &Body, field: &Field) -> String {
    let subject = format!("The property `{}` of `{}`", field.wire, body.name);
    described(&field.description, &subject)
}

fn declaration(body: &Body, field: &Field) -> TokenStream {
    let (name, value, wire) = (ident(&field.rust), held(&field.r#type), &field.wire);
    let about = docs(&about(body, field));
    let rename = (field.rust != field.wire).then(|| quote!(#[serde(rename = #wire)]));
    let default = (!field.required).then(|| quote!(#[serde(default)]));
    let value = match (field.required, field.nullable) {
        (true, false) => value,
        (true, true) | (false, false) => quote!(::std::option::Option<#value>),
        (false, true) => quote!(::pivotal_runtime::Patch<#value>),
    };
    quote!(#about #rename #default pub #name: #value)
}

fn entry(field: &Field) -> TokenStream {
    let (name, wire) = (ident(&field.rust), &field.wire);
    let method = match (field.required, field.nullable) {
        (true, _) => quote!(always),
        (false, false) => quote!(optional),
        (false, true) => quote!(patch),
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
            let name = ident(&field.rust);
            let mut of = field.r#type.clone();
            if field.nullable {
                of = Type::Nullable(Box::new(of));
            }
            let taken = taken(&name, &of, convertible);
            (name, taken)
        })
        .collect();
    let unset = body.fields.iter().filter(|field| !field.required);
    let rest: Vec<TokenStream> = unset
        .map(|field| field.rust.as_str())
        .chain(["extra"])
        .map(ident)
        .map(|name| quote!(#name: ::std::default::Default::default()))
        .collect();
    let about = docs(if arguments.is_empty() {
        "An empty body. Set its fields with the setters."
    } else {
        "A body with the required fields. Optional fields are sent only if they are set."
    });
    let constructor = types::constructor(&arguments, &rest);
    quote!(#about #constructor)
}

/// The setters of an optional field. A required one is given to the constructor.
fn setters_of(body: &Body, field: &Field, convertible: &BTreeSet<&str>) -> Option<TokenStream> {
    let name = ident(&field.rust);
    let variant = match (field.required, field.nullable) {
        (true, _) => return None,
        (false, false) => quote!(::std::option::Option::Some),
        (false, true) => quote!(::pivotal_runtime::Patch::Value),
    };
    let of = taken(&ident("value"), &field.r#type, convertible);
    let (about, conversion) = (docs(&about(body, field)), of.conversion);
    let set = quote!(self.#name = #variant(#conversion));
    let setter = setter(&about, &name, &of.parameter, &set);
    let clear = field.clear.as_ref().map(|clear| {
        let clear = ident(clear);
        let wire = &field.wire;
        let about = docs(&format!("Sends null for `{wire}`, which clears the value."));
        quote! {
            #about
            #[must_use]
            pub fn #clear(mut self) -> Self {
                self.#name = ::pivotal_runtime::Patch::Null;
                self
            }
        }
    });
    Some(quote!(#setter #clear))
}
