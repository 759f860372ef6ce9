//! Bodies of errors whose type depends on the status.

use openapi_pipeline::shape::{ErrorBody, Shaped, Type};
use proc_macro2::TokenStream;
use quote::quote;

use super::types::held;
use super::{docs, ident};

pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    if shaped.errors.is_empty() {
        return TokenStream::new();
    }
    let errors = shaped.errors.iter().map(error);
    quote! {
        use crate::endpoint::{ErrorBody, json};
        use ::pivotal_runtime::Operation;
        #(#errors)*
    }
}

fn error(error: &ErrorBody) -> TokenStream {
    let name = ident(&error.name);
    let variants = error.statuses.iter().map(|(status, of)| {
        let (variant, about) = (variant(status), docs(&about(status, of.as_ref())));
        let of = of.as_ref().map(held).map(|of| quote!((#of)));
        quote!(#about #variant #of)
    });
    let arms = error.statuses.iter().map(|(status, of)| {
        let (variant, covered) = (variant(status), covered(status));
        match of {
            Some(_) => quote!(#covered => json(body).map(Self::#variant)),
            None => quote!(#covered => ::std::option::Option::Some(Self::#variant)),
        }
    });
    let is_total = error.statuses.iter().any(|(status, _)| status == "default");
    let rest = (!is_total).then(|| quote!(_ => ::std::option::Option::None,));
    let aliases = error.aliases.iter().map(|alias| {
        let about = docs(&format!("The same as [`{name}`]."));
        let alias = ident(alias);
        quote!(#about pub type #alias = #name;)
    });
    quote! {
        /// The documented bodies of errors, by status.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants,)*
        }

        impl ErrorBody for #name {
            fn decode(_: &Operation, status: ::reqwest::StatusCode, body: &[u8]) -> ::std::option::Option<Self> {
                match status.as_u16() {
                    #(#arms,)*
                    #rest
                }
            }
        }

        #(#aliases)*
    }
}

fn variant(status: &str) -> proc_macro2::Ident {
    match status {
        "default" => ident("Default"),
        status => ident(&format!("Status{status}")),
    }
}

fn about(status: &str, of: Option<&Type>) -> String {
    let what = match status {
        "default" => "Every other status".to_owned(),
        range if range.ends_with("XX") => format!("Every other status of `{range}`"),
        status => format!("`{status}`"),
    };
    match of {
        Some(_) => format!("{what}."),
        None => format!("{what}, whose body is not JSON."),
    }
}

/// The pattern of the statuses.
pub(in crate::codegen) fn covered(status: &str) -> TokenStream {
    if status == "default" {
        return quote!(_);
    }
    let number = |text: &str| text.parse::<u16>().unwrap_or_default();
    let (first, last) = (
        number(&status.replace("XX", "00")),
        number(&status.replace("XX", "99")),
    );
    match first == last {
        true => quote!(#first),
        false => quote!(#first..=#last),
    }
}
