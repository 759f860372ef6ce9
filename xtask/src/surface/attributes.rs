//! What attributes say of an item.

use syn::Attribute;

/// `#[path = "…"]`.
pub(super) fn path_of(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
                syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        })
}

pub(super) fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("doc")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|argument| argument == "hidden")
    })
}

pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|argument| argument == "test")
    })
}

/// `#[cfg(feature = "blocking")]`, as it is written.
pub(super) fn condition(attributes: &[Attribute]) -> Option<String> {
    let found = attributes
        .iter()
        .find(|attribute| attribute.path().is_ident("cfg"))?;
    let inner = found.parse_args::<syn::Meta>().ok()?;
    Some(format!("#[cfg({})]", super::print::tokens(&inner)))
}
