//! JSON Schemas of the objects that are answered.

use syn::{Attribute, Item, parse_quote};

/// Derives a schema, behind the crate's feature, for a type that serde is derived for.
pub(super) fn derive(item: &mut Item) {
    let attributes = match item {
        Item::Struct(found) => &mut found.attrs,
        Item::Enum(found) => &mut found.attrs,
        _ => return,
    };
    if let Some(place) = attributes.iter().position(derives_serde) {
        attributes.insert(
            place + 1,
            parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]),
        );
    }
}

fn derives_serde(attribute: &Attribute) -> bool {
    let mut found = false;
    if attribute.path().is_ident("derive") {
        // A path that cannot be read is no derive of serde's.
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "Deserialize");
            Ok(())
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;
    use syn::parse_quote;

    use super::derive;

    #[test]
    fn what_reads_json_describes_it_too() {
        let mut item = parse_quote! {
            #[derive(::serde::Deserialize, Clone)]
            pub struct Row {
                pub id: i64,
            }
        };
        derive(&mut item);
        let text = item.to_token_stream().to_string();
        assert!(
            text.contains("derive (:: schemars :: JsonSchema)"),
            "{text}"
        );

        let mut other = parse_quote!(
            #[derive(Clone)]
            pub struct Row;
        );
        derive(&mut other);
        assert!(!other.to_token_stream().to_string().contains("schemars"));
    }
}
