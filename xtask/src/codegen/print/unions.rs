//! Unions that keep an unknown member.

use std::collections::{BTreeMap, BTreeSet};

use openapi_pipeline::shape::{Member, Shaped, Type, Union};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::types::held;
use super::{described, docs, ident, option};

pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    if shaped.unions.is_empty() {
        return TokenStream::new();
    }
    let mut members = shaped.unions.iter().flat_map(|union| &union.members);
    let uses = match members.any(|member| member.r#type == Type::Number) {
        true => quote!(
            use ::pivotal_runtime::union::{Member, candidates, is_exact};
        ),
        false => quote!(
            use ::pivotal_runtime::union::{Member, candidates};
        ),
    };
    let names: BTreeSet<&str> = shaped.unions.iter().map(|union| &*union.name).collect();
    let unions = shaped.unions.iter().map(|of| union(of, &names));
    quote! {
        #uses
        #(#unions)*
    }
}

fn texts(texts: &[String]) -> Vec<TokenStream> {
    texts.iter().map(|text| quote!(#text)).collect()
}

fn union(union: &Union, unions: &BTreeSet<&str>) -> TokenStream {
    let name = ident(&union.name);
    let about = docs(&described(&union.description, &format!("`{name}`")));
    let variants = union.members.iter().map(|member| {
        let variant = ident(&member.name);
        let about = docs(&form(union, member));
        let of = held(&member.r#type);
        quote!(#about #variant(#of))
    });
    let written = union.members.iter().map(|member| {
        let variant = ident(&member.name);
        quote!(Self::#variant(value) => ::serde::Serialize::serialize(value, serializer))
    });
    let read = read(union, unions);
    let from = conversions(union, &name);
    quote! {
        #about
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants,)*
            /// A value of a form that this version does not know, unchanged.
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

fn form(union: &Union, member: &Member) -> String {
    match &union.tag {
        Some(tag) if !member.tags.is_empty() => {
            let tags: Vec<String> = member.tags.iter().map(|tag| format!("`{tag}`")).collect();
            format!("`{tag}` is {}.", tags.join(" or "))
        }
        _ => format!("A value of the form `{}`.", member.name),
    }
}

/// The runtime says which members the value may be; the first that decodes is taken. A union decodes
/// anything, as its `Unknown`, which leaves the value to the next member.
fn read(union: &Union, unions: &BTreeSet<&str>) -> TokenStream {
    let known = union.members.iter().map(|member| {
        let listed = member.listed.iter();
        let fields = [
            ("tags", texts(&member.tags)),
            ("properties", texts(&member.properties)),
            ("required", texts(&member.required)),
            ("nullable", texts(&member.nullable)),
            ("never_null", texts(&member.never_null)),
            ("values", texts(&member.values)),
            (
                "listed",
                listed
                    .map(|(name, values)| {
                        let values = texts(values);
                        quote!((#name, &[#(#values),*]))
                    })
                    .collect(),
            ),
        ];
        let known = fields.iter().filter(|(_, values)| !values.is_empty());
        let known = known.map(|(field, values)| {
            let field = ident(field);
            quote!(#field: &[#(#values),*],)
        });
        quote!(Member { #(#known)* ..Member::ANY })
    });
    let attempts = union.members.iter().enumerate().map(|(position, member)| {
        let variant = ident(&member.name);
        let guard = (member.r#type == Type::Number).then(|| quote!(if is_exact(&value)));
        let (inner, taken) = match &member.r#type {
            Type::Boxed(inner) => (&**inner, quote!(*known)),
            other => (other, quote!(known)),
        };
        let (decoded, is_known) = match inner {
            Type::Named(name) if unions.contains(&**name) => {
                let (of, inner) = (held(&member.r#type), held(inner));
                (
                    quote!(<#of as ::serde::Deserialize>::deserialize(&value)),
                    quote!(&&!::std::matches!(#taken, #inner::Unknown(_))),
                )
            }
            _ => (
                quote!(::serde::Deserialize::deserialize(&value)),
                TokenStream::new(),
            ),
        };
        quote! {
            #position #guard => if let ::std::result::Result::Ok(known) = #decoded #is_known {
                return ::std::result::Result::Ok(Self::#variant(known));
            }
        }
    });
    let tag = option(union.tag.as_ref());
    quote! {
        const MEMBERS: &[Member] = &[#(#known),*];
        for candidate in candidates(&value, #tag, MEMBERS) {
            match candidate {
                #(#attempts)*
                _ => {}
            }
        }
    }
}

/// A value of a type that is one member alone becomes that member.
fn conversions(union: &Union, name: &Ident) -> Vec<TokenStream> {
    let unboxed = |member: &Member| match &member.r#type {
        Type::Boxed(inner) => held(inner),
        other => held(other),
    };
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for member in &union.members {
        *uses.entry(unboxed(member).to_string()).or_default() += 1;
    }
    let members = union.members.iter();
    members
        .filter(|member| uses[&unboxed(member).to_string()] == 1)
        .map(|member| {
            let (of, variant) = (unboxed(member), ident(&member.name));
            let value = match member.r#type {
                Type::Boxed(_) => quote!(::std::boxed::Box::new(value)),
                _ => quote!(value),
            };
            quote! {
                impl ::std::convert::From<#of> for #name {
                    fn from(value: #of) -> Self {
                        Self::#variant(#value)
                    }
                }
            }
        })
        .collect()
}
