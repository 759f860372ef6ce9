//! The operation table.

use std::fmt::Debug;

use openapi_pipeline::shape::{Constraint, Operation, Shaped};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The table of the wire client.
pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    let rows = shaped.operations.iter().map(row);
    quote! {
        use ::pivotal_runtime::{Constraint, Location, Operation, RetryClass, ConstraintKind};

        /// Every operation of the contract, by name.
        pub static OPERATIONS: &[Operation] = &[#(#rows),*];
    }
}

fn row(operation: &Operation) -> TokenStream {
    let Operation {
        name,
        path,
        summary,
        paged,
        authenticated,
        statuses,
        ..
    } = operation;
    let method = format_ident!("{}", operation.method);
    let class = variant("RetryClass", operation.class);
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
            statuses: &[#(#statuses),*],
            constraints: &[#(#constraints),*],
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
