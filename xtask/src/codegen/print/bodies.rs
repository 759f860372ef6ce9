//! Request bodies: a constructor for the required fields and a setter for each optional field.

use std::collections::BTreeSet;

use openapi_pipeline::shape::{Body, Field, Payload, Shaped, Type};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::types::{self, Taken, convertible, held, setters, taken};
use super::{GUESS, described, docs, ident, noted};

pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    let convertible = convertible(shaped);
    let bodies = shaped.bodies.iter().map(|found| {
        let (body, validate) = (body(found, &convertible), validate(found, shaped));
        quote!(#body #validate)
    });
    quote!(#(#bodies)*)
}

/// The checks of the operation that sends a body.
fn validate(body: &Body, shaped: &Shaped) -> Option<TokenStream> {
    let named = Type::Named(body.name.clone());
    let optional = Type::Nullable(Box::new(named.clone()));
    let sent = [named, optional].map(Payload::Value);
    let mut operations = shaped.operations.iter();
    let operation = operations.find(|operation| sent.contains(&operation.body))?;
    let (name, request) = (ident(&body.name), ident(&operation.request));
    Some(quote! {
        impl #name {
            /// Checks the limits of the contract and the form of e-mail addresses, dates and times,
            /// as a call does before it is sent. Sends nothing.
            ///
            /// # Errors
            /// The first [`Violation`](::pivotal_runtime::Violation), in the order of the contract.
            pub fn validate(&self) -> ::std::result::Result<(), ::pivotal_runtime::Violation> {
                <super::requests::#request as crate::endpoint::Endpoint>::OPERATION.check_body(self)
            }
        }
    })
}

/// What the docs of a body say if the document marks it as a guess.
const GUESSED_BODY: &str =
    "The API reference does not say which fields it takes: a server may reject or ignore some.";

fn body(body: &Body, convertible: &BTreeSet<&str>) -> TokenStream {
    let name = ident(&body.name);
    let about = described(&body.description, &format!("The body `{name}`"));
    let about = docs(&noted(body.guess, about, GUESSED_BODY));
    let fields = body.fields.iter().map(|field| declaration(body, field));
    let entries = body.fields.iter().map(entry);
    let mutable = (!body.fields.is_empty()).then(|| quote!(mut));
    let constructor = constructor(body, convertible);
    let setters = body.fields.iter();
    let setters = setters.filter_map(|field| setters_of(body, field, convertible));
    let default = body.arguments.is_empty().then(|| quote!(, Default));
    let is_empty = body.arguments.is_empty().then(|| {
        quote! {
            /// Whether nothing is set.
            pub fn is_empty(&self) -> bool {
                *self == Self::new()
            }
        }
    });
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

            #is_empty
        }

        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                let #mutable body = ::pivotal_runtime::BodyWriter::new(serializer, &self.extra)?;
                #(#entries)*
                body.end()
            }
        }
    }
}

pub(super) fn about(body: &Body, field: &Field) -> String {
    let subject = format!("The property `{}` of `{}`", field.wire, body.name);
    noted(field.guess, described(&field.description, &subject), GUESS)
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
            let taken = if field.nullable {
                let of = Type::Nullable(Box::new(field.r#type.clone()));
                taken(&name, &of, convertible)
            } else {
                taken_as(&name, field, convertible)
            };
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

/// How a constructor or a setter takes the value of a field.
fn taken_as(value: &Ident, field: &Field, convertible: &BTreeSet<&str>) -> Taken {
    let Some(object) = &field.id_of else {
        return taken(value, &field.r#type, convertible);
    };
    let taken = types::taken_id(value, object);
    let conversion = taken.conversion;
    Taken {
        conversion: quote!(::std::string::String::from(#conversion)),
        ..taken
    }
}

/// The setters of an optional field. A required one is given to the constructor.
fn setters_of(body: &Body, field: &Field, convertible: &BTreeSet<&str>) -> Option<TokenStream> {
    if field.required {
        return None;
    }
    let (name, wire, about) = (ident(&field.rust), &field.wire, docs(&about(body, field)));
    let value = ident("value");
    let (parameter, set) = if let Type::Date | Type::Timestamp = field.r#type {
        let of = held(&field.r#type);
        let taken = Taken::into(&value, &quote!(::pivotal_runtime::OrText<#of>));
        let conversion = taken.conversion;
        let none_is_absent = field.nullable.then(
            || quote!(.map_or(::pivotal_runtime::Patch::Absent, ::pivotal_runtime::Patch::Value)),
        );
        let value = quote!(#conversion.or_keep(#wire, &mut self.extra) #none_is_absent);
        (taken.parameter, quote!(self.#name = #value))
    } else {
        let taken = taken_as(&value, field, convertible);
        let conversion = taken.conversion;
        let variant = match field.nullable {
            false => quote!(::std::option::Option::Some),
            true => quote!(::pivotal_runtime::Patch::Value),
        };
        (taken.parameter, quote!(self.#name = #variant(#conversion)))
    };
    let names = (field.rust.as_str(), field.maybe.as_str());
    let setters = setters(&about, names, &parameter, &set);
    let clear = field.clear.as_ref().map(|clear| {
        let clear = ident(clear);
        let about = format!("Sends null for `{wire}`, which clears the value.");
        let about = docs(&noted(body.guess || field.guess, about, GUESS));
        quote! {
            #about
            #[must_use]
            pub fn #clear(mut self) -> Self {
                self.#name = ::pivotal_runtime::Patch::Null;
                self
            }
        }
    });
    Some(quote!(#setters #clear))
}
