//! progenitor: the client and the objects of responses.

mod arguments;
mod methods;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use openapi_pipeline::naming::free_field;
use openapi_pipeline::shape::Shaped;
use openapiv3::OpenAPI;
use pivotal_runtime::printable;
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TagStyle, TypePatch};
use quote::{format_ident, quote};
use schemars_generator::schema::{InstanceType, SchemaObject};
use serde::Deserialize;
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{
    Attribute, Expr, ExprLit, Field, Fields, Item, ItemStruct, Lit, Meta, Path, Token, parse_quote,
};

use super::{Failure, Stage};

/// The field of a response object that holds the keys without a field of their own.
pub(super) const EXTRA: &str = "extra";

/// What progenitor generates, in two modules.
pub(super) struct Wire {
    /// The client and its methods.
    pub(super) client: Vec<Item>,
    /// The objects of responses.
    pub(super) types: Vec<Item>,
}

/// Generates the client for a shaped document.
pub(super) fn generate(shaped: &Shaped, passed: &mut dyn FnMut(Stage)) -> Result<Wire, Failure> {
    let document = OpenAPI::deserialize(&shaped.document)
        .map_err(|error| Failure::ours("the shaped document", error))?;
    let mut generator = Generator::new(&settings(shaped));
    // The generator asserts what it assumes of a document. Shaping is to keep its assumptions;
    // where it fails to, the panic is ours and must not look like a crash.
    let tokens = catch_unwind(AssertUnwindSafe(|| generator.generate_tokens(&document)))
        .map_err(|panic| Failure::ours("progenitor", message(panic.as_ref())))?
        .map_err(|error| Failure::ours("progenitor", error))?;
    passed(Stage::Generate);
    let file: syn::File =
        syn::parse2(tokens).map_err(|error| Failure::ours("progenitor's output", error))?;

    let mut wire = Wire {
        client: Vec::new(),
        types: Vec::new(),
    };
    for item in file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                wire.types = module.content.map(|(_, items)| items).unwrap_or_default();
            }
            // Everything is re-exported flat.
            Item::Mod(module) if module.ident == "prelude" => {}
            other => wire.client.push(other),
        }
    }
    wire.client = methods::client(wire.client, shaped)?;
    refuse_closed_enums(&wire.types)?;
    for item in wire.client.iter_mut().chain(&mut wire.types) {
        ReadableDocs.visit_item_mut(item);
    }
    let names = shaped.responses.iter().map(|known| known.name.as_str());
    let responses: BTreeSet<&str> = names.collect();
    for item in &mut wire.types {
        let Item::Struct(found) = item else {
            continue;
        };
        let keeps_unknown = is_open_response(found, &responses);
        rename_duplicates(found, keeps_unknown);
        if keeps_unknown {
            keep_unknown_keys(found);
        }
        derive_schema(found);
    }
    passed(Stage::Parse);
    Ok(wire)
}

fn settings(shaped: &Shaped) -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_map_type("::std::collections::BTreeMap")
        .with_derive("PartialEq")
        .with_conversion(string("date-time"), "::jiff::Timestamp", both())
        .with_conversion(string("date"), "::pivotal_runtime::Date", both());
    let elsewhere = shaped.enums.iter().map(|found| &found.name);
    let elsewhere = elsewhere.chain(shaped.unions.iter().map(|union| &union.name));
    for name in elsewhere.chain(shaped.bodies.iter().map(|body| &body.name)) {
        settings.with_replacement(name, format!("super::{name}"), std::iter::empty());
    }
    for response in &shaped.responses {
        let mut patch = TypePatch::default();
        patch.with_attr("#[non_exhaustive]");
        settings.with_patch(&response.name, &patch);
    }
    settings
}

fn string(format: &str) -> SchemaObject {
    SchemaObject {
        instance_type: Some(InstanceType::String.into()),
        format: Some(format.to_owned()),
        ..SchemaObject::default()
    }
}

fn both() -> impl Iterator<Item = progenitor::TypeImpl> {
    [progenitor::TypeImpl::Display, progenitor::TypeImpl::FromStr].into_iter()
}

/// A value that the document does not list yet must not fail a decode: an enum that the generator
/// closed is a fault.
fn refuse_closed_enums(types: &[Item]) -> Result<(), Failure> {
    let closed: Vec<String> = types
        .iter()
        .filter_map(|item| match item {
            Item::Enum(found) => Some(found.ident.to_string()),
            _ => None,
        })
        .collect();
    if closed.is_empty() {
        return Ok(());
    }
    Err(Failure::ours("closed enums", closed.join(", ")))
}

/// Whether a struct is the object of a response whose document says nothing about unknown keys. Where
/// it does, the generator has a field for them.
fn is_open_response(found: &ItemStruct, responses: &BTreeSet<&str>) -> bool {
    let flattened = |field: &Field| {
        let mut attributes = field.attrs.iter();
        attributes.any(|attribute| has_argument(attribute, "serde", "flatten"))
    };
    matches!(found.fields, Fields::Named(_))
        && responses.contains(found.ident.to_string().as_str())
        && !found.fields.iter().any(flattened)
}

/// Adds the field [`EXTRA`]. `Deserialize` is then printed instead of derived: with a flattened
/// field, the derived one copies every value of the object.
fn keep_unknown_keys(found: &mut ItemStruct) {
    if let Fields::Named(fields) = &mut found.fields {
        let extra = format_ident!("{EXTRA}");
        fields.named.push(parse_quote! {
            #[doc = " The keys that this version does not know, with their values."]
            #[serde(flatten)]
            #[cfg_attr(feature = "schemars", schemars(skip))]
            pub #extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>
        });
    }
    for attribute in &mut found.attrs {
        if has_argument(attribute, "derive", "Deserialize")
            && let Meta::List(list) = &mut attribute.meta
            && let Ok(derived) =
                list.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
        {
            let is_kept = |path: &&Path| {
                path.segments
                    .last()
                    .is_none_or(|last| last.ident != "Deserialize")
            };
            let kept = derived.iter().filter(is_kept);
            list.tokens = quote!(#(#kept),*);
        }
    }
}

/// Gives every field of a struct a name of its own: the generator gives one name to properties that
/// differ in spelling alone. A property that is called as its field would be keeps that name; of the
/// others the later one gives way, as in request bodies. A property `extra` gives way to [`EXTRA`].
fn rename_duplicates(found: &mut ItemStruct, keeps_unknown: bool) {
    let is_renamed = |field: &Field| {
        let mut attributes = field.attrs.iter();
        attributes.any(|attribute| has_argument(attribute, "serde", "rename"))
    };
    let mut taken: BTreeSet<String> = BTreeSet::new();
    taken.extend(keeps_unknown.then(|| EXTRA.to_owned()));
    let (exact, renamed): (Vec<&mut Field>, Vec<&mut Field>) = found
        .fields
        .iter_mut()
        .partition(|field| !is_renamed(field));
    for field in exact.into_iter().chain(renamed) {
        let Some(wanted) = field.ident.clone() else {
            continue;
        };
        let wanted = wanted.to_string();
        let name = free_field(&wanted, &mut taken);
        if name == wanted {
            continue;
        }
        if !is_renamed(field) {
            field.attrs.push(parse_quote!(#[serde(rename = #wanted)]));
        }
        field.ident = Some(format_ident!("{name}"));
    }
}

/// Derives a JSON Schema, behind the crate's feature, for a type that serde is derived for.
fn derive_schema(found: &mut ItemStruct) {
    let derives_serde = |attribute: &Attribute| has_argument(attribute, "derive", "Serialize");
    if let Some(place) = found.attrs.iter().position(derives_serde) {
        found.attrs.insert(
            place + 1,
            parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]),
        );
    }
}

/// Whether an attribute has an argument whose path ends in this name.
pub(super) fn has_argument(attribute: &Attribute, name: &str, argument: &str) -> bool {
    let mut found = false;
    if attribute.path().is_ident(name) {
        // An argument that cannot be read ends the search without harm.
        let _ = attribute.parse_nested_meta(|meta| {
            let last = meta.path.segments.last();
            found |= last.is_some_and(|last| last.ident == argument);
            if let Ok(value) = meta.value() {
                value.parse::<Expr>()?;
            }
            Ok(())
        });
    }
    found
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panicked".to_owned())
}

/// Doc comments as a person would write them: a comment a line, without the JSON of the shaped
/// schema.
struct ReadableDocs;

impl VisitMut for ReadableDocs {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        for attribute in std::mem::take(attributes) {
            let Some(text) = doc_text(&attribute) else {
                attributes.push(attribute);
                continue;
            };
            let shown = text.split("<details>").next().unwrap_or_default();
            let lines = doc_lines(shown.trim_end()).into_iter();
            attributes.extend(lines.map(|line| -> Attribute { parse_quote!(#[doc = #line]) }));
        }
    }
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    if let Meta::NameValue(pair) = &attribute.meta
        && pair.path.is_ident("doc")
        && let Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) = &pair.value
    {
        return Some(text.value());
    }
    None
}

/// The lines of a doc comment, each as the attribute holds it.
///
/// Every text of the document that becomes a comment passes through here. A line of a comment cannot
/// hold a carriage return, and the compiler refuses one that changes the order of what it shows.
pub(super) fn doc_lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.trim()
        .lines()
        .map(|line| match line.trim_end() {
            "" => String::new(),
            line => format!(" {}", printable(&line.replace('\t', "    "))),
        })
        .collect()
}
