//! JSON Schemas of the types with hand-written serde implementations: a derive would describe their
//! fields, not their JSON.

use openapi_pipeline::shape::{Body, Field, Shaped, Type, Union};
use proc_macro2::TokenStream;
use quote::quote;

use super::bodies::about;
use super::operations::variant;
use super::types::held;
use super::{described, ident};

pub(super) fn tokens(shaped: &Shaped) -> TokenStream {
    if shaped.bodies.is_empty() && shaped.unions.is_empty() {
        return TokenStream::new();
    }
    let bodies = shaped.bodies.iter().map(body);
    let unions = shaped.unions.iter().map(union);
    quote! {
        use ::pivotal_runtime::{ConstraintKind, schema::{BodySchema, union}};
        #(#bodies)*
        #(#unions)*
    }
}

fn body(body: &Body) -> TokenStream {
    let about = described(&body.description, &format!("`{}`", body.name));
    let properties = body.fields.iter().map(|field| property(body, field));
    let schema = quote!(BodySchema::new(generator, #about) #(#properties)* .end());
    implementation(&body.name, &schema)
}

fn property(body: &Body, field: &Field) -> TokenStream {
    let (wire, about, of) = (&field.wire, about(body, field), described_by(&field.r#type));
    let property = match (field.required, field.nullable) {
        (true, false) => quote!(.always::<#of>(#wire)),
        (true, true) => quote!(.always::<Option<#of>>(#wire)),
        (false, false) => quote!(.optional::<#of>(#wire)),
        (false, true) => quote!(.patch::<#of>(#wire)),
    };
    let limits = field.limits.iter().map(|limit| {
        // What follows the name is one `*` an entry; a name may hold dots itself.
        let entries = limit.name[wire.len()..].split('.').skip(1);
        let rule = variant("ConstraintKind", limit.kind);
        quote!(.limit(&[#wire #(, #entries)*], #rule))
    });
    let format = field
        .format
        .iter()
        .map(|format| quote!(.format(&[#wire], #format)));
    quote!(#property .describe(#wire, #about) #(#limits)* #(#format)*)
}

fn union(union: &Union) -> TokenStream {
    let about = described(&union.description, &format!("`{}`", union.name));
    let members = union.members.iter().map(|member| {
        let of = described_by(&member.r#type);
        quote!(generator.subschema_for::<#of>())
    });
    let schema = quote!(union(#about, [#(#members),*]));
    implementation(&union.name, &schema)
}

/// The type that describes a value, by the names of Rust's prelude: no type of the document is in
/// scope here.
fn described_by(r#type: &Type) -> TokenStream {
    let of = |name: TokenStream, inner: &Type| {
        let inner = described_by(inner);
        quote!(#name<#inner>)
    };
    match r#type {
        Type::String => quote!(String),
        Type::Boxed(inner) => described_by(inner),
        Type::Nullable(inner) => of(quote!(Option), inner),
        Type::List(inner) => of(quote!(Vec), inner),
        Type::Map(inner) if **inner != Type::Json => {
            let inner = described_by(inner);
            quote!(::std::collections::BTreeMap<String, #inner>)
        }
        other => held(other),
    }
}

fn implementation(name: &str, schema: &TokenStream) -> TokenStream {
    let ident = ident(name);
    quote! {
        impl ::schemars::JsonSchema for super::#ident {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(#name)
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(concat!(module_path!(), "::", #name))
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                #schema
            }
        }
    }
}
