//! The operation table.

use std::fmt::Debug;

use openapi_pipeline::shape::{Constraint, ConstraintKind, Location, Operation, Shaped};
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
    let (location, name) = (location(constraint.location), &constraint.name);
    let rule = rule(constraint.kind);
    quote!(Constraint { location: #location, name: #name, rule: #rule })
}

pub(super) fn location(location: Location) -> TokenStream {
    variant("Location", location)
}

pub(super) fn rule(rule: ConstraintKind) -> TokenStream {
    variant("ConstraintKind", rule)
}

/// A value of one of the pipeline's enums as the runtime's enum of the same name. The variants are
/// named alike in both, and their `Debug` is how Rust writes them.
fn variant(name: &str, value: impl Debug) -> TokenStream {
    format!("{name}::{value:?}")
        .parse()
        .expect("the Debug of an enum of numbers is Rust")
}
