//! Trait implementations of the response types.

use std::collections::BTreeSet;

use openapi_pipeline::shape::{Page, Presence, ResponseObject, Shaped};
use proc_macro2::TokenStream;
use quote::quote;

use super::ident;

pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    let identified = shaped
        .responses
        .iter()
        .filter(|response| response.identified);
    let ids = identified.map(id);
    let pages: Vec<(&ResponseObject, &Page)> = shaped
        .responses
        .iter()
        .filter_map(|response| Some((response, response.page.as_ref()?)))
        .collect();
    let lists = pages.iter().map(|(response, page)| list(response, page));
    let rows: BTreeSet<&String> = pages.iter().map(|(_, page)| &page.row).collect();
    let rows = rows.into_iter().map(|row| self::row(row, shaped));
    quote!(#(#ids)* #(#lists)* #(#rows)*)
}

/// A page of a list.
fn list(response: &ResponseObject, page: &Page) -> TokenStream {
    let name = ident(&response.name);
    let (rows, row, key) = (ident(&page.rows), ident(&page.row), &page.rows);
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

            const ROWS: &'static str = #key;

            fn rows(&self) -> &[super::#row] {
                &self.#rows
            }

            fn rows_mut(&mut self) -> &mut ::std::vec::Vec<super::#row> {
                &mut self.#rows
            }

            fn has_more(&self) -> bool {
                #has_more
            }

            fn next_cursor(&self) -> ::std::option::Option<&str> {
                #next_cursor.filter(|cursor| !cursor.is_empty())
            }
        }

        impl ::std::iter::IntoIterator for super::#name {
            type Item = super::#row;
            type IntoIter = ::std::vec::IntoIter<super::#row>;

            fn into_iter(self) -> Self::IntoIter {
                self.#rows.into_iter()
            }
        }

        impl<'a> ::std::iter::IntoIterator for &'a super::#name {
            type Item = &'a super::#row;
            type IntoIter = ::std::slice::Iter<'a, super::#row>;

            fn into_iter(self) -> Self::IntoIter {
                self.#rows.iter()
            }
        }
    }
}

/// A row of a list.
fn row(row: &str, shaped: &Shaped) -> TokenStream {
    let name = ident(row);
    let mut responses = shaped.responses.iter();
    let response = responses.find(|response| response.name == row);
    let id = response.filter(|response| response.identified).map(|_| {
        quote! {
            fn id(&self) -> ::std::option::Option<&str> {
                ::std::option::Option::Some(&self.id)
            }
        }
    });
    let created_at = response.and_then(|response| response.created_at);
    let created_at = created_at.map(|presence| {
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
    quote!(impl crate::endpoint::Row for super::#name { #id #created_at })
}

/// The ID of a row, from the row.
fn id(response: &ResponseObject) -> TokenStream {
    let name = ident(&response.name);
    quote! {
        impl ::std::convert::From<&super::#name> for ::pivotal_runtime::Id<super::#name> {
            fn from(row: &super::#name) -> Self {
                Self::from(&row.id)
            }
        }
    }
}
