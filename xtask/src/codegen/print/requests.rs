//! Request types, one for each operation, and the same setters for calls of the SDK.

use std::collections::BTreeSet;

use openapi_pipeline::shape::{Location, Operation, Parameter, Payload, RetryClass, Shaped, Type};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::operations::variant;
use super::types::{self, Taken, convertible, held, taken};
use super::{GUESS, described, docs, ident, noted, option, updates};

/// The methods that a call of `pivotal-sdk` has itself: `xtask/tests/it/setters.rs` compares them.
/// A parameter of such a name is set on the request.
pub const METHODS_OF_A_CALL: &str = "collect_up_to cursor deadline header idempotency_key \
    limit maybe_cursor maybe_limit pages query retry send send_blocking stream timeout with_meta with_meta_blocking";

/// The request types.
pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    let convertible = convertible(shaped);
    let enums = shaped.enums.iter().map(|found| found.name.as_str());
    let enums: BTreeSet<&str> = enums.collect();
    let requests = shaped.operations.iter().map(|operation| {
        let read = updates::read_of(operation, shaped);
        request(operation, &convertible, &enums, read)
    });
    quote! {
        use ::pivotal_runtime::{Location, Operation, Violation};
        use crate::endpoint::{ByKey, Endpoint, Paged, Sent, bytes};
        #(#requests)*
    }
}

/// The setters of a call, which are printed in the crate of the call.
pub(in crate::codegen) fn setters(shaped: &Shaped) -> TokenStream {
    let convertible = convertible(shaped);
    let calls = shaped.operations.iter().filter_map(|operation| {
        let name = ident(&operation.request);
        let is_free = |name: &str| METHODS_OF_A_CALL.split(' ').all(|method| method != name);
        let mut setters = settable(operation, &convertible)
            .filter(|(_, (name, _), _)| is_free(name))
            .map(|(about, names, of)| {
                let name = ident(names.0);
                // The request converts.
                let set = quote!(self.request = self.request.#name(value));
                types::setters(&about, names, &of.parameter, &set)
            })
            .peekable();
        setters.peek()?;
        Some(quote!(impl Call<super::#name> { #(#setters)* }))
    });
    let mut calls = calls.peekable();
    let import = calls.peek().map(|_| {
        quote!(
            use crate::call::Call;
        )
    });
    quote!(#import #(#calls)*)
}

fn optional(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    let parameters = operation.parameters.iter();
    parameters.filter(|parameter| !parameter.required)
}

/// What setters set, the optional parameters and an optional body: the docs, the names of both setters,
/// and how they take it.
fn settable<'o>(
    operation: &'o Operation,
    convertible: &'o BTreeSet<&str>,
) -> impl Iterator<Item = (TokenStream, (&'o str, &'o str), Taken)> {
    let parameters = optional(operation).map(|parameter| {
        let of = taken_as(&ident("value"), parameter, convertible);
        let names = (parameter.rust.as_str(), parameter.maybe.as_str());
        (about(operation, parameter), names, of)
    });
    let body = optional_body(operation, convertible);
    parameters.chain(body.map(|of| (docs("The body."), ("body", "maybe_body"), of)))
}

fn about(operation: &Operation, parameter: &Parameter) -> TokenStream {
    let (wire, method, path) = (&parameter.wire, &operation.method, &operation.path);
    let subject = format!("`{wire}` of `{method} {path}`");
    let about = described(&parameter.description, &subject);
    docs(&noted(parameter.guess, about, GUESS))
}

/// `read` reads what an update changes.
fn request(
    operation: &Operation,
    convertible: &BTreeSet<&str>,
    enums: &BTreeSet<&str>,
    read: Option<&Operation>,
) -> TokenStream {
    let name = ident(&operation.request);
    let mut sends = format!("Sends `{} {}`.", operation.method, operation.path);
    if let Some(read) = read {
        let instead = format!(
            " With an empty body, it sends `{} {}`.",
            read.method, read.path
        );
        sends.push_str(&instead);
    }
    if !operation.format.more_credentials.is_empty() {
        let schemes = operation.format.more_credentials.iter();
        let schemes: Vec<String> = schemes.map(|(scheme, _)| format!("`{scheme}`")).collect();
        sends.push_str(&format!(
            " Takes more keys, of the `more_keys` of the client: {}.",
            schemes.join(", ")
        ));
    }
    if operation.response == Payload::Bytes
        && let Some(accept) = &operation.format.accept
    {
        sends.push_str(&format!(" Returns bytes, of any of the types `{accept}`."));
    }
    let about_it = docs(&format!("{}\n\n{sends}", operation.docs));
    let fields = operation.parameters.iter().map(|parameter| {
        let (field, of, about) = (
            ident(&parameter.rust),
            value_of(parameter),
            about(operation, parameter),
        );
        match parameter.required {
            true => quote!(#about pub #field: #of),
            false => quote!(#about pub #field: ::std::option::Option<#of>),
        }
    });
    let body = body(operation).map(|of| {
        let of = held(&of);
        quote!(/** The body. */ pub body: #of,)
    });
    let new = constructor(operation, convertible);
    let setters = settable(operation, convertible).map(|(about, names, of)| {
        let (name, conversion) = (ident(names.0), of.conversion);
        let set = quote!(self.#name = ::std::option::Option::Some(#conversion));
        types::setters(&about, names, &of.parameter, &set)
    });
    let needs_body = operation.body != Payload::Empty && !operation.format.optional_body;
    let is_optional = !needs_body && operation.parameters.iter().all(|known| !known.required);
    let default = is_optional.then(|| quote!(, Default));
    let endpoint = endpoint(operation, &name, read, enums);
    quote! {
        #about_it
        #[derive(Clone, Debug, PartialEq #default)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields,)*
            #body
        }

        impl #name {
            #new
            #(#setters)*
        }

        #endpoint
    }
}

/// The type of a parameter, as a field holds it.
fn value_of(parameter: &Parameter) -> TokenStream {
    match &parameter.id_of {
        Some(object) => {
            let object = ident(object);
            quote!(::pivotal_runtime::Id<super::#object>)
        }
        None => held(&parameter.r#type),
    }
}

/// How a constructor or a setter takes it.
fn taken_as(value: &Ident, parameter: &Parameter, convertible: &BTreeSet<&str>) -> Taken {
    match &parameter.id_of {
        Some(object) => types::taken_id(value, object),
        None => taken(value, &parameter.r#type, convertible),
    }
}

/// The type of the body as a field holds it; `None` without one.
fn body(operation: &Operation) -> Option<Type> {
    let of = match &operation.body {
        Payload::Empty => return None,
        Payload::Value(of) => of.clone(),
        Payload::Text => Type::String,
        Payload::Bytes => Type::Bytes,
    };
    Some(match of {
        Type::Nullable(_) => of,
        _ if operation.format.optional_body => Type::Nullable(Box::new(of)),
        _ => of,
    })
}

/// How a setter takes the body, if a request may have none.
fn optional_body(operation: &Operation, convertible: &BTreeSet<&str>) -> Option<Taken> {
    match body(operation)? {
        Type::Nullable(of) if operation.format.optional_body => {
            Some(taken(&ident("value"), &of, convertible))
        }
        _ => None,
    }
}

fn constructor(operation: &Operation, convertible: &BTreeSet<&str>) -> TokenStream {
    let required = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.required);
    let mut arguments = Vec::new();
    let mut listed = String::new();
    for parameter in required {
        let name = ident(&parameter.rust);
        if !parameter.description.is_empty() {
            let description = parameter.description.replace('\n', "\n  ");
            listed.push_str(&format!("\n- `{name}`: {description}"));
        }
        arguments.push((name.clone(), taken_as(&name, parameter, convertible)));
    }
    let body = body(operation);
    if let Some(of) = body.as_ref().filter(|_| !operation.format.optional_body) {
        let name = ident("body");
        let taken = taken(&name, of, convertible);
        arguments.push((name, taken));
    }
    let about = match (operation.parameters.is_empty(), arguments.is_empty()) {
        (true, true) if body.is_none() => "The request, which has no parameters.".to_owned(),
        (_, true) => "A request with no parameters set.".to_owned(),
        _ => format!("A request with the required parameters.\n{listed}"),
    };
    let unset: Vec<TokenStream> = optional(operation)
        .map(|parameter| ident(&parameter.rust))
        .chain(operation.format.optional_body.then(|| ident("body")))
        .map(|name| quote!(#name: ::std::option::Option::None))
        .collect();
    let (about, new) = (docs(&about), types::constructor(&arguments, &unset));
    quote!(#about #new)
}

fn endpoint(
    operation: &Operation,
    name: &Ident,
    read: Option<&Operation>,
    enums: &BTreeSet<&str>,
) -> TokenStream {
    let response = match &operation.response {
        Payload::Empty => quote!(()),
        Payload::Value(of) => held(of),
        Payload::Text | Payload::Bytes => quote!(::std::vec::Vec<u8>),
    };
    let error = operation.error.as_ref().map_or(quote!(()), held);
    let checks = operation
        .parameters
        .iter()
        .map(|parameter| check(operation, parameter, enums));
    let limits_body =
        matches!(operation.body, Payload::Value(_)) && limited(operation, Location::Body, None);
    let check_body = limits_body.then(|| quote!(Self::OPERATION.check_body(&self.body)?;));
    let method = ident(&operation.name);
    let arguments = operation.parameters.iter().map(argument);
    let body = match (&operation.body, operation.format.optional_body) {
        (Payload::Empty, _) => None,
        (Payload::Value(Type::Json), true) => Some(quote!(
            self.body.as_ref().unwrap_or(&::serde_json::Value::Null)
        )),
        (Payload::Value(of), _) => Some(passed(of, &ident("body"))),
        (_, true) => Some(quote!(self.body.clone().unwrap_or_default())),
        (_, false) => Some(quote!(self.body.clone())),
    };
    let arguments = arguments.chain(body);
    let sent = quote!(client.#method(#(#arguments),*).await);
    let sent = match &operation.response {
        Payload::Text | Payload::Bytes => quote!(bytes(#sent?).await),
        _ => sent,
    };
    let read = read.map(|read| {
        let method = ident(&read.name);
        let arguments = read.parameters.iter().map(argument);
        quote!(if self.body.is_empty() { return client.#method(#(#arguments),*).await; })
    });
    let by_key = (operation.class == RetryClass::ByKey).then(|| quote!(impl ByKey for #name {}));
    let paged = operation.paged.then(|| paged(operation, name));
    quote! {
        impl Endpoint for #name {
            type Response = #response;
            type Error = #error;
            const OPERATION: &'static Operation = &super::operations::#method;

            fn check(&self) -> ::std::result::Result<(), Violation> {
                #(#checks)*
                #check_body
                ::std::result::Result::Ok(())
            }

            async fn send(&self, client: &crate::Client) -> Sent<Self::Response> {
                #read
                #sent
            }
        }

        #by_key
        #paged
    }
}

fn check(operation: &Operation, parameter: &Parameter, enums: &BTreeSet<&str>) -> TokenStream {
    let (field, wire) = (ident(&parameter.rust), &parameter.wire);
    let location = variant("Location", parameter.location);
    let id = parameter.id_of.as_ref().map(|_| {
        let check = |id: TokenStream| quote!(Self::OPERATION.check_id(#location, #wire, #id)?;);
        if parameter.required {
            check(quote!(&self.#field))
        } else {
            let check = check(quote!(id));
            quote!(if let ::std::option::Option::Some(id) = &self.#field { #check })
        }
    });
    let limits = limited(operation, parameter.location, Some(wire)).then(|| {
        let value = match (&parameter.id_of, parameter.required) {
            (None, _) => quote!(&self.#field),
            (Some(_), true) => quote!(&self.#field.as_str()),
            (Some(_), false) => quote!(&self.#field.as_ref().map(|id| id.as_str())),
        };
        quote!(Self::OPERATION.check_parameter(#location, #wire, #value)?;)
    });
    let is_query = parameter.location == Location::Query && !parameter.deep;
    let pairs = (is_query && may_be_nested(&parameter.r#type, enums)).then(|| {
        if parameter.required {
            quote!(Self::OPERATION.check_query(#wire, &self.#field)?;)
        } else {
            quote!(if let ::std::option::Option::Some(value) = &self.#field { Self::OPERATION.check_query(#wire, value)?; })
        }
    });
    quote!(#id #pairs #limits)
}

/// Whether a value may be an object or a list in another one, which no pair of a query can hold.
fn may_be_nested(of: &Type, enums: &BTreeSet<&str>) -> bool {
    match of {
        Type::Json => true,
        Type::Named(name) => !enums.contains(name.as_str()),
        Type::Boxed(inner) | Type::Nullable(inner) | Type::List(inner) | Type::Map(inner) => {
            may_be_nested(inner, enums)
        }
        _ => false,
    }
}

/// Whether the contract limits anything there: a parameter or its entries, or a body.
fn limited(operation: &Operation, location: Location, name: Option<&str>) -> bool {
    let mut limits = operation.constraints.iter();
    limits.any(|limit| {
        let named = name.is_none_or(|name| {
            let rest = limit.name.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        limit.location == location && named
    })
}

/// A parameter as the generated method takes it.
fn argument(parameter: &Parameter) -> TokenStream {
    let field = ident(&parameter.rust);
    match (&parameter.id_of, parameter.required) {
        (Some(_), true) => quote!(self.#field.as_str()),
        (Some(_), false) => quote!(self.#field.as_ref().map(|id| id.as_str())),
        (None, true) => passed(&parameter.r#type, &field),
        (None, false) => passed(&Type::Nullable(Box::new(parameter.r#type.clone())), &field),
    }
}

/// The generated methods take numbers and booleans by value, and all else by reference.
fn passed(of: &Type, field: &Ident) -> TokenStream {
    let by_value = |of: &Type| {
        matches!(
            of,
            Type::Integer | Type::Unsigned | Type::Count | Type::Number | Type::Boolean
        )
    };
    match of {
        Type::Nullable(of) if by_value(of) => quote!(self.#field),
        Type::Nullable(of) if **of == Type::String => quote!(self.#field.as_deref()),
        Type::Nullable(_) => quote!(self.#field.as_ref()),
        of if by_value(of) => quote!(self.#field),
        _ => quote!(&self.#field),
    }
}

fn paged(operation: &Operation, name: &Ident) -> TokenStream {
    let mut optional = optional(operation);
    let limit = optional.find(|parameter| {
        parameter.location == Location::Query
            && parameter.wire == "limit"
            && parameter.r#type == Type::Count
    });
    let limit = option(limit.map(|limit| {
        let limit = ident(&limit.rust);
        quote!(&mut self.#limit)
    }));
    quote! {
        impl Paged for #name {
            fn cursor_mut(&mut self) -> &mut ::std::option::Option<::std::string::String> {
                &mut self.cursor
            }

            fn limit_mut(&mut self) -> ::std::option::Option<&mut ::std::option::Option<u32>> {
                #limit
            }
        }
    }
}
