//! The operation tables: one for the runtime, one beside the contract.

use openapi_pipeline::naming::rule::operation_id;
use openapi_pipeline::shape::{Constraint, Location, Operation, RetryClass, Rule, Shaped};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::HEADER;

/// The table of the wire client.
pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    let rows = shaped.operations.iter().map(row);
    quote! {
        use ::pivotal_runtime::{Constraint, Location, Operation, RetryClass, Rule};

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
    let location = match constraint.location {
        Location::Path => quote!(Path),
        Location::Query => quote!(Query),
        Location::Header => quote!(Header),
        Location::Body => quote!(Body),
    };
    let name = &constraint.name;
    let rule = rule(constraint.rule);
    quote!(Constraint { location: Location::#location, name: #name, rule: #rule })
}

/// A limit, by the name that its type has in the runtime.
pub(super) fn rule(rule: Rule) -> TokenStream {
    match rule {
        Rule::MinLength(limit) => count("MinLength", limit),
        Rule::MaxLength(limit) => count("MaxLength", limit),
        Rule::Minimum(limit) => number("Minimum", limit),
        Rule::Maximum(limit) => number("Maximum", limit),
        Rule::ExclusiveMinimum(limit) => number("ExclusiveMinimum", limit),
        Rule::ExclusiveMaximum(limit) => number("ExclusiveMaximum", limit),
        Rule::MultipleOf(limit) => number("MultipleOf", limit),
        Rule::MinItems(limit) => count("MinItems", limit),
        Rule::MaxItems(limit) => count("MaxItems", limit),
        Rule::UniqueItems => quote!(Rule::UniqueItems),
    }
}

fn count(rule: &str, limit: u64) -> TokenStream {
    let (rule, limit) = (
        format_ident!("{rule}"),
        proc_macro2::Literal::u64_unsuffixed(limit),
    );
    quote!(Rule::#rule(#limit))
}

fn number(rule: &str, limit: f64) -> TokenStream {
    let (rule, limit) = (
        format_ident!("{rule}"),
        proc_macro2::Literal::f64_unsuffixed(limit),
    );
    quote!(Rule::#rule(#limit))
}

/// The table beside the contract, for crates that know the contract and not the client.
pub(in crate::codegen) fn contract_operations(shaped: &Shaped) -> String {
    let mut operations: Vec<&Operation> = shaped.operations.iter().collect();
    operations.sort_by_key(|operation| (operation.path.clone(), operation.method.clone()));
    let rows: String = operations
        .into_iter()
        .map(|operation| {
            let id = operation_id(&operation.name);
            let Operation { name, method, path, .. } = operation;
            format!(
                "    Operation {{\n        id: {id:?},\n        name: {name:?},\n        method: {method:?},\n        path: {path:?},\n    }},\n"
            )
        })
        .collect();
    format!(
        "{HEADER}use crate::Operation;\n\npub(crate) static OPERATIONS: &[Operation] = &[\n{rows}];\n"
    )
}
