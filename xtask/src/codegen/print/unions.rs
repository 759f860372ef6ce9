//! Unions that keep a member they do not know.

use std::collections::BTreeSet;

use openapi_pipeline::shape::{Member, Shaped, Union};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs;
use super::types::held;

pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    let unions = shaped.unions.iter().map(union);
    quote!(#(#unions)*)
}

fn union(union: &Union) -> TokenStream {
    let name = format_ident!("{}", union.name);
    let about = docs(&union.description, &format!("`{}`; the document says no more.", union.name));
    let variants = union.members.iter().map(|member| {
        let variant = format_ident!("{}", member.name);
        let about = docs("", &format!("A value of the form `{}`.", member.name));
        let r#type = held(&member.r#type);
        quote!(#about #variant(#r#type))
    });
    let written = union.members.iter().map(|member| {
        let variant = format_ident!("{}", member.name);
        quote!(Self::#variant(value) => ::serde::Serialize::serialize(value, serializer))
    });
    let read = read(union);
    let from = conversions(union, &name);
    quote! {
        #about
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants,)*
            /// A value of a form that this version does not know, as it came.
            Unknown(::serde_json::Value),
        }

        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                match self {
                    #(#written,)*
                    Self::Unknown(value) => ::serde::Serialize::serialize(value, serializer),
                }
            }
        }

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let value = <::serde_json::Value as ::serde::Deserialize>::deserialize(deserializer)?;
                #read
                ::std::result::Result::Ok(Self::Unknown(value))
            }
        }

        #(#from)*
    }
}

/// Told apart by the tag where there is one; else the first member that fits.
fn read(union: &Union) -> TokenStream {
    let attempt = |member: &Member| {
        let variant = format_ident!("{}", member.name);
        quote! {
            if let ::std::result::Result::Ok(known) = ::serde::Deserialize::deserialize(&value) {
                return ::std::result::Result::Ok(Self::#variant(known));
            }
        }
    };
    match &union.tag {
        None => {
            let attempts = union.members.iter().map(attempt);
            quote!(#(#attempts)*)
        }
        Some(tag) => {
            let arms = union.members.iter().filter(|member| !member.tags.is_empty()).map(|member| {
                let (tags, attempt) = (&member.tags, attempt(member));
                quote!(::std::option::Option::Some(#(#tags)|*) => { #attempt })
            });
            quote! {
                match value.get(#tag).and_then(::serde_json::Value::as_str) {
                    #(#arms)*
                    _ => {}
                }
            }
        }
    }
}

fn conversions(union: &Union, name: &proc_macro2::Ident) -> Vec<TokenStream> {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for member in &union.members {
        let r#type = held(&member.r#type).to_string();
        if !seen.insert(r#type.clone()) {
            twice.insert(r#type);
        }
    }
    union
        .members
        .iter()
        .filter_map(|member| {
            let r#type = held(&member.r#type);
            let variant = format_ident!("{}", member.name);
            (!twice.contains(&r#type.to_string())).then(|| {
                quote! {
                    impl ::std::convert::From<#r#type> for #name {
                        fn from(value: #r#type) -> Self {
                            Self::#variant(value)
                        }
                    }
                }
            })
        })
        .collect()
}
