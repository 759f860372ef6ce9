//! The operation table.

use openapi_pipeline::shape::{
    Constraint, ConstraintKind, Location, Operation, RetryClass, Shaped,
};
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
    let class = match operation.class {
        RetryClass::Safe => quote!(Safe),
        RetryClass::Idempotent => quote!(Idempotent),
        RetryClass::ByKey => quote!(ByKey),
        RetryClass::Never => quote!(Never),
    };
    let constraints = operation.constraints.iter().map(constraint);
    quote! {
        Operation {
            name: #name,
            method: ::reqwest::Method::#method,
            path: #path,
            summary: #summary,
            class: RetryClass::#class,
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
    match location {
        Location::Path => quote!(Location::Path),
        Location::Query => quote!(Location::Query),
        Location::Header => quote!(Location::Header),
        Location::Body => quote!(Location::Body),
    }
}

/// A limit, by the name that its type has in the runtime.
pub(super) fn rule(rule: ConstraintKind) -> TokenStream {
    match rule {
        ConstraintKind::MinLength(limit) => count("MinLength", limit),
        ConstraintKind::MaxLength(limit) => count("MaxLength", limit),
        ConstraintKind::Minimum(limit) => number("Minimum", limit),
        ConstraintKind::Maximum(limit) => number("Maximum", limit),
        ConstraintKind::ExclusiveMinimum(limit) => number("ExclusiveMinimum", limit),
        ConstraintKind::ExclusiveMaximum(limit) => number("ExclusiveMaximum", limit),
        ConstraintKind::MultipleOf(limit) => number("MultipleOf", limit),
        ConstraintKind::MinItems(limit) => count("MinItems", limit),
        ConstraintKind::MaxItems(limit) => count("MaxItems", limit),
        ConstraintKind::UniqueItems => quote!(ConstraintKind::UniqueItems),
    }
}

fn count(rule: &str, limit: u64) -> TokenStream {
    let (rule, limit) = (
        format_ident!("{rule}"),
        proc_macro2::Literal::u64_unsuffixed(limit),
    );
    quote!(ConstraintKind::#rule(#limit))
}

fn number(rule: &str, limit: f64) -> TokenStream {
    let (rule, limit) = (
        format_ident!("{rule}"),
        proc_macro2::Literal::f64_unsuffixed(limit),
    );
    quote!(ConstraintKind::#rule(#limit))
}
