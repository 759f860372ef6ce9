//! Fields of one name, which the generator gives to properties that differ in spelling alone.

use std::collections::BTreeSet;

use quote::format_ident;
use syn::{Attribute, Field, Ident, Item, parse_quote};

/// Gives every field of a struct a name of its own. A property that is called as its field would be
/// keeps that name; of the others the later one gives way, as in what is sent.
pub(super) fn rename_duplicates(item: &mut Item) {
    let Item::Struct(found) = item else {
        return;
    };
    let mut taken: BTreeSet<Ident> = BTreeSet::new();
    let (exact, renamed): (Vec<&mut Field>, Vec<&mut Field>) = found
        .fields
        .iter_mut()
        .partition(|field| !is_renamed(field));
    for field in exact.into_iter().chain(renamed) {
        let Some(wanted) = field.ident.clone() else {
            continue;
        };
        let mut name = wanted.clone();
        while !taken.insert(name.clone()) {
            name = format_ident!("{name}_");
        }
        if name != wanted && !is_renamed(field) {
            let wire = wanted.to_string();
            field.attrs.push(parse_quote!(#[serde(rename = #wire)]));
        }
        field.ident = Some(name);
    }
}

fn is_renamed(field: &Field) -> bool {
    field.attrs.iter().any(renames)
}

fn renames(attribute: &Attribute) -> bool {
    let mut found = false;
    if attribute.path().is_ident("serde") {
        // Whatever else stands there is of no interest; an argument that is passed over ends the
        // search without harm.
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("rename");
            if let Ok(value) = meta.value() {
                value.parse::<syn::Expr>()?;
            }
            Ok(())
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};
    use syn::parse_quote;

    use super::rename_duplicates;

    #[test]
    fn every_field_gets_a_name_of_its_own() {
        let mut item = parse_quote! {
            struct Row {
                #[serde(default, rename = "FOO_BAR", skip_serializing_if = "Option::is_none")]
                foo_bar: Option<String>,
                #[serde(default, skip_serializing_if = "Option::is_none")]
                foo_bar: Option<String>,
                #[serde(rename = "fooBar")]
                foo_bar: String,
                other: bool,
            }
        };
        rename_duplicates(&mut item);
        let expected = quote! {
            struct Row {
                #[serde(default, rename = "FOO_BAR", skip_serializing_if = "Option::is_none")]
                foo_bar_: Option<String>,
                #[serde(default, skip_serializing_if = "Option::is_none")]
                foo_bar: Option<String>,
                #[serde(rename = "fooBar")]
                foo_bar__: String,
                other: bool,
            }
        };
        assert_eq!(item.into_token_stream().to_string(), expected.to_string());
    }
}
