//! What the types of responses know of themselves.

use openapi_pipeline::shape::{Answer, Shaped};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    let impls = shaped.answers.iter().map(answer);
    quote!(#(#impls)*)
}

fn answer(answer: &Answer) -> TokenStream {
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
