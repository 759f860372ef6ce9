//! The setters that are generated for calls of `pivotal-sdk`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::{ImplItem, Item, ItemMacro, Type};
use xtask::codegen::METHODS_OF_A_CALL;

use crate::workbench::repository;

/// The inherent methods of `Call` in the files of a folder and of those below it.
fn methods(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // What the generator prints is not part of what it must not print.
            if !path.ends_with("generated") {
                methods(&path, found);
            }
            continue;
        }
        let file = syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap();
        for item in file.items {
            match item {
                Item::Impl(block) if block.trait_.is_none() && is_call(&block.self_ty) => {
                    for item in block.items {
                        if let ImplItem::Fn(method) = item {
                            found.insert(method.sig.ident.to_string());
                        }
                    }
                }
                // Its `impl` block is one of `Call` too.
                Item::Macro(definition) if is_named(&definition, "call_options") => {
                    functions(definition.mac.tokens, found);
                }
                _ => {}
            }
        }
    }
}

fn is_named(definition: &ItemMacro, name: &str) -> bool {
    definition.ident.as_ref().is_some_and(|ident| ident == name)
}

fn is_call(of: &Type) -> bool {
    matches!(of, Type::Path(of) if of.path.segments.last().unwrap().ident == "Call")
}

/// The names after `fn` in the definition of a macro.
fn functions(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => functions(group.stream(), found),
            TokenTree::Ident(keyword) if keyword == "fn" => {
                found.extend(tokens.peek().map(ToString::to_string));
            }
            _ => {}
        }
    }
}

/// A setter of the same name would not compile in `pivotal-sdk`, and a name that is not a method
/// would leave a parameter without its setter.
#[test]
fn the_methods_that_a_call_has_itself_are_known() {
    let mut found = BTreeSet::new();
    methods(&repository().join("crates/pivotal-sdk/src"), &mut found);
    let known: BTreeSet<String> = METHODS_OF_A_CALL.split(' ').map(str::to_owned).collect();
    assert_eq!(
        known, found,
        "correct METHODS_OF_A_CALL in xtask/src/codegen/print/requests.rs"
    );
}
