//! Decoding of response objects, as invocations of the runtime's macro. They are printed as text: the
//! pretty-printer does not look inside a macro.

use quote::ToTokens;
use syn::{Field, GenericArgument, Item, ItemStruct, LitStr, PathArguments, Type};

use crate::codegen::wire::{EXTRA, has_argument};

/// The invocations for the structs that serialize but do not derive `Deserialize`.
pub(super) fn text(types: &[Item]) -> String {
    let objects = types.iter().filter_map(|item| match item {
        Item::Struct(found) if derives(found, "Serialize") && !derives(found, "Deserialize") => {
            Some(object(found))
        }
        _ => None,
    });
    objects.collect()
}

fn derives(found: &ItemStruct, name: &str) -> bool {
    let mut attributes = found.attrs.iter();
    attributes.any(|attribute| has_argument(attribute, "derive", name))
}

fn object(found: &ItemStruct) -> String {
    let name = &found.ident;
    let mut text = format!("\n::pivotal_runtime::response_object! {{\n    super::{name} {{\n");
    for field in &found.fields {
        if let Some(name) = field.ident.as_ref().filter(|name| *name != EXTRA) {
            let key = renamed(field).unwrap_or_else(|| name.to_string());
            text.push_str(&format!("        {name}: {}{key:?},\n", kind(field)));
        }
    }
    text.push_str(&format!("        ..{EXTRA}\n    }}\n}}\n"));
    text
}

/// The key of a field whose name differs.
fn renamed(field: &Field) -> Option<String> {
    let mut key = None;
    for attribute in field
        .attrs
        .iter()
        .filter(|known| known.path().is_ident("serde"))
    {
        // `has_argument` has read the same attributes.
        let _ = attribute.parse_nested_meta(|meta| {
            let value = meta.value().and_then(|value| value.parse::<LitStr>()).ok();
            if meta.path.is_ident("rename") {
                key = value.map(|value| value.value());
            }
            Ok(())
        });
    }
    key
}

/// What the macro has to know of the type of a field.
fn kind(field: &Field) -> &'static str {
    let has_default = |attribute| has_argument(attribute, "serde", "default");
    let (inner, held) = match option(&field.ty) {
        Some(inner) => (true, inner),
        None => (false, &field.ty),
    };
    let held = held.to_token_stream().to_string();
    match (inner, matches!(held.as_str(), "i64" | "u64")) {
        (true, true) => "optional integer ",
        (true, false) => "optional ",
        (false, true) => "integer ",
        (false, false) if field.attrs.iter().any(has_default) => "optional ",
        (false, false) => "",
    }
}

/// The type inside `::std::option::Option`. The document may have a type `Option` as well.
fn option(held: &Type) -> Option<&Type> {
    let Type::Path(held) = held else {
        return None;
    };
    let names = held
        .path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string());
    let PathArguments::AngleBracketed(arguments) = &held.path.segments.last()?.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if names.eq(["std", "option", "Option"]) => Some(inner),
        _ => None,
    }
}
