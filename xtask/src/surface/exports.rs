//! Which items of a crate the outside can name, and by which paths.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Fields, Visibility};

use super::attributes::{condition, is_hidden};
use super::modules::{Crate, Resolved, join, name_of};
use super::print::Scope;
use super::{Item, Kind};

/// The public paths of a crate.
#[derive(Debug, Default)]
pub(super) struct Exports {
    /// Of each item of the crate, by module and name: its public paths, the shortest first.
    items: BTreeMap<(usize, String), Vec<String>>,
    /// What other crates define: public path and what it leads to.
    foreign: BTreeMap<String, Vec<String>>,
    /// Public modules, with the condition under which they are there.
    modules: BTreeMap<String, Option<String>>,
}

impl Exports {
    pub(super) fn of(krate: &Crate) -> Self {
        let mut exports = Self::default();
        exports.module(krate, 0, &[], &mut BTreeSet::new());
        for paths in exports.items.values_mut() {
            paths.sort_by_key(|path| (path.matches("::").count(), path.clone()));
            paths.dedup();
        }
        exports
    }

    /// The public path of an item; `None` when the outside cannot name it.
    pub(super) fn path(&self, module: usize, name: &str) -> Option<&str> {
        let paths = self.items.get(&(module, name.to_owned()))?;
        paths.first().map(String::as_str)
    }

    /// Whether an item of the crate goes by this name somewhere.
    pub(super) fn has(&self, name: &str) -> bool {
        self.items.keys().any(|(_, own)| own == name)
    }

    fn module(
        &mut self,
        krate: &Crate,
        index: usize,
        prefix: &[String],
        open: &mut BTreeSet<usize>,
    ) {
        let module = &krate.modules[index];
        if module.test || module.hidden || !open.insert(index) {
            return;
        }
        for item in &module.items {
            if let (Some(name), true) = (name_of(item), is_public(item)) {
                self.item(index, &name.to_string(), path(prefix, &name.to_string()));
            }
        }
        for (name, child) in &module.children {
            if krate.modules[*child].public {
                self.child(
                    krate,
                    *child,
                    &join(prefix, std::slice::from_ref(name)),
                    open,
                );
            }
        }
        for used in module.uses.iter().filter(|used| used.public) {
            let at = join(prefix, std::slice::from_ref(&used.name));
            match (krate.resolve(index, &used.target), used.name.as_str()) {
                (Resolved::Module(found), "*") => self.module(krate, found, prefix, open),
                (Resolved::Module(found), _) => self.child(krate, found, &at, open),
                (Resolved::Item(found, name, _), _) => self.item(found, &name, at.join("::")),
                (Resolved::Foreign(target), _) => {
                    self.foreign.insert(at.join("::"), target);
                }
            }
        }
        open.remove(&index);
    }

    fn child(&mut self, krate: &Crate, index: usize, at: &[String], open: &mut BTreeSet<usize>) {
        let child = &krate.modules[index];
        if !child.hidden && !child.test {
            self.modules.insert(at.join("::"), child.condition.clone());
            self.module(krate, index, at, open);
        }
    }

    fn item(&mut self, module: usize, name: &str, path: String) {
        self.items
            .entry((module, name.to_owned()))
            .or_default()
            .push(path);
    }

    /// What a program of the outside can name; not what types implement and do.
    pub(super) fn items(&self, krate: &Crate) -> Vec<Item> {
        let mut items = Vec::new();
        for (path, condition) in &self.modules {
            let text = format!("{}pub mod {path}", before(condition.as_deref()));
            items.push(Item {
                kind: Kind::Module,
                path: path.clone(),
                text,
            });
        }
        for (path, target) in &self.foreign {
            let own = target.last().map(String::as_str);
            let name = path.rsplit("::").next();
            let target = target.join("::");
            let text = match path.strip_suffix("::*") {
                Some(within) => format!("pub use {target}::* in {within}"),
                None if path == "*" => format!("pub use {target}::*"),
                None if name == own && !path.contains("::") => format!("pub use {target}"),
                None => format!("pub use {target} as {path}"),
            };
            items.push(Item {
                kind: Kind::Reexport,
                path: path.clone(),
                text,
            });
        }
        for ((module, name), paths) in &self.items {
            let definition = krate.modules[*module]
                .items
                .iter()
                .find(|item| name_of(item).is_some_and(|found| found == name) && is_public(item));
            let (Some(definition), Some((first, others))) = (definition, paths.split_first())
            else {
                continue;
            };
            let scope = Scope {
                krate,
                exports: self,
                module: *module,
            };
            define(definition, first, scope, &mut items);
            for other in others {
                let text = format!("pub use {first} as {other}");
                items.push(Item {
                    kind: Kind::Reexport,
                    path: other.clone(),
                    text,
                });
            }
        }
        for module in krate.modules.iter().filter(|module| !module.test) {
            items.extend(module.items.iter().filter_map(exported_macro));
        }
        items
    }
}

fn path(prefix: &[String], name: &str) -> String {
    join(prefix, &[name.to_owned()]).join("::")
}

fn before(condition: Option<&str>) -> String {
    condition.map_or_else(String::new, |condition| format!("{condition} "))
}

fn exported_macro(item: &syn::Item) -> Option<Item> {
    let syn::Item::Macro(found) = item else {
        return None;
    };
    let exported = found
        .attrs
        .iter()
        .any(|attribute| attribute.path().is_ident("macro_export"));
    let path = found.ident.as_ref()?.to_string();
    let text = format!("pub macro {path}!");
    (exported && !is_hidden(&found.attrs)).then_some(Item {
        kind: Kind::Macro,
        path,
        text,
    })
}

fn is_public(item: &syn::Item) -> bool {
    let (vis, attrs) = match item {
        syn::Item::Const(item) => (&item.vis, &item.attrs),
        syn::Item::Enum(item) => (&item.vis, &item.attrs),
        syn::Item::Fn(item) => (&item.vis, &item.attrs),
        syn::Item::Static(item) => (&item.vis, &item.attrs),
        syn::Item::Struct(item) => (&item.vis, &item.attrs),
        syn::Item::Trait(item) => (&item.vis, &item.attrs),
        syn::Item::Type(item) => (&item.vis, &item.attrs),
        _ => return false,
    };
    matches!(vis, Visibility::Public(_)) && !is_hidden(attrs)
}

/// The lines of one definition.
fn define(item: &syn::Item, path: &str, scope: Scope<'_>, items: &mut Vec<Item>) {
    let mut add = |kind, path: String, text: String| items.push(Item { kind, path, text });
    match item {
        syn::Item::Struct(found) => {
            let (parameters, clause) = scope.generics(&found.generics);
            let text = format!(
                "{}pub struct {path}{parameters}{clause}",
                marks(&found.attrs)
            );
            add(Kind::Struct, path.to_owned(), text);
            for (position, field) in found.fields.iter().enumerate() {
                if matches!(field.vis, Visibility::Public(_)) && !is_hidden(&field.attrs) {
                    let name = field
                        .ident
                        .as_ref()
                        .map_or_else(|| position.to_string(), ToString::to_string);
                    let path = format!("{path}.{name}");
                    let text = format!("pub {path}: {}", scope.ty(&field.ty));
                    add(Kind::Field, path, text);
                }
            }
        }
        syn::Item::Enum(found) => {
            let (parameters, clause) = scope.generics(&found.generics);
            let open = found
                .attrs
                .iter()
                .any(|attribute| attribute.path().is_ident("open_enum"));
            let open = if open { " (open_enum!)" } else { "" };
            let text = format!(
                "{}pub enum {path}{parameters}{clause}{open}",
                marks(&found.attrs)
            );
            add(Kind::Enum, path.to_owned(), text);
            for variant in found
                .variants
                .iter()
                .filter(|variant| !is_hidden(&variant.attrs))
            {
                let path = format!("{path}::{}", variant.ident);
                let text = format!(
                    "{}pub {path}{}",
                    marks(&variant.attrs),
                    payload(variant, scope)
                );
                add(Kind::Variant, path, text);
            }
        }
        syn::Item::Trait(found) => {
            let (parameters, clause) = scope.generics(&found.generics);
            let bounds = scope.bounds(&found.supertraits);
            let text = format!(
                "{}pub trait {path}{parameters}{bounds}{clause}",
                marks(&found.attrs)
            );
            add(Kind::Trait, path.to_owned(), text);
            for inner in &found.items {
                required(inner, path, scope, &mut add);
            }
        }
        syn::Item::Type(found) => {
            let (parameters, clause) = scope.generics(&found.generics);
            let text = format!(
                "{}pub type {path}{parameters}{clause} = {}",
                marks(&found.attrs),
                scope.ty(&found.ty)
            );
            add(Kind::Alias, path.to_owned(), text);
        }
        syn::Item::Const(found) => {
            let text = format!(
                "{}pub const {path}: {}",
                marks(&found.attrs),
                scope.ty(&found.ty)
            );
            add(Kind::Constant, path.to_owned(), text);
        }
        syn::Item::Static(found) => {
            let text = format!(
                "{}pub static {path}: {}",
                marks(&found.attrs),
                scope.ty(&found.ty)
            );
            add(Kind::Constant, path.to_owned(), text);
        }
        syn::Item::Fn(found) => {
            let text = format!(
                "{}pub {}",
                marks(&found.attrs),
                scope.function(&found.sig, path)
            );
            add(Kind::Function, path.to_owned(), text);
        }
        _ => {}
    }
}

fn payload(variant: &syn::Variant, scope: Scope<'_>) -> String {
    match &variant.fields {
        Fields::Unit => variant
            .discriminant
            .as_ref()
            .map_or_else(String::new, |(_, value)| {
                format!(" = {}", super::print::tokens(value))
            }),
        Fields::Unnamed(fields) => {
            let types: Vec<String> = fields
                .unnamed
                .iter()
                .map(|field| scope.ty(&field.ty))
                .collect();
            format!("({})", types.join(", "))
        }
        Fields::Named(fields) => {
            let types: Vec<String> = fields
                .named
                .iter()
                .filter_map(|field| {
                    Some(format!(
                        "{}: {}",
                        field.ident.as_ref()?,
                        scope.ty(&field.ty)
                    ))
                })
                .collect();
            format!(" {{ {} }}", types.join(", "))
        }
    }
}

/// What a trait asks of those who implement it, and gives them.
fn required(
    item: &syn::TraitItem,
    of: &str,
    scope: Scope<'_>,
    add: &mut impl FnMut(Kind, String, String),
) {
    match item {
        syn::TraitItem::Fn(found) if !is_hidden(&found.attrs) => {
            let path = format!("{of}::{}", found.sig.ident);
            let given = if found.default.is_some() {
                " (provided)"
            } else {
                ""
            };
            let text = format!("pub {}{given}", scope.function(&found.sig, &path));
            add(Kind::Function, path, text);
        }
        syn::TraitItem::Type(found) if !is_hidden(&found.attrs) => {
            let path = format!("{of}::{}", found.ident);
            let text = format!("pub type {path}{}", scope.bounds(&found.bounds));
            add(Kind::Alias, path, text);
        }
        syn::TraitItem::Const(found) if !is_hidden(&found.attrs) => {
            let path = format!("{of}::{}", found.ident);
            let text = format!("pub const {path}: {}", scope.ty(&found.ty));
            add(Kind::Constant, path, text);
        }
        _ => {}
    }
}

/// Attributes that callers feel.
pub(super) fn marks(attributes: &[syn::Attribute]) -> String {
    let mut out = before(condition(attributes).as_deref());
    for (name, mark) in [
        ("non_exhaustive", "#[non_exhaustive] "),
        ("deprecated", "#[deprecated] "),
    ] {
        if attributes
            .iter()
            .any(|attribute| attribute.path().is_ident(name))
        {
            out.push_str(mark);
        }
    }
    out
}
