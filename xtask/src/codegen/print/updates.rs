//! Bodies of updates: what they change of a row, and the operation that reads the row.

use std::collections::BTreeSet;

use openapi_pipeline::shape::{Body, Field, Operation, Payload, Shaped, Type};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Item;

use super::types::held;
use super::{docs, ident};

/// The conversions into bodies of updates. `types` are the types of responses.
pub(super) fn tokens(shaped: &Shaped, types: &[Item]) -> TokenStream {
    let mut printed = BTreeSet::new();
    let updates = shaped.operations.iter().filter_map(|operation| {
        let (body, row) = parts(operation, shaped)?;
        let is_new = printed.insert(&body.name);
        // Nothing of another row can change by it.
        let has_common = !fields_of_row(body, row, types).is_empty();
        (is_new && has_common).then(|| update(body, row, shaped, types))
    });
    quote!(#(#updates)*)
}

/// The body of an update and the type of the row that it changes. A body that requires a field
/// cannot hold only what differs.
fn parts<'s>(operation: &'s Operation, shaped: &'s Shaped) -> Option<(&'s Body, &'s str)> {
    let (body, row) = (object(&operation.body)?, object(&operation.response)?);
    let is_row = shaped.responses.iter().any(|known| known.name == row);
    let body = shaped.bodies.iter().find(|known| known.name == body)?;
    (operation.method == "PATCH" && is_row && body.arguments.is_empty()).then_some((body, row))
}

fn object(payload: &Payload) -> Option<&str> {
    match payload {
        Payload::Value(Type::Named(name)) => Some(name),
        _ => None,
    }
}

/// The operation that reads the row of an update, with the parameters of the update.
pub(super) fn read_of<'s>(update: &Operation, shaped: &'s Shaped) -> Option<&'s Operation> {
    parts(update, shaped)?;
    let parameters = |operation: &Operation| -> Vec<_> {
        let all = operation.parameters.iter();
        all.map(|known| (known.location, known.wire.clone(), known.required))
            .collect()
    };
    shaped.operations.iter().find(|read| {
        (read.method.as_str(), &read.path) == ("GET", &update.path)
            && (&read.body, &read.response) == (&Payload::Empty, &update.response)
            && parameters(read) == parameters(update)
    })
}

fn update(body: &Body, row: &str, shaped: &Shaped, types: &[Item]) -> TokenStream {
    let (name, row_name) = (ident(&body.name), ident(row));
    let known = fields_of_row(body, row, types);
    let fields: Vec<&Ident> = known.iter().map(|(field, _)| field).collect();
    let from_row = conversion(
        &name,
        row,
        "The values of a row. `None` clears a field.",
        &known,
        None,
    );
    let creates = creates(row, shaped).filter(|create| create.name != body.name);
    let from_creates = creates.map(|create| {
        let about = "The fields that are set. The others are not sent.";
        let known: Vec<_> = body
            .fields
            .iter()
            .filter_map(|field| from_create(field, create))
            .collect();
        let extra = quote!(body.extra = from.extra.clone(););
        conversion(&name, &create.name, about, &known, Some(&extra))
    });
    let about = docs(
        "The fields of `wanted` that differ from `current`, as the body of an update.\n\n\
         `wanted` is an update, a body that creates such a row, or an edited copy of the row. Fields \
         that it does not set stay as they are. In a copy of the row, `None` clears the field. Extra \
         keys of an update or of a body that creates a row are always kept; those of a row are not \
         sent. Values are compared exactly: a value that the server stores in another form differs \
         every time.\n\n\
         The result [is empty](Self::is_empty) if nothing differs.",
    );
    quote! {
        impl super::#name {
            #about
            pub fn changes(current: &super::#row_name, wanted: impl ::std::convert::Into<Self>) -> Self {
                let current = Self::from(current);
                let mut changes = wanted.into();
                #(if changes.#fields == current.#fields {
                    changes.#fields = ::std::default::Default::default();
                })*
                changes
            }
        }

        impl ::std::convert::From<&super::#name> for super::#name {
            fn from(from: &super::#name) -> Self {
                from.clone()
            }
        }

        #from_row
        #(#from_creates)*
    }
}

/// The bodies that create such a row.
fn creates<'s>(row: &str, shaped: &'s Shaped) -> impl Iterator<Item = &'s Body> {
    let operations = shaped.operations.iter().filter(|operation| {
        let creates = operation.method == "POST" && operation.statuses.iter().any(|s| s == "201");
        creates && object(&operation.response) == Some(row)
    });
    let names: BTreeSet<&str> = operations
        .filter_map(|create| object(&create.body))
        .collect();
    shaped
        .bodies
        .iter()
        .filter(move |body| names.contains(body.name.as_str()))
}

/// The fields of a body that a row has too, each with its value in the row `from`.
fn fields_of_row(body: &Body, row: &str, types: &[Item]) -> Vec<(Ident, TokenStream)> {
    let of_row = types.iter().find_map(|item| match item {
        Item::Struct(found) if found.ident == row => Some(&found.fields),
        _ => None,
    });
    let fields = body.fields.iter().filter_map(|field| {
        let in_row = of_row?.iter().find(|known| {
            let name = known.ident.as_ref();
            name.is_some_and(|name| *name == field.rust)
        })?;
        // Paths differ in `super`, which stands where a type is printed elsewhere.
        let text = |of: TokenStream| of.to_string().replace("super :: ", "");
        let (of, found) = (held(&field.r#type), &in_row.ty);
        let is_same = [quote!(#of), quote!(::std::option::Option<#of>)]
            .map(text)
            .contains(&text(quote!(#found)));
        let name = ident(&field.rust);
        is_same.then(|| (name.clone(), quote!(from.#name.clone().into())))
    });
    fields.collect()
}

/// A field of an update with its value in the body `from`, which creates a row.
fn from_create(field: &Field, create: &Body) -> Option<(Ident, TokenStream)> {
    let mut fields = create.fields.iter();
    let source = fields.find(|known| known.wire == field.wire && known.r#type == field.r#type)?;
    let value = ident(&source.rust);
    let value = quote!(from.#value.clone());
    let value = match (source.required, source.nullable, field.nullable) {
        (true, _, _) => quote!(#value.into()),
        (false, false, true) => {
            quote!(#value.map_or(::pivotal_runtime::Patch::Absent, ::pivotal_runtime::Patch::Value))
        }
        (false, true, false) => quote!(#value.value()),
        (false, _, _) => value,
    };
    Some((ident(&field.rust), value))
}

fn conversion(
    name: &Ident,
    from: &str,
    about: &str,
    fields: &[(Ident, TokenStream)],
    extra: Option<&TokenStream>,
) -> TokenStream {
    let (from, about) = (ident(from), docs(about));
    let fields = fields
        .iter()
        .map(|(field, value)| quote!(body.#field = #value;));
    quote! {
        #about
        impl ::std::convert::From<&super::#from> for super::#name {
            fn from(from: &super::#from) -> Self {
                let mut body = Self::new();
                #(#fields)*
                #extra
                body
            }
        }
    }
}
