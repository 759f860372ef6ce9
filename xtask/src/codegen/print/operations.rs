//! The operation table.

use std::fmt::Debug;

use openapi_pipeline::shape::{
    BodyFormat, Constraint, Credential, Format, Operation, Part, Shaped,
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{ident, option};

/// The table of the wire client.
pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    let names = shaped
        .operations
        .iter()
        .map(|operation| ident(&operation.name));
    let names: Vec<_> = names.collect();
    let rows = shaped.operations.iter().map(row);
    quote! {
        #![allow(non_upper_case_globals, reason = "each operation is called like its method")]

        use ::pivotal_runtime::{Constraint, Location, Operation, RequestFormat, RetryClass, ConstraintKind};

        /// Every operation of the contract, by name.
        pub static OPERATIONS: &[&Operation] = &[#(&#names),*];

        #(pub(super) static #names: Operation = #rows;)*
    }
}

fn row(operation: &Operation) -> TokenStream {
    let Operation {
        name,
        path,
        summary,
        paged,
        authenticated,
        format,
        statuses,
        ..
    } = operation;
    let method = format_ident!("{}", operation.method);
    let class = variant("RetryClass", operation.class);
    let format = self::format(format);
    let constraints = operation.constraints.iter().map(constraint);
    quote! {
        Operation {
            name: #name,
            method: ::reqwest::Method::#method,
            path: #path,
            summary: #summary,
            class: #class,
            paged: #paged,
            authenticated: #authenticated,
            format: #format,
            statuses: &[#(#statuses),*],
            constraints: &[#(#constraints),*],
        }
    }
}

/// What differs from JSON with a bearer key.
fn format(format: &Format) -> TokenStream {
    if *format == Format::default() {
        return quote!(RequestFormat::JSON);
    }
    let place = |credential: &Credential| {
        let place = match credential {
            Credential::Bearer => quote!(Bearer),
            Credential::Basic => quote!(Basic),
            Credential::Header(name) => quote!(Header(#name)),
            Credential::Cookie(name) => quote!(Cookie(#name)),
            Credential::Query(name) => quote!(Query(#name)),
        };
        quote!(::pivotal_runtime::Credential::#place)
    };
    let credential = place(&format.credential);
    let more_credentials = format.more_credentials.iter().map(|(scheme, credential)| {
        let place = place(credential);
        quote!((#scheme, #place))
    });
    let body = match &format.body {
        BodyFormat::Unchanged => quote!(Unchanged),
        BodyFormat::Form(fields) => {
            let fields = fields.iter().map(|(name, style)| {
                let style = variant("::pivotal_runtime::FieldStyle", style);
                quote!((#name, #style))
            });
            quote!(Form(&[#(#fields),*]))
        }
        BodyFormat::Multipart(parts) => {
            let parts = parts.iter().map(|part| {
                let Part {
                    name,
                    media_type,
                    is_file,
                } = part;
                quote!(::pivotal_runtime::Part { name: #name, media_type: #media_type, is_file: #is_file })
            });
            quote!(Multipart(&[#(#parts),*]))
        }
    };
    let content_type = option(format.content_type.as_ref());
    let accept = option(format.accept.as_ref());
    let separators = format.separators.iter();
    let separators = separators.map(|(name, separator)| quote!((#name, #separator)));
    let Format {
        cookies,
        optional_body,
        optional,
        ..
    } = format;
    quote! {
        RequestFormat {
            credential: #credential,
            more_credentials: &[#(#more_credentials),*],
            content_type: #content_type,
            accept: #accept,
            separators: &[#(#separators),*],
            cookies: #cookies,
            body: ::pivotal_runtime::BodyFormat::#body,
            optional_body: #optional_body,
            optional: #optional,
        }
    }
}

fn constraint(constraint: &Constraint) -> TokenStream {
    let name = &constraint.name;
    let location = variant("Location", constraint.location);
    let rule = variant("ConstraintKind", constraint.kind);
    quote!(Constraint { location: #location, name: #name, rule: #rule })
}

/// A value of one of the pipeline's enums as the runtime's enum of the same name. Variants have the
/// same name in both, and their `Debug` is how Rust writes them. The codegen fixtures use every
/// variant, so they do not compile if a name differs.
pub(super) fn variant(name: &str, value: impl Debug) -> TokenStream {
    format!("{name}::{value:?}")
        .parse()
        .expect("the Debug of an enum of numbers is Rust")
}
