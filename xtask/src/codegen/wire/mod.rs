//! progenitor: the client and the objects that are answered.

mod fields;
mod schemas;

use std::panic::{AssertUnwindSafe, catch_unwind};

use openapi_pipeline::shape::Shaped;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle, TypePatch};
use quote::quote;
use schemars_generator::schema::{InstanceType, SchemaObject};
use syn::visit_mut::VisitMut;
use syn::{Attribute, Expr, ExprLit, Item, Lit, Meta, UseTree, parse_quote};

use super::{Failure, Stage};

/// What progenitor generates, in two modules.
pub(super) struct Wire {
    /// The client and its methods.
    pub(super) client: Vec<Item>,
    /// The objects that are answered.
    pub(super) types: Vec<Item>,
}

/// Generates the client for a shaped document.
pub(super) fn generate(shaped: &Shaped, passed: &mut dyn FnMut(Stage)) -> Result<Wire, Failure> {
    let document = serde_json::from_value(shaped.document.clone())
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
    refuse_closed_enums(&wire.types, shaped)?;
    for item in wire.client.iter_mut().chain(&mut wire.types) {
        ReadableDocs.visit_item_mut(item);
    }
    for item in &mut wire.client {
        leave_encoding_to_the_runtime(item);
    }
    for item in &mut wire.types {
        fields::rename_duplicates(item);
        schemas::derive(item);
    }
    passed(Stage::Parse);
    Ok(wire)
}

fn settings(shaped: &Shaped) -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(::pivotal_runtime::Executor))
        .with_map_type("::std::collections::BTreeMap")
        .with_derive("PartialEq")
        .with_conversion(string("date-time"), "::jiff::Timestamp", both())
        .with_conversion(string("date"), "::jiff::civil::Date", both());
    let elsewhere = shaped.enums.iter().map(|found| &found.name);
    let elsewhere = elsewhere.chain(shaped.unions.iter().map(|union| &union.name));
    for name in elsewhere.chain(shaped.bodies.iter().map(|body| &body.name)) {
        settings.with_replacement(name, format!("super::{name}"), std::iter::empty());
    }
    for answer in &shaped.responses {
        let mut patch = TypePatch::default();
        patch.with_attr("#[non_exhaustive]");
        settings.with_patch(&answer.name, &patch);
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
/// closed is a fault, unless names.toml lists it.
fn refuse_closed_enums(types: &[Item], shaped: &Shaped) -> Result<(), Failure> {
    let closed: Vec<String> = types
        .iter()
        .filter_map(|item| match item {
            Item::Enum(found) => Some(found.ident.to_string()),
            _ => None,
        })
        .filter(|name| !shaped.closed.contains(name))
        .collect();
    if closed.is_empty() {
        return Ok(());
    }
    Err(Failure::input(
        super::tree::UPSTREAM,
        format!(
            "closed enums would be generated: {}. A value that the document does not list would fail the decode; list them in names.toml under `closed` if that is wanted",
            closed.join(", ")
        ),
    ))
}

/// The generator's own way of writing a parameter into a path leaves the backslash, which a URL
/// parser takes for a slash: the runtime's is imported in its place.
fn leave_encoding_to_the_runtime(item: &mut Item) {
    if let Item::Use(import) = item
        && let UseTree::Path(path) = &mut import.tree
        && let UseTree::Group(group) = &mut *path.tree
    {
        let names = std::mem::take(&mut group.items);
        group.items = names
            .into_iter()
            .filter(|name| !matches!(name, UseTree::Name(name) if name.ident == "encode_path"))
            .collect();
    }
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
        *attributes = std::mem::take(attributes)
            .into_iter()
            .flat_map(|attribute| match doc_text(&attribute) {
                Some(text) => doc_attributes(&text),
                None => vec![attribute],
            })
            .collect();
    }
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn doc_attributes(text: &str) -> Vec<Attribute> {
    let shown = text
        .split("<details>")
        .next()
        .unwrap_or_default()
        .trim_end();
    doc_lines(shown)
        .into_iter()
        .map(|line| parse_quote!(#[doc = #line]))
        .collect()
}

/// The lines of a doc comment, each as the attribute holds it.
pub(super) fn doc_lines(text: &str) -> Vec<String> {
    text.trim()
        .lines()
        .map(|line| match line.trim_end() {
            "" => String::new(),
            line => format!(" {line}"),
        })
        .collect()
}
