//! What the types of a crate do, and which traits they implement.

use syn::{Attribute, ImplItem, ItemImpl, Type, Visibility};

use super::attributes::is_hidden;
use super::exports::{Exports, marks};
use super::modules::{Crate, Resolved};
use super::print::Scope;
use super::{Item, Kind};

/// Methods, associated items and traits of every type that the outside can name.
pub(super) fn items(krate: &Crate, exports: &Exports) -> Vec<Item> {
    let mut items = Vec::new();
    for (index, module) in krate.modules.iter().enumerate() {
        if module.test {
            continue;
        }
        let scope = Scope {
            krate,
            exports,
            module: index,
        };
        for item in &module.items {
            match item {
                syn::Item::Impl(found) => implemented(found, scope, &mut items),
                syn::Item::Struct(found) => {
                    derived(&found.attrs, &found.ident, scope, &mut items);
                }
                syn::Item::Enum(found) => derived(&found.attrs, &found.ident, scope, &mut items),
                _ => {}
            }
        }
    }
    items
}

fn derived(attributes: &[Attribute], name: &syn::Ident, scope: Scope<'_>, items: &mut Vec<Item>) {
    let Some(of) = scope.exports.path(scope.module, &name.to_string()) else {
        return;
    };
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
    {
        // What is no list of paths derives nothing that could be named.
        let _ = attribute.parse_nested_meta(|meta| {
            let name = meta.path.segments.last().map(|last| last.ident.to_string());
            items.extend(name.map(|name| implements(of, &name, of)));
            Ok(())
        });
    }
}

fn implements(path: &str, name: &str, of: &str) -> Item {
    Item {
        kind: Kind::Impl,
        path: path.to_owned(),
        text: format!("impl {name} for {of}"),
    }
}

fn implemented(found: &ItemImpl, scope: Scope<'_>, items: &mut Vec<Item>) {
    let Some(subject) = subject(&found.self_ty) else {
        return;
    };
    let names: Vec<String> = subject
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let local = match scope.krate.resolve(scope.module, &names) {
        Resolved::Item(module, name, _) => match scope.exports.path(module, &name) {
            Some(path) => Some(path.to_owned()),
            // The outside cannot name it.
            None => return,
        },
        _ => None,
    };
    let of = scope.ty(&found.self_ty);
    let (parameters, clause) = scope.generics(&found.generics);
    if let Some((implemented, _)) = &found.trait_ {
        let name = scope.path(implemented);
        // `impl<T> Trait for Vec<T>` says nothing without its bounds.
        let name = if local.is_none() && !parameters.is_empty() {
            format!("{parameters} {name}")
        } else {
            name
        };
        items.push(implements(
            local.as_deref().unwrap_or(&of),
            &name,
            &format!("{of}{clause}"),
        ));
        return;
    }
    // The bounds of the block hold for each of its items.
    let bounded =
        if found.generics.params.iter().any(
            |parameter| matches!(parameter, syn::GenericParam::Type(of) if !of.bounds.is_empty()),
        ) || !clause.is_empty()
        {
            format!(" [impl{parameters}{clause}]")
        } else {
            String::new()
        };
    for item in &found.items {
        match item {
            ImplItem::Fn(method) if is_public(&method.vis, &method.attrs) => {
                let path = format!("{of}::{}", method.sig.ident);
                let text = format!(
                    "{}pub {}{bounded}",
                    marks(&method.attrs),
                    scope.function(&method.sig, &path)
                );
                items.push(Item {
                    kind: Kind::Function,
                    path,
                    text,
                });
            }
            ImplItem::Const(constant) if is_public(&constant.vis, &constant.attrs) => {
                let path = format!("{of}::{}", constant.ident);
                let text = format!("pub const {path}: {}{bounded}", scope.ty(&constant.ty));
                items.push(Item {
                    kind: Kind::Constant,
                    path,
                    text,
                });
            }
            _ => {}
        }
    }
}

fn is_public(vis: &Visibility, attributes: &[Attribute]) -> bool {
    matches!(vis, Visibility::Public(_)) && !is_hidden(attributes)
}

/// The path of the type that an impl is about.
fn subject(ty: &Type) -> Option<&syn::Path> {
    match ty {
        Type::Path(path) => Some(&path.path),
        Type::Reference(reference) => subject(&reference.elem),
        _ => None,
    }
}
