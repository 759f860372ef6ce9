//! Trait implementations of the response types.

use std::collections::BTreeSet;

use openapi_pipeline::shape::{Page, Presence, ResponseObject, Shaped};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    let impls = shaped.responses.iter().map(answer);
    let pages = || {
        shaped
            .responses
            .iter()
            .filter_map(|answer| Some((answer, answer.page.as_ref()?)))
    };
    let lists = pages().map(|(answer, page)| list(answer, page));
    let rows: BTreeSet<&String> = pages().map(|(_, page)| &page.row).collect();
    let rows = rows.into_iter().map(|row| self::row(row, shaped));
    quote!(#(#impls)* #(#lists)* #(#rows)*)
}

/// A page of a list.
fn list(answer: &ResponseObject, page: &Page) -> TokenStream {
    let name = format_ident!("{}", answer.name);
    let (rows, row) = (
        format_ident!("{}", page.rows),
        format_ident!("{}", page.row),
    );
    let next_cursor = match page.next_cursor {
        Presence::Always => quote!(::std::option::Option::Some(self.next_cursor.as_str())),
        Presence::Maybe => quote!(self.next_cursor.as_deref()),
    };
    let has_more = match page.has_more {
        true => quote!(self.has_more),
        false => quote!(self.next_cursor().is_some()),
    };
    quote! {
        impl crate::endpoint::List for super::#name {
            type Row = super::#row;

            fn rows(&self) -> &[super::#row] {
                &self.#rows
            }

            fn into_rows(self) -> ::std::vec::Vec<super::#row> {
                self.#rows
            }

            fn has_more(&self) -> bool {
                #has_more
            }

            fn next_cursor(&self) -> ::std::option::Option<&str> {
                #next_cursor.filter(|cursor| !cursor.is_empty())
            }
        }
    }
}

/// A row of a list.
fn row(row: &str, shaped: &Shaped) -> TokenStream {
    let name = format_ident!("{row}");
    let answer = shaped.responses.iter().find(|answer| answer.name == row);
    let created_at = answer.and_then(|answer| answer.created_at).map(|presence| {
        let created_at = match presence {
            Presence::Always => quote!(::std::option::Option::Some(self.created_at)),
            Presence::Maybe => quote!(self.created_at),
        };
        quote! {
            fn created_at(&self) -> ::std::option::Option<::jiff::Timestamp> {
                #created_at
            }
        }
    });
    quote!(impl crate::endpoint::Row for super::#name { #created_at })
}

fn answer(answer: &ResponseObject) -> TokenStream {
    let name = format_ident!("{}", answer.name);
    let properties = &answer.properties;
    let id = answer.identified.then(|| {
        quote! {
            impl ::std::convert::From<&super::#name> for ::pivotal_runtime::Id<super::#name> {
                fn from(row: &super::#name) -> Self {
                    Self::from(&row.id)
                }
            }
        }
    });
    quote! {
        impl ::pivotal_runtime::ResponseObject for super::#name {
            const PROPERTIES: &'static [&'static str] = &[#(#properties),*];
        }
        #id
    }
}
