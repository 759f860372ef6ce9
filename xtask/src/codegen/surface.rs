//! The public Rust items of the generated client, and how two lists of them differ.
//!
//! The list is made from the syntax that the generator prints, not from files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use openapi_pipeline::shape::Shaped;
use quote::{ToTokens, quote};
use serde::Serialize;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Fields, Ident, ImplItem, Item, ReceiverKind, Type, Visibility, parse_quote};

/// The public items of a generated client by path: `CreateContact`, `CreateContact.email` for a
/// field, `CreateContact::new` for a function, `OnboardingState::Paused` for a variant,
/// `ListContactsRequest: Paged` for a trait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surface(BTreeMap<String, Declaration>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Declaration {
    kind: Kind,
    text: String,
    /// Whether programs may list all of its fields or variants.
    exhaustive: bool,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An operation of the document, by the name of its method.
    Operation,
    /// A struct, an enum or an alias.
    Type,
    /// A field of a struct.
    Field,
    /// A variant of an enum.
    Variant,
    /// A function of a type.
    Function,
    /// A trait that a type implements, unless it is derived, and the type of the errors of a request.
    Impl,
}

impl Surface {
    /// The items of a shaped document and of the syntax that is printed from it.
    pub(super) fn of(shaped: &Shaped, printed: Vec<Item>) -> Self {
        let mut surface = Self::default();
        for operation in &shaped.operations {
            let text = format!(
                "operation {} ({} {})",
                operation.name, operation.method, operation.path
            );
            surface.add(operation.name.clone(), Kind::Operation, text, false);
        }
        // These are printed as calls of a macro.
        for found in &shaped.enums {
            let name = &found.name;
            surface.add(name.clone(), Kind::Type, format!("enum {name}"), false);
            for variant in &found.variants {
                let path = format!("{name}::{}", variant.name);
                let text = format!("{path} = {:?}", variant.value);
                surface.add(path, Kind::Variant, text, false);
            }
        }
        for mut item in printed {
            if let Item::Impl(found) = &mut item {
                for item in &mut found.items {
                    if let ImplItem::Fn(function) = item {
                        function.block = parse_quote!({});
                    }
                }
            }
            ShortPaths.visit_item_mut(&mut item);
            surface.add_item(item);
        }
        surface
    }

    fn add(&mut self, path: String, kind: Kind, text: String, exhaustive: bool) {
        let declaration = Declaration {
            kind,
            text,
            exhaustive,
        };
        self.0.insert(path, declaration);
    }

    fn add_type(&mut self, keyword: &str, name: &Ident, attributes: &[Attribute]) -> String {
        let mut attributes = attributes.iter();
        let exhaustive = attributes.all(|found| !found.path().is_ident("non_exhaustive"));
        let text = format!("{keyword} {name}");
        self.add(name.to_string(), Kind::Type, text, exhaustive);
        name.to_string()
    }

    fn add_item(&mut self, item: Item) {
        match item {
            Item::Struct(found) if is_public(&found.vis) => {
                let name = self.add_type("struct", &found.ident, &found.attrs);
                for field in found.fields.iter().filter(|field| is_public(&field.vis)) {
                    if let Some(ident) = &field.ident {
                        let path = format!("{name}.{ident}");
                        let text = format!("{path}: {}", type_text(&field.ty));
                        self.add(path, Kind::Field, text, false);
                    }
                }
            }
            Item::Enum(found) if is_public(&found.vis) => {
                let name = self.add_type("enum", &found.ident, &found.attrs);
                for variant in &found.variants {
                    let path = format!("{name}::{}", variant.ident);
                    let text = match &variant.fields {
                        Fields::Unnamed(fields) => {
                            let types = fields.unnamed.iter().map(|field| type_text(&field.ty));
                            let types: Vec<String> = types.collect();
                            format!("{path}({})", types.join(", "))
                        }
                        _ => path.clone(),
                    };
                    self.add(path, Kind::Variant, text, false);
                }
            }
            Item::Type(found) if is_public(&found.vis) => {
                let name = found.ident.to_string();
                let text = format!("type {name} = {}", type_text(&found.ty));
                self.add(name, Kind::Type, text, false);
            }
            Item::Impl(found) => {
                let of = type_text(&found.self_ty);
                if let Some((of_trait, _)) = &found.trait_ {
                    let of_trait = type_text(&parse_quote!(#of_trait));
                    let text = format!("impl {of_trait} for {of}");
                    self.add(format!("{of}: {of_trait}"), Kind::Impl, text, false);
                    // The type of a response is in the signature of the method.
                    for item in &found.items {
                        if let ImplItem::Type(found) = item
                            && of_trait == "Endpoint"
                            && found.ident == "Error"
                        {
                            let path = format!("{of}::Error");
                            let text = format!("type {path} = {}", type_text(&found.ty));
                            self.add(path, Kind::Impl, text, false);
                        }
                    }
                    return;
                }
                for item in found.items {
                    if let ImplItem::Fn(function) = item
                        && is_public(&function.vis)
                    {
                        let path = format!("{of}::{}", function.sig.ident);
                        let signature = function.sig;
                        let text = printed(quote!(#signature {}));
                        let text = text.trim_end_matches("{}").trim_end();
                        let text = text.replacen(
                            &format!("fn {}", signature.ident),
                            &format!("fn {path}"),
                            1,
                        );
                        self.add(path, Kind::Function, text, false);
                    }
                }
            }
            _ => {}
        }
    }

    /// What is not the same in another surface, in order of path.
    pub fn changes(&self, revision: &Self) -> Vec<Change> {
        let paths: BTreeSet<&String> = self.0.keys().chain(revision.0.keys()).collect();
        let change = |path: &String| {
            let (from, to) = (self.0.get(path), revision.0.get(path));
            let kind = to.or(from)?.kind;
            let (difference, breaking) = match (from, to) {
                (None, _) => {
                    let of = self.0.get(owner(path));
                    let is_part = matches!(kind, Kind::Field | Kind::Variant);
                    (
                        Difference::Added,
                        is_part && of.is_some_and(|of| of.exhaustive),
                    )
                }
                (_, None) => (Difference::Removed, true),
                (Some(from), Some(to)) if from.text != to.text => {
                    // A variant with another text on the wire, or an operation at another path, is
                    // written in Rust as before.
                    let same_rust = kind == Kind::Operation
                        || kind == Kind::Variant && from.text.contains(" = ");
                    (Difference::Changed, !same_rust)
                }
                _ => return None,
            };
            Some(Change {
                change: difference,
                kind,
                path: path.clone(),
                from: from.map(|from| from.text.clone()),
                to: to.map(|to| to.text.clone()),
                breaking,
            })
        };
        paths.into_iter().filter_map(change).collect()
    }
}

/// One item that differs between two surfaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// How it differs.
    pub change: Difference,
    /// What it is.
    #[serde(skip)]
    pub kind: Kind,
    /// Its path.
    pub path: String,
    /// Its declaration in the base; `None` when it is new.
    pub from: Option<String>,
    /// Its declaration in the revision; `None` when it is gone.
    pub to: Option<String>,
    /// Whether a program that compiled may not compile any more.
    pub breaking: bool,
}

/// How one side differs from the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Difference {
    /// It is gone.
    Removed,
    /// It is different.
    Changed,
    /// It is new.
    Added,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format!("{self:?}").to_lowercase())
    }
}

impl Change {
    /// The type that the item belongs to, or its own name.
    pub fn owner(&self) -> &str {
        owner(&self.path)
    }

    /// Whether the type that it belongs to is added or removed too.
    pub fn is_part_of(&self, all: &[Self]) -> bool {
        self.owner() != self.path
            && all
                .iter()
                .any(|other| other.path == self.owner() && other.change == self.change)
    }

    /// Whether it is a method of the wire client, which the SDK shows through `raw()` alone.
    pub fn is_client_method(&self) -> bool {
        self.owner() == "Client"
    }

    /// The change as lines of a diff: `- ` for the base, `+ ` for the revision.
    pub fn lines(&self) -> Vec<String> {
        let removed = self.from.iter().map(|text| format!("- {text}"));
        let added = self.to.iter().map(|text| format!("+ {text}"));
        removed.chain(added).collect()
    }
}

fn owner(path: &str) -> &str {
    let path = path.trim_start_matches('&');
    path.split(['.', ':']).next().unwrap_or(path)
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn type_text(of: &Type) -> String {
    let text = printed(quote!(type T = #of;));
    text.trim_start_matches("type T = ")
        .trim_end_matches(';')
        .to_owned()
}

/// An item on one line.
fn printed(item: impl ToTokens) -> String {
    let text = prettyplease::unparse(&parse_quote!(#item));
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace("( ", "(")
        .replace(", )", ")")
        .replace(", >", ">")
        .replace("< ", "<")
}

/// Leaves of each path its last name, and no lifetimes: `::std::option::Option<super::Contact>`
/// becomes `Option<Contact>`.
struct ShortPaths;

impl VisitMut for ShortPaths {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        if let Some(last) = path.segments.pop() {
            path.leading_colon = None;
            path.segments.clear();
            path.segments.push(last);
        }
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_generics_mut(&mut self, generics: &mut syn::Generics) {
        generics.params = std::mem::take(&mut generics.params)
            .into_iter()
            .filter(|parameter| !matches!(parameter, syn::GenericParam::Lifetime(_)))
            .collect();
        visit_mut::visit_generics_mut(self, generics);
    }

    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        reference.lifetime = None;
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_receiver_mut(&mut self, receiver: &mut syn::Receiver) {
        // `mut self` is no part of the signature.
        receiver.mutability = None;
        if let ReceiverKind::Reference(_, lifetime, _) = &mut receiver.kind {
            *lifetime = None;
        }
    }
}
